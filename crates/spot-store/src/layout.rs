//! Which folder holds which table: the one place that makes paths, for writing, reading and removing.
//!
//! Two layouts are known. Spot's own below its application root (`HUSER`):
//! `flow/hive/y=2016/m=7/d=8/h=9/`, `flow/hive/oa/storyboard/y=2016/m=7/d=8/`; and the plain one,
//! a folder a table: `flow/y=../m=../d=../h=../`, `flow_storyboard/y=../m=../d=../`. The tables of DNS
//! lie beside those of flows in the same way: `dns/hive/..`, `dns/hive/oa/threat_dendro/..`, or `dns/..`,
//! `dns_threat_dendro/..`.
//! Partitions are written as Hive writes them, not padded; `m=07` is read and kept where it is found.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use chrono::{Datelike, NaiveDate};
use spot_analysis::dns::Anchor;
use spot_analysis::model::Address;

use crate::error::{Result, StoreError};
use crate::source::sha256;

/// What the rows are of: the two investigations, each with tables of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pipeline {
    /// Network flows.
    Flow,
    /// DNS answers.
    Dns,
}

impl Pipeline {
    /// `flow` or `dns`, as folders are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Dns => "dns",
        }
    }

    /// The raw table.
    pub fn raw(self) -> Table {
        match self {
            Self::Flow => Table::Flow,
            Self::Dns => Table::Dns,
        }
    }

    /// What was scored.
    pub fn threats(self) -> Table {
        match self {
            Self::Flow => Table::Threats,
            Self::Dns => Table::DnsThreats,
        }
    }

    /// What saves write: stories and their rows.
    pub(crate) fn stories(self) -> [Table; 2] {
        match self {
            Self::Flow => [Table::Storyboard, Table::Timeline],
            Self::Dns => [Table::DnsStoryboard, Table::DnsDendro],
        }
    }

    /// Every table of the pipeline.
    fn tables(self) -> [Table; 5] {
        use Table::{
            Dns, DnsDendro, DnsScores, DnsStoryboard, DnsThreats, Flow, Scores, Storyboard,
            Threats, Timeline,
        };
        match self {
            Self::Flow => [Flow, Threats, Storyboard, Timeline, Scores],
            Self::Dns => [Dns, DnsThreats, DnsStoryboard, DnsDendro, DnsScores],
        }
    }

    /// What the machine found unlikely.
    pub fn scores(self) -> Table {
        match self {
            Self::Flow => Table::Scores,
            Self::Dns => Table::DnsScores,
        }
    }
}

/// How tables are laid out below a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Apache Spot's: `flow/hive/..`, `flow/hive/oa/storyboard/..`.
    Spot,
    /// One folder a table: `flow/..`, `flow_storyboard/..`.
    Plain,
}

/// The tables that the investigations know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Raw flow records, by hour.
    Flow,
    /// Scored connections.
    Threats,
    /// Saved titles and texts of flow anchors.
    Storyboard,
    /// Connections of saved anchors.
    Timeline,
    /// Connections that Spot's machine learning found unlikely.
    Scores,
    /// Raw DNS answers, by hour.
    Dns,
    /// Scored clients and names.
    DnsThreats,
    /// Saved titles and texts of clients and names.
    DnsStoryboard,
    /// Clients, names and totals of saved anchors.
    DnsDendro,
    /// Answers that Spot's machine learning found unlikely.
    DnsScores,
}

impl Table {
    /// Spot's name of the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Threats => "flow_threat_investigation",
            Self::Storyboard => "flow_storyboard",
            Self::Timeline => "flow_timeline",
            Self::Scores => "flow_scores",
            Self::Dns => "dns",
            Self::DnsThreats => "dns_threat_investigation",
            Self::DnsStoryboard => "dns_storyboard",
            Self::DnsDendro => "dns_threat_dendro",
            Self::DnsScores => "dns_scores",
        }
    }
}

