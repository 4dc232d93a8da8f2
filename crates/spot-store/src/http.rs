//! What every talk to a server needs: GraphQL and storage alike.

use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Url};

use crate::error::{Result, StoreError};

/// A client that waits so long, without a proxy to this machine, that trusts an authority of one's own.
pub(crate) fn client_builder(
    timeout: Duration,
    local: bool,
    authority: Option<&Path>,
) -> Result<reqwest::ClientBuilder> {
    let mut http = reqwest::Client::builder()
        .timeout(timeout)
        .connect_timeout(timeout.min(Duration::from_secs(10)));
    if local {
        http = http.no_proxy();
    }
    if let Some(path) = authority {
        let authority = Certificate::from_pem_bundle(&pem(path, "SPOT_CA")?);
        let authority = authority.map_err(|e| no_pem(path, "SPOT_CA", &causes(&e)))?;
        if authority.is_empty() {
            return Err(no_pem(path, "SPOT_CA", "it holds no certificate"));
        }
        for one in authority {
            http = http.add_root_certificate(one);
        }
    }
    Ok(http)
}

/// The bytes of a PEM file.
pub(crate) fn pem(path: &Path, setting: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|e| {
        let what = format!("cannot read {}: {e}", path.display());
        StoreError::usage(what, format!("set {setting} to a PEM file")).at(setting)
    })
}

/// A PEM file that is none.
pub(crate) fn no_pem(path: &Path, setting: &str, why: &str) -> StoreError {
    let what = format!("{} cannot be used: {why}", path.display());
    StoreError::usage(what, format!("set {setting} to a PEM file")).at(setting)
}

/// An error and what caused it, without the address, which may hold a secret.
pub(crate) fn causes(error: &reqwest::Error) -> String {
    let mut causes = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        causes.push(error.to_string());
        cause = error.source();
    }
    // The last one says what happened: `Connection refused`.
    causes.pop().unwrap_or_else(|| "no reason is given".to_owned())
}

/// Whether an address is of this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

/// A part of an address, `%40` as `@`; none when it is empty.
pub(crate) fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = (first == b'%').then(|| after.get(..2)).flatten();
        let hex = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(hex.unwrap_or(first));
        rest = if hex.is_some() { &after[2..] } else { after };
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}
