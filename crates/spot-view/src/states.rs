//! What is shown when there is no result, or not yet.

use crate::format;
use crate::markup::{Element, Markup, el};
use crate::style;

/// Something went wrong: what, where (file, row, column; may be empty) and what to do.
pub fn error(what: &str, where_: &str, what_to_do: &str) -> Markup {
    boxed(style::RED)
        .child(el("b").style("font-weight:600").text(what))
        .child(part("where: ", where_))
        .child(part("", what_to_do))
        .into()
}

/// Nothing there, which is an answer and no error.
pub fn empty(what: &str, more: &str) -> Markup {
    boxed("rgba(127,127,127,0.6)")
        .child(el("span").style("font-weight:600").text(what))
        .child(part("", more))
        .into()
}

/// One thing that a save wrote, for [`saved`].
#[derive(Clone, Debug)]
pub struct Written {
    /// What it is: `story`, `timeline`, `threat dendrogram`.
    pub artefact: String,
    /// Where it was written.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
}

/// A save succeeded; lists what was written.
pub fn saved(of: &str, written: &[Written]) -> Markup {
    let rows = written.iter().map(|w| {
        crate::tables::line()
            .child(crate::tables::cell(false, "").text(&w.artefact))
            .child(crate::tables::cell(true, "").text(&format::count(w.rows)))
            .child(
                crate::tables::cell(
                    false,
                    "font-family:monospace;word-break:break-all;opacity:0.8",
                )
                .text(&w.path),
            )
    });
    let head = [
        crate::tables::head("Written", false),
        crate::tables::head("Rows", true),
        crate::tables::head("Path", false),
    ];
    boxed("#3f9b5b")
        .child(el("b").style("font-weight:600").text(&format!("Saved: {of}")))
        .child(
            el("div")
                .style("margin-top:4px;overflow-x:auto")
                .child(crate::tables::grid(false, head, rows)),
        )
        .into()
}

/// Work goes on.
pub fn progress(what: &str) -> Markup {
    el("div").style("opacity:0.7;padding:4px 0;font-size:13px").text(&format!("… {what}")).into()
}

/// A panel whose kernel is gone; `cell` is the call that brings it back.
pub fn dead_panel_hint(cell: &str) -> Markup {
    boxed("rgba(127,127,127,0.6)")
        .child(el("span").text(
            "The controls of this panel belong to a kernel that has ended. To use them, run ",
        ))
        .child(el("code").text(cell))
        .child(el("span").text(" again. The results below stay."))
        .into()
}

/// A box with a coloured edge.
pub(crate) fn boxed(edge: &'static str) -> Element {
    el("div").style(&format!(
        "border:1px solid {};border-left:4px solid {edge};border-radius:4px;padding:8px 12px;margin:6px 0;\
font-size:13px;line-height:1.45;max-width:1140px;overflow-wrap:break-word",
        style::LINE
    ))
}

fn part(label: &'static str, text: &str) -> Markup {
    if text.is_empty() {
        return Markup::empty();
    }
    el("div")
        .style("margin-top:2px;opacity:0.8")
        .child(Markup::trusted(label))
        .child(Markup::lines(text))
        .into()
}
