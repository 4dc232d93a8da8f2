//! A DNS search's result: what was searched, the day, who asked for what, where the numbers come from.
//!
//! As for flows ([`crate::result`]): inline styles, figures as images, every text of the data escaped.
//! Names are what anybody on the network chose to ask for, up to 255 bytes of anything.

mod cross;
pub(crate) mod history;
pub(crate) mod sums;
pub(crate) mod tables;
pub mod text;

use spot_analysis::dns::{Anchor, Counts, Investigation, Scope, iana};

use crate::figure;
use crate::flags;
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::result::{self, Fact, ResultOptions};
use crate::states;
use crate::style;
use crate::visible::{plain, shorten};

pub use cross::{followed, resolved};
pub use tables::{page, rows, suspects};

use sums::{DomainSum, NameSum, counted, domains, missing, names};

/// Longest name in a heading, a sentence and a label, in characters.
const HEADING: usize = 120;
const SENTENCE: usize = 64;
const LABEL: usize = 72;

/// Draws a finding; `top_results` limits the rows, the lanes, the branches and the domains, each of
/// which says of how many.
pub fn investigation(found: &Investigation, options: &ResultOptions<'_>) -> Markup {
    let mut body = el("div").style(style::ROOT).child(headline(found)).child(who(found));
    body = body
        .child(result::partial(&found.provenance))
        .child(flags::box_of(&flags::of_answers_found(found)));
    if let Some(story) = options.story {
        body = body.child(result::story_box(story));
    }
    if found.facts.answers == 0 {
        return body
            .child(nothing(found))
            .child(history::shown(found, options.top_results))
            .child(result::notes(&found.notes))
            .child(result::provenance(&found.provenance))
            .into();
    }
    let top = options.top_results;
    let names = names(&found.rows);
    let domains = domains(&names);
    let day = figure::queries_in(found, top, options.zone);
    body = body
        .child(result::fact_line(facts(found)))
        .child(gist(found, &names, &domains))
        .child(history::shown(found, top))
        .child(codes(found));
    // Where no answer has a time, the picture of the day would say that there was none.
    if found.facts.seen.is_some() {
        body = body.child(day.as_img(day.alt()));
    }
    if !found.rows.is_empty() {
        body = body.child(dendrogram(found, top));
    }
    body = body.child(shape(&names, &domains, top));
    let shown = found.rows.len().min(top);
    body.child(crate::tables::folded(
        "Queries, most active first",
        &format!("{} rows", format::of(shown, found.rows.len() as u64)),
        rows(&found.rows, found.day, 0, shown),
    ))
    .child(result::notes(&found.notes))
    .child(result::provenance(&found.provenance))
    .into()
}

/// An anchor as one line of plain text, told apart by type, for a list to choose from:
/// `client 10.0.0.5`, `name evil.example`. Long names lose their middle.
pub fn label(anchor: &Anchor) -> String {
    format!("{} {}", kind(anchor), shorten(&shown(anchor), LABEL))
}

/// `client` or `name`, as people say it.
pub(crate) fn kind(anchor: &Anchor) -> &'static str {
    match anchor {
        Anchor::Client(_) => "client",
        Anchor::Query(_) => "name",
    }
}

/// An anchor as plain text that is never empty.
pub(crate) fn shown(anchor: &Anchor) -> String {
    match anchor.as_str() {
        "" => "(empty)".to_owned(),
        text => plain(text),
    }
}

fn headline(found: &Investigation) -> Element {
    let text = found.anchor.as_str();
    let what = el("span").style(style::MONO);
    el("h3")
        .style("margin:0 0 2px;font-size:18px;font-weight:600;overflow-wrap:break-word")
        .text(&format!("Threat summary for {} ", kind(&found.anchor)))
        .child(match text.chars().count() {
            0 => what.text("(empty)"),
            length if length <= HEADING => what.text(text),
            _ => what.attr("title", text).text(&shorten(text, HEADING)),
        })
}

