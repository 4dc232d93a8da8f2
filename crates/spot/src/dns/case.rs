//! DNS, as the machinery of both investigations asks for it.

use chrono::NaiveDate;
use evcxr_widgets::display::Bundle;
use spot_store::settings::dns_anchor;
use spot_store::{Dns, DnsWorkbench, Saved};
use spot_view::result::ResultOptions;
use spot_view::{Markup, dns};

use super::pages::Pages;
use super::{Anchor, Investigation, SELECT, Scope, Suspect};
use crate::Result;
use crate::case::{Case, Words};
use crate::session::Session;
use crate::show::{finding, label_end, story_of};

static SESSION: Session<Dns> = Session::new();

const DOMAIN: &str = "its whole registered domain";
const CONTAINS: &str = "all names that contain it";

impl Case for Dns {
    type Suspect = Suspect;
    type Question = (Anchor, Scope);
    type Found = Investigation;
    type Further = Pages;

    const WORDS: Words = Words {
        heading: "Suspicious DNS",
        counted: ("client or name", "clients and names"),
        select: Some(SELECT),
        other: (
            "Other address or name",
            "Any client's address or query name; empty: the one chosen in the list",
        ),
        scopes: &["exactly this", DOMAIN, CONTAINS],
        invitation: "Choose a client or a name and press Search: its day appears here.",
        without: "Suspicious DNS: this list is live; run the cell again to use it.",
    };

    fn session() -> &'static Session<Self> {
        &SESSION
    }

    fn suspects(bench: &DnsWorkbench) -> Result<Vec<Suspect>> {
        Ok(bench.suspects()?)
    }

    fn suspected(suspect: &Suspect) -> &Anchor {
        &suspect.anchor
    }

    fn is_saved(suspect: &Suspect) -> bool {
        suspect.saved
    }

    /// The type is told in words, so that a name that looks like an address is not taken for one.
    fn label(suspect: &Suspect) -> String {
        let kind = match suspect.anchor {
            Anchor::Client(_) => "client",
            Anchor::Query(_) => "name",
        };
        let anchor = spot_view::shorten(suspect.anchor.as_str(), 80);
        let end = label_end(suspect.high_rows, &suspect.flags, suspect.saved);
        spot_view::plain(&format!("{anchor} · {kind} · {end}"))
    }

    fn table(suspects: &[Suspect]) -> Markup {
        dns::suspects(suspects, suspects.len())
    }

    fn anchor(typed: &str) -> Result<Anchor> {
        Ok(dns_anchor(typed)?)
    }

    fn question(anchor: Anchor, scope: Option<&str>) -> (Anchor, Scope) {
        let scope = match (&anchor, scope) {
            (Anchor::Query(_), Some(DOMAIN)) => Scope::RegisteredDomain,
            (Anchor::Query(name), Some(CONTAINS)) => Scope::Substring(name.raw().to_owned()),
            _ => Scope::Exact,
        };
        (anchor, scope)
    }

    fn about((anchor, _): &(Anchor, Scope)) -> &Anchor {
        anchor
    }

    fn investigate(
        bench: &DnsWorkbench,
        (anchor, scope): &(Anchor, Scope),
    ) -> Result<Investigation> {
        Ok(bench.investigate(anchor, scope)?)
    }

    fn asked(found: &Investigation) -> (Anchor, Scope) {
        (found.anchor.clone(), found.scope.clone())
    }

    fn day(found: &Investigation) -> NaiveDate {
        found.day
    }

    fn rows(found: &Investigation) -> u64 {
        found.facts.answers
    }

    fn bundle(bench: &DnsWorkbench, found: &Investigation) -> Result<Bundle> {
        let story = bench.story(&found.anchor)?;
        let top = bench.settings().top_results;
        let zone = bench.settings().zone;
        let options = ResultOptions { top_results: top, zone, story: story.as_ref().map(story_of) };
        let mut html = dns::investigation(found, &options);
        if bench.has_flows() && found.facts.answers > 0 {
            let (followed, pairs) = bench.followed_by(&bench.rows(&found.anchor, &found.scope)?)?;
            html = Markup::from_iter([html, dns::followed(&followed, pairs, found.day, top)]);
        }
        Ok(finding(html, dns::text::investigation(found, top), story.as_ref()))
    }

    fn save(bench: &DnsWorkbench, found: &Investigation, title: &str, text: &str) -> Result<Saved> {
        Ok(bench.save(found, title, text)?)
    }
}
