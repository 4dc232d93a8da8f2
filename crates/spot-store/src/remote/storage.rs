//! Requests to a storage server, one after the other.

use std::time::Duration;

use futures::{TryStreamExt, stream};
use opendal_core::{
    Buffer, Error, ErrorKind, HttpBody, HttpTransport, HttpTransporter, OperationContext, Operator,
};
use opendal_service_s3::S3;
use opendal_service_webhdfs::Webhdfs;
use tokio::runtime::Runtime;

use super::{Kind, Remote};
use crate::error::{Kind as ErrorIs, Result, StoreError};
use crate::http::{causes, client_builder, is_local};

/// Waits before something is asked again. Everything that is asked may be asked twice.
const WAITS: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(1000)];

/// Most bytes of an answer.
const MOST: usize = 1 << 30;

/// Most names in a folder.
const NAMES: usize = 100_000;

/// What lies below a name.
pub(super) struct Found {
    /// The name, without a final `/`.
    pub name: String,
    pub is_folder: bool,
    /// Says whether it is the same file as before.
    pub stamp: String,
    /// Seconds since 1970 when it was written, by the server's clock.
    pub written: Option<i64>,
}

/// A folder behind a server.
pub(super) struct Storage {
    operator: Operator,
    runtime: Runtime,
    shown: String,
    /// What no message may hold.
    secret: Option<String>,
}

impl Storage {
    pub fn new(remote: &Remote) -> Result<Self> {
        let setup = |what: String| {
            StoreError::usage(what, "check SPOT_OUT and what goes with it").at(&remote.shown)
        };
        let local = match &remote.kind {
            Kind::WebHdfs { endpoint, .. } => is_local(endpoint),
            Kind::S3 { .. } => false,
        };
        let http = client_builder(remote.timeout, local, remote.authority.as_deref())?;
        // An address may hold a token; where it leads is nobody's to know.
        let http = http.referer(false).build();
        let http = http.map_err(|e| setup(format!("cannot talk to a server: {}", causes(&e))))?;
        let operator = match &remote.kind {
            Kind::WebHdfs { endpoint, root, user, token } => Operator::new(
                Webhdfs::default()
                    .endpoint(endpoint.as_str())
                    .root(root)
                    .user_name(user.as_deref().unwrap_or_default())
                    .delegation(token.as_deref().unwrap_or_default())
                    // Not every HDFS lists in batches.
                    .disable_list_batch(),
            ),
            Kind::S3 { bucket, root } => {
                // Keys are given; nobody else on the network is asked for some.
                Operator::new(S3::default().bucket(bucket).root(root).disable_ec2_metadata())
            }
        };
        let operator = operator.map_err(|e| setup(e.message().to_owned()))?;
        let transport = HttpTransporter::new(Http(http));
        let context = OperationContext::new().with_http_transport(transport);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| setup(format!("cannot talk to a server: {e}")))?;
        let operator = operator.with_context(context);
        let secret = match &remote.kind {
            Kind::WebHdfs { token, .. } => token.clone(),
            Kind::S3 { .. } => None,
        };
        Ok(Self { operator, runtime, shown: remote.shown.clone(), secret })
    }

    /// What lies directly in `folder`; nothing where there is no such folder.
    pub fn list(&self, folder: &str) -> Result<Vec<Found>> {
        let path = format!("{folder}/");
        let all = || async {
            let (mut lister, mut entries) = (self.operator.lister(&path).await?, Vec::new());
            while let Some(entry) = lister.try_next().await? {
                if entries.len() == NAMES {
                    let what = format!("there are more than {NAMES} names");
                    return Err(Error::new(ErrorKind::Unexpected, what));
                }
                entries.push(entry);
            }
            Ok(entries)
        };
        let entries = self.ask("list", folder, all)?;
        let entries = entries.unwrap_or_default().into_iter().map(|entry| {
            let (name, known) = entry.into_parts();
            Found {
                name: name.trim_matches('/').to_owned(),
                is_folder: known.is_dir(),
                written: known.last_modified().map(|time| time.into_inner().as_second()),
                stamp: format!(
                    "{} {:?} {:?}",
                    known.content_length(),
                    known.last_modified(),
                    known.etag()
                ),
            }
        });
        // Some list the folder itself, and a name must not lead out of the mirror.
        let inside = |found: &Found| {
            let rest = found.name.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| !rest.is_empty() && rest != ".." && !rest.contains(['/', '\\']))
        };
        Ok(entries.filter(inside).collect())
    }

    /// The bytes of a file, if there is one.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let bytes = self.ask("read", name, || self.operator.read(name))?;
        Ok(bytes.map(|bytes| bytes.to_vec()))
    }

    /// Puts a file in place of what was there.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let buffer = Buffer::from(bytes.to_vec());
        let written = self.ask("write", name, || self.operator.write(name, buffer.clone()))?;
        // What answers so to a write is no storage server, or the bucket is not there.
        let missing = || Error::new(ErrorKind::NotFound, "there is no such place");
        written.map(drop).ok_or_else(|| self.failed("write", name, &missing()))
    }

    /// Removes a file, if there is one.
    pub fn remove(&self, name: &str) -> Result<()> {
        self.ask("remove", name, || self.operator.delete(name)).map(drop)
    }

    /// Asks, again when that may help; `None` where there is no such thing.
    fn ask<T, F: Future<Output = opendal_core::Result<T>>>(
        &self,
        doing: &str,
        name: &str,
        request: impl Fn() -> F,
    ) -> Result<Option<T>> {
        let mut waits = WAITS.iter();
        loop {
            match self.runtime.block_on(request()) {
                Ok(done) => return Ok(Some(done)),
                Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
                Err(e) => match waits.next().filter(|_| e.is_temporary()) {
                    Some(wait) => std::thread::sleep(*wait),
                    None => return Err(self.failed(doing, name, &e)),
                },
            }
        }
    }

    fn failed(&self, doing: &str, name: &str, error: &Error) -> StoreError {
        let (kind, fix) = match error.kind() {
            ErrorKind::PermissionDenied => (
                ErrorIs::Usage,
                "check who we are there: SPOT_HDFS_USER or SPOT_HDFS_TOKEN, AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY",
            ),
            _ => (ErrorIs::Server, "check that it runs, and the address in SPOT_OUT"),
        };
        // Only the message: the rest of the error holds the address.
        let mut message = shortened(error.message());
        if let Some(secret) = &self.secret {
            message = message.replace(secret.as_str(), "..");
        }
        let what = format!("cannot {doing} `{name}`: {message}");
        StoreError { kind, what, at: Some(self.shown.clone()), fix: fix.to_owned() }
    }
}