pub(crate) fn who(found: &Investigation) -> Element {
    let high = result::scored(found.high_rows);
    el("div").style("overflow-wrap:break-word").child(Markup::dotted([
        Markup::text(&scope(found)),
        el("span").style("white-space:nowrap").text(&format!("{} UTC", found.day)).into(),
        high,
    ]))
}

/// Which names were taken in, in words.
fn scope(found: &Investigation) -> String {
    let name = match &found.anchor {
        Anchor::Client(_) => return "all names that it asked for".to_owned(),
        Anchor::Query(name) => name,
    };
    match &found.scope {
        Scope::Exact => "this name only, in any case, with or without the final dot".to_owned(),
        Scope::RegisteredDomain => {
            let domain = name.registered_domain();
            let domain = shorten(domain.as_ref().unwrap_or(name).as_str(), SENTENCE);
            format!("the registered domain {domain} and all names below it")
        }
        Scope::Substring(part) => {
            format!("all names that contain \u{201c}{}\u{201d}", shorten(part, SENTENCE))
        }
    }
}

/// Six numbers.
pub(crate) fn facts(found: &Investigation) -> Vec<Fact> {
    let facts = &found.facts;
    let client = matches!(found.anchor, Anchor::Client(_));
    let (seen, seen_title) = result::seen(found.day, facts.seen);
    let one = |n: u64, one: &str, many: &str| {
        Fact::new(format::count(n), if n == 1 { one } else { many })
    };
    let (second, third) = match (client, &found.scope) {
        (true, _) => (
            one(facts.names, "name", "names"),
            one(facts.domains, "registered domain", "registered domains"),
        ),
        (false, Scope::Exact) => (
            one(facts.clients, "client", "clients"),
            one(facts.types.len() as u64, "query type", "query types"),
        ),
        (false, _) => (one(facts.clients, "client", "clients"), one(facts.names, "name", "names")),
    };
    vec![
        one(facts.answers, "answer", "answers"),
        second,
        third,
        Fact::new(nxdomain(facts.nxdomain, facts.answers, coded(&facts.rcodes)), "NXDOMAIN")
            .titled(format!("{} answers", format::of(facts.nxdomain as usize, facts.answers))),
        match (facts.servers, &found.provenance.partial) {
            (0, Some(_)) => Fact::new(format::NONE.to_owned(), "servers"),
            (servers, _) => one(servers, "server", "servers"),
        },
        Fact::new(seen, "seen, UTC").titled(seen_title),
    ]
}

/// Whether any answer says its code.
pub(crate) fn coded(rcodes: &Counts) -> bool {
    rcodes.iter().any(|(code, _)| code.is_some())
}

/// The share of names that do not exist; nothing where no answer says its code.
pub(crate) fn nxdomain(missing: u64, answers: u64, coded: bool) -> String {
    if coded { format::share(missing, answers) } else { format::NONE.to_owned() }
}

