//! The document around a report's parts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use chrono_tz::Tz;
use sha2::{Digest, Sha256};
use spot_analysis::model::{Provenance, SourceFile};

use super::table::{Table, Words, is_file, midnight};
use crate::figure::gallery::Figure;
use crate::format;
use crate::markup::{Json, Markup, el};

const CSS: &str = include_str!("report.css");
const SCRIPT: &str = concat!(include_str!("report.js"), include_str!("figures.js"));
/// Another text whenever styles or script of the pages are others.
pub fn look() -> String {
    format!("{:x?}", Sha256::new().chain_update(CSS).chain_update(SCRIPT).finalize().as_slice())
}

/// Files that are named where a number comes from.
const FILES: usize = 500;

/// All of a page.
pub(super) struct Page<'a> {
    pub title: String,
    pub heading: Markup,
    /// Below the heading: who, whether it is all, the story.
    pub briefing: Vec<Markup>,
    /// What is worth to be seen first: numbers, a sentence.
    pub overview: Vec<Markup>,
    pub figures: Vec<Figure>,
    pub tables: Vec<Table>,
    /// What the last part is called.
    pub last: &'static str,
    /// The last part: notes, files.
    pub end: Vec<Markup>,
    pub words: Words,
    pub day: NaiveDate,
    /// In which the figures tell the time; the tables can.
    pub zone: Tz,
    /// What was searched, as it is shown.
    pub anchor: String,
    pub provenance: Option<&'a Provenance>,
    pub up: Option<&'static str>,
}

/// The whole document.
pub(super) fn document(page: Page<'_>) -> String {
    let (figures, styles) = figures(page.figures);
    let head = el("head")
        .child(el("meta").own("charset", "utf-8"))
        .child(el("meta").own("http-equiv", "Content-Security-Policy").own("content", &policy()))
        .child(
            el("meta")
                .own("name", "viewport")
                .own("content", "width=device-width, initial-scale=1"),
        )
        .child(el("meta").own("name", "referrer").own("content", "no-referrer"))
        .child(el("meta").own("name", "color-scheme").own("content", "light dark"))
        .child(el("title").flat(&page.title))
        .child(el("style").child(Markup::trusted(CSS)).child(styles));

    let up = page
        .up
        .filter(|file| is_file(file))
        .map(|file| el("a").own("class", "up").own("href", file).text("← all reports of the day"));
    let parts = page.tables.iter().map(|table| (table.id, table.title));
    let parts = (!figures.is_empty()).then_some(("figures", "Figures")).into_iter().chain(parts);
    let parts: Vec<(&str, &str)> = parts.chain([("sources", page.last)]).collect();
    let nav = el("nav").own("aria-label", "Parts of this page").children(
        parts.iter().map(|(id, title)| el("a").own("href", &format!("#{id}")).text(title)),
    );
    let header =
        el("header").children(up).child(el("h1").child(page.heading)).children(page.briefing);
    let main = el("main")
        .children(page.overview)
        .child(figures)
        .children(page.tables.iter().map(|table| table.markup(&page.words, page.day)));
    let footer =
        el("footer").own("id", "sources").child(el("h2").text(page.last)).children(page.end);

    let json =
        data(&page.tables, &page.words, (page.day, page.zone), &page.anchor, page.provenance);
    let body = el("body").child(header).child(nav).child(main).child(footer);
    let body = body
        .child(el("script").own("type", "application/json").own("id", "data").child(json))
        .child(el("script").child(Markup::trusted(SCRIPT)));
    let html = Markup::from(el("html").own("lang", "en").child(head).child(body)).into_string();
    let mut out = String::with_capacity(html.len() + 32);
    out.push_str("<!doctype html>\n");
    out.push_str(&html);
    out.push('\n');
    out
}

/// What the page may do: run its own script, use styles and pictures that are in it. Nothing else.
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; \
base-uri 'none'; form-action 'none'"
    )
}

/// The figures, and their styles.
fn figures(figures: Vec<Figure>) -> (Markup, Markup) {
    if figures.is_empty() {
        return (Markup::empty(), Markup::empty());
    }
    let mut styles = Markup::empty();
    let mut section = el("section").own("id", "figures").own("aria-label", "Figures");
    for Figure { name, title, svg, table } in figures {
        let (picture, style) = Markup::inlined(&svg, name);
        let class = if svg.is_wide() { "figure whole" } else { "figure" };
        styles.push(style);
        let mut figure = el("figure")
            .own("class", class)
            .style(&format!("--widest:{:.0}px", svg.widest()))
            .own("id", &format!("figure-{name}"))
            .child(el("figcaption").child(el("h2").text(title)))
            .child(el("div").own("class", "picture").child(picture));
        if !table.is_empty() {
            figure = figure.child(
                el("details")
                    .own("class", "behind")
                    .child(el("summary").text("The same as a table"))
                    .child(el("div").own("class", "wide").child(table)),
            );
        }
        section = section.child(figure);
    }
    (section.into(), styles)
}

/// What the script works with.
fn data(
    tables: &[Table],
    words: &Words,
    (day, zone): (NaiveDate, Tz),
    anchor: &str,
    from: Option<&Provenance>,
) -> Markup {
    let cells: usize = tables.iter().map(|table| table.rows * table.columns.len()).sum();
    let mut out = Json::with_capacity(4096 + cells * 5);
    out.raw("{\"about\":{\"anchor\":").text(anchor);
    out.raw(",\"day\":").text(&day.to_string());
    out.raw(",\"zone\":").text(zone.name());
    out.raw(",\"midnight\":").number(Some(midnight(day).into()));
    if let Some(from) = from {
        out.raw(",\"table\":").text(&crate::plain(&from.table));
        out.raw(",\"filter\":").text(&crate::plain(&from.filter));
        out.raw(",\"rows\":").number(Some(from.rows.into()));
        out.raw(",\"scanned\":").number(Some(from.scanned.into()));
        out.raw(",\"fingerprint\":").text(&crate::plain(&from.fingerprint));
        out.raw(",\"fileCount\":").number(Some(from.files.len() as i128));
        out.raw(",\"files\":").list(from.files.iter().take(FILES), |out, file| {
            out.text(&file_words(file));
        });
    }
    out.raw("},");
    words.json(&mut out);
    out.raw(",\"tables\":").list(tables, |out, table| table.json(out, day));
    out.raw("}");
    out.into()
}

fn file_words(file: &SourceFile) -> String {
    let path = crate::shorten(&crate::plain(&file.path), 400);
    format!("{path} · {}", format::bytes(file.size))
}
