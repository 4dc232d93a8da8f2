//! A folder for writes that lies behind a storage server: HDFS (`webhdfs://`, `swebhdfs://` with TLS) or
//! an object store (`s3://`).
//!
//! What a day has there is mirrored into a folder of this machine, where everything works as it does in
//! any other out folder ([`Mirror`]). Requests are Apache OpenDAL's.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::error::{Result, StoreError};
use crate::http::decoded;
use crate::settings::number;

mod log;
mod mirror;
mod storage;

pub(crate) use mirror::{Mirror, Part};

/// Seconds for an answer where nothing else is said.
const TIMEOUT: usize = 120;

/// Where writes go, if not where the tables are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Out {
    /// A local folder.
    Folder(PathBuf),
    /// A folder behind a storage server.
    Remote(Box<Remote>),
}

/// A folder behind a storage server, and how to be let in; prints without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Remote {
    /// The address, for people.
    shown: String,
    kind: Kind,
    authority: Option<PathBuf>,
    timeout: Duration,
}

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    /// Of HDFS: the name node's HTTP address, the folder, who we are.
    WebHdfs { endpoint: Url, root: String, user: Option<String>, token: Option<String> },
    /// A bucket and what names in it begin with. Keys, region and endpoint are read as all programs for
    /// S3 read them.
    S3 { bucket: String, root: String },
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({})", self.shown)
    }
}

impl Out {
    /// Reads the settings that go with `text` (see [`crate::settings`]).
    pub(crate) fn resolve(text: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        match text.split_once("://") {
            None => Ok(Self::Folder(text.into())),
            Some(_) => Remote::resolve(text, get).map(|remote| Self::Remote(Box::new(remote))),
        }
    }
}

impl Remote {
    fn resolve(text: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let wrong = |what: String| {
            let fix = "set it to a local folder, webhdfs://HOST:PORT/FOLDER (swebhdfs:// with TLS) or \
                       s3://BUCKET/FOLDER";
            StoreError::usage(what, fix).at("SPOT_OUT")
        };
        // The text may hold a password.
        let url = Url::parse(text).map_err(|e| wrong(format!("no address: {e}")))?;
        let host = url.host_str().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| wrong("it names no host and no bucket".to_owned()))?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("a folder's name cannot hold `?` or `#`".to_owned()));
        }
        let root = match url.path() {
            "" | "/" => String::new(),
            path => {
                decoded(path).ok_or_else(|| wrong("the folder's name is no UTF-8".to_owned()))?
            }
        };
        let kind = match url.scheme() {
            scheme @ ("webhdfs" | "swebhdfs") => {
                let http = if scheme == "webhdfs" { "http" } else { "https" };
                let endpoint = Url::parse(&format!("{http}://{host}{port}"));
                let endpoint = endpoint.map_err(|e| wrong(format!("no address: {e}")))?;
                let user = get("SPOT_HDFS_USER").or_else(|| decoded(url.username()));
                Kind::WebHdfs {
                    endpoint,
                    root,
                    user: user.map(|user| plain("SPOT_HDFS_USER", user)).transpose()?,
                    token: get("SPOT_HDFS_TOKEN")
                        .map(|token| plain("SPOT_HDFS_TOKEN", token))
                        .transpose()?,
                }
            }
            "s3" => Kind::S3 { bucket: host.to_owned(), root },
            scheme => return Err(wrong(format!("{scheme}:// is no folder that can be written"))),
        };
        let shown = format!("{}://{host}{port}{}", url.scheme(), url.path());
        Ok(Self {
            shown,
            kind,
            authority: get("SPOT_CA").map(PathBuf::from),
            timeout: Duration::from_secs(number(get, "SPOT_TIMEOUT", TIMEOUT, 1)? as u64),
        })
    }
}

/// A text that may stand in an address as it is.
fn plain(setting: &str, text: String) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@/=".contains(c);
    if text.chars().all(plain) {
        return Ok(text);
    }
    let fix = "letters, digits and . _ - @ / = are allowed";
    Err(StoreError::usage("the value has a character that cannot be sent", fix).at(setting))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(text: &str) -> Result<Out> {
        let get = |name: &str| (name == "SPOT_HDFS_TOKEN").then(|| "t0p-secret_=".to_owned());
        Out::resolve(text, &get)
    }

    #[test]
    fn addresses_are_read_and_print_without_secrets() {
        for (text, shown) in [
            ("webhdfs://ann:hush@nn:9870/user/spot", "webhdfs://nn:9870/user/spot"),
            ("swebhdfs://nn/user/my%20spot", "swebhdfs://nn/user/my%20spot"),
            ("s3://bucket/some/folder", "s3://bucket/some/folder"),
        ] {
            let Ok(Out::Remote(remote)) = out(text) else { panic!("{text}") };
            assert_eq!(format!("{remote:?}"), format!("Remote({shown})"));
            if let Kind::WebHdfs { endpoint, root, user, .. } = &remote.kind {
                let tls = text.starts_with('s');
                assert_eq!(endpoint.as_str(), if tls { "https://nn/" } else { "http://nn:9870/" });
                assert_eq!(root, if tls { "/user/my spot" } else { "/user/spot" });
                assert_eq!(user.as_deref(), if tls { None } else { Some("ann") });
            }
        }
        assert_eq!(out("/data/out").expect("a folder"), Out::Folder("/data/out".into()));
    }

    #[test]
    fn what_is_no_folder_is_said_without_the_secret() {
        for text in [
            "gs://b/x",
            "webhdfs://",
            "s3:///x",
            "webhdfs://a b:hush@h/",
            "s3://b/caf%E9",
            "webhdfs://h/a#b",
        ] {
            let error = out(text).expect_err(text).to_string();
            assert!(error.contains("SPOT_") && !error.contains("hush"), "{error}");
        }
        let error = out("webhdfs://a%26op=DELETE@h/").expect_err("a user").to_string();
        assert!(error.contains("SPOT_HDFS_USER"), "{error}");
    }
}
