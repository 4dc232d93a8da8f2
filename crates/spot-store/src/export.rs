//! A story as files for others: CSV, Parquet, or a bundle of STIX 2.1.
//!
//! What goes out is what was saved: the peers, or clients and names, come from the story's own table, whose
//! hash is that of its manifest, and no raw row is needed.
//!
//! CSV is for spreadsheets, which take some texts for formulas, and what stands in them is chosen by
//! others. A text that begins with `=`, `+`, `-`, `@` (or one of these in full width), a tab or a line
//! break gets an apostrophe in front, blanks, quotes and invisible characters before it not counted; so does
//! such a beginning after a semicolon, tab or line break within a text, where a spreadsheet with other
//! settings begins a cell. Numbers stay numbers. Who needs each byte takes Parquet.

use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};
use csv::{QuoteStyle, WriterBuilder};
use polars::prelude::*;
use spot_analysis::stix;

use crate::cells::texts;
use crate::error::{Result, StoreError};
use crate::layout::Pipeline;
use crate::manifest::Manifest;
use crate::parquet::guarded;
use crate::publish::{beside, stage};
use crate::remote::Part;
use crate::source::sha256;
use crate::stories::{Stories, Told, located, place};
use crate::story::pretty;

/// The shape of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The table and the story as CSV, safe to open in a spreadsheet.
    Csv,
    /// The table as Parquet and the story as JSON, both as they were saved.
    Parquet,
    /// One bundle of STIX 2.1.
    Stix,
}

/// Peers, or clients and names, that a bundle takes in at most.
pub const STIX_MOST: usize = 10_000;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Rows of the story's table.
    pub rows: u64,
    /// Rows of it that are in the files.
    pub written: u64,
}

impl Stories {
    /// Writes a story into `folder`, which is made if it is not there. Files that are there already are
    /// overwritten only with `force`.
    ///
    /// # Errors
    /// A story without a table of its own, or whose table is not the one that was saved; a folder
    /// that cannot be written; a file that is there already. Nothing is written then.
    pub fn export(
        &self,
        told: &Told,
        folder: &Path,
        format: Format,
        force: bool,
    ) -> Result<Exported> {
        let manifest = told.manifest()?;
        let (kind, bytes) = self.table(told, manifest)?;
        let day = told.day.format("%Y%m%d");
        let (_, stem) = place(&told.anchor, told.day);
        let name = |what: &str, ending: &str| format!("{what}-{stem}-{day}.{ending}");
        let mut written = None;
        let files = match format {
            Format::Parquet => {
                vec![(name(kind, "parquet"), bytes), (name("story", "json"), pretty(manifest)?)]
            }
            Format::Csv => vec![
                (name(kind, "csv"), table_csv(&frame(&bytes, told)?)?),
                (name("story", "csv"), story_csv(told, manifest)?),
            ],
            Format::Stix => {
                let rows = frame(&bytes, told)?;
                written = Some(rows.height().min(STIX_MOST) as u64);
                vec![(name("story", "stix.json"), pretty(&bundle(told, manifest, &rows)?)?)]
            }
        };
        let rows = manifest.own_files().find(|file| file.name.ends_with(".parquet"));
        let rows = rows.map_or(0, |file| file.rows);
        let files = write(folder, files, force)?;
        Ok(Exported { files, rows, written: written.unwrap_or(rows) })
    }

    /// The story's own table as it was saved, and what its rows are.
    fn table(&self, told: &Told, manifest: &Manifest) -> Result<(&'static str, Vec<u8>)> {
        let pipeline = told.anchor.pipeline();
        let kind = match pipeline {
            Pipeline::Flow => "peers",
            Pipeline::Dns => "rows",
        };
        let table = manifest.own_files().find(|file| file.name.ends_with(".parquet"));
        let table = table.ok_or_else(|| {
            let what = format!("the story was saved by an earlier version, without its {kind}");
            StoreError::data(what, "save the story again").at(told.path.display())
        })?;
        self.store().pull(pipeline, told.day, Part::All)?;
        self.store().look((pipeline, &told.root), |target| {
            let bytes = located(target, &table.path).map(fs::read);
            let bytes = bytes.and_then(std::io::Result::ok).unwrap_or_default();
            if sha256(&bytes) == table.sha256 {
                return Ok((kind, bytes));
            }
            let fix = "`spot verify` says what differs; save the story again";
            let what = format!("the file with the story's {kind} is not the one that was saved");
            Err(StoreError::data(what, fix).at(told.root.join(&table.path).display()))
        })
    }
}

fn frame(bytes: &[u8], told: &Told) -> Result<DataFrame> {
    guarded(|| ParquetReader::new(Cursor::new(bytes)).finish()).map_err(|e| {
        let what = format!("the story's table cannot be read: {e}");
        StoreError::data(what, "save the story again").at(told.path.display())
    })
}

