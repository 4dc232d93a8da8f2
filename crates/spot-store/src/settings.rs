//! The one place that knows the names of settings and which of several values counts.
//!
//! | name | meaning | else |
//! |---|---|---|
//! | `SPOT_DATA` | folder with the tables | `HUSER` of spot.conf, if it is a folder here |
//! | `SPOT_OUT` | folder that receives every write | `SPOT_DATA` |
//! | `SPOT_DATE` | `2016-07-08` or `20160708` | the name of the working folder, as in Spot; else the latest day with high rows |
//! | `SPOT_ANCHOR` | an address, several with commas, or `all` | none: choose in the panel |
//! | `SPOT_TITLE`, `SPOT_TEXT` | a headless run saves a story with these | nothing is saved |
//! | `SPOT_TOP_RESULTS` | rows of a table, lanes of the timeline | 20 |
//! | `SPOT_DETAILS_LIMIT` | rows that a DNS panel pages through; a story keeps all | 1000 |
//! | `SPOT_CONTEXT` | folder with `ipranges.csv`, `networkcontext_1.csv`, `iploc.csv` | `context` in or beside the data folder, or the working folder |
//! | `SPOT_CONF` | a `spot.conf` with any of these | none |
//!
//! A value given in a cell beats the environment, the environment beats spot.conf. An empty value
//! counts as none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use spot_analysis::model::Address;

use crate::conf;
use crate::error::{Result, StoreError};

/// Rows of a table where nothing else is said.
pub const TOP_RESULTS: usize = 20;
/// Default of `SPOT_DETAILS_LIMIT`.
pub const DETAILS_LIMIT: usize = 1000;

/// Values by the names above, for one of the three layers.
pub type Vars = BTreeMap<String, String>;

/// Which addresses a run without a panel investigates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchors {
    /// Every address of the day's high rows.
    All,
    /// These, in the order given; at least one.
    These(Vec<Address>),
}

/// What a run was told. Made by [`Settings::from_env`] or [`Settings::resolve`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Folder with the tables.
    pub data: PathBuf,
    /// Folder for writes, if not the data folder.
    pub out: Option<PathBuf>,
    /// The day that was asked for.
    pub date: Option<NaiveDate>,
    /// The working folder. Its name may say the day, as in Spot's `ipynb/flow/20160708`.
    pub working_folder: Option<PathBuf>,
    /// Addresses to investigate without a panel.
    pub anchors: Option<Anchors>,
    /// Title of the story that a headless run saves.
    pub title: Option<String>,
    /// Text of the story that a headless run saves.
    pub text: Option<String>,
    /// Rows of a table, lanes of the timeline; at least 1.
    pub top_results: usize,
    /// Rows that a panel pages through.
    pub details_limit: usize,
    /// Folder with context files.
    pub context: Option<PathBuf>,
}

impl Settings {
    /// The day that the working folder's name says, as in Spot's `ipynb/flow/20160708`.
    pub fn folder_date(&self) -> Option<NaiveDate> {
        compact_date(self.working_folder.as_deref()?.file_name()?.to_str()?)
    }

