//! From findings to outputs of a cell: the HTML of `spot-view` beside a text for terminals.

use evcxr_widgets::display::{self, Bundle};
use polars::prelude::DataFrame;
use spot_analysis::model::{Address, Investigation};
use spot_store::{Comment, Saved, Suspect, Workbench};
use spot_view::result::{ResultOptions, Story};
use spot_view::states::Written;
use spot_view::tables::SuspectLine;
use spot_view::{Markup, panel, plain_lines, states, tables, text};

use crate::{Error, Result};

/// A finding as one output, with its saved story.
pub(super) fn bundle(bench: &Workbench, found: &Investigation) -> Result<Bundle> {
    let comment = bench.story(&found.anchor)?;
    let top = bench.settings().top_results;
    let options = ResultOptions { top_results: top, story: comment.as_ref().map(story_of) };
    let html = spot_view::result::investigation(found, &options);
    let mut plain = text::investigation(found, top);
    if let Some(comment) = &comment {
        plain.push_str(&text::story(&story_of(comment)));
    }
    Ok(both(html, plain))
}

pub(super) fn both(html: Markup, plain: String) -> Bundle {
    Bundle::html(html.into_string()).with("text/plain", plain)
}

pub(super) fn investigation(bench: &Workbench, found: &Investigation) -> Result<()> {
    display::show(bundle(bench, found)?);
    Ok(())
}

fn story_of(comment: &Comment) -> Story<'_> {
    Story { title: &comment.title, text: &comment.text, saved_at: None }
}

pub(super) fn saved(about: &Address, saved: &Saved) -> Bundle {
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
    both(states::saved(about.as_str(), &written), visible(&plain))
}

pub(super) fn error(error: &Error) -> Bundle {
    let text = error.to_string();
    both(panel::alert(&text), visible(&text))
}

pub(super) fn story(bench: &Workbench, address: &Address) -> Result<()> {
    display::show(match bench.story(address)? {
        Some(comment) => both(
            panel::story(address.as_str(), &story_of(&comment)),
            text::story(&story_of(&comment)),
        ),
        None => {
            let how = format!(
                "No story is saved for {address}. To save one: \
                 flow::save_threat_summary(\"{address}\", \"title\", \"comments\")?;"
            );
            both(panel::note(&how), visible(&how))
        }
    });
    Ok(())
}

pub(super) fn suspects(bench: &Workbench, suspects: &[Suspect]) {
    let lines: Vec<SuspectLine> = suspects.iter().map(line).collect();
    let count = spot_view::format::counted(lines.len() as u64, "address", "addresses");
    let title = format!("{count} scored high on {}", bench.day());
    let html = Markup::from_iter([panel::note(&title), tables::suspects(&lines, lines.len())]);
    let plain = suspects.iter().map(label).collect::<Vec<_>>().join("\n");
    display::show(both(html, format!("{title}\n{plain}")));
}

fn line(suspect: &Suspect) -> SuspectLine {
    SuspectLine {
        address: suspect.address.clone(),
        role: role(suspect).into(),
        high_rows: suspect.high_rows,
        inside: suspect.side.inside,
        saved: suspect.saved,
    }
}

fn role(suspect: &Suspect) -> &'static str {
    match (suspect.as_source > 0, suspect.as_destination > 0) {
        (true, true) => "source and destination",
        (true, false) => "source",
        _ => "destination",
    }
}

/// One line of the panel's list.
pub(super) fn label(suspect: &Suspect) -> String {
    let side = if suspect.side.inside { "inside" } else { "outside" };
    let rows = if suspect.high_rows == 1 { "row" } else { "rows" };
    let saved = if suspect.saved { " · saved" } else { "" };
    spot_view::plain(&format!(
        "{} · {} · {} high {rows} · {side}{saved}",
        suspect.address,
        role(suspect),
        suspect.high_rows
    ))
}

pub(super) fn frame(cols: &[&str], frame: &DataFrame, top: usize) -> Result<()> {
    let html = tables::frame(frame, cols, top)
        .map_err(|unknown| Error::Use(format!("{unknown}. {}", unknown.help())))?;
    let chosen = if cols.is_empty() { Ok(frame.clone()) } else { frame.select(cols.to_vec()) };
    let plain = chosen.map(|frame| frame.head(Some(top)).to_string()).unwrap_or_default();
    display::show(both(html, visible(&plain)));
    Ok(())
}

/// A text for terminals: characters that nobody sees are shown by their number.
pub(super) fn visible(text: &str) -> String {
    plain_lines(text).join("\n")
}