/// What a server said may be a page.
fn shortened(message: &str) -> String {
    let message: Vec<&str> = message.split_whitespace().collect();
    message.join(" ").chars().take(300).collect()
}

/// The HTTP client that is here already, for OpenDAL.
struct Http(reqwest::Client);

impl HttpTransport for Http {
    async fn fetch(
        &self,
        request: http::Request<Buffer>,
    ) -> opendal_core::Result<http::Response<HttpBody>> {
        let failed = |e: reqwest::Error| {
            Error::new(ErrorKind::Unexpected, causes(&e))
                .with_temporary(e.is_connect() || e.is_request() || e.is_body())
        };
        let (parts, body) = request.into_parts();
        let sent = self.0.request(parts.method, parts.uri.to_string()).headers(parts.headers);
        let answer = sent.body(body.to_bytes()).send().await.map_err(failed)?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            headers.clone_from(answer.headers());
        }
        // Tables and stories of a day: whole files, which fit into memory.
        let mut answer = answer;
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > MOST {
                let what = format!("the answer has more than {MOST} bytes");
                return Err(Error::new(ErrorKind::Unexpected, what));
            }
            bytes.extend_from_slice(&chunk);
        }
        let bytes = Buffer::from(bytes);
        let body = HttpBody::new(stream::iter([Ok(bytes)]), None);
        response.body(body).map_err(|e| Error::new(ErrorKind::Unexpected, e.to_string()))
    }
}
