//! Rows per day, the ingest summary: which days of a range have rows, and how many.

use chrono::NaiveDate;
use spot_analysis::history::DayRows;

use crate::format::{self, NONE};
use crate::markup::Markup;
use crate::style;
use crate::tables::{bar_cell, cell, closed, grid, head, line};
use crate::text::aligned;

/// Days that are listed; the last ones, since the day is among them.
const LISTED: usize = 31;
/// Characters of the longest bar of text.
const BAR: u64 = 24;

/// The days as a table, folded away at first; `day` is the one that is investigated.
pub fn table(days: &[DayRows], day: NaiveDate) -> Markup {
    let shown = &days[days.len().saturating_sub(LISTED)..];
    let most = shown.iter().map(|one| one.rows).max().unwrap_or(0);
    let rows = shown.iter().map(|one| {
        let number = |n: Option<u64>| n.map_or(NONE.to_owned(), format::count);
        let (rows, bar) = match one.rows {
            0 => (cell(true, style::MUTED).text("no rows"), cell(false, "")),
            n => (cell(true, "").text(&format::count(n)), bar_cell(n, most, style::LANE)),
        };
        line()
            .child(cell(false, style::MONO).text(&one.day.to_string()))
            .child(rows)
            .child(bar)
            .child(cell(true, "").text(&number(one.high_rows)))
            .child(cell(true, style::MUTED).text(&number(one.files)))
            .child(cell(false, "").text(if one.day == day { "◀ the day" } else { "" }))
    });
    let titles = [
        head("Day (UTC)", false),
        head("Rows", true),
        head("", false),
        head("High rows", true),
        head("Files", true),
        head("", false),
    ];
    closed("Rows per day", &limit(days, shown.len()), grid(false, titles, rows))
}

/// The same as lines of text. Ends with a line break.
pub fn text(days: &[DayRows], day: NaiveDate) -> String {
    let shown = &days[days.len().saturating_sub(LISTED)..];
    let most = shown.iter().map(|one| one.rows).max().unwrap_or(0);
    let number = |n: Option<u64>| n.map_or(NONE.to_owned(), format::count);
    let mut lines = vec![["Day", "Rows", "", "High rows", "Files", ""].map(str::to_owned)];
    lines.extend(shown.iter().map(|one| {
        [
            one.day.to_string(),
            if one.rows == 0 { "no rows".to_owned() } else { format::count(one.rows) },
            "#".repeat(length(one.rows, most)),
            number(one.high_rows),
            number(one.files),
            if one.day == day { "<- the day" } else { "" }.to_owned(),
        ]
    }));
    let mut out = vec![format!("Rows per day - {}", limit(days, shown.len()))];
    out.extend(aligned(&lines, &[false, true, false, true, true, false]));
    out.join("\n") + "\n"
}

/// What is listed, and how many days have rows.
fn limit(days: &[DayRows], shown: usize) -> String {
    let with_rows = days.iter().filter(|one| one.rows > 0).count();
    let all = days.len() as u64;
    let listed = match shown < days.len() {
        true => format!("the last {} days shown, ", format::of(shown, all)),
        false => String::new(),
    };
    format!("{listed}{} with rows", format::of(with_rows, all))
}

/// A bar's length; at least 1 for any rows.
fn length(rows: u64, most: u64) -> usize {
    let part = u128::from(rows) * u128::from(BAR) / u128::from(most.max(1));
    usize::try_from(part).unwrap_or(0).max(usize::from(rows > 0))
}
