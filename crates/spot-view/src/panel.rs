//! The words around a panel's controls.

use crate::markup::{Markup, el};
use crate::result::Story;
use crate::states::boxed;
use crate::style;

/// A heading, with what it is about in fixed width.
pub fn heading(words: &str, about: &str) -> Markup {
    el("div")
        .style("font-size:15px;font-weight:600;padding:4px 0")
        .child(el("span").text(words))
        .child(Markup::trusted(" "))
        .child(el("span").style("font-family:monospace;font-weight:400;opacity:0.8").text(about))
        .into()
}

/// A quiet line.
pub fn note(text: &str) -> Markup {
    el("div").style("opacity:0.75;padding:2px 0;font-size:13px").text(text).into()
}

/// A message that something went wrong, as the error says it.
pub fn alert(text: &str) -> Markup {
    boxed(style::RED).attr("role", "alert").child(Markup::lines(text)).into()
}

/// What is saved about an address.
pub fn story(about: &str, story: &Story<'_>) -> Markup {
    boxed("#8a6cc9")
        .child(heading("Threat summary for", about))
        .child(el("div").style("font-weight:600").text(story.title))
        .child(el("div").child(Markup::lines(story.text)))
        .into()
}

/// Beside a panel: which cell brings its controls back when their kernel has ended.
pub fn controls_hint(cell: &str) -> Markup {
    el("div")
        .style("opacity:0.6;padding:2px 0;font-size:12px")
        .child(el("span").text(
            "No controls above, or an error in their place? Their kernel has ended: run the cell ",
        ))
        .child(el("code").text(cell))
        .child(el("span").text(" again. Results below stay as they are until then."))
        .into()
}
