//! A table of a report: its first rows as HTML, all of them as columns of data for the script.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use spot_analysis::model::Flag;

use crate::flags;
use crate::format::{self, NONE};
use crate::markup::{Element, Json, Markup, el};
use crate::visible::{plain, shorten};

/// Longest text of a cell, in characters.
const LONGEST: usize = 300;

/// All texts of a report's tables, each once, as they are shown.
#[derive(Default)]
pub(super) struct Words {
    numbers: HashMap<String, u32>,
    list: Vec<String>,
    /// Other spellings of a word.
    alias: Vec<(u32, u32)>,
}

impl Words {
    /// The number of a text from anywhere.
    pub fn number(&mut self, untrusted: &str) -> u32 {
        let shown = shorten(&plain(untrusted), LONGEST);
        if let Some(&known) = self.numbers.get(&shown) {
            return known;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        self.list.push(shown.clone());
        self.numbers.insert(shown, number);
        number
    }

    /// Says that two words are the same thing in different spellings.
    pub fn same(&mut self, spelled: u32, canonical: u32) {
        if spelled != canonical {
            self.alias.push((spelled, canonical));
        }
    }

    fn get(&self, number: u32) -> &str {
        self.list.get(number as usize).map_or("", String::as_str)
    }

    /// `"words":[..],"alias":[..]`.
    pub fn json(&self, out: &mut Json) {
        out.raw("\"words\":").list(&self.list, |out, word| {
            out.text(word);
        });
        out.raw(",\"alias\":").list(&self.alias, |out, &(spelled, canonical)| {
            out.raw("[")
                .number(Some(spelled.into()))
                .raw(",")
                .number(Some(canonical.into()))
                .raw("]");
        });
    }
}

/// What a column holds.
pub(super) enum Cells {
    /// Texts, by their numbers.
    Words(Vec<u32>),
    /// Links to files of the same folder; without a file a text.
    Links(Vec<(u32, Option<u32>)>),
    /// Numbers of things.
    Counts(Vec<Option<u64>>),
    /// Numbers of bytes.
    Bytes(Vec<Option<u64>>),
    /// Numbers that are names: ports.
    Ports(Vec<Option<u64>>),
    /// Numbers with a fraction, most of them the same as in the column `like`, if there is one.
    Means { like: Option<usize>, bytes: bool, values: Vec<Option<f64>> },
    /// Seconds since 1970, close to those of the column `after`, if there is one.
    Times { after: Option<usize>, values: Vec<Option<i64>> },
}

impl Cells {
    /// Whether both hold the same texts or numbers.
    fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Words(mine), Self::Words(theirs)) => mine == theirs,
            (Self::Counts(mine), Self::Counts(theirs))
            | (Self::Bytes(mine), Self::Bytes(theirs))
            | (Self::Ports(mine), Self::Ports(theirs)) => mine == theirs,
            _ => false,
        }
    }
}

/// A column.
pub(super) struct Column {
    name: &'static str,
    cells: Cells,
    /// Classes of its cells.
    look: &'static str,
    /// Only shown when a row is asked for.
    more: bool,
    /// Its numbers have a bar behind them.
    bar: bool,
}

impl Column {
    pub fn new(name: &'static str, cells: Cells) -> Self {
        let look = if matches!(cells, Cells::Words(_) | Cells::Links(_)) { "" } else { "n" };
        Self { name, cells, look, more: false, bar: false }
    }

    /// What the list of indicators says of each row; where it says nothing of any, no column.
    pub fn listed<'a>(
        words: &mut Words,
        flags: impl Iterator<Item = &'a [Flag]> + Clone,
    ) -> Option<Self> {
        if flags.clone().all(<[Flag]>::is_empty) {
            return None;
        }
        let texts = flags
            .map(|flags| words.number(&flags::marked(!flags.is_empty(), &flags::lines(flags))));
        Some(Self::new("On the indicator list", Cells::Words(texts.collect())).long())
    }

    /// Addresses and names.
    pub fn mono(self) -> Self {
        Self { look: "m", ..self }
    }

    /// Texts that begin with `←`, `→` or `↔`.
    pub fn way(self) -> Self {
        Self { look: "way", ..self }
    }

    /// Texts that break lines.
    pub fn long(self) -> Self {
        Self { look: "long", ..self }
    }

    pub fn more(self) -> Self {
        Self { more: true, ..self }
    }

    pub fn bar(self) -> Self {
        Self { bar: true, ..self }
    }
}

