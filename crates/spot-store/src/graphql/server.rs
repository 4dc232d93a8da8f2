//! Which server, and how to be let in.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Url;

use crate::error::{Result, StoreError};
use crate::http::{decoded, is_local};
use crate::settings::number;

/// Seconds for an answer where nothing else is said: a search of a big day takes some.
const TIMEOUT: usize = 120;

/// A GraphQL server and how to be let in; prints without its secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// Where it answers, without user and password.
    pub(crate) url: Url,
    pub(crate) token: Option<String>,
    /// User and password.
    pub(crate) basic: Option<(String, String)>,
    /// Further headers: name, value.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) authority: Option<PathBuf>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) timeout: Duration,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({})", self.shown())
    }
}

impl Server {
    /// Reads the settings that go with `url` (see [`crate::settings`]).
    pub(crate) fn resolve(url: &str, get: &dyn Fn(&str) -> Option<String>) -> Result<Self> {
        let wrong = |e: &dyn fmt::Display| {
            let fix = "write it as http://HOST:PORT/graphql or https://HOST:PORT/graphql";
            // The text may hold a password.
            StoreError::usage(format!("the server's address is none: {e}"), fix).at("SPOT_DATA")
        };
        let mut url = Url::parse(url).map_err(|e| wrong(&e))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong(&"it names no host"));
        }
        let user = get("SPOT_USER").or_else(|| decoded(url.username()));
        let password = get("SPOT_PASSWORD").or_else(|| decoded(url.password()?));
        let (no_user, no_password) = (url.set_username(""), url.set_password(None));
        if no_user.and(no_password).is_err() {
            return Err(wrong(&"user and password cannot be told apart from it"));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() {
            // As given.
        } else {
            url.set_path("/graphql");
        }
        Ok(Self {
            url,
            token: get("SPOT_TOKEN"),
            basic: user.map(|user| (user, password.unwrap_or_default())),
            headers: headers(&get("SPOT_HEADERS").unwrap_or_default())?,
            authority: get("SPOT_CA").map(PathBuf::from),
            certificate: get("SPOT_CLIENT_CERT").map(PathBuf::from),
            timeout: Duration::from_secs(number(get, "SPOT_TIMEOUT", TIMEOUT, 1)? as u64),
        })
    }

    /// The address, for people: what follows a `?` may be a secret.
    pub(crate) fn shown(&self) -> &str {
        self.url.as_str().split(['?', '#']).next().unwrap_or_default()
    }

    /// Host and port, for people.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether it runs on this machine: no proxy stands between then.
    pub(crate) fn is_local(&self) -> bool {
        is_local(&self.url)
    }
}

/// `Name: value; Other: value`.
fn headers(text: &str) -> Result<Vec<(String, String)>> {
    let parts = text.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once(':').ok_or_else(|| {
                let fix = "write `Name: value`, several with `;` between";
                StoreError::usage("a header has no colon", fix).at("SPOT_HEADERS")
            })?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str, more: &[(&str, &str)]) -> Result<Server> {
        let get = |name: &str| {
            let found = more.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Server::resolve(url, &get)
    }

    #[test]
    fn a_server_prints_without_its_secrets() {
        let more = [("SPOT_TOKEN", "t0p"), ("SPOT_HEADERS", "X-Key: s3cret; Other: b:c")];
        let one = server("https://ann:p%40ss@spot.example:8443", &more).expect("a server");
        assert_eq!(format!("{one:?}"), "Server(https://spot.example:8443/graphql)");
        assert_eq!(one.host(), "spot.example:8443");
        assert_eq!(one.basic, Some(("ann".into(), "p@ss".into())));
        assert_eq!(one.headers[1], ("Other".into(), "b:c".into()));
        assert!(!one.is_local());
    }

    #[test]
    fn addresses_keep_their_path() {
        for (url, shown, local) in [
            ("http://localhost:8889/graphql", "http://localhost:8889/graphql", true),
            ("http://127.0.0.9:1/", "http://127.0.0.9:1/graphql", true),
            ("http://[::1]:8889", "http://[::1]:8889/graphql", true),
            ("https://h/spot/graphql?x=1", "https://h/spot/graphql?x=1", false),
            ("https://h/?x=1", "https://h/?x=1", false),
            ("HTTPS://H/graphql", "https://h/graphql", false),
        ] {
            let one = server(url, &[]).expect(url);
            assert_eq!((one.url.as_str(), one.is_local()), (shown, local));
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_secret() {
        let error = server("http://ann:hush@:80/graphql", &[]).expect_err("no host").to_string();
        assert!(error.contains("SPOT_DATA") && !error.contains("hush"), "{error}");
        let error = server("http://h", &[("SPOT_HEADERS", "hush")]).expect_err("no colon");
        assert!(error.to_string().contains("SPOT_HEADERS"), "{error}");
        let error = server("http://h", &[("SPOT_TIMEOUT", "soon")]).expect_err("no number");
        assert!(error.to_string().contains("SPOT_TIMEOUT"), "{error}");
    }
}