impl Layout {
    /// The table's folder, relative to the data folder.
    pub fn folder(self, table: Table) -> &'static str {
        match (self, table) {
            (Self::Plain, table) => table.name(),
            (Self::Spot, Table::Flow) => "flow/hive",
            (Self::Spot, Table::Threats) => "flow/hive/oa/threat_investigation",
            (Self::Spot, Table::Storyboard) => "flow/hive/oa/storyboard",
            (Self::Spot, Table::Timeline) => "flow/hive/oa/timeline",
            (Self::Spot, Table::Scores) => "flow/hive/oa/suspicious",
            (Self::Spot, Table::Dns) => "dns/hive",
            (Self::Spot, Table::DnsThreats) => "dns/hive/oa/threat_investigation",
            (Self::Spot, Table::DnsStoryboard) => "dns/hive/oa/storyboard",
            (Self::Spot, Table::DnsDendro) => "dns/hive/oa/threat_dendro",
            (Self::Spot, Table::DnsScores) => "dns/hive/oa/suspicious",
        }
    }

    /// The layout below `root`, if there is any table of `pipeline`.
    pub fn of(root: &Path, pipeline: Pipeline) -> Option<Self> {
        pipeline.tables().into_iter().find_map(|table| {
            [Self::Spot, Self::Plain]
                .into_iter()
                .find(|layout| !numbered(&root.join(layout.folder(table)), "y").is_empty())
        })
    }

    /// The layout below `root`, if there is any table of either pipeline.
    pub fn find(root: &Path) -> Option<Self> {
        Self::of(root, Pipeline::Flow).or_else(|| Self::of(root, Pipeline::Dns))
    }

    /// The partition of `day`, relative to the data folder: the spelling that `root` has, else
    /// Hive's (`y=2016/m=7/d=8`).
    pub fn partition(self, root: &Path, table: Table, day: NaiveDate) -> PathBuf {
        let table = self.table(root, table);
        let hive = || table.join(format!("y={}/m={}/d={}", day.year(), day.month(), day.day()));
        let path = partitions(&table, day).into_iter().next().unwrap_or_else(hive);
        path.strip_prefix(root).map(Path::to_path_buf).unwrap_or(path)
    }

    /// The folders of `day` below `root`, in every spelling; of the other layout if this one has
    /// none of this table.
    pub(crate) fn partitions(self, root: &Path, table: Table, day: NaiveDate) -> Vec<PathBuf> {
        partitions(&self.table(root, table), day)
    }

    /// The days for which `root` has a partition of `table`.
    pub(crate) fn days(self, root: &Path, table: Table) -> BTreeSet<NaiveDate> {
        let mut days = BTreeSet::new();
        for (year, path) in numbered(&self.table(root, table), "y") {
            for (month, path) in numbered(&path, "m") {
                for (day, _) in numbered(&path, "d") {
                    days.extend(
                        i32::try_from(year)
                            .ok()
                            .and_then(|y| NaiveDate::from_ymd_opt(y, month, day)),
                    );
                }
            }
        }
        days
    }

    fn table(self, root: &Path, table: Table) -> PathBuf {
        let other = match self {
            Self::Spot => Self::Plain,
            Self::Plain => Self::Spot,
        };
        let [own, other] = [self, other].map(|layout| root.join(layout.folder(table)));
        match numbered(&own, "y").is_empty() && !numbered(&other, "y").is_empty() {
            true => other,
            false => own,
        }
    }
}

/// Folder of a day's files that are no tables, relative to the data folder, as in Spot:
/// `flow/oa/storyboard/2016/7/8`.
pub fn day_folder(pipeline: Pipeline, day: NaiveDate) -> PathBuf {
    let day = format!("{}/{}/{}", day.year(), day.month(), day.day());
    Path::new(pipeline.name()).join("oa/storyboard").join(day)
}

/// Folder of a story's JSON files, relative to the data folder, as in Spot:
/// `flow/oa/storyboard/2016/7/8/10_0_0_5`.
pub fn story_folder(day: NaiveDate, anchor: &Address) -> PathBuf {
    day_folder(Pipeline::Flow, day).join(file_stem(anchor))
}

