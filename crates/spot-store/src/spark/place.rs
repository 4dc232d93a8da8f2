//! Which Spark server, and where its tables are.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{Datelike, NaiveDate};
use reqwest::Url;

use crate::error::{Result, StoreError};
use crate::layout::{Layout, Table};
use crate::settings::number;

/// Seconds for an answer where nothing else is said.
const TIMEOUT: usize = 600;

/// The most rows that one question brings here where nothing else is said.
const ROWS: usize = 2_000_000;

/// The port of Spark Connect.
const PORT: u16 = 15002;

/// A Spark Connect server and the folder of the tables as it sees them; prints without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Spark {
    /// Host and port.
    pub(crate) host: String,
    tls: bool,
    token: Option<String>,
    /// The library that speaks with it.
    pub(crate) driver: Option<PathBuf>,
    /// Where the tables are read.
    pub(crate) folder: String,
    /// Where stories and scores go; the same folder if nothing else was said.
    pub(crate) out: String,
    pub(crate) timeout: Duration,
    /// More rows than this are not brought here.
    pub(crate) most: usize,
}

impl fmt::Debug for Spark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spark({} {})", self.host, self.folder)
    }
}

impl Spark {
    /// Reads the settings that go with `sc://HOST:PORT` (see [`crate::settings`]).
    pub(crate) fn resolve(url: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let wrong = |what: &str| {
            let fix = "write it as sc://HOST:15002";
            StoreError::usage(format!("the Spark server's address is none: {what}"), fix)
                .at("SPOT_DATA")
        };
        let url = Url::parse(url).map_err(|e| wrong(&e.to_string()))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("it names no host"))?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        if !host.chars().all(allowed) {
            return Err(wrong("the host's name has other characters than names have"));
        }
        // Parameters of other clients; `token` and `use_ssl` are what we understand of them.
        let mut parameters = url.path().split(';').filter_map(|part| part.split_once('='));
        let mut parameter = |name: &str| {
            let found = parameters.clone().find(|(key, _)| *key == name);
            let _ = parameters.by_ref();
            found.map(|(_, value)| value.to_owned())
        };
        let token = get("SPOT_TOKEN").or_else(|| parameter("token"));
        let tls = parameter("use_ssl").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let folder = get("SPOT_SPARK_FOLDER").or_else(|| get("HUSER")).ok_or_else(|| {
            let fix = "set it to the folder with the tables as Spark sees it, hdfs://HOST/user/spot \
                       or /data/spot: the one that holds `flow`";
            StoreError::usage("where Spark finds the tables is not given", fix)
                .at("SPOT_SPARK_FOLDER")
        })?;
        let folder = location(&folder, "SPOT_SPARK_FOLDER")?;
        let out = get("SPOT_OUT").map(|out| location(&out, "SPOT_OUT")).transpose()?;
        Ok(Self {
            host: format!("{host}:{}", url.port().unwrap_or(PORT)),
            tls,
            token,
            driver: get("SPOT_ADBC_DRIVER").map(PathBuf::from),
            out: out.unwrap_or_else(|| folder.clone()),
            folder,
            timeout: Duration::from_secs(number(get, "SPOT_TIMEOUT", TIMEOUT, 1)? as u64),
            most: number(get, "SPOT_SPARK_ROWS", ROWS, 1)?,
        })
    }

    /// The address as the driver takes it, with the secret.
    pub(crate) fn uri(&self) -> String {
        let mut uri = format!("sc://{}", self.host);
        let encoded = |text: &str| -> String {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
            let one = |byte: u8| match plain(&byte) {
                true => char::from(byte).to_string(),
                false => format!("%{byte:02X}"),
            };
            text.bytes().map(one).collect()
        };
        if self.token.is_some() || self.tls {
            uri.push_str(&format!("/;use_ssl={}", self.tls));
        }
        if let Some(token) = &self.token {
            uri.push_str(&format!(";token={}", encoded(token)));
        }
        uri
    }

    /// The day's partitions of `table` below `root`, in both layouts and with months and days in both
    /// spellings: a pattern of Hadoop's.
    pub(crate) fn day(root: &str, table: Table, day: NaiveDate) -> String {
        let either = |number: u32| match number {
            10.. => number.to_string(),
            _ => format!("{{{number},0{number}}}"),
        };
        let (y, m, d) = (day.year(), either(day.month()), either(day.day()));
        format!("{}/y={y}/m={m}/d={d}", Self::table(root, table))
    }

    /// The folder of `table` below `root`, in both layouts.
    pub(crate) fn table(root: &str, table: Table) -> String {
        let [plain, spots] = [Layout::Plain, Layout::Spot].map(|layout| layout.folder(table));
        format!("{root}/{{{plain},{spots}}}")
    }

    /// A folder of one save, relative to [`Spark::out`].
    pub(crate) fn save(table: Table, day: NaiveDate, id: &str) -> String {
        let (y, m, d) = (day.year(), day.month(), day.day());
        format!("{}/y={y}/m={m}/d={d}/save={id}", Layout::Plain.folder(table))
    }
}

