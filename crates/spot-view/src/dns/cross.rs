//! What DNS says of flows, and flows of DNS.

use chrono::NaiveDate;
use spot_analysis::dns::Name;
use spot_analysis::dns::cross::{Followed, Resolved};
use spot_analysis::model::Flag;

use super::tables::{moment, name, several};
use crate::flags;
use crate::format;
use crate::markup::{Markup, el};
use crate::style;
use crate::tables::{address, bar_cell, cell, folded, grid, head, line};
use crate::visible::{plain, shorten};

/// Longest list of names in one cell, in characters.
const NAMES: usize = 60;

/// The names that resolved to a flow anchor's peers, and who asked; the first `top` of them.
pub fn resolved(all: &[Resolved], day: NaiveDate, top: usize) -> Markup {
    let shown = &all[..all.len().min(top)];
    let most = shown.iter().map(|one| one.answers).max().unwrap_or(0);
    let rows = shown.iter().map(|one| {
        line()
            .child(flags::cell(address(&one.address), of(&one.flags, one.address.as_str())))
            .child(flags::cell(name(&one.name), of(&one.flags, one.name.as_str())))
            .child(cell(true, "").text(&format::count(one.answers)))
            .child(bar_cell(one.answers, most, style::LANE))
            .child(flags::cell(several(&one.clients, one.client_count), {
                let others = [one.address.as_str(), one.name.as_str()];
                one.flags.iter().filter(move |flag| !others.contains(&flag.of.as_str()))
            }))
            .child(moment(day, one.first_seen))
            .child(moment(day, one.last_seen))
    });
    let head = [
        head("Peer", false),
        head("Name that resolved to it", false),
        head("Answers", true),
        head("", false),
        head("Asked by", false),
        head("First", true),
        head("Last", true),
    ];
    let limit = format::of(shown.len(), all.len() as u64);
    folded("Names of the peers, from DNS", &limit, scrolled(grid(false, head, rows)))
}

/// The flows that followed a search's answers, the first `top` of them; `pairs` of a client and an
/// address were told in all.
pub fn followed(all: &[Followed], pairs: u64, day: NaiveDate, top: usize) -> Markup {
    let shown = &all[..all.len().min(top)];
    let most = shown.iter().map(|one| one.bytes_out).max().unwrap_or(0);
    let rows = shown.iter().map(|one| {
        line()
            .child(flags::cell(address(&one.client), of(&one.flags, one.client.as_str())))
            .child(flags::cell(address(&one.address), of(&one.flags, one.address.as_str())))
            .child(flags::cell(names(&one.names, one.name_count), {
                let others = [one.client.as_str(), one.address.as_str()];
                one.flags.iter().filter(move |flag| !others.contains(&flag.of.as_str()))
            }))
            .child(cell(true, "").text(&format::count(one.flows)))
            .child(cell(true, "").text(&format::bytes(one.bytes_out)))
            .child(bar_cell(one.bytes_out, most, style::LANE))
            .child(cell(true, "").text(&format::bytes(one.bytes_in)))
            .child(cell(false, style::MUTED).text(&format::ports(
                &one.ports,
                one.ports.len() as u64,
                3,
            )))
            .child(moment(day, Some(one.first_answer)))
            .child(moment(day, Some(one.first_flow)))
            .child(moment(day, Some(one.last_flow)))
    });
    let head = [
        head("Client", false),
        head("Address", false),
        head("Told by", false),
        head("Flows", true),
        head("Sent", true),
        head("", false),
        head("Received", true),
        head("Ports", false),
        head("Answer", true),
        head("First flow", true),
        head("Last", true),
    ];
    let limit = format!(
        "{}; {} told in all",
        format::of(shown.len(), all.len() as u64),
        format::counted(pairs, "pair of client and address", "pairs of client and address")
    );
    folded("Flows that followed", &limit, scrolled(grid(false, head, rows)))
}

fn of<'a>(flags: &'a [Flag], text: &'a str) -> impl Iterator<Item = &'a Flag> {
    flags.iter().filter(move |flag| flag.of == text)
}

fn scrolled(table: Markup) -> Markup {
    el("div").style("overflow-x:auto").child(table).into()
}

fn names(listed: &[Name], all: u64) -> crate::markup::Element {
    let text = listed.iter().map(|name| plain(name.as_str())).collect::<Vec<_>>().join(", ");
    let more = all.saturating_sub(listed.len() as u64);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    cell(false, "font-family:monospace")
        .attr("title", &text)
        .text(&format!("{}{more}", shorten(&text, NAMES)))
}