/// The days below `root` on which saves of `pipeline` left something, in order.
pub(crate) fn written_days(root: &Path, pipeline: Pipeline) -> BTreeSet<NaiveDate> {
    let [storyboard, _] = pipeline.stories();
    let mut days = BTreeSet::new();
    for layout in [Layout::Spot, Layout::Plain] {
        days.extend(layout.days(root, storyboard));
    }
    // The files that are no tables lie in folders without names: 2016/7/8.
    let plain = |folder: &Path| -> Vec<(u32, PathBuf)> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let number = |name: &std::ffi::OsStr| name.to_str()?.parse().ok();
        entries.filter_map(|e| Some((number(&e.file_name())?, e.path()))).collect()
    };
    for (year, path) in plain(&root.join(pipeline.name()).join("oa/storyboard")) {
        for (month, path) in plain(&path) {
            for (day, _) in plain(&path) {
                let year = i32::try_from(year).ok();
                days.extend(year.and_then(|year| NaiveDate::from_ymd_opt(year, month, day)));
            }
        }
    }
    days
}

/// An address as part of a file name. IPv4: dots become `_`, as in Spot (`10_0_0_5`). IPv6, in
/// RFC 5952 form: colons become `-` (`2001-db8--5`). Any other text: all but ASCII letters and
/// digits as `%XX`. No two addresses share a name.
pub fn file_stem(anchor: &Address) -> String {
    match anchor.ip() {
        Some(_) => anchor.as_str().replace('.', "_").replace(':', "-"),
        None => escaped(anchor.as_str(), ""),
    }
}

/// A client or name as part of a file name, none of which two anchors share: `client-10_0_0_5`,
/// `query-www.evil.com`. Of a name letters, digits, `-`, `_` and dots stay and all else is `%XX`; a long
/// one is cut, and told from others by the first half of its SHA-256.
pub fn dns_file_stem(anchor: &Anchor) -> String {
    let stem = match anchor {
        Anchor::Client(client) => file_stem(client),
        // Two dots are a way out of a folder, wherever somebody puts the stem.
        Anchor::Query(name) => escaped(name.as_str(), "-_.").replace("..", "%2E%2E"),
    };
    match stem.len() > LONGEST_STEM {
        // Cut between characters: only ASCII is left.
        true => {
            let hash = sha256(anchor.as_str().as_bytes());
            format!("{}-{}-{}", anchor.kind(), &stem[..LONGEST_STEM - 32], &hash[..32])
        }
        false => format!("{}-{stem}", anchor.kind()),
    }
}

/// File names end at 255 bytes; what stands before and after a stem needs some.
const LONGEST_STEM: usize = 160;

fn escaped(text: &str, also: &str) -> String {
    text.bytes().fold(String::new(), |mut stem, byte| {
        match byte.is_ascii_alphanumeric() || also.as_bytes().contains(&byte) {
            true => stem.push(char::from(byte)),
            false => stem.push_str(&format!("%{byte:02X}")),
        }
        stem
    })
}

/// The data files in `folder` and the folders in it, sorted. Left out are other programs' side
/// files: names with `.` or `_` in front, `.crc` and unfinished copies.
pub(crate) fn data_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect_files(folder, 3, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect_files(folder: &Path, depth: u32, files: &mut Vec<PathBuf>) -> Result<()> {
    let fail = |e: std::io::Error| StoreError::io("list the folder", folder, &e);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(fail)?,
    };
    for entry in entries {
        let path = entry.map_err(fail)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with(['.', '_']) {
            continue;
        }
        // A folder may end as it likes: a story's has the name that it is about.
        let unfinished = [".crc", ".tmp", "._COPYING_"].iter().any(|end| name.ends_with(end));
        if !path.is_dir() {
            files.extend((!unfinished).then_some(path));
        } else if depth > 0 {
            collect_files(&path, depth - 1, files)?;
        }
    }
    Ok(())
}

/// Folders `KEY=NUMBER` in `folder`, sorted by number, then by name.
fn numbered(folder: &Path, key: &str) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .filter_map(|entry| {
            let name = entry.file_name();
            let number = name.to_str()?.strip_prefix(key)?.strip_prefix('=')?.parse().ok()?;
            entry.path().is_dir().then(|| (number, entry.path()))
        })
        .collect();
    found.sort();
    found
}

fn partitions(table: &Path, day: NaiveDate) -> Vec<PathBuf> {
    let mut folders = vec![table.to_path_buf()];
    for (key, wanted) in [("y", day.year()), ("m", day.month() as i32), ("d", day.day() as i32)] {
        folders = folders
            .iter()
            .flat_map(|folder| numbered(folder, key))
            .filter(|(number, _)| i64::from(*number) == i64::from(wanted))
            .map(|(_, path)| path)
            .collect();
    }
    folders
}
