//! Showing something in the middle of a cell: HTML, text, pictures, widgets.
//!
//! Each function shows at once, in order with `println!`. Inside [`crate::Output::capture`] it goes into
//! that widget instead.
//!
//! | place | where it is seen |
//! |---|---|
//! | in a cell | below that cell |
//! | in a handler | JupyterLab files it in its log; use [`in_cell_of`], a [`Handle`] or an HTML widget |
//! | inside [`in_cell_of`] | below the cell in which that widget was first shown |
//!
//! On a kernel without widgets everything a cell shows is one page, which grows with each call: see
//! [`begin_cell`].

use base64::Engine;
use serde_json::{Map, Value, json};

use crate::link::{Parent, is_in_cell, is_live, link, with_parent};
use crate::model::Model;
use crate::widgets::{Output, Widget, output};
use crate::{still, stock};

pub use crate::stock::begin_cell;

const WIDGET_VIEW: &str = "application/vnd.jupyter.widget-view+json";
const FALLBACK: &str = "This is a live control; run the cell again to use it.";

/// One thing in several forms, by MIME type; a reader sees the richest one that it can show.
///
/// ```
/// use evcxr_widgets::display::Bundle;
/// let bundle = Bundle::html("<b>4</b> rows").with("text/plain", "4 rows");
/// assert_eq!(bundle.get("text/plain"), Some(&"4 rows".into()));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bundle(pub(crate) Map<String, Value>);

impl Bundle {
    /// Nothing: shows no output, but can hold a place for one.
    pub fn new() -> Bundle {
        Bundle::default()
    }

