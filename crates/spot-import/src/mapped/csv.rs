//! Tables as text: commas, semicolons, tabs or bars between columns, told by the header.

use csv_core::{Reader, ReaderBuilder};
use memchr::memchr_iter;

use super::{Map, Meaning, Table, Texts};
use crate::rows::{Row, Skip};
use crate::times::Start;

/// Bytes of a row that are read; more is none.
const LONGEST: usize = 1 << 20;

/// The columns, as the header has them.
#[derive(Clone, Debug)]
pub struct Columns {
    map: Map,
    delimiter: u8,
    reader: Reader,
    meanings: Vec<Option<Meaning>>,
    table: Result<Table, Skip>,
}

impl Columns {
    /// Nothing is known yet but what the map says.
    pub fn new(map: Map) -> Self {
        let table = Err("before any line with the names of columns");
        Self { map, delimiter: b',', reader: Reader::new(), meanings: Vec::new(), table }
    }

    /// Takes the header.
    pub fn take(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let count = |delimiter: u8| line.iter().filter(|byte| **byte == delimiter).count();
        let delimiter = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|of| count(*of));
        self.delimiter = delimiter.unwrap_or(b',');
        // Without tables: a copy of a reader with tables (csv-core 0.1.13) reads nothing.
        self.reader = ReaderBuilder::new().nfa(true).delimiter(self.delimiter).build();
        let cells = Cells::of(self, line);
        let names: Vec<String> = match &cells {
            Ok(cells) => cells.each().map(|name| String::from_utf8_lossy(name).into()).collect(),
            Err(_) => Vec::new(),
        };
        self.meanings = names.iter().map(|name| self.map.meaning(name)).collect();
        let has = |column| self.meanings.iter().flatten().any(|of| of.column == column);
        self.table = cells.and_then(|_| Table::of(&has));
    }
}

/// A line without its quotes.
struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Cells {
    fn of(columns: &Columns, line: &[u8]) -> Result<Self, Skip> {
        if line.len() > LONGEST {
            return Err("longer than a megabyte");
        }
        // Texts only get shorter when quotes are taken away.
        let mut text = vec![0; line.len() + 1];
        let mut ends = vec![0; memchr_iter(columns.delimiter, line).count() + 2];
        let mut reader = columns.reader.clone();
        let (_, read, written, mut count) = reader.read_record(line, &mut text, &mut ends);
        // The line's end was taken away: an empty input says it.
        if let (Some([]), Some(text), Some(ends)) =
            (line.get(read..), text.get_mut(written..), ends.get_mut(count..))
        {
            count += reader.read_record(&[], text, ends).3;
        }
        ends.truncate(count);
        Ok(Self { text, ends })
    }

    fn each(&self) -> impl Iterator<Item = &[u8]> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins.zip(&self.ends).map(|(begin, end)| self.text.get(begin..*end).unwrap_or_default())
    }
}

/// A line below the header.
///
/// # Errors
/// Why it becomes no row.
pub fn row(line: &[u8], columns: &Columns, start: Start) -> Result<Row, Skip> {
    let table = columns.table?;
    let cells = Cells::of(columns, line)?;
    if cells.ends.len() < columns.meanings.len() {
        return Err("cut off: fewer columns than the first line has");
    }
    let mut texts = Texts::none();
    for (meaning, cell) in columns.meanings.iter().zip(cells.each()) {
        if let Some(meaning) = meaning {
            texts.set(meaning, cell);
        }
    }
    texts.row(table, start)
}