/// A place that goes into statements: nothing in it may end a text or be a pattern of Hadoop's.
fn location(text: &str, setting: &str) -> Result<String> {
    let bad = |c: char| c.is_control() || "'\"`\\{}[]*?;".contains(c);
    match text.chars().find(|c| bad(*c)) {
        Some(c) => {
            let what =
                format!("the folder's name has a character that Spark would read as more: {c:?}");
            Err(StoreError::usage(what, "choose a folder without quotes, brackets, * and ?")
                .at(setting))
        }
        None => Ok(text.trim_end_matches('/').to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spark(url: &str, more: &[(&str, &str)]) -> Result<Spark> {
        let get = |name: &str| {
            let found = more.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Spark::resolve(url, &get)
    }

    #[test]
    fn an_address_is_read_and_its_secret_is_not_shown() {
        for (url, more, uri) in [
            ("sc://h", vec![], "sc://h:15002"),
            ("sc://h:7/", vec![], "sc://h:7"),
            ("sc://h/;use_ssl=true", vec![], "sc://h:15002/;use_ssl=true"),
            ("sc://h/;token=a", vec![], "sc://h:15002/;use_ssl=false;token=a"),
            (
                "sc://h",
                vec![("SPOT_TOKEN", "a;b/c")],
                "sc://h:15002/;use_ssl=false;token=a%3Bb%2Fc",
            ),
        ] {
            let more: Vec<_> = more.into_iter().chain([("SPOT_SPARK_FOLDER", "/data/")]).collect();
            let spark = spark(url, &more).unwrap();
            assert_eq!(spark.uri(), uri);
            assert_eq!(format!("{spark:?}"), format!("Spark({} /data)", spark.host));
        }
    }

    #[test]
    fn what_cannot_be_a_place_is_said() {
        let folder = ("SPOT_SPARK_FOLDER", "/data");
        for (url, more, at) in [
            ("sc://", vec![folder], "SPOT_DATA"),
            ("sc://h'x", vec![folder], "SPOT_DATA"),
            ("sc://h", vec![], "SPOT_SPARK_FOLDER"),
            ("sc://h", vec![("SPOT_SPARK_FOLDER", "/a' or '1")], "SPOT_SPARK_FOLDER"),
            ("sc://h", vec![("SPOT_SPARK_FOLDER", "/a/*")], "SPOT_SPARK_FOLDER"),
            ("sc://h", vec![folder, ("SPOT_OUT", "/a`b")], "SPOT_OUT"),
            ("sc://h", vec![folder, ("SPOT_TIMEOUT", "x")], "SPOT_TIMEOUT"),
        ] {
            let error = spark(url, &more).unwrap_err();
            assert_eq!(error.at.as_deref(), Some(at), "{url} {more:?}");
        }
    }

    #[test]
    fn a_day_is_found_however_it_is_spelt() {
        let day = |m, d| NaiveDate::from_ymd_opt(2016, m, d).unwrap();
        for (table, day, pattern) in [
            (Table::Flow, day(7, 8), "/data/{flow,flow/hive}/y=2016/m={7,07}/d={8,08}"),
            (
                Table::Storyboard,
                day(12, 31),
                "/data/{flow_storyboard,flow/hive/oa/storyboard}/y=2016/m=12/d=31",
            ),
        ] {
            assert_eq!(Spark::day("/data", table, day), pattern);
        }
    }
}
