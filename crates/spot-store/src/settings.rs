//! The one place that knows the names of settings and which of several values counts.
//!
//! | name | meaning | else |
//! |---|---|---|
//! | `SPOT_DATA` | folder with the tables, or a GraphQL server, `http(s)://HOST:PORT/graphql` | `HUSER` of spot.conf, if it is a folder here |
//! | `SPOT_OUT` | folder that receives every write; also `webhdfs://HOST:PORT/FOLDER` (`swebhdfs://` with TLS) and `s3://BUCKET/FOLDER` | `SPOT_DATA` |
//! | `SPOT_HDFS_USER`, `SPOT_HDFS_TOKEN` | who we are at HDFS: a name, or a delegation token; for S3 the variables and files that all its programs read, `AWS_..` | none |
//! | `SPOT_DATE` | `2016-07-08` or `20160708`; `2016-07-01..2016-07-08`: the last of these days that has rows, beside those before it | the name of the working folder, as in Spot; else the latest day with high rows |
//! | `SPOT_ANCHOR` | an address (DNS: or a name), several with commas, or `all` | none: choose in the panel |
//! | `SPOT_TITLE`, `SPOT_TEXT` | a headless run saves a story with these | nothing is saved |
//! | `SPOT_REPORT` | folder for the reports of a run without a panel | `spot report`: `reports`; else none is written |
//! | `SPOT_AUTHOR` | who writes the stories that are saved | the login name |
//! | `SPOT_TOP_RESULTS` | rows of a table, lanes of the timeline | 20 |
//! | `SPOT_ZONE` | time zone of the timelines, a name of the IANA list such as `Europe/Prague`; days stay those of UTC | `UTC` |
//! | `SPOT_DETAILS_LIMIT` | rows of a DNS table that can be paged through; all are counted and saved | 1000 |
//! | `SPOT_HOLD_MB` | memory (10^6 bytes) for the days of a notebook, so that a second search reads no file; 0: none | 900 |
//! | `SPOT_CONTEXT` | folder with `ipranges.csv`, `networkcontext_1.csv`, `iploc.csv`, `classes.csv`, `indicators.csv`, `*.mmdb` | `context` in or beside the data folder, or the working folder |
//! | `SPOT_TOKEN` | bearer token of the server; of `spot serve` the one that it wants | none |
//! | `SPOT_USER`, `SPOT_PASSWORD` | basic authentication at the server | none |
//! | `SPOT_HEADERS` | further headers for the server, `Name: value`, several with `;` | none |
//! | `SPOT_CA` | PEM file of the authority that signed the server's certificate | those of the system |
//! | `SPOT_CLIENT_CERT` | PEM file with our certificate and its key | none |
//! | `SPOT_TIMEOUT` | seconds that the server may take for an answer | 120 |
//! | `SPOT_CONF` | a `spot.conf` with any of these | none |
//!
//! A value given in a cell beats the environment, the environment beats spot.conf. An empty value
//! counts as none.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use chrono_tz::Tz;
use spot_analysis::dns::{Anchor, Name};
use spot_analysis::model::Address;

use crate::conf;
use crate::dates::Dates;
use crate::error::{Result, StoreError};
pub use crate::graphql::Server;
use crate::layout::Pipeline;
pub use crate::remote::Out;
#[cfg(feature = "engine")]
use crate::spark::Spark;

/// Rows of a table where nothing else is said.
pub const TOP_RESULTS: usize = 20;

/// Rows of a DNS table that can be paged through, where nothing else is said.
pub const DETAILS_LIMIT: usize = 1000;

/// Memory for days that are held, in 10^6 bytes, where nothing else is said.
pub const HOLD_MB: usize = 900;

/// Values by the names above, for one of the three layers.
pub type Vars = BTreeMap<String, String>;

/// Which anchors a run without a panel investigates: addresses of flows, clients and names of DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchors<A = Address> {
    /// All of the day's high rows.
    All,
    /// These, in the order given; at least one.
    These(Vec<A>),
}

/// Where the tables are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// In a local folder.
    Folder(PathBuf),
    /// Behind a GraphQL server.
    Server(Box<Server>),
    /// In folders that a Spark server reads.
    #[cfg(feature = "engine")]
    Spark(Box<Spark>),
}

impl Data {
    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Server(_) => None,
            #[cfg(feature = "engine")]
            Self::Spark(_) => None,
        }
    }

    /// A short name for people: the folder's own, or the server's host. Where the former lies is its
    /// owner's affair.
    pub fn name(&self) -> String {
        match self {
            Self::Folder(folder) => {
                folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
            Self::Server(server) => server.host(),
            #[cfg(feature = "engine")]
            Self::Spark(spark) => spark.host.clone(),
        }
    }
}

