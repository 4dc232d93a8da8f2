//! Output on a kernel without widgets, through `evcxr_runtime`'s blocks on standard output.
//!
//! The stock kernel keeps one block of each MIME type for a cell, the last one. So what a cell has
//! shown so far is kept here as a page, and with each new piece the whole page is printed again.

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

use crate::dispatch::lock;
use crate::display::{Bundle, escape};
use crate::link::MARK;

/// What the running cell has shown.
struct Page {
    cell: Option<u64>,
    pieces: Vec<(Option<String>, Bundle)>,
    clear_with_next: bool,
    /// The MIME types of which the cell has printed a block.
    printed: BTreeSet<String>,
}

const PAGE_TYPES: [&str; 4] = ["text/plain", "text/html", "image/png", "image/jpeg"];

static PAGE: Mutex<Page> = Mutex::new(Page {
    cell: None,
    pieces: Vec::new(),
    clear_with_next: false,
    printed: BTreeSet::new(),
});

/// Says that a new cell begins, for kernels without widgets: what was shown before stays with the
/// cell that showed it.
///
/// On Linux this is not needed: evcxr loads a library of its own for each cell
/// (`libcode_7.so`), and a new one is noticed. Elsewhere, call it first in each cell that shows
/// something, else the cell repeats what the earlier ones have shown.
pub fn begin_cell() {
    lock(&PAGE).begin();
}

pub(crate) fn show(bundle: Bundle, id: Option<&str>) {
    put(bundle, id, false);
}

pub(crate) fn update(id: &str, bundle: Bundle) {
    put(bundle, Some(id), true);
}

pub(crate) fn clear(wait: bool) {
    let mut page = lock(&PAGE);
    page.turn();
    page.clear_with_next = wait;
    if !wait {
        page.pieces.clear();
        page.print();
    }
}

fn put(bundle: Bundle, id: Option<&str>, replace: bool) {
    let mut page = lock(&PAGE);
    page.turn();
    if std::mem::take(&mut page.clear_with_next) {
        page.pieces.clear();
    }
    let same = |(other, _): &&mut (Option<String>, Bundle)| replace && other.as_deref() == id;
    match page.pieces.iter_mut().find(same) {
        Some((_, place)) => *place = bundle,
        None => page.pieces.push((id.map(str::to_owned), bundle)),
    }
    page.print();
}

impl Page {
    fn begin(&mut self) {
        self.pieces.clear();
        self.printed.clear();
        self.clear_with_next = false;
    }

    /// Begins a new page in a new cell, and in a program that has no cells with every piece.
    fn turn(&mut self) {
        let in_evcxr = std::env::var_os("EVCXR_IS_RUNTIME").is_some();
        let cell = newest_cell();
        if cell != self.cell || !in_evcxr {
            self.cell = cell;
            self.begin();
        }
    }

    fn print(&mut self) {
        let pieces = || self.pieces.iter().map(|(_, bundle)| bundle);
        let texts: Vec<_> = pieces().filter_map(|bundle| string(bundle, "text/plain")).collect();
        let mut blocks = vec![("text/plain".to_owned(), defuse(texts.join("\n")))];
        // Text alone stays text, which every reader shows as it is.
        let html: Vec<_> = match pieces().any(|bundle| as_html(bundle).is_some()) {
            true => pieces().filter_map(to_html).collect(),
            false => Vec::new(),
        };
        blocks.push(("text/html".to_owned(), defuse_html(&html.join("\n"))));
        blocks.extend(pieces().flat_map(others));
        for (mime, content) in blocks {
            // An empty block takes back an earlier one.
            if self.printed.contains(&mime) || !content.is_empty() {
                evcxr_runtime::mime_type(&mime).text(content);
                self.printed.insert(mime);
            }
        }
    }
}

/// The forms that are no part of a page: of each type the cell's last one is seen.
fn others(bundle: &Bundle) -> impl Iterator<Item = (String, String)> {
    let apart = |mime: &str| !PAGE_TYPES.contains(&mime);
    let forms = bundle.0.iter().filter(move |(mime, _)| apart(mime));
    forms.map(|(mime, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        (defuse(mime.replace(char::is_whitespace, "")), defuse(text))
    })
}

/// The number of the last cell library in this process; evcxr counts them up.
fn newest_cell() -> Option<u64> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let number = |line: &str| {
        let (_, name) = line.rsplit_once("/libcode_")?;
        name.split('.').next()?.parse::<u64>().ok()
    };
    maps.lines().filter_map(number).max()
}

fn string<'a>(bundle: &'a Bundle, mime: &str) -> Option<&'a str> {
    bundle.get(mime).and_then(Value::as_str)
}

/// The HTML or the picture of a bundle, as HTML.
fn as_html(bundle: &Bundle) -> Option<String> {
    let picture = |mime: &str| {
        let data = escape(string(bundle, mime)?);
        Some(format!(r#"<img src="data:{mime};base64,{data}">"#))
    };
    let html = string(bundle, "text/html").map(str::to_owned);
    html.or_else(|| picture("image/png")).or_else(|| picture("image/jpeg"))
}

/// A bundle as HTML, by way of its text if need be.
pub(crate) fn to_html(bundle: &Bundle) -> Option<String> {
    let text = || string(bundle, "text/plain").map(|text| format!("<pre>{}</pre>", escape(text)));
    as_html(bundle).or_else(text)
}

/// Makes text harmless for evcxr, which reads commands from the standard output of cells: a line
/// `EVCXR_END_CONTENT` in a value would end an output, another would end the cell.
///
/// Puts a zero-width space into each `EVCXR_`, and the picture `␞` in place of U+001E. Give it the
/// whole line to be printed, not its parts:
///
/// ```
/// use evcxr_widgets::defuse;
/// assert_eq!(defuse("EVCXR_END_CONTENT"), "E\u{200b}VCXR_END_CONTENT");
/// println!("{}", defuse(format!("{} and {}", "EVCXR_", "EXECUTION_COMPLETE")));
/// ```
///
/// Everything in [`display`](crate::display) does this by itself where it is needed.
pub fn defuse(text: impl Into<String>) -> String {
    replace(text.into(), "E\u{200b}VCXR_")
}

fn defuse_html(html: &str) -> String {
    replace(html.to_owned(), "&#69;VCXR_")
}

fn replace(text: String, harmless: &str) -> String {
    match text.contains("EVCXR_") || text.contains(MARK) {
        true => text.replace("EVCXR_", harmless).replace(MARK, "␞"),
        false => text,
    }
}
