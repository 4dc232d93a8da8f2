//! Tables of anybody: CSV and Parquet, with a map that says which of their columns is which of ours.

pub mod csv;
pub mod parquet;

use std::path::Path;

use spot_analysis::dns::iana::{class_code, rcode_code, type_code};
use spot_store::{Result, StoreError};

use crate::rows::{
    Answer, End, Flow, Row, Skip, add_address, flag_bits, number, protocol_number, read_address,
};
use crate::times::{Start, in_range, micros};

/// A column of our tables that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Column {
    End,
    Begin,
    Duration,
    Src,
    Dst,
    SrcPort,
    DstPort,
    Proto,
    Flags,
    Packets,
    Bytes,
    PacketsBack,
    BytesBack,
    Answered,
    Client,
    Server,
    Name,
    Class,
    Type,
    Rcode,
    Addresses,
    Length,
}

/// As Spot calls them; `tstart` is ours.
const COLUMNS: [(&str, Column); 22] = [
    ("treceived", Column::End),
    ("tstart", Column::Begin),
    ("tdur", Column::Duration),
    ("sip", Column::Src),
    ("dip", Column::Dst),
    ("sport", Column::SrcPort),
    ("dport", Column::DstPort),
    ("proto", Column::Proto),
    ("flag", Column::Flags),
    ("ipkt", Column::Packets),
    ("ibyt", Column::Bytes),
    ("opkt", Column::PacketsBack),
    ("obyt", Column::BytesBack),
    ("frame_time", Column::Answered),
    ("ip_dst", Column::Client),
    ("ip_src", Column::Server),
    ("dns_qry_name", Column::Name),
    ("dns_qry_class", Column::Class),
    ("dns_qry_type", Column::Type),
    ("dns_qry_rcode", Column::Rcode),
    ("dns_a", Column::Addresses),
    ("frame_len", Column::Length),
];

/// How a time or a duration is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Seconds, with a fraction or not, or a time as ISO 8601 has it.
    #[default]
    Seconds,
    /// So many a second.
    Parts(u32),
    /// As chrono's strftime has it, UTC.
    Format(String),
}

/// Which column of a file is which of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map(Vec<(Column, Unit, String)>);

impl Map {
    /// Of words such as `sip=Source IP`, `treceived:ms=Timestamp`, `treceived:%d/%m/%Y %H:%M:%S=Timestamp`, or
    /// names of CSV files with the columns `column` and `name`.
    ///
    /// # Errors
    /// A word that is neither, or a column or a unit that there is none of.
    pub fn of(words: &[String]) -> Result<Self> {
        let mut map = Self::default();
        for word in words {
            // A format may have `=` in it no more than a column's name has `:`.
            match word.split_once('=') {
                Some((column, name)) => map.add(column, name, word)?,
                None => map.add_file(Path::new(word))?,
            }
        }
        Ok(map)
    }

    fn add_file(&mut self, path: &Path) -> Result<()> {
        let fix = "give COLUMN=NAME, or a CSV file with the columns column and name";
        let broken = |what: String| StoreError::usage(what, fix).at(path.display());
        let mut reader = ::csv::ReaderBuilder::new()
            .flexible(true)
            .trim(::csv::Trim::All)
            .comment(Some(b'#'))
            .from_path(path)
            .map_err(|error| broken(format!("no map, and no file with one: {error}")))?;
        for record in reader.records() {
            let record = record.map_err(|error| broken(format!("no CSV: {error}")))?;
            let (Some(column), Some(name)) = (record.get(0), record.get(1)) else {
                return Err(broken("a line of the map has no name".to_owned()));
            };
            self.add(column, name, &path.display().to_string())?;
        }
        Ok(())
    }

    fn add(&mut self, column: &str, name: &str, at: &str) -> Result<()> {
        let (column, unit) = match column.split_once(':') {
            Some((column, unit)) => (column.trim(), unit.trim()),
            None => (column.trim(), "s"),
        };
        let Some((_, known)) = COLUMNS.iter().find(|(of, _)| *of == column) else {
            let names: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
            let what = format!("the tables have no column `{}`", column.escape_debug());
            let fix = format!("take one of {}", names.join(", "));
            return Err(StoreError::usage(what, fix).at(at.escape_debug()));
        };
        let unit = match unit {
            "s" => Unit::Seconds,
            "ms" => Unit::Parts(1000),
            "us" => Unit::Parts(1_000_000),
            "ns" => Unit::Parts(1_000_000_000),
            format if format.contains('%') => Unit::Format(format.to_owned()),
            other => {
                let what = format!("`{}` is no unit of time", other.escape_debug());
                let fix = "take s, ms, us, ns, or a format such as %d/%m/%Y %H:%M:%S";
                return Err(StoreError::usage(what, fix).at(at.escape_debug()));
            }
        };
        self.0.push((*known, unit, name.trim().to_owned()));
        Ok(())
    }

