//! From DNS findings to outputs of a cell: the HTML of `spot-view` beside a text for terminals.

use evcxr_widgets::display::{self, Bundle};
use spot_store::{Comment, DnsWorkbench};
use spot_view::result::{ResultOptions, Story};
use spot_view::{Markup, dns, panel, text};

use super::{Anchor, Investigation, Suspect};
use crate::Result;
use crate::show::{both, note};

/// A finding as one output, with its saved story.
pub(super) fn bundle(bench: &DnsWorkbench, found: &Investigation) -> Result<Bundle> {
    let story = bench.story(&found.anchor)?;
    let top = bench.settings().top_results;
    let options = ResultOptions { top_results: top, story: story.as_ref().map(story_of) };
    let mut html = dns::investigation(found, &options);
    if bench.has_flows() && found.facts.answers > 0 {
        let (followed, pairs) = bench.followed_by(&bench.rows(&found.anchor, &found.scope)?)?;
        html = Markup::from_iter([html, dns::followed(&followed, pairs, found.day, top)]);
    }
    let mut plain = dns::text::investigation(found, top);
    if let Some(story) = &story {
        plain.push_str(&text::story(&story_of(story)));
    }
    Ok(both(html, plain))
}

pub(super) fn investigation(bench: &DnsWorkbench, found: &Investigation) -> Result<()> {
    display::show(bundle(bench, found)?);
    Ok(())
}

fn story_of(comment: &Comment<Anchor>) -> Story<'_> {
    Story { title: &comment.title, text: &comment.text, saved_at: None }
}

pub(super) fn story(bench: &DnsWorkbench, about: &Anchor) -> Result<()> {
    display::show(match bench.story(about)? {
        Some(story) => {
            both(panel::story(about.as_str(), &story_of(&story)), text::story(&story_of(&story)))
        }
        None => note(&format!(
            "No story is saved for {about}. To save one: \
             dns::save_threat_summary(\"{about}\", \"title\", \"comments\")?;"
        )),
    });
    Ok(())
}

pub(super) fn suspects(bench: &DnsWorkbench, suspects: &[Suspect]) {
    let count = suspects.len() as u64;
    let title = format!(
        "{} scored high on {}",
        spot_view::format::counted(count, "client or name", "clients and names"),
        bench.day()
    );
    let html = Markup::from_iter([panel::note(&title), dns::suspects(suspects, suspects.len())]);
    let plain = suspects.iter().map(label).collect::<Vec<_>>().join("\n");
    display::show(both(html, format!("{title}\n{plain}")));
}

/// One line of the panel's list; the type is told in words, so that a name that looks like an
/// address is not taken for one.
pub(super) fn label(suspect: &Suspect) -> String {
    let kind = match suspect.anchor {
        Anchor::Client(_) => "client",
        Anchor::Query(_) => "name",
    };
    let rows = if suspect.high_rows == 1 { "row" } else { "rows" };
    let saved = if suspect.saved { " · saved" } else { "" };
    let anchor = spot_view::shorten(suspect.anchor.as_str(), 80);
    spot_view::plain(&format!("{anchor} · {kind} · {} high {rows}{saved}", suspect.high_rows))
}