/// What a run was told. Made by [`Settings::from_env`] or [`Settings::resolve`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where the tables are.
    pub data: Data,
    /// Where writes go, if not where the tables are.
    pub out: Option<Out>,
    /// The day that was asked for, or a range of which the last day with rows is the day.
    pub date: Option<Dates>,
    /// The working folder. Its name may say the day, as in Spot's `ipynb/flow/20160708`.
    pub working_folder: Option<PathBuf>,
    /// Addresses to investigate without a panel, of [`Pipeline::Flow`].
    pub anchors: Option<Anchors>,
    /// Clients and names to investigate without a panel, of [`Pipeline::Dns`].
    pub dns_anchors: Option<Anchors<Anchor>>,
    /// Title of the story that a headless run saves.
    pub title: Option<String>,
    /// Text of the story that a headless run saves.
    pub text: Option<String>,
    /// Folder for the reports of a run without a panel.
    pub report: Option<PathBuf>,
    /// Who writes the stories that are saved.
    pub author: Option<String>,
    /// Rows of a table, lanes of the timeline; at least 1.
    pub top_results: usize,
    /// Zone of the times in timelines; days are those of UTC whatever it is.
    pub zone: Tz,
    /// Rows of a DNS table that can be paged through; at least 1.
    pub details_limit: usize,
    /// Memory for days that are held, in 10^6 bytes; 0: none is.
    pub hold_mb: usize,
    /// Folder with context files.
    pub context: Option<PathBuf>,
    /// What who asks a server brings along: ours to that of [`Settings::data`], others' to ours.
    pub token: Option<Token>,
}

/// A secret text; prints without it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
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
        Self::from_env_for(Pipeline::Flow, cell)
    }

    /// As [`Settings::from_env`]; `SPOT_ANCHOR` is read as `pipeline` has it.
    ///
    /// # Errors
    /// As there.
    pub fn from_env_for(pipeline: Pipeline, cell: &Vars) -> Result<Self> {
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
        let folder = std::env::current_dir().ok();
        let mut settings = Self::resolve_for(pipeline, cell, &env, folder.as_deref())?;
        let login = || ["USER", "LOGNAME"].into_iter().find_map(login_name);
        settings.author = settings.author.or_else(login);
        Ok(settings)
    }

    /// Layers `cell` over `env` over the spot.conf that either of them names; `folder` is the
    /// working folder. Reads that file, nothing else.
    ///
    /// # Errors
    /// [`Kind::Usage`](crate::error::Kind), naming the variable and what to do: no data folder, a
    /// date, number, zone or address that is none, a spot.conf that cannot be read.
    pub fn resolve(cell: &Vars, env: &Vars, folder: Option<&Path>) -> Result<Self> {
        Self::resolve_for(Pipeline::Flow, cell, env, folder)
    }

    /// As [`Settings::resolve`]; `SPOT_ANCHOR` is read as `pipeline` has it: addresses for flows; for
    /// DNS what [`dns_anchor`] reads, so that nothing but an empty text is wrong.
    ///
    /// # Errors
    /// As there.
    pub fn resolve_for(
        pipeline: Pipeline,
        cell: &Vars,
        env: &Vars,
        folder: Option<&Path>,
    ) -> Result<Self> {
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
        let scheme = data.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        #[cfg(feature = "engine")]
        let is_spark = scheme.as_deref() == Some("sc");
        #[cfg(not(feature = "engine"))]
        let is_spark = false;
        // Where Spark writes is a place that it knows, and perhaps nobody else.
        let out = get("SPOT_OUT").filter(|_| !is_spark);
        let out = out.map(|text| Out::resolve(&text, &get)).transpose()?;
        let data = match scheme.as_deref() {
            #[cfg(feature = "engine")]
            Some("sc") => Data::Spark(Box::new(Spark::resolve(&data, &get)?)),
            None => Data::Folder(data.into()),
            Some("http" | "https") if out.is_some() => {
                let fix = "unset it: what is saved goes to the server";
                let what = "a server cannot be combined with a folder for writes";
                return Err(StoreError::usage(what, fix).at("SPOT_OUT"));
            }
            Some("http" | "https") => Data::Server(Box::new(Server::resolve(&data, &get)?)),
            // What follows may hold a password.
            Some(scheme) => {
                let fix = "set it to a local folder, to http(s)://HOST:PORT/graphql, or to sc://HOST:15002";
                let what = format!("{scheme}:// names neither a folder nor a server");
                return Err(StoreError::usage(what, fix).at("SPOT_DATA"));
            }
        };
        Ok(Self {
            data,
            out,
            date: get("SPOT_DATE").map(|text| Dates::parse(&text)).transpose()?,
            working_folder: folder.map(Path::to_path_buf),
            anchors: match pipeline {
                Pipeline::Flow => several(get("SPOT_ANCHOR").as_deref(), anchor)?,
                Pipeline::Dns => None,
            },
            dns_anchors: match pipeline {
                Pipeline::Flow => None,
                Pipeline::Dns => several(get("SPOT_ANCHOR").as_deref(), dns_anchor)?,
            },
            title: get("SPOT_TITLE"),
            text: get("SPOT_TEXT"),
            report: get("SPOT_REPORT").map(PathBuf::from),
            author: get("SPOT_AUTHOR"),
            top_results: number(&get, "SPOT_TOP_RESULTS", TOP_RESULTS, 1)?,
            zone: get("SPOT_ZONE").map_or(Ok(Tz::UTC), |text| zone(&text))?,
            details_limit: number(&get, "SPOT_DETAILS_LIMIT", DETAILS_LIMIT, 1)?,
            hold_mb: number(&get, "SPOT_HOLD_MB", HOLD_MB, 0)?,
            context: get("SPOT_CONTEXT").map(PathBuf::from),
            token: get("SPOT_TOKEN").map(Token),
        })
    }
}

