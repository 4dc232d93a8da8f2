//! From what both investigations say to outputs of a cell: HTML beside a text for terminals.

use evcxr_widgets::display::{self, Bundle};
use polars::prelude::DataFrame;
use spot_store::Saved;
use spot_view::states::Written;
use spot_view::{Markup, panel, plain_lines, states, tables};

use crate::{Error, Result};

pub(crate) fn both(html: Markup, plain: String) -> Bundle {
    Bundle::html(html.into_string()).with("text/plain", plain)
}

/// What a save wrote.
pub(crate) fn saved(about: &str, saved: &Saved) -> Bundle {
    let written: Vec<Written> = saved
        .artefacts
        .iter()
        .map(|artefact| Written {
            artefact: artefact.name.clone(),
            path: artefact.path.clone(),
            rows: artefact.rows,
        })
        .collect();
    let mut plain = format!("Saved {about}.");
    for one in &written {
        plain.push_str(&format!("\n{}: {} in {}", one.artefact, one.rows, one.path));
    }
    both(states::saved(about, &written), visible(&plain))
}

pub(crate) fn error(error: &Error) -> Bundle {
    let text = error.to_string();
    both(panel::alert(&text), visible(&text))
}

/// A quiet line.
pub(crate) fn note(text: &str) -> Bundle {
    both(panel::note(text), visible(text))
}

/// The first `top` rows of a frame's columns.
pub(crate) fn frame(cols: &[&str], frame: &DataFrame, top: usize) -> Result<()> {
    let unknown =
        |unknown: tables::UnknownColumn| Error::Use(format!("{unknown}. {}", unknown.help()));
    let html = tables::frame(frame, cols, top).map_err(unknown)?;
    let plain = spot_view::text::frame(frame, cols, top).map_err(unknown)?;
    display::show(both(html, plain));
    Ok(())
}

/// A text for terminals: characters that nobody sees are shown by their number.
pub(crate) fn visible(text: &str) -> String {
    plain_lines(text).join("\n")
}
