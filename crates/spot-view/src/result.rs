//! A search's result: who this is, the day, the tables, the story, where the numbers come from.
//!
//! HTML with inline styles and figures as images, so that it looks the same in the notebook that
//! made it, in a reader's copy and in an exported page.

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use spot_analysis::model::{ContextName, Facts, Investigation, Place, Provenance, SourceFile};

use crate::figure;
use crate::flags;
use crate::format;
use crate::history;
use crate::markup::{Element, Markup, el};
use crate::states;
use crate::style;
use crate::tables;
use crate::visible::plain;

/// Notes and files that are listed; more are counted.
const NOTES: usize = 12;
const FILES: usize = 48;

/// The story that was saved for an address.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// Title.
    pub title: &'a str,
    /// Comment, several lines.
    pub text: &'a str,
    /// When it was saved, UTC; unknown for stories of Spot itself.
    pub saved_at: Option<NaiveDateTime>,
}

/// What of a result is shown.
#[derive(Clone, Copy, Debug)]
pub struct ResultOptions<'a> {
    /// Rows of each table, lanes of the timeline (the lanes are chosen where the finding is made).
    pub top_results: usize,
    /// Zone of the timeline's times; the day is one of UTC whatever it is.
    pub zone: Tz,
    /// The story, if one was saved.
    pub story: Option<Story<'a>>,
}

impl Default for ResultOptions<'_> {
    fn default() -> Self {
        Self { top_results: 20, zone: Tz::UTC, story: None }
    }
}

/// Draws a finding.
pub fn investigation(found: &Investigation, options: &ResultOptions<'_>) -> Markup {
    let mut body = el("div").style(style::ROOT).child(headline(found)).child(who(found));
    body = body.child(partial(&found.provenance)).child(flags::box_of(&flags::of_flows(found)));
    if let Some(story) = options.story {
        body = body.child(story_box(story));
    }
    if found.facts.connections == 0 {
        return body
            .child(nothing(found))
            .child(history::flow(found, options.top_results))
            .child(notes(&found.notes))
            .child(provenance(&found.provenance))
            .into();
    }
    let timeline = limited(found, options.top_results);
    body = body
        .child(facts(&found.facts, found))
        .child(gist(found))
        .child(history::flow(found, options.top_results))
        .child(figure::directions(&found.peers));
    if found.peers.is_empty() {
        return body.child(notes(&found.notes)).child(provenance(&found.provenance)).into();
    }
    let picture = figure::timeline_in(&timeline, &found.anchor, found.day, options.zone);
    body.child(picture.as_img(picture.alt()))
    .child(more_pictures(found))
    .child(
        // Where grid templates are dropped the tables stand in one column.
        el("div")
            .style("display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,540px),1fr));margin-top:10px")
            .children(found.top.iter().map(|t| tables::top_of(t, found.day, options.top_results))),
    )
    .child(notes(&found.notes))
    .child(provenance(&found.provenance))
    .into()
}

/// The other figures, folded away; two beside each other where there is room.
fn more_pictures(found: &Investigation) -> Markup {
    let figures = figure::gallery::more(found);
    let names: Vec<String> = figures.iter().map(|figure| figure.title.to_lowercase()).collect();
    let pictures = figures.iter().map(|figure| {
        let title = el("div").style("font-weight:600;padding:4px 0").text(figure.title);
        el("div")
            .style("padding:0 16px 12px 0")
            .child(title)
            .child(figure.svg.as_img(figure.svg.alt()))
    });
    let grid = el("div")
        .style("display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr))")
        .children(pictures);
    tables::closed("More pictures", &names.join(", "), grid.into())
}

/// The timeline with at most `top` lanes.
fn limited(found: &Investigation, top: usize) -> spot_analysis::model::Timeline {
    let mut timeline = found.timeline.clone();
    timeline.lanes.truncate(top);
    timeline
}

fn headline(found: &Investigation) -> Element {
    el("h3")
        .style("margin:0 0 2px;font-size:18px;font-weight:600;overflow-wrap:break-word")
        .text("Threat summary for ")
        .child(el("span").style(style::MONO).text(found.anchor.as_str()))
}

/// Whether and how often somebody scored the anchor high.
pub(crate) fn scored(high_rows: u64) -> Markup {
    match high_rows {
        0 => el("span").style(style::MUTED).text("not scored high").into(),
        n => el("b")
            .style(&format!("font-weight:600;color:{}", style::RED))
            .text(&format!("scored high in {}", format::counted(n, "row", "rows")))
            .into(),
    }
}

pub(crate) fn who(found: &Investigation) -> Element {
    let side = if found.side.inside { "Inside" } else { "Outside" };
    let side = match found.side.rule.as_str() {
        "" => Markup::text(side),
        rule => Markup::text(&format!("{side} ({rule})")),
    };
    let high = scored(found.high_rows);
    el("div").style("overflow-wrap:break-word").child(Markup::dotted([
        side,
        found.context.as_ref().map(context).unwrap_or_else(|| Markup::text("no context")),
        found.place.as_ref().map(place).unwrap_or_default(),
        el("span").style("white-space:nowrap").text(&format!("{} UTC", found.day)).into(),
        high,
    ]))
}