    /// What a column of a file is: as the map says or, where it says nothing of ours, by our own names.
    pub(crate) fn meaning(&self, name: &str) -> Option<Meaning> {
        let name = name.trim();
        if let Some((column, unit, _)) = self.0.iter().find(|(_, _, of)| of == name) {
            return Some(Meaning { column: *column, unit: unit.clone() });
        }
        let (_, column) = COLUMNS.iter().find(|(of, _)| of.eq_ignore_ascii_case(name))?;
        let is_elsewhere = self.0.iter().any(|(of, ..)| of == column);
        (!is_elsewhere).then_some(Meaning { column: *column, unit: Unit::Seconds })
    }
}

/// What a column of a file is.
#[derive(Clone, Debug)]
pub(crate) struct Meaning {
    column: Column,
    unit: Unit,
}

/// The texts of a row by what they are.
pub(crate) struct Texts<'a>([Option<(&'a [u8], &'a Unit)>; COLUMNS.len()]);

impl<'a> Texts<'a> {
    pub(crate) fn none() -> Self {
        Self([None; COLUMNS.len()])
    }

    pub(crate) fn set(&mut self, meaning: &'a Meaning, text: &'a [u8]) {
        let text = text.trim_ascii();
        if !matches!(text, b"" | b"-") {
            self.0[meaning.column as usize] = Some((text, &meaning.unit));
        }
    }

    fn text(&self, column: Column) -> Option<&'a [u8]> {
        self.0[column as usize].map(|(text, _)| text)
    }

    fn micros(&self, column: Column) -> std::result::Result<Option<i64>, Skip> {
        self.0[column as usize].map(|(text, unit)| unit.micros(text)).transpose()
    }

    fn address(&self, column: Column) -> std::result::Result<u128, Skip> {
        let text = self.text(column).ok_or("without an address")?;
        read_address(text).ok_or("with an address that is none")
    }

    fn number<T: TryFrom<u64> + Default>(
        &self,
        column: Column,
        wrong: Skip,
    ) -> std::result::Result<T, Skip> {
        let value = self.text(column).map(|text| number(text).and_then(|n| n.try_into().ok()));
        value.map_or(Ok(T::default()), |value| value.ok_or(wrong))
    }

    fn code(
        &self,
        column: Column,
        read: fn(&str) -> Option<i32>,
    ) -> std::result::Result<Option<u16>, Skip> {
        const WRONG: Skip = "with a code that nobody knows";
        let Some(text) = self.text(column) else { return Ok(None) };
        let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
        // Frames write whole numbers as `1.0`.
        let text = text.strip_suffix(".0").unwrap_or(text);
        read(text).and_then(|code| code.try_into().ok()).ok_or(WRONG).map(Some)
    }

    /// The row of `table`.
    pub(crate) fn row(&self, table: Table, start: Start) -> std::result::Result<Row, Skip> {
        match table {
            Table::Flow => self.flow(start).map(Row::Flow),
            Table::Dns => self.answer(start).map(Row::Answer),
        }
    }

    fn flow(&self, start: Start) -> std::result::Result<Flow, Skip> {
        const PORT: Skip = "with a port that is none";
        const COUNT: Skip = "with a count that is no number";
        let (begin, end) = (self.micros(Column::Begin)?, self.micros(Column::End)?);
        let duration = match (self.micros(Column::Duration)?, begin, end) {
            (Some(duration), ..) => duration,
            (None, Some(begin), Some(end)) => end.saturating_sub(begin),
            _ => 0,
        };
        let duration = duration.max(0);
        let end = end.or(begin.map(|begin| begin.saturating_add(duration)));
        let proto = match self.text(Column::Proto) {
            Some(text) => {
                let text = text.strip_suffix(b".0").unwrap_or(text);
                protocol_number(text).ok_or("with a protocol that nobody knows")?
            }
            None => 0,
        };
        let flags = self.text(Column::Flags).map_or(0, |text| match text.strip_prefix(b"0x") {
            Some(hex) => std::str::from_utf8(hex)
                .ok()
                .and_then(|hex| u64::from_str_radix(hex, 16).ok())
                .map_or(0, |bits| (bits & 0xff) as u8),
            None => flag_bits(&String::from_utf8_lossy(text)),
        });
        Ok(Flow {
            end: in_range(end.ok_or("without a time")?.saturating_add(start.0))?,
            duration: u32::try_from(duration.saturating_add(500) / 1000).unwrap_or(u32::MAX),
            src: End {
                address: self.address(Column::Src)?,
                port: self.number(Column::SrcPort, PORT)?,
            },
            dst: End {
                address: self.address(Column::Dst)?,
                port: self.number(Column::DstPort, PORT)?,
            },
            proto,
            // Of both directions together where a row has both.
            flags: (flags, flags),
            there: (self.number(Column::Packets, COUNT)?, self.number(Column::Bytes, COUNT)?),
            back: (
                self.number(Column::PacketsBack, COUNT)?,
                self.number(Column::BytesBack, COUNT)?,
            ),
        })
    }

    fn answer(&self, start: Start) -> std::result::Result<Answer, Skip> {
        let at = self.micros(Column::Answered)?.ok_or("without a time")?;
        let name = self.text(Column::Name).ok_or("an answer without its question")?;
        let mut addresses = String::new();
        let list = self.text(Column::Addresses).unwrap_or_default();
        // However they were joined.
        list.split(|byte| b"|,; []\"'".contains(byte))
            .for_each(|one| add_address(&mut addresses, one));
        let server = match self.text(Column::Server) {
            Some(_) => self.address(Column::Server)?,
            // Nobody knows: `::`.
            None => 0,
        };
        let length = self.text(Column::Length).and_then(number);
        Ok(Answer {
            at: in_range(at.saturating_add(start.0))?,
            client: self.address(Column::Client)?,
            server,
            name: String::from_utf8_lossy(name).into_owned(),
            class: self.code(Column::Class, class_code)?.unwrap_or(1),
            kind: self.code(Column::Type, type_code)?.unwrap_or(0),
            rcode: self.code(Column::Rcode, rcode_code)?.unwrap_or(0),
            addresses,
            length: length.and_then(|length| length.try_into().ok()),
        })
    }
}

