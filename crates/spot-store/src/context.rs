//! Finds and reads the context files; `spot-analysis` knows what they mean.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spot_analysis::Network;
use spot_analysis::rank::{AllowList, Thresholds};

use crate::error::{Result, StoreError};
use crate::manifest::ContextFile;
use crate::source::sha256;

const FILES: [&str; 5] =
    ["ipranges.csv", "networkcontext_1.csv", "iploc.csv", "classes.csv", "indicators.csv"];

/// Read by a ranking only.
const RANKING: [&str; 2] = ["thresholds.csv", "allow.csv"];

/// How the name of a database of places ends.
const DATABASE: &str = "mmdb";

/// Largest database that is read into memory, in bytes; a city database has some 60 MB.
const LARGEST: u64 = 1 << 30;

/// Reads the context files from `named` (`SPOT_CONTEXT`), else from the first folder `context` that
/// holds one of them: in the data folder, beside it, in the working folder, beside it (a notebook's,
/// so that is the repository's). They are `ipranges.csv`, `networkcontext_1.csv`, `iploc.csv`,
/// `classes.csv`, `indicators.csv` and all `*.mmdb`.
///
/// A file that is missing is fine; a bad line becomes a note of [`Texts::network`].
///
/// # Errors
/// `named` is no folder; a file cannot be read.
pub fn read(named: Option<&Path>, data: Option<&Path>, working: Option<&Path>) -> Result<Texts> {
    let Some(folder) = folder(named, data, working)? else { return Ok(Texts::default()) };
    let [ranges, names, places, classes, indicators] = FILES.map(|file| text(&folder.join(file)));
    Ok(Texts {
        ranges: ranges?,
        names: names?,
        places: places?,
        classes: classes?,
        indicators: indicators?,
        databases: databases(&folder),
        elsewhere: Vec::new(),
    })
}

/// Thresholds and allow-list of a ranking, as `thresholds.csv` and `allow.csv` in the same folder say
/// them. They are of no search: a story does not depend on them.
///
/// # Errors
/// As [`read`].
pub fn ranking(
    named: Option<&Path>,
    data: Option<&Path>,
    working: Option<&Path>,
) -> Result<(Thresholds, AllowList)> {
    let folder = folder(named, data, working)?;
    let text = |file: &str| match &folder {
        Some(folder) => text(&folder.join(file)),
        None => Ok(None),
    };
    let [thresholds, allowed] = RANKING;
    let read = text(thresholds)?.map(|text| Thresholds::parse(thresholds, &text));
    let allow = text(allowed)?.map(|text| AllowList::parse(allowed, &text));
    Ok((read.unwrap_or_default(), allow.unwrap_or_default()))
}

/// What the context files say; `None` of one that is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Texts {
    /// `ipranges.csv`.
    pub ranges: Option<String>,
    /// `networkcontext_1.csv`.
    pub names: Option<String>,
    /// `iploc.csv`.
    pub places: Option<String>,
    /// `classes.csv`.
    #[serde(default)]
    pub classes: Option<String>,
    /// `indicators.csv`.
    #[serde(default)]
    pub indicators: Option<String>,
    /// `*.mmdb`, in the order of their names.
    #[serde(skip)]
    pub databases: Vec<PathBuf>,
    /// Names of databases that lie at a server. They do not travel: they are big, and their makers
    /// seldom allow that they are passed on.
    #[serde(default, rename = "databases")]
    pub elsewhere: Vec<String>,
}

impl Texts {
    /// Which files there are, with the hashes of their contents.
    ///
    /// # Errors
    /// A database that cannot be read.
    pub fn files(&self) -> Result<Vec<ContextFile>> {
        let texts = [&self.ranges, &self.names, &self.places, &self.classes, &self.indicators];
        let one = |(name, text): (&str, &Option<String>)| {
            let sha256 = sha256(text.as_ref()?.as_bytes());
            Some(ContextFile { name: name.to_owned(), sha256 })
        };
        let mut files: Vec<ContextFile> = FILES.into_iter().zip(texts).filter_map(one).collect();
        for path in &self.databases {
            let bytes = fs::read(path).map_err(|e| StoreError::io("read the file", path, &e))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push(ContextFile { name, sha256: sha256(&bytes) });
        }
        Ok(files)
    }

