//! One request to a server, and everything that can go wrong with it.

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Identity, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::answer::Answer;
use super::server::Server;
use crate::error::{Kind, Result, StoreError};
use crate::http::{causes, client_builder, no_pem, pem};

/// Most bytes of an answer, which becomes several times that when it is taken apart.
pub(super) const MOST: usize = 128 << 20;
/// Most bytes of rows, which come as one text: some 10 million of them.
pub(super) const ROWS_MOST: usize = 1 << 30;
/// Waits before a question is asked again. What changes something is never asked twice.
const WAITS: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(1000)];
const JSON: &str = "application/json";

/// A connection to a server.
pub(super) struct Client {
    server: Server,
    http: reqwest::Client,
    runtime: Runtime,
}

/// What came of one try.
enum Tried {
    Answered(Answer),
    /// Worth another try, if nothing was changed.
    Again(StoreError),
    Failed(StoreError),
}

impl Client {
    pub fn new(server: &Server) -> Result<Self> {
        let authority = server.authority.as_deref();
        let mut http = client_builder(server.timeout, server.is_local(), authority)?
            .default_headers(headers(server)?)
            // A redirect would carry the token to another place.
            .redirect(reqwest::redirect::Policy::none());
        if let Some(path) = &server.certificate {
            let identity = Identity::from_pem(&pem(path, "SPOT_CLIENT_CERT")?);
            http =
                http.identity(identity.map_err(|e| no_pem(path, "SPOT_CLIENT_CERT", &causes(&e)))?);
        }
        let http = http.build().map_err(|e| {
            let fix = "check SPOT_CA and SPOT_CLIENT_CERT";
            StoreError::usage(format!("cannot talk to a server: {}", causes(&e)), fix)
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|e| {
            StoreError::usage(format!("cannot talk to a server: {e}"), "close some files")
        })?;
        Ok(Self { server: server.clone(), http, runtime })
    }

    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Asks; tries again when the server cannot be reached or is busy.
    pub fn query(&self, operation: &str, variables: &Value, most: usize) -> Result<Answer> {
        let mut waits = WAITS.iter();
        loop {
            match (self.once(operation, variables, most), waits.next()) {
                (Tried::Answered(answer), _) => return Ok(answer),
                (Tried::Again(_), Some(wait)) => std::thread::sleep(*wait),
                (Tried::Again(error) | Tried::Failed(error), _) => return Err(error),
            }
        }
    }

    /// Changes something, once.
    pub fn mutate(&self, operation: &str, variables: &Value) -> Result<Answer> {
        match self.once(operation, variables, MOST) {
            Tried::Answered(answer) => Ok(answer),
            Tried::Again(error) | Tried::Failed(error) => Err(unsure(error)),
        }
    }

    fn once(&self, operation: &str, variables: &Value, most: usize) -> Tried {
        let body = json!({"query": operation, "variables": variables}).to_string();
        let request = self.http.post(self.server.url.clone()).body(body);
        self.runtime.block_on(self.send(self.let_in(request), most))
    }

    fn let_in(&self, request: RequestBuilder) -> RequestBuilder {
        match (&self.server.token, &self.server.basic) {
            (Some(token), _) => request.bearer_auth(token),
            (None, Some((user, password))) => request.basic_auth(user, Some(password)),
            (None, None) => request,
        }
    }

    async fn send(&self, request: RequestBuilder, most: usize) -> Tried {
        let mut response = match request.send().await {
            Ok(response) => response,
            Err(error) => return self.unreachable(&error),
        };
        let status = response.status();
        let mut bytes = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() > most => {
                    let what = format!("the answer has more than {most} bytes");
                    return Tried::Failed(self.wrong(what, "search for something smaller"));
                }
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return self.unreachable(&error),
            }
        }
        self.read(status, &bytes)
    }

    fn read(&self, status: StatusCode, bytes: &[u8]) -> Tried {
        let at_url = "check that SPOT_DATA is the address of a GraphQL endpoint";
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let fix =
                    "set SPOT_TOKEN, or SPOT_USER and SPOT_PASSWORD, to what the server wants";
                let what = format!("the server does not let us in ({status})");
                return Tried::Failed(StoreError::usage(what, fix).at(self.server.shown()));
            }
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
            | StatusCode::TOO_MANY_REQUESTS => {
                let what = format!("the server cannot answer now ({status})");
                return Tried::Again(self.wrong(what, "wait, then try again"));
            }
            _ => {}
        }
        if bytes.is_empty() {
            return Tried::Failed(self.wrong(format!("the answer is empty ({status})"), at_url));
        }
        match serde_json::from_slice(bytes).ok().and_then(Answer::new) {
            Some(answer) => Tried::Answered(answer.at(self.server.shown())),
            None => {
                let what = format!("the answer is no GraphQL ({status}): {}", begin(bytes));
                Tried::Failed(self.wrong(what, at_url))
            }
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Tried {
        let timeout = self.server.timeout.as_secs();
        if error.is_timeout() && !error.is_connect() {
            // It may still be at it: asking again would make it worse.
            let what = format!("the server did not answer within {timeout} seconds");
            return Tried::Failed(self.wrong(what, "set SPOT_TIMEOUT to more seconds"));
        }
        let cause = causes(error);
        let fix = if cause.contains("certificate") {
            "set SPOT_CA to the PEM file of the authority that signed the server's certificate"
        } else {
            "check that it runs, and the address in SPOT_DATA"
        };
        let what = format!("the server cannot be reached: {cause}");
        Tried::Again(self.wrong(what, fix))
    }

    fn wrong(&self, what: String, fix: &str) -> StoreError {
        let at = Some(self.server.shown().to_owned());
        StoreError { kind: Kind::Server, what, at, fix: fix.to_owned() }
    }
}

/// An error after which nobody knows whether something was changed.
pub(super) fn unsure(error: StoreError) -> StoreError {
    let fix = format!("{}; look whether it was saved before you try again", error.fix);
    StoreError { fix, ..error }
}

fn headers(server: &Server) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(JSON));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    for (name, value) in &server.headers {
        let wrong = |what: &str| {
            let fix = "write `Name: value`, several with `;` between";
            StoreError::usage(format!("a header has {what}"), fix).at("SPOT_HEADERS")
        };
        let name = HeaderName::try_from(name.as_str()).map_err(|_| wrong("no possible name"))?;
        let value = HeaderValue::try_from(value.as_str());
        let mut value = value.map_err(|_| wrong("no possible value"))?;
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// The begin of an answer, for people.
fn begin(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text: Vec<&str> = text.split_whitespace().collect();
    let text = text.join(" ");
    let cut: String = text.chars().take(80).collect();
    if cut.len() < text.len() { format!("`{cut} ..`") } else { format!("`{cut}`") }
}
