//! Numbers and times as people read them.

use chrono::{NaiveDate, NaiveDateTime};
use spot_analysis::model::Flag;

use crate::flags;

/// What stands for "none".
pub const NONE: &str = "–";

/// `1659` as `1,659`.
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// Groups a text of digits by three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in decimal units: `350 B`, `44.9 kB`, `10.8 MB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return format!("{n} B");
    }
    // Whole tenths of the unit, so that 999,950 becomes 1.0 MB and not 1000.0 kB.
    let mut unit: u128 = 1000;
    let mut name = 0;
    let tenths = |unit: u128| (u128::from(n) * 10 + unit / 2) / unit;
    while tenths(unit) >= 10_000 && name + 1 < UNITS.len() {
        unit *= 1000;
        name += 1;
    }
    let t = tenths(unit);
    format!("{}.{} {}", t / 10, t % 10, UNITS[name])
}

/// Bytes to the last one: `2,300,117 bytes`.
pub fn exact_bytes(n: u64) -> String {
    if n == 1 { "1 byte".to_owned() } else { format!("{} bytes", count(n)) }
}

/// `8 of 1,659`.
pub fn of(shown: usize, all: u64) -> String {
    // A table that holds more rows than it claims tells what it holds.
    format!("{} of {}", count(shown as u64), count(all.max(shown as u64)))
}

/// `1 row`, `2,000 rows`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A time of `day` as `15:20`; of another day with its date, `06-12 23:59`.
pub fn time(day: NaiveDate, at: NaiveDateTime) -> String {
    if at.date() == day {
        at.format("%H:%M").to_string()
    } else {
        at.format("%m-%d %H:%M").to_string()
    }
}

/// `2022-06-13 15:20:07 UTC`.
pub fn utc(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// The first `show` ports and how many more there are: `53341, 2069 +94`.
pub fn ports(ports: &[u16], all: u64, show: usize) -> String {
    let listed: Vec<String> = ports.iter().take(show).map(u16::to_string).collect();
    let more = all.saturating_sub(listed.len() as u64);
    match (listed.is_empty(), more) {
        (true, 0) => NONE.to_owned(),
        (true, more) => counted(more, "port", "ports"),
        (false, 0) => listed.join(", "),
        (false, more) => format!("{} +{}", listed.join(", "), count(more)),
    }
}

/// A share in whole percent: `21 %`; `<1 %` for less than one, none of nothing is `0 %`.
pub fn share(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0 %".to_owned();
    }
    match u128::from(part) * 100 / u128::from(whole) {
        0 => "<1 %".to_owned(),
        percent => format!("{percent} %"),
    }
}

/// The mark of what is on the list of indicators, `⚑`; nothing without a flag.
pub fn flag_mark(flags: &[Flag]) -> &'static str {
    flags::mark(!flags.is_empty())
}

/// A label of a figure: with [`flag_mark`] before it.
pub fn flagged_label(flags: &[Flag], label: &str) -> String {
    flags::marked(!flags.is_empty(), label)
}

/// What the list of indicators says, in one line of plain text, at most three lines of the list:
/// `203.0.113.77, listed as 203.0.113.64/28 (Example feed: rented); and 2 more`. Empty without a flag.
pub fn flag_words(flags: &[Flag]) -> String {
    flags::words(flags)
}

/// How many times the usual: `8.2 ×`, `1,204 ×`, `0.05 ×`; none where the usual is nothing.
pub fn times(ratio: Option<f64>) -> String {
    match ratio {
        None => NONE.to_owned(),
        Some(ratio) if ratio >= 9.95 => format!("{} ×", count(ratio.round() as u64)),
        Some(ratio) if ratio >= 0.095 => format!("{ratio:.1} ×"),
        Some(ratio) if ratio >= 0.005 || ratio == 0.0 => format!("{ratio:.2} ×"),
        Some(_) => "<0.01 ×".to_owned(),
    }
}

/// A fingerprint's two ends: `9c1f4e…07e2`.
pub fn fingerprint(hex: &str) -> String {
    crate::visible::shorten(hex, 13)
}