/// The day in a few sentences, from the sums over all rows.
pub(crate) fn gist(
    found: &Investigation,
    names: &[NameSum<'_>],
    domains: &[DomainSum<'_>],
) -> Markup {
    let all = found.facts.answers;
    let mut line = el("div").style("margin:4px 0;overflow-wrap:break-word");
    let most = match found.anchor {
        Anchor::Client(_) => {
            found.rows.first().map(|row| ("Most asked for: ", row.name.as_str(), row.total))
        }
        // A client may have many rows; its lane is their sum.
        Anchor::Query(_) => {
            let lane = found.timeline.lanes.first();
            lane.map(|lane| ("Most active client: ", lane.of.as_str(), lane.answers))
        }
    };
    if let Some((words, text, answers)) = most {
        line = line.text(words).child(mono(text)).text(&format!(
            " with {} of {} ({}).",
            format::count(answers),
            format::count(all),
            format::share(answers, all)
        ));
    }
    line = line.children(steady(found));
    for domain in domains.iter().filter(|domain| domain.is_odd()).take(2) {
        line = line.text(" Conspicuous: ").child(mono(domain.domain.as_str())).text(&format!(
            " with {} names, on average {:.0} characters and {:.1} bits a character.",
            format::of(domain.names as usize, names.len() as u64),
            domain.length,
            domain.entropy
        ));
    }
    if let Some(gone) = missing(names) {
        line = line.text(&format!(
            " Conspicuous: {} names do not exist.",
            format::of(gone as usize, names.len() as u64)
        ));
    }
    line.into()
}

fn mono(text: &str) -> Element {
    let text = if text.is_empty() { "(empty)" } else { text };
    el("span").style(style::MONO).attr("title", text).text(&shorten(text, SENTENCE))
}

/// A counterpart that asked, or was asked for, in nearly every bin of the day, and about as often in
/// each: as a program does that waits for orders.
fn steady(found: &Investigation) -> Option<Markup> {
    let minutes = found.timeline.bin_minutes.clamp(1, 24 * 60);
    let all = u64::from(24 * 60 / minutes);
    let lane = found.timeline.lanes.iter().find(|lane| {
        let bins = lane.bins.len() as u64;
        let most = lane.bins.iter().map(|bin| bin.answers).max().unwrap_or(0);
        let mean = lane.answers.checked_div(bins).unwrap_or(0);
        bins * 10 >= all * 9 && most <= mean.saturating_mul(2).saturating_add(1)
    })?;
    Some(Markup::from_iter([
        Markup::text(" Steady: "),
        mono(lane.of.as_str()).into(),
        Markup::text(&format!(
            " with {} in {} spans of {}.",
            format::counted(lane.answers, "answer", "answers"),
            format::of(lane.bins.len(), all),
            format::counted(minutes.into(), "minute", "minutes"),
        )),
    ]))
}

/// Query types, response codes and, if unusual, classes, by their names in the IANA tables.
pub(crate) fn codes(found: &Investigation) -> Markup {
    let facts = &found.facts;
    let mut parts = vec![
        Markup::text(&format!("types {}", counted(&facts.types, iana::type_name))),
        Markup::text(&format!("codes {}", counted(&facts.rcodes, iana::rcode_name))),
    ];
    if !matches!(facts.classes[..], [(Some(1), _)] | []) {
        parts.push(Markup::text(&format!("classes {}", counted(&facts.classes, iana::class_name))));
    }
    el("div")
        .style("opacity:0.7;font-size:12px;margin:0 0 6px;overflow-wrap:break-word")
        .child(Markup::dotted(parts))
        .into()
}

/// The picture, and the table of what it draws.
fn dendrogram(found: &Investigation, top: usize) -> Markup {
    let branches = sums::branches(found);
    let picture = figure::tree(found, &branches, top);
    let shown = branches.len().min(top);
    let table = el("details")
        .style("padding:0 16px 6px 0")
        .child(
            el("summary")
                .style("cursor:pointer;opacity:0.7;font-size:12px")
                .text("the same as a table"),
        )
        .child(el("div").style("overflow-x:auto").child(tables::branches(&branches, top)));
    crate::tables::folded(
        "Dendrogram",
        &format!("{} branches", format::of(shown, branches.len() as u64)),
        Markup::from_iter([picture.as_img(picture.alt()), table.into()]),
    )
}

/// A picture of the names where it tells something, and their domains where there are several.
fn shape(names: &[NameSum<'_>], domains: &[DomainSum<'_>], top: usize) -> Markup {
    let picture = figure::shape(names, domains).map(|picture| {
        crate::tables::folded(
            "Length and entropy of the names",
            &format::counted(names.len() as u64, "name", "names"),
            picture.as_img(picture.alt()),
        )
    });
    let table = (domains.len() > 1).then(|| tables::domains(domains, top));
    picture.into_iter().chain(table).collect()
}

/// The state of a day without rows.
pub(crate) fn nothing(found: &Investigation) -> Markup {
    states::empty(
        &nothing_text(found),
        "Nothing to save. Choose another client or name, or another day.",
    )
}

fn nothing_text(found: &Investigation) -> String {
    format!(
        "No answers for {} {} on {} ({} scanned)",
        kind(&found.anchor),
        shorten(&shown(&found.anchor), HEADING),
        found.day,
        format::counted(found.facts.scanned, "row", "rows")
    )
}