/// Which rows of another table a row stands for: those with its word of the column `mine` in one of the
/// columns `theirs`.
pub(super) struct Related {
    pub table: &'static str,
    pub mine: usize,
    pub theirs: &'static [usize],
}

/// A table.
pub(super) struct Table {
    /// Its element; unique on the page.
    pub id: &'static str,
    pub title: &'static str,
    /// What the rows are: `peers`.
    pub unit: &'static str,
    /// A sentence below the title.
    pub lead: String,
    pub columns: Vec<Column>,
    /// Rows that `columns` hold.
    pub rows: usize,
    /// Rows that there are.
    pub of: u64,
    /// Rows that are shown without a script.
    pub still: usize,
    /// The filter of a row in words, `{0}` for its cell in column 0, `{anchor}` for the anchor,
    /// `{search}` for the filter of the whole finding.
    pub filter: &'static str,
    /// The column that says how many rows of which table a row stands for.
    pub stands: Option<(usize, &'static str)>,
    pub related: Option<Related>,
    /// Columns of the first and last time, when a span of the day can be chosen in it.
    pub span: Option<[usize; 2]>,
}

/// Seconds since 1970 of a UTC time.
pub(super) fn seconds(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp()
}

/// Midnight of a day, in seconds since 1970.
pub(super) fn midnight(day: NaiveDate) -> i64 {
    seconds(day.and_time(NaiveTime::MIN))
}

/// `14:05:09`, with the date where that is not the day's.
fn clock(day: NaiveDate, at: i64) -> String {
    match DateTime::from_timestamp(at, 0).map(|at| at.naive_utc()) {
        None => NONE.to_owned(),
        Some(at) if at.date() == day => at.format("%H:%M:%S").to_string(),
        Some(at) => at.format("%m-%d %H:%M:%S").to_string(),
    }
}

/// A mean to one digit, `12.5`; a whole number as it is.
fn mean(value: f64, bytes: bool) -> String {
    if bytes && value >= 1000.0 {
        return format::bytes(value.round() as u64);
    }
    let tenths = (value * 10.0 + 0.5).floor();
    let text = if tenths % 10.0 == 0.0 {
        format::grouped(&format!("{:.0}", tenths / 10.0))
    } else {
        format!("{:.1}", tenths / 10.0)
    };
    if bytes { format!("{text} B") } else { text }
}

impl Table {
    /// The table as it is without a script: the first rows.
    pub fn markup(&self, words: &Words, day: NaiveDate) -> Markup {
        let shown = self.rows.min(self.still);
        let columns: Vec<(usize, &Column)> =
            self.columns.iter().enumerate().filter(|(_, column)| !column.more).collect();
        let head = el("tr").children(columns.iter().map(|(_, column)| {
            let utc = if matches!(column.cells, Cells::Times { .. }) { ", UTC" } else { "" };
            el("th")
                .own("scope", "col")
                .own("class", column.look)
                .text(&format!("{}{utc}", column.name))
        }));
        let rows = (0..shown).map(|row| {
            el("tr").children(columns.iter().map(|&(_, column)| self.cell(column, row, words, day)))
        });
        let lead = match self.lead.is_empty() {
            true => Markup::empty(),
            false => el("p").own("class", "lead").text(&self.lead).into(),
        };
        let limit = format!("{} {}", format::of(shown, self.of), self.unit);
        el("section")
            .own("id", self.id)
            .own("class", "table")
            .own("aria-labelledby", &format!("{}-title", self.id))
            .child(
                el("h2")
                    .child(el("span").own("id", &format!("{}-title", self.id)).text(self.title))
                    .text(" ")
                    .child(el("span").own("class", "limit").text(&limit)),
            )
            .child(lead)
            .child(
                el("div").own("class", "scroll").child(
                    el("table")
                        .own("aria-labelledby", &format!("{}-title", self.id))
                        .child(el("thead").child(head))
                        .child(el("tbody").children(rows)),
                ),
            )
            .into()
    }