/// Names and values of one layer: `given([("SPOT_DATE", "2016-07-08")])`.
pub fn given<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Vars {
    pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn login_name(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|name| !name.is_empty())
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
    compact_date(text).or_else(dashed).ok_or_else(|| no_date(text))
}

pub(crate) fn no_date(text: &str) -> StoreError {
    let fix = "write the day as 2016-07-08 or 20160708, several days as 2016-07-01..2016-07-08";
    StoreError::usage(format!("`{text}` is no date"), fix).at("SPOT_DATE")
}

fn compact_date(text: &str) -> Option<NaiveDate> {
    let eight_digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    eight_digits.then(|| NaiveDate::parse_from_str(text, "%Y%m%d").ok()).flatten()
}

fn several<A>(text: Option<&str>, one: impl Fn(&str) -> Result<A>) -> Result<Option<Anchors<A>>> {
    let text = text.unwrap_or_default();
    if text.trim().eq_ignore_ascii_case("all") {
        return Ok(Some(Anchors::All));
    }
    let parts = separated(text).into_iter().filter(|part| !part.trim().is_empty());
    let these = parts.map(|part| one(&part)).collect::<Result<Vec<_>>>()?;
    Ok((!these.is_empty()).then_some(Anchors::These(these)))
}

/// The parts between commas; `\,` is a comma within one, which a name may hold.
fn separated(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (taken, escaped) = match rest.strip_prefix("\\,") {
            Some(_) => (2, true),
            None => (c.len_utf8(), false),
        };
        match (parts.last_mut(), c) {
            (Some(part), _) if escaped => part.push(','),
            (_, ',') => parts.push(String::new()),
            (Some(part), c) => part.push(c),
            (None, _) => {}
        }
        rest = &rest[taken..];
    }
    parts
}

/// A client or a name: an address is a client, any other text a name. `client:` or `query:` in front
/// says it: `query:10.0.0.5` is the name. Blanks around a text without such a word are left out.
///
/// # Errors
/// Names `SPOT_ANCHOR` when the text is empty, or a client no address.
pub fn dns_anchor(text: &str) -> Result<Anchor> {
    let bare = text.trim();
    if let Some(name) = text.trim_start().strip_prefix("query:").filter(|name| !name.is_empty()) {
        return Ok(Anchor::Query(Name::new(name)));
    }
    if let Some(client) = bare.strip_prefix("client:") {
        return Ok(Anchor::Client(anchor(client)?));
    }
    if bare.is_empty() || bare == "query:" {
        let fix = "write a client's address or a name, several with commas, or `all`";
        return Err(StoreError::usage("no client and no name is given", fix).at("SPOT_ANCHOR"));
    }
    let address = Address::new(bare);
    Ok(match address.ip() {
        Some(_) => Anchor::Client(address),
        None => Anchor::Query(Name::new(bare)),
    })
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

/// A time zone by its name in the IANA list, `Europe/Prague` or `UTC`.
///
/// # Errors
/// Names `SPOT_ZONE` and what such a name looks like.
pub fn zone(text: &str) -> Result<Tz> {
    text.trim().parse().map_err(|_| {
        let fix = "write a name of the IANA list such as Europe/Prague or Asia/Kolkata, or UTC";
        StoreError::usage(format!("`{text}` is no time zone"), fix).at("SPOT_ZONE")
    })
}

pub(crate) fn number(
    get: &dyn Fn(&str) -> Option<String>,
    name: &str,
    default: usize,
    least: usize,
) -> Result<usize> {
    let Some(text) = get(name) else { return Ok(default) };
    text.trim().parse().ok().filter(|n| (least..=100_000).contains(n)).ok_or_else(|| {
        let fix = format!("write a whole number from {least} to 100000");
        StoreError::usage(format!("`{text}` is no number that {name} can have"), fix).at(name)
    })
}
