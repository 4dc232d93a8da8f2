//! What the list of indicators says, as a mark and in words.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use spot_analysis::dns::Row;
use spot_analysis::model::{Flag, Investigation};

use crate::format;
use crate::markup::{Element, Markup, el};
use crate::states;
use crate::style;
use crate::visible::{plain, shorten};

/// The mark of what is on the list; it tells without colour.
const MARK: &str = "⚑";
/// Longest text of one field of the list.
const FIELD: usize = 80;
/// Lines of the list that are told of one thing, and things that are told of in one sentence.
const TOLD: usize = 3;

/// [`MARK`] if there is a flag, else nothing.
pub(crate) fn mark(flagged: bool) -> &'static str {
    if flagged { MARK } else { "" }
}

/// A label with the mark before it if there is a flag, for figures.
pub(crate) fn marked(flagged: bool, label: &str) -> String {
    if flagged { format!("{MARK} {label}") } else { label.to_owned() }
}

/// What the list says, in one line of plain text:
/// `203.0.113.77, listed as 203.0.113.64/28 (Example feed: rented)`.
pub(crate) fn words<'a>(flags: impl IntoIterator<Item = &'a Flag>) -> String {
    let flags: Vec<&Flag> = flags.into_iter().collect();
    let told = flags.iter().take(TOLD).map(|flag| one(flag)).collect::<Vec<_>>().join("; ");
    match flags.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told}; and {} more", format::count(more as u64)),
    }
}

/// The lines of the list alone, for where what is flagged stands beside it.
pub(crate) fn lines(flags: &[Flag]) -> String {
    let mut told: Vec<String> = flags.iter().map(listed).collect();
    told.dedup();
    match told.len().saturating_sub(TOLD) {
        0 => told.join("; "),
        more => format!("{}; and {} more", told[..TOLD].join("; "), format::count(more as u64)),
    }
}

fn one(flag: &Flag) -> String {
    let (of, listed) = (field(&flag.of), listed(flag));
    if of == field(&flag.indicator) { listed } else { format!("{of}, listed as {listed}") }
}

/// A line of the list: `203.0.113.64/28 (Example feed: rented)`.
fn listed(flag: &Flag) -> String {
    let indicator = field(&flag.indicator);
    match (flag.source.as_str(), flag.note.as_str()) {
        ("", "") => indicator,
        (text, "") | ("", text) => format!("{indicator} ({})", field(text)),
        (source, note) => format!("{indicator} ({}: {})", field(source), field(note)),
    }
}

fn field(text: &str) -> String {
    shorten(&plain(text), FIELD)
}

/// A cell with the mark behind what is in it, which says more to who points at it.
pub(crate) fn cell<'a>(cell: Element, flags: impl IntoIterator<Item = &'a Flag>) -> Element {
    let mut flags = flags.into_iter().peekable();
    if flags.peek().is_none() {
        return cell;
    }
    cell.child(sign(&format!("on the indicator list: {}", words(flags))))
}

/// The mark alone, with a title that begins with "on the indicator list": a picture, so that who copies or reads a cell gets the address or
/// name that stands in it and no more.
pub(crate) fn sign(title: &str) -> Element {
    el("img")
        .own("src", &FLAG)
        .attr("alt", title)
        .attr("title", title)
        .style("display:inline;width:9px;height:11px;margin:0 0 0 5px;vertical-align:baseline")
}

/// A flag, as an address of a picture.
static FLAG: LazyLock<String> = LazyLock::new(|| {
    let path = "M1 0h1.4v.8h6.6l-2 2.6 2 2.6h-6.6v6h-1.4z";
    let picture = el("svg")
        .own("xmlns", "http://www.w3.org/2000/svg")
        .own("width", "10")
        .own("height", "12")
        .own("viewBox", "0 0 10 12")
        .child(el("title").text("on the indicator list"))
        .child(el("path").own("d", path).own("fill", style::RED));
    let source = Markup::from(picture).into_string();
    format!("data:image/svg+xml;base64,{}", STANDARD.encode(source))
});

/// Those of a row's flags that are about `text`: its client, its name or one answer.
pub(crate) fn about<'a>(row: &'a Row, text: &'a str) -> impl Iterator<Item = &'a Flag> {
    row.flags.iter().filter(move |flag| flag.of == text)
}

/// Those about neither client nor name: about its answers.
pub(crate) fn of_answers(row: &Row) -> impl Iterator<Item = &Flag> {
    let others = [row.client.as_str(), row.name.as_str()];
    row.flags.iter().filter(move |flag| !others.contains(&flag.of.as_str()))
}

/// What a flow finding has on the list, in sentences; none when nothing is.
pub(crate) fn of_flows(found: &Investigation) -> Vec<String> {
    let peers: Vec<&[Flag]> = found.peers.iter().map(|peer| peer.flags.as_slice()).collect();
    sentences(&found.flags, &peers, ("peer is", "peers are"))
}

/// The same of a DNS finding.
pub(crate) fn of_answers_found(found: &spot_analysis::dns::Investigation) -> Vec<String> {
    let rows: Vec<&[Flag]> = found.rows.iter().map(|row| row.flags.as_slice()).collect();
    sentences(&found.flags, &rows, ("row names something", "rows name something"))
}

fn sentences(anchor: &[Flag], all: &[&[Flag]], (one_is, many_are): (&str, &str)) -> Vec<String> {
    let mut out = Vec::new();
    if !anchor.is_empty() {
        out.push(format!("The anchor is on the indicator list: {}.", words(anchor)));
    }
    let flagged = all.iter().filter(|flags| !flags.is_empty()).count();
    if flagged == 0 {
        return out;
    }
    let verb = if all.len() == 1 { one_is } else { many_are };
    let indicators = by_indicator(all);
    let told = indicators.iter().take(TOLD).map(|(flag, held)| match held.len() {
        1 => one(flag),
        n => format!("{} holds {} of them", listed(flag), format::count(n as u64)),
    });
    let told = told.collect::<Vec<_>>().join("; ");
    let more = match indicators.len().saturating_sub(TOLD) as u64 {
        0 => String::new(),
        more => format!("; and {}", format::counted(more, "more indicator", "more indicators")),
    };
    let of = format::of(flagged, all.len() as u64);
    out.push(format!("{of} {verb} on the indicator list: {told}{more}."));
    out
}

/// Each line of the list once, in the order of the rows, with what it holds.
fn by_indicator<'a>(all: &[&'a [Flag]]) -> Vec<(&'a Flag, HashSet<&'a str>)> {
    let mut place_of: HashMap<[&str; 3], usize> = HashMap::new();
    let mut out: Vec<(&Flag, HashSet<&str>)> = Vec::new();
    for flag in all.iter().flat_map(|flags| flags.iter()) {
        let key = [flag.indicator.as_str(), flag.source.as_str(), flag.note.as_str()];
        let place = *place_of.entry(key).or_insert_with(|| {
            out.push((flag, HashSet::new()));
            out.len() - 1
        });
        if let Some((_, held)) = out.get_mut(place) {
            held.insert(flag.of.as_str());
        }
    }
    out
}

/// The sentences in a box; nothing without any.
pub(crate) fn box_of(sentences: &[String]) -> Markup {
    if sentences.is_empty() {
        return Markup::empty();
    }
    states::boxed(style::RED)
        .children(sentences.iter().map(|sentence| {
            el("div")
                .style("overflow-wrap:break-word")
                .child(el("span").style(&format!("color:{}", style::RED)).text(MARK))
                .text(" ")
                .text(sentence)
        }))
        .into()
}
