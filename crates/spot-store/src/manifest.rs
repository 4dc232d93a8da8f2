//! The story object: the file `story-<stem>.json` that goes with each saved story.
//!
//! It says what was asked of which files, what came out, who wrote what when, and which files hold it.
//! Version 2 has all of version 1 under the same names; what version 1 lacks is absent here, so that both
//! are read.

use chrono::{NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use spot_analysis::dns::{self, Name, Scope};
use spot_analysis::model::{Address, Provenance};

use crate::layout::Pipeline;
use crate::story::Artefact;

/// The version that is written.
pub const SCHEMA_VERSION: u32 = 2;

/// Versions of a story that are remembered.
pub(crate) const REMEMBERED: usize = 100;

/// What a story is about, as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
pub enum StoryAnchor {
    /// An address of flows.
    Ip(Address),
    /// A client of DNS.
    Client(Address),
    /// A name of DNS.
    Query(Name),
}

impl StoryAnchor {
    /// The tables that it is of.
    pub fn pipeline(&self) -> Pipeline {
        match self {
            Self::Ip(_) => Pipeline::Flow,
            Self::Client(_) | Self::Query(_) => Pipeline::Dns,
        }
    }

    /// `ip`, `client` or `query`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ip(_) => "ip",
            Self::Client(_) => "client",
            Self::Query(_) => "query",
        }
    }

    /// The address or the normalised name.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ip(address) | Self::Client(address) => address.as_str(),
            Self::Query(name) => name.as_str(),
        }
    }
}

impl From<dns::Anchor> for StoryAnchor {
    fn from(anchor: dns::Anchor) -> Self {
        match anchor {
            dns::Anchor::Client(client) => Self::Client(client),
            dns::Anchor::Query(name) => Self::Query(name),
        }
    }
}

/// A file that was read for the story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Path below the data folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Time of last change, seconds since 1970.
    pub modified: i64,
    /// SHA-256 (hex) of the contents; absent before version 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Rows of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Time of its first row, UTC; absent if no row has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_ts: Option<String>,
    /// Time of its last row, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ts: Option<String>,
}

/// What the numbers were made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    /// The table, `flow` or `dns`.
    pub table: String,
    /// The filter, for people.
    pub filter: String,
    /// Rows that matched.
    pub rows: u64,
    /// Rows of the day.
    pub scanned: u64,
    /// The files of the day's partition.
    pub files: Vec<InputFile>,
    /// Of paths, sizes and times of the files.
    pub fingerprint: String,
    /// What the source could not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
}

/// What is known of the contents of an input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub sha256: String,
    pub rows: u64,
    /// First and last time, UTC.
    pub span: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl Inputs {
    /// The files of `provenance` with their `contents`, in the same order.
    pub(crate) fn new(provenance: &Provenance, contents: Vec<Content>) -> Self {
        let Provenance { table, filter, rows, scanned, files, fingerprint, partial } =
            provenance.clone();
        let files = files.into_iter().zip(contents).map(|(file, content)| InputFile {
            path: file.path,
            size: file.size,
            modified: file.modified,
            sha256: Some(content.sha256),
            rows: Some(content.rows),
            min_ts: content.span.map(|(first, _)| utc(first)),
            max_ts: content.span.map(|(_, last)| utc(last)),
        });
        Self { table, filter, rows, scanned, files: files.collect(), fingerprint, partial }
    }
}

/// A context file as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContextFile {
    /// `ipranges.csv`.
    pub name: String,
    /// SHA-256 (hex) of its text.
    pub sha256: String,
}

/// What was asked, beside the anchor and the day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Query {
    /// DNS: which names were taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Rows of a table, lanes of a timeline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_results: Option<usize>,
    /// The context files that names, sides and places came from.
    #[serde(default)]
    pub context: Vec<ContextFile>,
}

/// An earlier title and text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its number.
    pub revision: u64,
    /// Title, as typed.
    pub title: String,
    /// Text, as typed.
    pub text: String,
    /// Who wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When it was saved, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<String>,
}

