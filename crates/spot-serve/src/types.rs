//! Types that both pipelines have.

use async_graphql::{Enum, SimpleObject};
use chrono::NaiveDateTime;
use spot_store::{DayInfo, Rows, Saved, StoreError, wire};

use crate::scalars::{SpotDate, SpotDatetime};

/// A list as Spot has them: it and its items may be null.
pub type Listed<T> = Option<Vec<Option<T>>>;

pub fn listed<T>(items: impl IntoIterator<Item = T>) -> Listed<T> {
    Some(items.into_iter().map(Some).collect())
}

/// A time and its day.
pub fn at(time: &SpotDatetime) -> Result<(NaiveDateTime, SpotDate), StoreError> {
    let time = time.time().ok_or_else(|| broken(&"a time that was read is none"))?;
    Ok((time, SpotDate(time.date())))
}

/// What cannot be, told as an error.
pub fn broken(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::data(error.to_string(), "this is a fault of the program: please report it")
}

/// What a change did.
#[derive(SimpleObject)]
#[graphql(name = "SpotOperationOutputType")]
pub struct Done {
    /// True; whatever went wrong is an error. False of a score that found no row.
    pub success: bool,
    /// Added. 1 for a first story, one more whenever title or text changed.
    pub revision: Option<u64>,
    /// Added. What was written.
    pub artefacts: Option<Vec<Artefact>>,
    /// Added. Rows that a score found.
    pub rows: Option<u64>,
}

impl Done {
    /// What a score did: a score of nothing did nothing.
    pub fn scored(rows: Option<u64>) -> Self {
        Self { success: rows != Some(0), revision: None, artefacts: None, rows }
    }

    /// A change without more to tell.
    pub fn plain() -> Self {
        Self { success: true, revision: None, artefacts: None, rows: None }
    }
}

impl From<Saved> for Done {
    fn from(saved: Saved) -> Self {
        let artefacts = saved.artefacts.into_iter().map(|one| Artefact {
            name: one.name,
            path: one.path,
            rows: one.rows,
            sha256: one.sha256,
        });
        let artefacts = Some(artefacts.collect());
        Self { success: true, revision: Some(saved.revision), artefacts, rows: None }
    }
}

/// Added. A table or file that was written.
#[derive(SimpleObject)]
#[graphql(name = "SpotArtefactType")]
pub struct Artefact {
    name: String,
    /// Below the folder for writes.
    path: String,
    /// The story's rows in it.
    rows: u64,
    sha256: String,
}

/// Added. A day with rows.
#[derive(SimpleObject)]
#[graphql(name = "SpotDayType")]
pub struct Day {
    date: SpotDate,
    /// Rows that were scored high.
    high_rows: u64,
}

impl From<DayInfo> for Day {
    fn from(info: DayInfo) -> Self {
        Self { date: SpotDate(info.day), high_rows: info.high_rows }
    }
}

/// How many rows a day has.
#[derive(SimpleObject)]
#[graphql(name = "SpotIngestSummaryType")]
pub struct Ingested {
    /// Begin of the day.
    pub datetime: Option<SpotDatetime>,
    pub total: Option<u64>,
}

/// Added. Which names a search takes in.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "DnsScopeType")]
pub enum DnsScope {
    /// The name itself, in any case, with or without a final dot.
    Exact,
    /// The name's registered domain and everything below it.
    Domain,
    /// Every name that contains the text.
    Substring,
}

/// Added. Rows of the day, all columns of the analysis.
#[derive(SimpleObject)]
#[graphql(name = "SpotRowsType")]
pub struct SpotRows {
    table: String,
    /// What was asked, for people.
    filter: String,
    rows: u64,
    /// Rows of the day.
    scanned: u64,
    /// The same text: the same inputs.
    fingerprint: String,
    files: Vec<SpotFile>,
    /// What the reader should know.
    notes: Vec<String>,
    /// A Parquet file, base64.
    parquet: String,
}

/// Added. A file that was read.
#[derive(SimpleObject)]
#[graphql(name = "SpotFileType")]
pub struct SpotFile {
    path: String,
    size: u64,
    /// Seconds since 1970.
    modified: i64,
}

impl TryFrom<Rows> for SpotRows {
    type Error = StoreError;

    fn try_from(rows: Rows) -> Result<Self, StoreError> {
        let parquet = parquet(&rows.frame)?;
        let from = rows.provenance;
        let files = from.files.into_iter().map(|file| SpotFile {
            path: file.path,
            size: file.size,
            modified: file.modified,
        });
        Ok(Self {
            table: from.table,
            filter: from.filter,
            rows: from.rows,
            scanned: from.scanned,
            fingerprint: from.fingerprint,
            files: files.collect(),
            notes: rows.notes,
            parquet,
        })
    }
}

/// A frame as it travels.
pub fn parquet(frame: &polars::prelude::DataFrame) -> Result<String, StoreError> {
    wire::to_text(frame).map_err(|e| {
        StoreError::data(format!("the rows cannot be sent: {e}"), "please report this")
    })
}

/// Refuses a save of other rows than those that were searched.
pub fn unchanged(searched: Option<&String>, now: &str) -> Result<(), StoreError> {
    if searched.is_none_or(|searched| searched == now) {
        return Ok(());
    }
    Err(StoreError::data(
        "the day's files changed since the search",
        "search again, look, then save",
    ))
}
