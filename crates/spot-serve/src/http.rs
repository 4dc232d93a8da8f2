//! HTTP: who may ask, how much, and for how long.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::Request;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;
use sha2::{Digest, Sha256};
use spot_store::{Result, Settings, StoreError};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::schema::{SpotSchema, schema};

/// How much a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request. Spot's notebook sends all lines of a search back to save them.
    pub request: usize,
    /// Bytes of an answer.
    pub answer: usize,
    /// Until a request is given up.
    pub time: Duration,
    /// Requests that are worked on at once; others wait.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request: 64 << 20,
            answer: 512 << 20,
            time: Duration::from_secs(100),
            at_once: std::thread::available_parallelism().map_or(2, usize::from),
        }
    }
}

/// Where and for whom to serve.
#[derive(Clone)]
pub struct Options {
    /// Address and port; port 0: a free one.
    pub listen: SocketAddr,
    /// What callers must bring as `Authorization: Bearer`. None: everybody on this machine may ask,
    /// and `listen` must be of it.
    pub token: Option<String>,
    /// How much a request may take.
    pub limits: Limits,
}

struct Server {
    schema: SpotSchema,
    /// SHA-256: comparing it takes as long for every wrong token.
    token: Option<[u8; 32]>,
    limits: Limits,
    at_once: Semaphore,
}

/// Serves what `settings` name until the process is told to end (Ctrl-C, SIGTERM); requests that are
/// worked on then get their answer. `ready` is told where.
///
/// # Errors
/// Nothing to serve; an address that cannot be had, or that others can reach without a token.
pub fn serve(settings: &Settings, options: &Options, ready: impl FnOnce(SocketAddr)) -> Result<()> {
    if options.token.is_none() && !options.listen.ip().is_loopback() {
        let fix = "set SPOT_TOKEN, or listen on 127.0.0.1";
        let what = format!("without a token nobody else may reach {}", options.listen);
        return Err(StoreError::usage(what, fix));
    }
    let app = Arc::new(App::open(settings)?);
    let server = Arc::new(Server {
        schema: schema(app),
        token: options.token.as_deref().map(digest),
        limits: options.limits,
        at_once: Semaphore::new(options.limits.at_once.max(1)),
    });
    let routes = Router::new()
        .route("/graphql", post(answer).fallback(only_post))
        .layer(DefaultBodyLimit::max(options.limits.request))
        .with_state(server);
    let failed = |e: std::io::Error| {
        let fix = "choose another port with --listen, or end what listens there";
        StoreError::usage(format!("cannot serve on {}: {e}", options.listen), fix)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(failed)?;
    let done = runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await?;
        ready(listener.local_addr()?);
        let serving = axum::serve(listener, routes).with_graceful_shutdown(told_to_end());
        serving.await
    });
    // A search that nobody waits for any more is left behind.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done.map_err(failed)
}

async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        drop(tokio::signal::ctrl_c().await);
        return;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

async fn only_post() -> Response {
    refused(StatusCode::METHOD_NOT_ALLOWED, "ask with POST")
}

async fn answer(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    if let Some(refusal) = server.refuses(&headers) {
        return refusal;
    }
    let request = match serde_json::from_slice::<Request>(&body) {
        Ok(request) => request,
        Err(e) => return refused(StatusCode::BAD_REQUEST, &format!("no GraphQL request: {e}")),
    };
    drop(body);
    let work = async {
        // Closed never.
        let _one = server.at_once.acquire().await;
        server.schema.execute(request).await
    };
    let Ok(answer) = tokio::time::timeout(server.limits.time, work).await else {
        let seconds = server.limits.time.as_secs();
        let what = format!("this took longer than {seconds} seconds");
        return refused(StatusCode::OK, &what);
    };
    match serde_json::to_vec(&answer) {
        Ok(bytes) if bytes.len() > server.limits.answer => {
            let what = format!("the answer has more than {} bytes", server.limits.answer);
            refused(StatusCode::OK, &what)
        }
        Ok(bytes) => (json_type(), bytes).into_response(),
        Err(e) => refused(StatusCode::INTERNAL_SERVER_ERROR, &e.to_string()),
    }
}

impl Server {
    /// Why this request is not answered, if it is not.
    fn refuses(&self, headers: &HeaderMap) -> Option<Response> {
        match &self.token {
            Some(token) => {
                let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
                let given = given.and_then(|value| value.strip_prefix("Bearer "));
                if given.is_none_or(|given| digest(given.trim()) != *token) {
                    let mut refusal =
                        refused(StatusCode::UNAUTHORIZED, "this server wants a token");
                    let scheme = HeaderValue::from_static("Bearer");
                    refusal.headers_mut().insert(WWW_AUTHENTICATE, scheme);
                    return Some(refusal);
                }
            }
            // A page of another site that the user looks at may send requests here: under a name that
            // it made ours, or as a form.
            None if !is_local(headers.get(HOST)) => {
                return Some(refused(StatusCode::FORBIDDEN, "ask for 127.0.0.1 or localhost"));
            }
            None => {}
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        let is_json = kind.eq_ignore_ascii_case("application/json");
        (!is_json).then(|| refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json"))
    }
}

/// Whether a request was sent to this machine by one of its own names.
fn is_local(host: Option<&HeaderValue>) -> bool {
    let Some(host) = host.and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, _)) => v6,
        None => host.split(':').next().unwrap_or_default(),
    };
    let ip = name.parse::<std::net::IpAddr>();
    name.eq_ignore_ascii_case("localhost") || ip.is_ok_and(|ip| ip.is_loopback())
}

fn json_type() -> [(axum::http::HeaderName, &'static str); 1] {
    [(CONTENT_TYPE, "application/json")]
}

/// An answer of GraphQL that says why there is none.
fn refused(status: StatusCode, what: &str) -> Response {
    let body = json!({"errors": [{"message": what}]}).to_string();
    (status, json_type(), body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        for (host, local) in [
            ("127.0.0.1:8889", true),
            ("localhost", true),
            ("[::1]:8889", true),
            ("spot.example", false),
            ("127.0.0.1.evil.example", false),
            ("10.0.0.5:8889", false),
            ("", false),
        ] {
            let value = HeaderValue::from_static(host);
            assert_eq!(is_local(Some(&value)), local, "{host}");
        }
        assert!(!is_local(None));
    }
}
