//! Finds and reads the context files; `spot-analysis` knows what they mean.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use spot_analysis::Network;

use crate::error::{Result, StoreError};

const FILES: [&str; 3] = ["ipranges.csv", "networkcontext_1.csv", "iploc.csv"];

/// Reads `ipranges.csv`, `networkcontext_1.csv` and `iploc.csv` from `named` (`SPOT_CONTEXT`), else
/// from the first folder `context` that holds one of them: in the data folder, beside it, in the
/// working folder, beside it (a notebook's, so that is the repository's).
///
/// A file that is missing is fine; a bad line becomes a note of [`Texts::network`].
///
/// # Errors
/// `named` is no folder; a file cannot be read.
pub fn read(named: Option<&Path>, data: Option<&Path>, working: Option<&Path>) -> Result<Texts> {
    let Some(folder) = folder(named, data, working)? else { return Ok(Texts::default()) };
    let [ranges, names, places] = FILES.map(|file| text(&folder.join(file)));
    Ok(Texts { ranges: ranges?, names: names?, places: places? })
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
}

impl Texts {
    /// What they mean.
    pub fn network(&self) -> Network {
        let [ranges, names, places] = FILES;
        Network::parse(
            self.ranges.as_deref().map(|text| (ranges, text)),
            self.names.as_deref().map(|text| (names, text)),
            self.places.as_deref().map(|text| (places, text)),
        )
    }
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
    let holds_one = |folder: &PathBuf| FILES.iter().any(|file| folder.join(file).is_file());
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