    fn cell(&self, column: &Column, row: usize, words: &Words, day: NaiveDate) -> Element {
        let (text, title) = column.shown(row, words, day);
        let way = match (column.look, text.chars().next()) {
            ("way", Some('←')) => "way in",
            ("way", Some('→')) => "way out",
            ("way", _) => "way two",
            (look, _) => look,
        };
        let mut cell = el("td").own("class", way);
        if let Some(title) = title {
            cell = cell.attr("title", &title);
        }
        if column.bar {
            cell = cell.style(&format!("--b:{:.1}%", column.part(row)));
        }
        match &column.cells {
            Cells::Links(links) => match links.get(row) {
                Some((_, Some(to))) if is_file(words.get(*to)) => {
                    cell.child(el("a").own("href", words.get(*to)).text(&text))
                }
                _ => cell.text(&text),
            },
            _ => cell.text(&text),
        }
    }

    /// The table as data.
    pub fn json(&self, out: &mut Json, day: NaiveDate) {
        out.raw("{\"id\":").text(self.id).raw(",\"unit\":").text(self.unit);
        out.raw(",\"rows\":").number(Some(self.rows as i128));
        out.raw(",\"of\":").number(Some(self.of.max(self.rows as u64).into()));
        out.raw(",\"still\":").number(Some(self.still as i128));
        out.raw(",\"filter\":").text(self.filter);
        if let Some((column, table)) = self.stands {
            out.raw(",\"stands\":[").number(Some(column as i128)).raw(",").text(table).raw("]");
        }
        if let Some(related) = &self.related {
            out.raw(",\"related\":{\"table\":").text(related.table);
            out.raw(",\"mine\":").number(Some(related.mine as i128)).raw(",\"theirs\":");
            out.list(related.theirs, |out, &column| {
                out.number(Some(column as i128));
            });
            out.raw("}");
        }
        if let Some(span) = self.span {
            out.raw(",\"span\":").list(span, |out, column| {
                out.number(Some(column as i128));
            });
        }
        out.raw(",\"columns\":").list(self.columns.iter().enumerate(), |out, (i, column)| {
            let same = self.columns[..i].iter().position(|other| other.cells.same(&column.cells));
            column.json(out, self, day, same);
        });
        out.raw("}");
    }
}

/// A name that this program may have given to a file.
pub(super) fn is_file(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('.')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

impl Column {
    /// What a cell says, and what more for who points at it.
    fn shown(&self, row: usize, words: &Words, day: NaiveDate) -> (String, Option<String>) {
        let none = || (NONE.to_owned(), None);
        let number = |values: &[Option<u64>]| values.get(row).copied().flatten();
        match &self.cells {
            Cells::Words(values) => {
                let word = values.get(row).map_or("", |&number| words.get(number));
                (word.to_owned(), (self.look != "way" && word.len() > 24).then(|| word.to_owned()))
            }
            Cells::Links(values) => {
                (values.get(row).map_or("", |(number, _)| words.get(*number)).to_owned(), None)
            }
            Cells::Counts(values) => number(values).map_or_else(none, |n| (format::count(n), None)),
            Cells::Ports(values) => number(values).map_or_else(none, |n| (n.to_string(), None)),
            Cells::Bytes(values) => number(values)
                .map_or_else(none, |n| (format::bytes(n), Some(format::exact_bytes(n)))),
            Cells::Means { bytes, values, .. } => {
                values.get(row).copied().flatten().filter(|mean| mean.is_finite()).map_or_else(
                    none,
                    |value| {
                        (mean(value, *bytes), (value.fract() != 0.0).then(|| value.to_string()))
                    },
                )
            }
            Cells::Times { values, .. } => {
                let Some(at) = values.get(row).copied().flatten() else { return none() };
                let full = DateTime::from_timestamp(at, 0).map(|at| format::utc(at.naive_utc()));
                (clock(day, at), full)
            }
        }
    }

    /// How long the bar behind a number is, in percent of the longest.
    fn part(&self, row: usize) -> f64 {
        let (Cells::Counts(values) | Cells::Bytes(values)) = &self.cells else { return 0.0 };
        let most = values.iter().flatten().max().copied().unwrap_or(0).max(1);
        values.get(row).copied().flatten().unwrap_or(0) as f64 * 100.0 / most as f64
    }

    /// `same`: an earlier column with the same values.
    fn json(&self, out: &mut Json, table: &Table, day: NaiveDate, same: Option<usize>) {
        let kind = match &self.cells {
            Cells::Words(_) => "text",
            Cells::Links(_) => "link",
            Cells::Counts(_) => "count",
            Cells::Bytes(_) => "bytes",
            Cells::Ports(_) => "port",
            Cells::Means { bytes: false, .. } => "mean",
            Cells::Means { bytes: true, .. } => "meanbytes",
            Cells::Times { .. } => "time",
        };
        out.raw("{\"name\":").text(self.name).raw(",\"kind\":").text(kind);
        out.raw(",\"look\":").text(self.look);
        if self.more {
            out.raw(",\"more\":1");
        }
        if self.bar {
            out.raw(",\"bar\":1");
        }
        if let Some(same) = same {
            out.raw(",\"same\":").number(Some(same as i128)).raw("}");
            return;
        }
        let wide = |n: &Option<u64>| n.map(i128::from);
        match &self.cells {
            Cells::Words(values) => numbers(out, values.iter().map(|&n| Some(n.into()))),
            Cells::Links(values) => {
                out.raw(",\"to\":").list(values, |out, (_, to)| {
                    out.number(to.map(i128::from));
                });
                numbers(out, values.iter().map(|&(n, _)| Some(n.into())));
            }
            Cells::Counts(values) | Cells::Bytes(values) | Cells::Ports(values) => {
                numbers(out, values.iter().map(wide));
            }
            Cells::Times { after: None, values } => {
                let base = midnight(day);
                out.raw(",\"base\":").number(Some(base.into()));
                let offset = |at: &Option<i64>| at.map(|at| i128::from(at) - i128::from(base));
                numbers(out, values.iter().map(offset));
            }
            Cells::Times { after: Some(after), values } => {
                out.raw(",\"after\":").number(Some(*after as i128));
                let firsts = table.times(*after);
                numbers(
                    out,
                    values.iter().enumerate().map(|(row, at)| {
                        let first = firsts.get(row).copied().flatten()?;
                        Some(i128::from((*at)?) - i128::from(first))
                    }),
                );
            }
            Cells::Means { like, values, .. } => table.means(out, *like, values),
        }
        out.raw("}");
    }
}

impl Table {
    fn times(&self, column: usize) -> &[Option<i64>] {
        match self.columns.get(column).map(|column| &column.cells) {
            Some(Cells::Times { values, .. }) => values,
            _ => &[],
        }
    }

    /// Means that are not what the other column says: at which rows, and what.
    fn means(&self, out: &mut Json, like: Option<usize>, values: &[Option<f64>]) {
        let other: &[Option<u64>] = match like.and_then(|like| self.columns.get(like)) {
            Some(Column { cells: Cells::Counts(values) | Cells::Bytes(values), .. }) => values,
            _ => &[],
        };
        let differ: Vec<(usize, Option<f64>)> = values
            .iter()
            .enumerate()
            .filter(|(row, mean)| match other.get(*row) {
                Some(same) => same.map(|n| n as f64) != **mean,
                None => true,
            })
            .map(|(row, mean)| (row, *mean))
            .collect();
        if let Some(like) = like {
            out.raw(",\"like\":").number(Some(like as i128));
        }
        out.raw(",\"at\":").list(&differ, |out, (row, _)| {
            out.number(Some(*row as i128));
        });
        out.raw(",\"v\":").list(&differ, |out, (_, mean)| {
            out.decimal(mean.unwrap_or(f64::NAN));
        });
    }
}

/// Up to which whole numbers a page's script tells all of them apart: 2^53.
const EXACT: u128 = 1 << 53;

/// Values of a column in the shortest of three ways: all the same, one more each row, or listed.
fn numbers(out: &mut Json, values: impl Iterator<Item = Option<i128>> + Clone) {
    let first = values.clone().next().flatten();
    if values.clone().all(|value| value == first) {
        out.raw(",\"all\":").number(first);
        return;
    }
    let counted = (0i128..).map(|row| first.map(|first| first + row));
    // The page counts on in its own numbers, which are whole only so far.
    let exact = |value: Option<i128>| value.is_some_and(|n| n.unsigned_abs() <= EXACT);
    if values.clone().zip(counted).all(|(value, expected)| value == expected && exact(value)) {
        out.raw(",\"seq\":").number(first);
        return;
    }
    out.raw(",\"v\":").list(values, |out, value| {
        out.number(value);
    });
}