impl Unit {
    fn micros(&self, text: &[u8]) -> std::result::Result<i64, Skip> {
        const WRONG: Skip = "with a time that is none";
        match self {
            Self::Seconds => micros(text),
            Self::Parts(parts) => match number(text) {
                Some(whole) => i64::try_from(u128::from(whole) * 1_000_000 / u128::from(*parts))
                    .map_err(|_| WRONG),
                None => {
                    let value = std::str::from_utf8(text).ok().and_then(|t| t.parse::<f64>().ok());
                    let micros = value.ok_or(WRONG)? * 1e6 / f64::from(*parts);
                    (micros.abs() < 9e15).then_some(micros.round() as i64).ok_or(WRONG)
                }
            },
            Self::Format(format) => {
                let text = std::str::from_utf8(text).map_err(|_| WRONG)?;
                let at = chrono::NaiveDateTime::parse_from_str(text, format).map_err(|_| WRONG)?;
                Ok(at.and_utc().timestamp_micros())
            }
        }
    }
}

/// Which table rows go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Table {
    Flow,
    Dns,
}

impl Table {
    /// Of a file that has these columns.
    ///
    /// # Errors
    /// What is missing, for people.
    pub(crate) fn of(has: &dyn Fn(Column) -> bool) -> std::result::Result<Self, Skip> {
        if has(Column::Name) {
            return match (has(Column::Client), has(Column::Answered)) {
                (false, _) => Err(
                    "below a header without ip_dst, the client (--map ip_dst=NAME says which it is)",
                ),
                (_, false) => Err(
                    "below a header without frame_time (--map frame_time=NAME says which it is)",
                ),
                _ => Ok(Self::Dns),
            };
        }
        match (has(Column::Src), has(Column::Dst), has(Column::End) || has(Column::Begin)) {
            (false, false, _) => Err(
                "below a header without sip and dip, or dns_qry_name (--map sip=NAME says which it is)",
            ),
            (false, ..) => Err("below a header without sip (--map sip=NAME says which it is)"),
            (_, false, _) => Err("below a header without dip (--map dip=NAME says which it is)"),
            (.., false) => Err(
                "below a header without treceived or tstart (--map treceived=NAME says which it is)",
            ),
            _ => Ok(Self::Flow),
        }
    }
}
