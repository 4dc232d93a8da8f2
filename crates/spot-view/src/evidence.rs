//! What speaks against an anchor, in words, and anchors ranked by it.

use spot_analysis::evidence::{self, Reason};

use crate::format;
use crate::markup::Markup;
use crate::style;
use crate::tables::{bar_cell, cell, folded, grid, head, line};
use crate::visible::plain;

/// A reason in words, without markup.
pub fn words(reason: &Reason) -> String {
    match reason {
        Reason::ScoredHigh { rows } => {
            format!("scored high in {}", format::counted(*rows, "row", "rows"))
        }
        Reason::Listed { anchor: true, others: 0 } => "on the indicator list".to_owned(),
        Reason::Listed { anchor, others } => {
            let others = format::counted(*others, "thing", "things");
            let it = if *anchor { "on the indicator list, and " } else { "" };
            format!("{it}had to do with {others} on the indicator list")
        }
        Reason::SentOut { bytes, back } => {
            let (bytes, back) = (format::bytes(*bytes), format::bytes(*back));
            format!("{bytes} went out of our network, {back} came back")
        }
        Reason::AskedMany { peers } => {
            format!("opened connections to {} addresses", format::count(*peers))
        }
        Reason::Regular { peer, every_minutes, bins } => format!(
            "{} at the same pace, every {every_minutes} minutes, {} times",
            plain(peer.as_str()),
            format::count(*bins)
        ),
        Reason::Lateral { peers } => format!(
            "opened connections to {} inside",
            format::counted(*peers, "other address", "other addresses")
        ),
        Reason::ManyNames { domain, names } => format!(
            "{} long or random names below {}",
            format::count(*names),
            plain(domain.as_str())
        ),
        Reason::Missing { answers, of } => {
            format!("{} of {} answers: no such name", format::count(*answers), format::count(*of))
        }
    }
}

/// A suspect with what speaks against it.
#[derive(Clone, Copy, Debug)]
pub struct Ranked<'a> {
    /// Address or name.
    pub about: &'a str,
    /// Rows scored high.
    pub high_rows: u64,
    /// Rows of the day with it.
    pub rows: u64,
    /// The reasons, heaviest first.
    pub reasons: &'a [Reason],
}

/// The suspects as a table, in the order given.
pub fn ranking(ranked: &[Ranked<'_>], top: usize) -> Markup {
    if ranked.is_empty() {
        return Markup::empty();
    }
    let shown = &ranked[..ranked.len().min(top)];
    let most = shown.iter().map(|one| evidence::score(one.reasons)).max().unwrap_or(0);
    let rows = shown.iter().map(|one| {
        let score = evidence::score(one.reasons);
        let reasons: Vec<String> = one.reasons.iter().map(words).collect();
        line()
            .child(cell(false, "font-family:monospace;word-break:break-all").text(one.about))
            .child(cell(true, "").text(&score.to_string()))
            .child(bar_cell(score, most, style::RED))
            .child(cell(true, "").text(&format::count(one.high_rows)))
            .child(cell(true, "").text(&format::count(one.rows)))
            .child(
                cell(false, "word-break:break-word;white-space:normal").text(&reasons.join("; ")),
            )
    });
    let head = [
        head("Suspect", false),
        head("Evidence", true),
        head("", false),
        head("High rows", true),
        head("Rows", true),
        head("Why", false),
    ];
    folded(
        "Ranked by evidence",
        &format::of(shown.len(), ranked.len() as u64),
        grid(false, head, rows),
    )
}