    /// What they mean. Databases are read now, as a whole: a mapped file that shrinks meanwhile would
    /// end the program.
    pub fn network(&self) -> Network {
        let [ranges, names, places, classes, indicators] = FILES;
        let mut network = Network::parse(
            self.ranges.as_deref().map(|text| (ranges, text)),
            self.names.as_deref().map(|text| (names, text)),
            self.places.as_deref().map(|text| (places, text)),
        );
        if let Some(text) = &self.classes {
            network = network.with_classes(classes, text);
        }
        if let Some(text) = &self.indicators {
            network = network.with_indicators(indicators, text);
        }
        for path in &self.databases {
            match bytes(path) {
                Ok(bytes) => network = network.with_database(&file_name(path), bytes),
                Err(why) => network.remarks.push(format!("{}: {why}; left out", file_name(path))),
            }
        }
        let here: Vec<String> = self.databases.iter().map(|path| file_name(path)).collect();
        let missing = self.elsewhere.iter().filter(|name| !here.contains(name));
        network.remarks.extend(missing.map(|name| {
            format!(
                "the server has {name}, which it does not send: places are without it; put it into \
                 a folder `context` here"
            )
        }));
        network
    }

    /// Names of the databases.
    pub fn database_names(&self) -> Vec<String> {
        let own = self.databases.iter().map(|path| file_name(path));
        own.chain(self.elsewhere.iter().cloned()).collect()
    }
}

/// The databases of the first folder `context` that holds one of the context files.
///
/// # Errors
/// As [`read`], but no file is read.
pub fn find_databases(
    named: Option<&Path>,
    data: Option<&Path>,
    working: Option<&Path>,
) -> Result<Vec<PathBuf>> {
    Ok(folder(named, data, working)?.map(|folder| databases(&folder)).unwrap_or_default())
}

fn folder(
    named: Option<&Path>,
    data: Option<&Path>,
    working: Option<&Path>,
) -> Result<Option<PathBuf>> {
    if let Some(named) = named {
        if named.is_dir() {
            return Ok(Some(named.to_path_buf()));
        }
        let fix = format!("set it to the folder that holds {}, or unset it", FILES.join(", "));
        let what = format!("{} is no folder", named.display());
        return Err(StoreError::usage(what, fix).at("SPOT_CONTEXT"));
    }
    let homes = [data, working].into_iter().flatten().flat_map(|home| {
        // Without `canonicalize` a relative `.` would have nothing beside it.
        let home = home.canonicalize().unwrap_or_else(|_| home.to_path_buf());
        let beside = home.parent().map(Path::to_path_buf);
        [Some(home), beside].into_iter().flatten()
    });
    let holds_one = |folder: &PathBuf| {
        FILES.iter().chain(&RANKING).any(|file| folder.join(file).is_file())
            || !databases(folder).is_empty()
    };
    Ok(homes.map(|home| home.join("context")).find(holds_one))
}

fn text(path: &Path) -> Result<Option<String>> {
    match fs::read(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        // A name in another encoding must not cost the whole file.
        bytes => bytes
            .map(|bytes| Some(String::from_utf8_lossy(&bytes).into_owned()))
            .map_err(|e| StoreError::io("read the file", path, &e)),
    }
}

/// The databases of a folder, in the order of their names.
fn databases(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.flatten().map(|entry| entry.path());
    let is_one = |path: &PathBuf| {
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case(DATABASE)) && path.is_file()
    };
    let mut found: Vec<PathBuf> = paths.filter(is_one).collect();
    found.sort();
    found
}

fn bytes(path: &Path) -> std::result::Result<Vec<u8>, String> {
    let unread = |e: std::io::Error| format!("cannot be read ({e})");
    let size = fs::metadata(path).map_err(unread)?.len();
    if size > LARGEST {
        return Err(format!("has {size} bytes, more than the {LARGEST} that are read"));
    }
    fs::read(path).map_err(unread)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
