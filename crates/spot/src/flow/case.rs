//! Flows, as the machinery of both investigations asks for them.

use chrono::NaiveDate;
use evcxr_widgets::display::Bundle;
use spot_analysis::model::{Address, Investigation};
use spot_store::{Flow, Saved, Suspect, Workbench};
use spot_view::result::ResultOptions;
use spot_view::tables::SuspectLine;
use spot_view::{Markup, dns, tables, text};

use super::peers::Peers;
use crate::case::{Case, Words};
use crate::session::Session;
use crate::show::{finding, label_end, story_of};
use crate::{Error, Result};

static SESSION: Session<Flow> = Session::new();

impl Case for Flow {
    type Suspect = Suspect;
    type Question = Address;
    type Found = Investigation;
    type Further = Peers;

    const WORDS: Words = Words {
        heading: "Suspicious Connections",
        counted: ("address", "addresses"),
        select: None,
        other: ("Other address", "Any IPv4 or IPv6 address; empty: the one chosen in the list"),
        scopes: &[],
        invitation: "Choose an address and press Search: its day appears here.",
        without: "Suspicious connections: this list is live; run the cell again to use it.",
    };

    fn session() -> &'static Session<Self> {
        &SESSION
    }

    fn suspects(bench: &Workbench) -> Result<Vec<Suspect>> {
        Ok(bench.suspects()?)
    }

    fn suspected(suspect: &Suspect) -> &Address {
        &suspect.address
    }

    fn is_saved(suspect: &Suspect) -> bool {
        suspect.saved
    }

    fn label(suspect: &Suspect) -> String {
        let side = if suspect.side.inside { "inside" } else { "outside" };
        let address = &suspect.address;
        let role = role(suspect);
        let end = label_end(suspect.high_rows, &suspect.flags, suspect.saved);
        spot_view::plain(&format!("{address} · {role} · {side} · {end}"))
    }

    fn table(suspects: &[Suspect]) -> Markup {
        let line = |suspect: &Suspect| SuspectLine {
            address: suspect.address.clone(),
            role: role(suspect).into(),
            high_rows: suspect.high_rows,
            inside: suspect.side.inside,
            saved: suspect.saved,
            flags: suspect.flags.clone(),
        };
        let lines: Vec<SuspectLine> = suspects.iter().map(line).collect();
        tables::suspects(&lines, lines.len())
    }

    fn anchor(typed: &str) -> Result<Address> {
        let address = Address::new(typed);
        if address.ip().is_none() {
            let shown = spot_view::plain(typed.trim());
            return Err(Error::Use(format!(
                "`{shown}` is no address: give an IPv4 or IPv6 address such as 192.0.2.7 or \
                 2001:db8::7."
            )));
        }
        Ok(address)
    }

    fn question(anchor: Address, _: Option<&str>) -> Address {
        anchor
    }

    fn about(question: &Address) -> &Address {
        question
    }

    fn investigate(bench: &Workbench, question: &Address) -> Result<Investigation> {
        // A row may name something else than an address; that has no day of its own.
        Ok(bench.investigate(&Self::anchor(question.as_str())?)?)
    }

    fn asked(found: &Investigation) -> Address {
        found.anchor.clone()
    }

    fn day(found: &Investigation) -> NaiveDate {
        found.day
    }

    fn rows(found: &Investigation) -> u64 {
        found.facts.connections
    }

    fn bundle(bench: &Workbench, found: &Investigation) -> Result<Bundle> {
        let story = bench.story(&found.anchor)?;
        let top = bench.settings().top_results;
        let zone = bench.settings().zone;
        let options = ResultOptions { top_results: top, zone, story: story.as_ref().map(story_of) };
        let mut html = spot_view::result::investigation(found, &options);
        let peers: Vec<Address> = found.peers.iter().map(|peer| peer.address.clone()).collect();
        let mut resolved = bench.resolved_to(&peers)?;
        resolved.sort_by_key(|one| std::cmp::Reverse(one.answers));
        if !resolved.is_empty() {
            html = Markup::from_iter([html, dns::resolved(&resolved, found.day, top)]);
        }
        Ok(finding(html, text::investigation(found, top), story.as_ref()))
    }

    fn save(bench: &Workbench, found: &Investigation, title: &str, text: &str) -> Result<Saved> {
        Ok(bench.save(found, title, text)?)
    }
}

fn role(suspect: &Suspect) -> &'static str {
    match (suspect.as_source > 0, suspect.as_destination > 0) {
        (true, true) => "source and destination",
        (true, false) => "source",
        _ => "destination",
    }
}
