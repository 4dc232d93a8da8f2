//! What a pair of addresses looks like, but for beacons: long connections, uploads, rare and new peers.

use super::connections::Connection;
use super::flows::{ASSUMED, Before, MICROS, Pair, Popularity};
use super::model::{Kind, Part, Technique, number};
use super::{Thresholds, grown, lasting, ramp, sized};
use crate::model::Address;

pub(super) fn long(pair: &Pair<'_>, all: f64, t: &Thresholds) -> Option<Part> {
    let seconds = |c: &Connection| {
        let one = c.longest as f64 / MICROS;
        // An exporter cuts a long flow into pieces, one after the other.
        let span = c.seen.map_or(0.0, |(first, last)| last.saturating_sub(first) as f64 / MICROS);
        let lasted = c.lasted as f64 / MICROS;
        let pieces = c.asked > 1 && (0.9..1.1).contains(&(lasted / span.max(1e-6)));
        (if pieces { one.max(span.min(lasted)) } else { one }, c.port)
    };
    let (longest, port) = pair.of.iter().map(seconds).max_by(|a, b| a.0.total_cmp(&b.0))?;
    // Of a short capture no connection can take an hour: there a part of it is long, and says less.
    let from = (t.long_share * all).clamp(t.long_least.min(t.long_from), t.long_from);
    let full = t.long_full.min(all.max(from));
    let known = if t.long_from > 0.0 { from / t.long_from } else { 1.0 };
    let score =
        grown(longest, from, full) * (t.long_short_factor + (1.0 - t.long_short_factor) * known);
    (score > 0.0).then(|| Part {
        kind: Kind::LongConnection,
        score,
        numbers: vec![
            number("longest", longest, "seconds"),
            number("seen", all, "seconds"),
            number("port", f64::from(port), ""),
            number("bytes_out", pair.sum(|c| c.up) as f64, "bytes"),
            number("bytes_in", pair.sum(|c| c.down) as f64, "bytes"),
        ],
        technique: Some(Technique { id: "T1571", name: "Non-Standard Port" })
            .filter(|_| !matches!(port, 22 | 80 | 443))
            .or(Some(Technique { id: "T1071.001", name: "Web Protocols" }).filter(|_| port != 22))
            .or(Some(Technique { id: "T1572", name: "Protocol Tunneling" })),
        sentence: format!(
            "A connection to port {port} stayed open for {} of the {} that were seen.",
            lasting(longest),
            lasting(all)
        ),
    })
}

pub(super) fn upload(
    pair: &Pair<'_>,
    sent: i64,
    (usual, of): (f64, &'static str),
    t: &Thresholds,
) -> Option<Part> {
    let (sent, received) = (sent as f64, pair.sum(|c| c.down) as f64);
    if sent < t.upload_bytes || sent < t.upload_ratio * received {
        return None;
    }
    let factor = sent / usual.max(1.0);
    let mut score = grown(factor, t.upload_factor, t.upload_factor_full);
    if of == ASSUMED {
        score *= t.upload_assumed;
    }
    (score > 0.0).then(|| Part {
        kind: Kind::Upload,
        score,
        numbers: vec![
            number("sent", sent, "bytes"),
            number("received", received, "bytes"),
            number("usual", usual, "bytes"),
            number("factor", factor, "times"),
        ],
        technique: Some(Technique { id: "T1048", name: "Exfiltration Over Alternative Protocol" }),
        sentence: format!(
            "It sent {} and received {}: {factor:.0} times the {} that are {of}.",
            sized(sent),
            sized(received),
            sized(usual)
        ),
    })
}

pub(super) fn rare(popularity: &Popularity, peer: u32, t: &Thresholds) -> Option<Part> {
    let hosts = popularity.hosts.get(&peer).copied().unwrap_or(0);
    if (popularity.inside as f64) < t.rare_population || f64::from(hosts) > t.rare_hosts {
        return None;
    }
    let score = 1.0 - 0.7 * ramp(f64::from(hosts), 1.0, t.rare_hosts.max(1.0) + 1.0);
    Some(Part {
        kind: Kind::RarePeer,
        score,
        numbers: vec![
            number("inside_hosts", f64::from(hosts), "hosts"),
            number("of", popularity.inside as f64, "hosts"),
        ],
        technique: None,
        sentence: format!("{hosts} of {} inside hosts talk to that peer.", popularity.inside),
    })
}

pub(super) fn first_seen(before: Option<&Before>, peer: &Address) -> Option<Part> {
    let before = before?;
    (!before.known.contains(peer)).then(|| Part {
        kind: Kind::FirstSeen,
        score: 1.0,
        numbers: vec![number("days_before", f64::from(before.days), "days")],
        technique: None,
        sentence: format!("Nobody talked to that peer on the {} days before.", before.days),
    })
}