    /// HTML. It is not escaped: what comes from data must be, by the caller.
    pub fn html(html: impl Into<String>) -> Bundle {
        Bundle::new().with("text/html", html.into())
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Bundle {
        Bundle::new().with("text/plain", text.into())
    }

    /// A picture, and what it says in words.
    ///
    /// Readers of a notebook that somebody else made see neither inline SVG nor `image/svg+xml`, so
    /// it is an `<img>` of a data URI. Scripts in it do not run there.
    pub fn svg(svg: &str, alt: &str) -> Bundle {
        let namespace = r#"<svg xmlns="http://www.w3.org/2000/svg""#;
        let svg = match svg.contains("xmlns=") {
            true => svg.to_owned(),
            false => svg.replacen("<svg", namespace, 1),
        };
        let data = base64::engine::general_purpose::STANDARD.encode(svg);
        let alt_html = escape(alt);
        Bundle::html(format!(r#"<img alt="{alt_html}" src="data:image/svg+xml;base64,{data}">"#))
            .with("text/plain", alt)
    }

    /// Adds a form, or replaces the one of the same MIME type. Binary forms are base64 strings.
    pub fn with(mut self, mime: impl Into<String>, value: impl Into<Value>) -> Bundle {
        self.0.insert(mime.into(), value.into());
        self
    }

    /// The form of this MIME type.
    pub fn get(&self, mime: &str) -> Option<&Value> {
        self.0.get(mime)
    }
}

impl<M: Into<String>, V: Into<Value>> FromIterator<(M, V)> for Bundle {
    fn from_iter<I: IntoIterator<Item = (M, V)>>(forms: I) -> Bundle {
        let forms = forms.into_iter();
        Bundle(forms.map(|(mime, value)| (mime.into(), value.into())).collect())
    }
}

/// Shows HTML, as it is; see [`Bundle::html`].
pub fn html(html: impl Into<String>) {
    show(Bundle::html(html));
}

/// Shows a long text (help, a log) in the page's pager: it is not saved with the notebook. In a handler, in
/// [`Output::capture`] and on the stock kernel it is an ordinary output.
pub fn page(text: impl Into<String>) {
    let text = text.into();
    match link() {
        Some(link) if is_in_cell() && !output::is_capturing() => {
            let data = json!({ "text/plain": text });
            link.send(json!({ "type": "page", "data": data, "start": 0 }));
        }
        _ => self::text(text),
    }
}

/// Shows plain text, in the fixed-width type of an output.
pub fn text(text: impl Into<String>) {
    show(Bundle::text(text));
}

/// Shows an SVG picture; see [`Bundle::svg`], which also takes a description of it.
pub fn svg(svg: impl AsRef<str>) {
    show(Bundle::svg(svg.as_ref(), "Figure"));
}

/// Shows one thing in several forms: `mime([("text/html", "<b>4</b>"), ("text/plain", "4")])`.
pub fn mime<M: Into<String>, V: Into<Value>>(forms: impl IntoIterator<Item = (M, V)>) {
    show(forms.into_iter().collect());
}

/// Shows a bundle.
pub fn show(bundle: Bundle) {
    publish(bundle, None);
}

/// Shows a widget. Every widget has this as `show()`, and a widget that is a cell's last expression
/// is shown by itself.
///
/// A reader without a kernel sees the widget's sentence instead (`fallback`).
pub fn widget(widget: &(impl Widget + ?Sized)) {
    let model = widget.model();
    show(match is_live() {
        true => live_view(model),
        false => still::picture(model),
    });
}

fn live_view(model: &Model) -> Bundle {
    model.open();
    let view = json!({ "version_major": 2, "version_minor": 0, "model_id": model.id() });
    let sentence = model.fallback().unwrap_or_else(|| FALLBACK.to_owned());
    let words = Bundle::html(format!("<p>{}</p>", escape(&sentence))).with("text/plain", sentence);
    match model.is_open() {
        true => words.with(WIDGET_VIEW, view),
        // It was closed, and a page would look for it in vain.
        false => words,
    }
}

/// An output that can be changed later, from any cell, handler or thread. Clones are the same output.
///
/// Pages that were reloaded, and notebooks that run without a page, keep what was there when the
/// cell ended; a kernel without widgets shows an update below the cell that makes it.
#[derive(Clone, Debug)]
pub struct Handle {
    id: String,
    /// The Output widget that it is in.
    home: Option<Output>,
}

/// Keeps a place below this cell for something to come.
pub fn slot() -> Handle {
    show_with_id(Bundle::new())
}

/// Shows HTML that can be changed later.
pub fn html_with_id(html: impl Into<String>) -> Handle {
    show_with_id(Bundle::html(html))
}

/// Shows a bundle that can be changed later.
pub fn show_with_id(bundle: Bundle) -> Handle {
    let id = uuid::Uuid::new_v4().simple().to_string();
    let home = publish(bundle, Some(&id));
    Handle { id, home }
}

impl Handle {
    /// The display id: random, the same as long as the handle lives.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Shows HTML in its place.
    pub fn update_html(&self, html: impl Into<String>) {
        self.update(Bundle::html(html));
    }

    /// Shows `bundle` in its place; an empty one makes it invisible.
    pub fn update(&self, bundle: Bundle) {
        match (&self.home, link()) {
            (Some(output), _) => output.replace(&self.id, bundle),
            (None, Some(link)) => link.send(json!({
                "type": "update_display_data",
                "data": bundle.0,
                "metadata": {},
                "display_id": self.id,
            })),
            (None, None) => stock::update(&self.id, bundle),
        }
    }
}

/// Removes what this cell has shown. With `wait`, only when the next thing comes, which does not
/// flicker.
pub fn clear_output(wait: bool) {
    match link() {
        _ if output::captured_clear(wait) => {}
        Some(link) => link.send(json!({ "type": "clear_output", "wait": wait })),
        None => stock::clear(wait),
    }
}

/// Runs `work`; what it shows on this thread appears below the cell in which `widget` was first
/// shown, and is saved there.
///
/// This is the way for a handler to leave a result in the notebook.
pub fn in_cell_of<T>(widget: &(impl Widget + ?Sized), work: impl FnOnce() -> T) -> T {
    if link().is_none() {
        return work();
    }
    let model = widget.model();
    model.open();
    with_parent(Parent::CellOf(model.id().to_owned()), work)
}

/// Sends `bundle` to where this thread's output goes; returns the widget that took it, if one did.
fn publish(bundle: Bundle, id: Option<&str>) -> Option<Output> {
    if let Some(output) = output::captured(&bundle, id) {
        return Some(output);
    }
    match link() {
        Some(link) => {
            let mut message = json!({
                "type": "display_data",
                "data": bundle.0,
                "metadata": {},
            });
            if let Some(id) = id {
                message["display_id"] = id.into();
            }
            link.send(message);
        }
        None => stock::show(bundle, id),
    }
    None
}

/// Makes text harmless between tags and in a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            c => html.push(c),
        }
    }
    html
}
