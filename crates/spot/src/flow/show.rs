//! From findings to outputs of a cell: the HTML of `spot-view` beside a text for terminals.

use evcxr_widgets::display::{self, Bundle};
use polars::prelude::DataFrame;
use spot_analysis::model::{Address, Investigation};
use spot_store::{Saved, Story, Suspect, Workbench};
use spot_view::result::ResultOptions;
use spot_view::tables::SuspectLine;
use spot_view::{Markup, states, tables, text};

use crate::Result;

/// A finding as one output, with its saved story.
pub(super) fn bundle(bench: &Workbench, found: &Investigation) -> Result<Bundle> {
    let story = bench.story(&found.anchor)?;
    let top = bench.settings().top_results;
    let options = ResultOptions {
        top_results: top,
        story: story.as_ref().map(|story| (story.title.as_str(), story.text.as_str())),
    };
    let html = spot_view::result::investigation(found, &options);
    Ok(both(html, text::investigation(found, top)))
}

pub(super) fn both(html: Markup, plain: String) -> Bundle {
    Bundle::html(html.into_string()).with("text/plain", plain)
}

pub(super) fn investigation(bench: &Workbench, found: &Investigation) -> Result<()> {
    display::show(bundle(bench, found)?);
    Ok(())
}

pub(super) fn saved(saved: &Saved) -> Bundle {
    let lines: Vec<(String, String, u64)> = saved
        .artefacts
        .iter()
        .map(|artefact| (artefact.name.clone(), artefact.path.clone(), artefact.rows))
        .collect();
    let plain = lines
        .iter()
        .map(|(name, path, rows)| format!("{name}: {} rows in {path}", rows))
        .collect::<Vec<_>>()
        .join("\n");
    both(states::saved(&lines), spot_view::visible(&format!("Saved.\n{plain}")))
}

pub(super) fn error(error: &crate::Error) -> Bundle {
    let text = error.to_string();
    both(states::error_text(&text), text)
}

pub(super) fn story(bench: &Workbench, address: &Address) -> Result<()> {
    let saved: Option<Story> = bench.story(address)?;
    display::show(match saved {
        Some(story) => both(
            states::story(address.as_str(), &story.title, &story.text),
            spot_view::visible(&format!("{}\n{}", story.title, story.text)),
        ),
        None => {
            let how = format!(
                "No story is saved for {address}. To save one: \
                 flow::save_threat_summary(\"{address}\", \"title\", \"comments\")?;"
            );
            both(states::note(&how), spot_view::visible(&how))
        }
    });
    Ok(())
}

pub(super) fn suspects(bench: &Workbench, suspects: &[Suspect]) {
    let lines: Vec<SuspectLine> = suspects.iter().map(line).collect();
    let title = format!("{} scored high on {}", counted(suspects.len()), bench.day());
    let mut html = states::note(&title);
    html.push(tables::suspects(&lines, lines.len()));
    let plain = suspects.iter().map(label).collect::<Vec<_>>().join("\n");
    display::show(both(html, format!("{title}\n{plain}")));
}

fn counted(n: usize) -> String {
    if n == 1 { "1 address".into() } else { format!("{n} addresses") }
}

fn line(suspect: &Suspect) -> SuspectLine {
    SuspectLine {
        address: suspect.address.to_string(),
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
    format!(
        "{} · {} · {} high {rows} · {side}{saved}",
        suspect.address,
        role(suspect),
        suspect.high_rows
    )
}

pub(super) fn frame(cols: &[&str], frame: &DataFrame, top: usize) -> Result<()> {
    let html =
        tables::frame(frame, cols, top).map_err(|error| crate::Error::Use(error.to_string()))?;
    let plain = text::frame(frame, cols, top);
    display::show(both(html, plain));
    Ok(())
}
