//! HTTP: who may ask, how much, and for how long.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::json;
use sha2::{Digest, Sha256};
use spot_store::{Result, Settings, StoreError};
use tokio::net::TcpListener;

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
    /// Searches that run at once; others wait.
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
    // Kept until the runtime is gone: a store that asks a server has a runtime of its own.
    let app = Arc::new(App::open(settings, options.limits.at_once)?);
    let server = Arc::new(Server {
        schema: schema(app.clone()),
        token: options.token.as_deref().map(digest),
        limits: options.limits,
    });
    let routes =
        Router::new().route("/graphql", post(answer).fallback(only_post)).with_state(server);
    let failed = |e: std::io::Error| {
        let fix = "choose another port with --listen, or end what listens there";
        StoreError::usage(format!("cannot serve on {}: {e}", options.listen), fix)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(failed)?;
    let done = runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await?;
        ready(listener.local_addr()?);
        let (ending, end) = tokio::sync::watch::channel(false);
        let told = async move {
            told_to_end().await;
            let _ = ending.send(true);
        };
        let serving = axum::serve(listener, routes).with_graceful_shutdown(told);
        tokio::select! {
            done = serving.into_future() => done,
            // Somebody who sends nothing more must not keep the process.
            () = patience(end, options.limits.time) => Ok(()),
        }
    });
    // A search that nobody waits for any more is left behind.
    runtime.shutdown_timeout(Duration::from_secs(1));
    done.map_err(failed)
}

async fn patience(mut end: tokio::sync::watch::Receiver<bool>, time: Duration) {
    // Fails when the sender is gone, which it is after it has sent.
    drop(end.wait_for(|told| *told).await);
    tokio::time::sleep(time).await;
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

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    // Before anything is read.
    if let Some(refusal) = server.refuses(request.headers()) {
        return refusal;
    }
    let Limits { request: most, time, answer, .. } = server.limits;
    let work = async {
        let body = match to_bytes(request.into_body(), most).await {
            Ok(body) => body,
            Err(e) => {
                let what = format!("the request has more than {most} bytes, or was cut off: {e}");
                return Err(refused(StatusCode::PAYLOAD_TOO_LARGE, &what));
            }
        };
        match serde_json::from_slice::<async_graphql::Request>(&body) {
            Ok(request) => {
                drop(body);
                Ok(server.schema.execute(request).await)
            }
            Err(e) => Err(refused(StatusCode::BAD_REQUEST, &format!("no GraphQL request: {e}"))),
        }
    };
    let done = match tokio::time::timeout(time, work).await {
        Ok(Ok(done)) => done,
        Ok(Err(refusal)) => return refusal,
        Err(_) => {
            let seconds = time.as_secs();
            let what = format!("this took longer than {seconds} seconds, and may still be done");
            return refused(StatusCode::OK, &what);
        }
    };
    match serde_json::to_vec(&done) {
        Ok(bytes) if bytes.len() > answer => {
            let what = format!("the answer has more than {answer} bytes");
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
