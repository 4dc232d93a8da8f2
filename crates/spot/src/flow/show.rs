//! From flow findings to outputs of a cell: the HTML of `spot-view` beside a text for terminals.

use evcxr_widgets::display::{self, Bundle};
use spot_analysis::model::{Address, Investigation};
use spot_store::{Comment, Suspect, Workbench};
use spot_view::result::{ResultOptions, Story};
use spot_view::tables::SuspectLine;
use spot_view::{Markup, dns, panel, tables, text};

use crate::Result;
use crate::show::{both, note};

/// A finding as one output, with its saved story.
pub(super) fn bundle(bench: &Workbench, found: &Investigation) -> Result<Bundle> {
    let comment = bench.story(&found.anchor)?;
    let top = bench.settings().top_results;
    let options = ResultOptions { top_results: top, story: comment.as_ref().map(story_of) };
    let mut html = spot_view::result::investigation(found, &options);
    let peers: Vec<Address> = found.peers.iter().map(|peer| peer.address.clone()).collect();
    let mut resolved = bench.resolved_to(&peers)?;
    resolved.sort_by_key(|one| std::cmp::Reverse(one.answers));
    if !resolved.is_empty() {
        html = Markup::from_iter([html, dns::resolved(&resolved, found.day, top)]);
    }
    let mut plain = text::investigation(found, top);
    if let Some(comment) = &comment {
        plain.push_str(&text::story(&story_of(comment)));
    }
    Ok(both(html, plain))
}

pub(super) fn investigation(bench: &Workbench, found: &Investigation) -> Result<()> {
    display::show(bundle(bench, found)?);
    Ok(())
}

fn story_of(comment: &Comment) -> Story<'_> {
    Story { title: &comment.title, text: &comment.text, saved_at: None }
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
            note(&how)
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