    /// Reads the process environment and the working folder's name, with `cell` before them (see
    /// [`given`]).
    ///
    /// # Errors
    /// As [`Settings::resolve`]; and a `SPOT_` variable that is no UTF-8.
    pub fn from_env(cell: &Vars) -> Result<Self> {
        let mut env = Vars::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("SPOT_")) else {
                continue;
            };
            let value = value.into_string().map_err(|_| {
                let fix = "set it to text in UTF-8";
                StoreError::usage("the value is no UTF-8", fix).at(name)
            })?;
            env.insert(name.to_owned(), value);
        }
        Self::resolve(cell, &env, std::env::current_dir().ok().as_deref())
    }

    /// Layers `cell` over `env` over the spot.conf that either of them names; `folder` is the
    /// working folder. Reads that file, nothing else.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind), naming the variable and what to do: no data folder, a
    /// date, number or address that is none, a spot.conf that cannot be read.
    pub fn resolve(cell: &Vars, env: &Vars, folder: Option<&Path>) -> Result<Self> {
        let conf = match layered("SPOT_CONF", &[cell, env]) {
            None => Vars::new(),
            Some(path) => {
                let bytes = std::fs::read(&path).map_err(|e| {
                    let fix = "set SPOT_CONF to a spot.conf that can be read, or unset it";
                    StoreError::usage(format!("cannot read {path}: {e}"), fix).at("SPOT_CONF")
                })?;
                conf::parse(&String::from_utf8_lossy(&bytes))
            }
        };
        let get = |name: &str| layered(name, &[cell, env, &conf]);

        let huser = || conf.get("HUSER").filter(|path| Path::new(path).is_dir()).cloned();
        let data = get("SPOT_DATA").or_else(huser).ok_or_else(|| {
            let fix = "set it to the folder with the tables, the one that holds `flow`";
            StoreError::usage("no data folder is given", fix).at("SPOT_DATA")
        })?;
        if data.contains("://") {
            let fix = "set it to a local folder; servers and object stores cannot be asked yet";
            return Err(StoreError::usage(format!("{data} is no folder"), fix).at("SPOT_DATA"));
        }
        Ok(Self {
            data: data.into(),
            out: get("SPOT_OUT").map(PathBuf::from),
            date: get("SPOT_DATE").map(|text| date(&text)).transpose()?,
            working_folder: folder.map(Path::to_path_buf),
            anchors: get("SPOT_ANCHOR").map(|text| anchors(&text)).transpose()?.flatten(),
            title: get("SPOT_TITLE"),
            text: get("SPOT_TEXT"),
            top_results: get("SPOT_TOP_RESULTS")
                .map_or(Ok(TOP_RESULTS), |text| results("SPOT_TOP_RESULTS", &text))?,
            details_limit: get("SPOT_DETAILS_LIMIT")
                .map_or(Ok(DETAILS_LIMIT), |text| results("SPOT_DETAILS_LIMIT", &text))?,
            context: get("SPOT_CONTEXT").map(PathBuf::from),
        })
    }
}

/// Names and values of one layer: `given([("SPOT_DATE", "2016-07-08")])`.
pub fn given<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Vars {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn layered(name: &str, layers: &[&Vars]) -> Option<String> {
    layers.iter().find_map(|layer| layer.get(name).filter(|value| !value.is_empty())).cloned()
}

/// A day as `2016-07-08` or `20160708`.
///
/// # Errors
/// Names `SPOT_DATE` and both forms.
pub fn date(text: &str) -> Result<NaiveDate> {
    let text = text.trim();
    let dashed = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    compact_date(text).or_else(dashed).ok_or_else(|| {
        let fix = "write the day as 2016-07-08 or 20160708";
        StoreError::usage(format!("`{text}` is no date"), fix).at("SPOT_DATE")
    })
}

fn compact_date(text: &str) -> Option<NaiveDate> {
    let eight_digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    eight_digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

fn anchors(text: &str) -> Result<Option<Anchors>> {
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Some(Anchors::All));
    }
    let these = text.split(',').filter(|part| !part.trim().is_empty()).map(anchor);
    let these = these.collect::<Result<Vec<_>>>()?;
    Ok((!these.is_empty()).then_some(Anchors::These(these)))
}

/// An IPv4 or IPv6 address, in any spelling.
///
/// # Errors
/// Names `SPOT_ANCHOR` and what an address looks like.
pub fn anchor(text: &str) -> Result<Address> {
    let address = Address::new(text);
    match address.ip() {
        Some(_) => Ok(address),
        None => {
            let fix =
                "write an address such as 10.0.0.5 or 2001:db8::5, several with commas, or `all`";
            Err(StoreError::usage(format!("`{address}` is no IP address"), fix).at("SPOT_ANCHOR"))
        }
    }
}

fn results(name: &'static str, text: &str) -> Result<usize> {
    text.trim().parse().ok().filter(|n| (1..=100_000).contains(n)).ok_or_else(|| {
        let fix = "write a whole number from 1 to 100000";
        StoreError::usage(format!("`{text}` is no number of results"), fix).at(name)
    })
}