fn context(name: &ContextName) -> Markup {
    el("span")
        .attr("title", &format!("rule {}", name.rule))
        .text(&format!("context {} ({})", name.name, name.rule))
        .into()
}

fn place(place: &Place) -> Markup {
    Markup::text(&place_text(place))
}

/// `Praha, Czechia (CZ), registered to CESNET, cesnet.cz`; parts that the file lacks are left out.
pub(crate) fn place_text(place: &Place) -> String {
    let (text, owner) = (where_text(place), owner_text(place));
    match (text.is_empty(), owner.is_empty()) {
        (_, true) => text,
        (true, false) => format!("registered to {owner}"),
        (false, false) => format!("{text}, registered to {owner}"),
    }
}

/// `Praha, Czechia (CZ)`.
pub(crate) fn where_text(place: &Place) -> String {
    let mut where_: Vec<&str> = Vec::new();
    for part in [&place.city, &place.state, &place.country] {
        let part = part.trim();
        if !part.is_empty() && !where_.contains(&part) {
            where_.push(part);
        }
    }
    let text = where_.join(", ");
    match (place.country_code.trim(), text.is_empty()) {
        ("", _) => text,
        (code, true) => code.to_owned(),
        (code, false) => format!("{text} ({code})"),
    }
}

/// `CESNET, cesnet.cz`.
pub(crate) fn owner_text(place: &Place) -> String {
    let parts = [place.owner.trim(), place.domain.trim()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// A number on top of a result.
pub(crate) struct Fact {
    value: String,
    name: String,
    title: String,
}

impl Fact {
    pub(crate) fn new(value: String, name: &str) -> Self {
        Self { value, name: name.to_owned(), title: String::new() }
    }

    /// With more to say for who points at it.
    pub(crate) fn titled(self, title: String) -> Self {
        Self { title, ..self }
    }
}

/// First and last time for people, short and in full.
pub(crate) fn seen(
    day: NaiveDate,
    seen: Option<(NaiveDateTime, NaiveDateTime)>,
) -> (String, String) {
    match seen {
        None => (format::NONE.to_owned(), String::new()),
        Some((first, last)) => (
            format!("{} to {}", format::time(day, first), format::time(day, last)),
            format!("{} to {}", format::utc(first), format::utc(last)),
        ),
    }
}

/// Six numbers.
pub(crate) fn facts(facts: &Facts, found: &Investigation) -> Element {
    let (seen, seen_title) = seen(found.day, facts.seen);
    let own = match facts.self_connections {
        0 => "connections".to_owned(),
        n => format!("connections, {} to itself", format::count(n)),
    };
    fact_line(vec![
        Fact::new(format::count(facts.connections), &own),
        Fact::new(format::count(facts.peers), "peers"),
        Fact::new(format::bytes(facts.bytes_in), "received")
            .titled(format::exact_bytes(facts.bytes_in)),
        Fact::new(format::bytes(facts.bytes_out), "sent")
            .titled(format::exact_bytes(facts.bytes_out)),
        Fact::new(seen, "seen, UTC").titled(seen_title),
        Fact::new(format::count(facts.service_ports), "service ports"),
    ])
}

/// Facts beside each other.
pub(crate) fn fact_line(facts: Vec<Fact>) -> Element {
    let last = facts.len().saturating_sub(1);
    el("div")
        .style(&format!(
            "border-top:1px solid {0};border-bottom:1px solid {0};margin:10px 0 8px;padding:6px 0",
            style::LINE
        ))
        .children(facts.into_iter().enumerate().map(|(i, Fact { value, name, title })| {
            let edge = if i == last { String::new() } else { format!(";border-right:1px solid {}", style::LINE) };
            let fact = el("div").style(&format!(
                "display:inline-block;vertical-align:top;min-width:72px;padding:0 11px 0 0;margin:2px 12px 2px 0{edge}"
            ));
            let fact = if title.is_empty() { fact } else { fact.attr("title", &title) };
            fact.child(el("div").style("font-size:17px;font-weight:600;line-height:1.3;white-space:nowrap").text(&value))
                .child(el("div").style("opacity:0.7;font-size:12px").text(&name))
        }))
}

/// The day in a sentence, from the sums over all peers.
pub(crate) fn gist(found: &Investigation) -> Markup {
    let Some(heaviest) =
        found.peers.iter().max_by(|a, b| a.bytes().cmp(&b.bytes()).then(b.address.cmp(&a.address)))
    else {
        return states::empty(
            "No peers.",
            &format!(
                "All {} go from the address to itself.",
                format::counted(found.facts.connections, "row", "rows")
            ),
        );
    };
    let all = found.facts.bytes_in.saturating_add(found.facts.bytes_out);
    let mut line = el("div")
        .style("margin:4px 0;overflow-wrap:break-word")
        .text("Most bytes: ")
        .child(el("span").style(style::MONO).text(heaviest.address.as_str()))
        .text(&format!(
            " with {} of {} ({})",
            format::bytes(heaviest.bytes()),
            format::bytes(all),
            format::share(heaviest.bytes(), all)
        ));
    let busiest = found
        .peers
        .iter()
        .max_by(|a, b| a.connections.cmp(&b.connections).then(b.address.cmp(&a.address)));
    if let Some(busiest) = busiest {
        let rows = found.facts.connections;
        line = line.text(". Most connections: ");
        line = if busiest.address == heaviest.address {
            line.text("the same")
        } else {
            line.child(el("span").style(style::MONO).text(busiest.address.as_str()))
        };
        line = line.text(&format!(
            " with {} of {} ({}).",
            format::count(busiest.connections),
            format::count(rows),
            format::share(busiest.connections, rows)
        ));
    }
    line.into()
}

/// The state of a day without rows.
pub(crate) fn nothing(found: &Investigation) -> Markup {
    states::empty(
        &format!(
            "No flows for {} on {} ({} scanned)",
            plain(found.anchor.as_str()),
            found.day,
            format::counted(found.provenance.scanned, "row", "rows")
        ),
        "Nothing to save. Choose another address or another day.",
    )
}

/// What was saved, above the numbers.
pub(crate) fn story_box(story: Story<'_>) -> Markup {
    let at = story
        .saved_at
        .map(|at| format!("saved {}", format::utc(at)))
        .unwrap_or_else(|| "saved".to_owned());
    states::boxed("#b98b2c")
        .child(el("b").style("font-weight:600").text(if story.title.trim().is_empty() {
            "(no title)"
        } else {
            story.title
        }))
        .child(el("span").style(style::MUTED).text(&format!(" · story, {at}")))
        .child(el("div").style("margin-top:2px").child(Markup::lines(story.text)))
        .into()
}

/// What the source could not tell, before anything is read.
pub(crate) fn partial(from: &Provenance) -> Markup {
    let Some(what) = &from.partial else { return Markup::empty() };
    states::boxed(style::RED)
        .child(el("b").style("font-weight:600").text("Partial. "))
        .text(what)
        .into()
}

/// What the reader should know.
pub(crate) fn notes(notes: &[String]) -> Markup {
    if notes.is_empty() {
        return Markup::empty();
    }
    let shown = notes.len().min(NOTES);
    el("div")
        .style("margin-top:8px;font-size:12px")
        .child(
            el("b")
                .style("font-weight:600")
                .text(&format!("Notes, {}", format::of(shown, notes.len() as u64))),
        )
        .children(notes[..shown].iter().map(|note| {
            el("div").style("opacity:0.8;overflow-wrap:break-word").text("• ").text(note)
        }))
        .into()
}

/// Where the numbers come from, from the data itself.
pub(crate) fn provenance(from: &Provenance) -> Markup {
    let size: u64 = from.files.iter().fold(0, |sum, file| sum.saturating_add(file.size));
    let shown = from.files.len().min(FILES);
    let line = Markup::dotted([
        Markup::text(&format!(
            "From {} of {} of {}",
            format::count(from.rows),
            format::counted(from.scanned, "row", "rows"),
            from.table
        )),
        el("span").style(style::MONO).text(&from.filter).into(),
        Markup::text(&format!(
            "{}, {}",
            format::counted(from.files.len() as u64, "file", "files"),
            format::bytes(size)
        )),
        el("span")
            .attr(
                "title",
                &format!("SHA-256 over paths, sizes and times of the files: {}", from.fingerprint),
            )
            .text(&format!("input {}", format::fingerprint(&from.fingerprint)))
            .into(),
    ]);
    el("details")
        .style(&format!(
            "margin-top:8px;padding-top:6px;border-top:1px solid {};font-size:12px;overflow-wrap:break-word",
            style::LINE
        ))
        .child(el("summary").style("opacity:0.75;cursor:pointer").child(line))
        .child(
            el("div")
                .style("opacity:0.75;padding-top:4px")
                .text(&format!("Files read, {}:", format::of(shown, from.files.len() as u64)))
                .children(from.files[..shown].iter().map(file)),
        )
        .child(
            el("div")
                .style("opacity:0.75;font-family:monospace;word-break:break-all")
                .text(&format!("fingerprint {}", from.fingerprint)),
        )
        .into()
}

fn file(file: &SourceFile) -> Element {
    let changed = chrono::DateTime::from_timestamp(file.modified, 0)
        .map(|at| format::utc(at.naive_utc()))
        .unwrap_or_else(|| format!("{} s since 1970", file.modified));
    el("div")
        .style("word-break:break-all")
        .child(el("span").style(style::MONO).text(&file.path))
        .text(&format!(" · {} · {changed}", format::bytes(file.size)))
}