fn bundle(told: &Told, manifest: &Manifest, rows: &DataFrame) -> Result<serde_json::Value> {
    let time = |text: &Option<String>| {
        let time = NaiveDateTime::parse_from_str(text.as_deref()?, "%Y-%m-%dT%H:%M:%S%.fZ");
        time.ok()
    };
    // A story of an earlier version does not say when it was saved.
    let updated = time(&manifest.updated).unwrap_or_else(|| midnight(told.day));
    let about = stix::About {
        kind: told.anchor.kind(),
        anchor: told.anchor.as_str(),
        day: told.day,
        title: &manifest.title,
        text: &manifest.text,
        author: manifest.author.as_deref(),
        created: time(&manifest.created).unwrap_or(updated),
        updated,
        notes: &manifest.notes,
        most: STIX_MOST,
    };
    Ok(match told.anchor.pipeline() {
        Pipeline::Flow => stix::of_flows(&about, rows)?,
        Pipeline::Dns => stix::of_dns(&about, rows)?,
    })
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(chrono::NaiveTime::MIN)
}

/// Makes all `files` in `folder`, or says why none.
fn write(folder: &Path, files: Vec<(String, Vec<u8>)>, force: bool) -> Result<Vec<PathBuf>> {
    let files: Vec<_> = files.into_iter().map(|(name, bytes)| (folder.join(name), bytes)).collect();
    if let Some((there, _)) = files.iter().find(|(path, _)| path.exists() && !force) {
        let fix = "use --force to overwrite it, or another folder";
        return Err(StoreError::usage("the file is there already", fix).at(there.display()));
    }
    let refused = |path: &Path, e: std::io::Error| {
        let mut error = StoreError::io("write the file", path, &e);
        error.fix = "name a folder that can be written".to_owned();
        error
    };
    for (path, bytes) in &files {
        if let Err(error) = stage(path, bytes) {
            for (path, _) in &files {
                drop(fs::remove_file(beside(path)));
            }
            return Err(refused(path, error));
        }
    }
    for (at, (path, _)) in files.iter().enumerate() {
        if let Err(error) = fs::rename(beside(path), path) {
            for (path, _) in &files[at..] {
                drop(fs::remove_file(beside(path)));
            }
            return Err(refused(path, error));
        }
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// A table with a line of names; texts are guarded, numbers are not.
fn table_csv(frame: &DataFrame) -> Result<Vec<u8>> {
    let columns = frame.columns().iter().map(|column| {
        let is_text = *column.dtype() == DataType::String;
        let values = texts(column)?.into_iter().map(Option::unwrap_or_default);
        Ok(values.map(|value| if is_text { guarded_cell(&value) } else { value }).collect())
    });
    let columns = columns.collect::<Result<Vec<Vec<String>>>>()?;
    let names: Vec<_> = frame.get_column_names().iter().map(|name| name.to_string()).collect();
    let line =
        |row: usize| columns.iter().map(move |column| column.get(row).map_or("", String::as_str));
    let rows = (0..frame.height()).map(line);
    csv(&names, rows)
}

/// The story in one line.
fn story_csv(told: &Told, manifest: &Manifest) -> Result<Vec<u8>> {
    let text = |text: &Option<String>| guarded_cell(text.as_deref().unwrap_or_default());
    let cells: [(&str, String); 14] = [
        ("date", told.day.to_string()),
        ("type", told.anchor.kind().to_owned()),
        ("anchor", guarded_cell(told.anchor.as_str())),
        ("title", guarded_cell(&manifest.title)),
        ("text", guarded_cell(&manifest.text)),
        ("author", text(&manifest.author)),
        ("created", text(&manifest.created)),
        ("updated", text(&manifest.updated)),
        ("revision", manifest.revision.to_string()),
        ("filter", guarded_cell(&manifest.inputs.filter)),
        ("rows", manifest.inputs.rows.to_string()),
        ("rows_of_the_day", manifest.inputs.scanned.to_string()),
        ("fingerprint", guarded_cell(&manifest.inputs.fingerprint)),
        ("notes", guarded_cell(&manifest.notes.join("\n"))),
    ];
    let names = cells.each_ref().map(|(name, _)| (*name).to_owned());
    csv(&names, [cells.iter().map(|(_, cell)| cell.as_str())].into_iter())
}

fn csv<'a>(
    names: &[String],
    rows: impl Iterator<Item = impl Iterator<Item = &'a str>>,
) -> Result<Vec<u8>> {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Necessary).from_writer(Vec::new());
    let mut rows = rows;
    let mut write = || -> Result<(), csv::Error> {
        writer.write_record(names)?;
        rows.try_for_each(|row| writer.write_record(row))
    };
    let refused = |e: String| StoreError::data(format!("cannot write CSV: {e}"), "report this");
    write().map_err(|e| refused(e.to_string()))?;
    writer.into_inner().map_err(|e| refused(e.to_string()))
}

/// A text that no spreadsheet takes for a formula.
fn guarded_cell(text: &str) -> String {
    let mut guarded = String::with_capacity(text.len());
    let mut begins = true;
    for (at, c) in text.char_indices() {
        let breaks = at == 0 && matches!(c, '\t' | '\r' | '\n');
        if breaks || begins && is_formula(&text[at..]) {
            guarded.push('\'');
        }
        guarded.push(c);
        // Where a cell may begin if the reader has other marks between cells.
        begins = matches!(c, ';' | '\t' | '\n' | '\r');
    }
    guarded
}

/// Whether a cell that begins so would be one.
fn is_formula(cell: &str) -> bool {
    let unseen = |c: char| match c {
        // What follows may be a cell of its own.
        '\t' | '\r' | '\n' => false,
        c => {
            c.is_whitespace()
                || c.is_control()
                || matches!(c, '"' | '\'' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        }
    };
    let first = cell.trim_start_matches(unseen).chars().next();
    first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}