/// The story object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`SCHEMA_VERSION`], or 1.
    pub schema_version: u32,
    /// The day.
    pub date: NaiveDate,
    /// The zone of the day and of all times: `UTC`.
    pub tz: String,
    /// Type and value, for DNS also the scope; see [`Manifest::anchor`].
    pub anchor: Value,
    /// Title, as typed.
    pub title: String,
    /// Text, as typed.
    pub text: String,
    /// Who wrote title and text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// When the first revision was saved, UTC, `2016-07-08T09:00:00Z`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When anything of the story last changed, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated: Option<String>,
    /// 1 for the first title and text; one more whenever either changes.
    pub revision: u64,
    /// Files and counts of rows.
    pub inputs: Inputs,
    /// What was asked.
    #[serde(default)]
    pub query: Query,
    /// The facts of the finding, by name.
    pub counts: Value,
    /// What was written, all but this file.
    pub artefacts: Vec<Artefact>,
    /// What the reader of the numbers should know.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Earlier titles and texts, oldest first.
    #[serde(default)]
    pub previous: Vec<Version>,
}

/// The part of a manifest that the next save needs, whatever else is in there.
#[derive(Debug, Deserialize)]
struct Earlier {
    #[serde(flatten)]
    version: Version,
    #[serde(default)]
    created: Option<String>,
    #[serde(default)]
    updated: Option<String>,
    #[serde(default)]
    previous: Vec<Version>,
}

impl Manifest {
    /// What the story is about; `None` if the manifest names none that is known.
    pub fn anchor(&self) -> Option<StoryAnchor> {
        StoryAnchor::deserialize(&self.anchor).ok()
    }

    /// DNS: which names were taken in.
    pub fn scope(&self) -> Scope {
        // Version 1 has it in the anchor, and version 2 still does.
        let old = || self.anchor.get("scope").and_then(|scope| Scope::deserialize(scope).ok());
        self.query.scope.clone().or_else(old).unwrap_or_default()
    }

    /// The artefacts that are files of this story's own, not shared with other stories: name, path
    /// and hash as they were written.
    pub fn own_files(&self) -> impl Iterator<Item = &Artefact> {
        self.artefacts.iter().filter(|artefact| is_own(artefact))
    }

    /// This manifest as the next one after `earlier` (the file's bytes), saved at `now`.
    ///
    /// An earlier text that it replaces is remembered. If nothing is new, the time stays what it was, so
    /// that the file does, too.
    pub(crate) fn after(mut self, earlier: Option<&[u8]>, now: String) -> Self {
        let read = |bytes| serde_json::from_slice::<Earlier>(bytes).ok();
        // A manifest that cannot be read has nothing to remember.
        let Some(before) = earlier.and_then(read) else {
            (self.created, self.updated) = (Some(now.clone()), Some(now));
            return self;
        };
        let Earlier { version, created, updated, previous } = before;
        (self.created, self.previous, self.revision) = (created, previous, version.revision);
        if (&self.title, &self.text) == (&version.title, &version.text) {
            // Who saves what somebody else wrote has not written it.
            self.author = version.author.or(self.author);
        } else {
            self.revision = version.revision.saturating_add(1);
            self.previous.push(Version { saved: updated, ..version });
            self.previous.drain(..self.previous.len().saturating_sub(REMEMBERED));
        }
        let whole = earlier.and_then(|bytes| serde_json::from_slice::<Self>(bytes).ok());
        self.updated = match whole {
            Some(whole) if whole.same_as(&self) => whole.updated,
            _ => Some(now),
        };
        self
    }

    /// The same but for the time and what other stories of the day change.
    fn same_as(&self, other: &Self) -> bool {
        let own = |manifest: &Self| {
            let artefacts = manifest.artefacts.iter().cloned();
            let artefacts = artefacts.map(|mut artefact| {
                if !is_own(&artefact) {
                    artefact.sha256.clear();
                }
                artefact
            });
            let artefacts = artefacts.collect();
            Self { updated: None, artefacts, ..manifest.clone() }
        };
        own(self) == own(other)
    }
}

/// Tables have no ending, and `threats.csv` is everybody's.
fn is_own(artefact: &Artefact) -> bool {
    artefact.name.contains('.') && artefact.name != crate::threats_csv::NAME
}

/// Who deleted which story when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deleted {
    /// When, UTC.
    pub at: String,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Revision, title, text and author that were deleted; `saved` is when the story last changed.
    pub story: Version,
    /// When its first revision was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// Its earlier titles and texts.
    #[serde(default)]
    pub previous: Vec<Version>,
}

/// The file `deleted-<stem>.json`: every story of an anchor and day that was deleted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deletions {
    /// [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The day.
    pub date: NaiveDate,
    /// Type and value.
    pub anchor: StoryAnchor,
    /// Oldest first.
    pub deleted: Vec<Deleted>,
}

/// Now, UTC: `2016-07-08T09:00:00Z`.
pub(crate) fn now() -> String {
    Utc::now().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2016-07-08T09:00:00Z`; fractions where there are some.
pub(crate) fn utc(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string()
}
