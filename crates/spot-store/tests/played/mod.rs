//! A GraphQL server that a test plays: one answer after the other, whatever is asked.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use spot_store::settings::given;
use spot_store::{GraphQl, Result, Settings, open};

/// What the server does with a request.
#[derive(Clone)]
pub enum Reply {
    /// 200 and this JSON.
    Json(Value),
    /// A status line's end (`500 Oops`) and a body.
    Status(&'static str, &'static str),
    /// Closes the connection.
    Nothing,
    /// Begins an answer and closes the connection.
    Half,
    /// Says nothing for so long.
    Silence(Duration),
}

/// A request, as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub headers: String,
    pub body: Value,
}

pub struct Played {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    _thread: JoinHandle<()>,
}

/// Plays `answer` for each request; it gets the request's number.
pub fn play(answer: impl Fn(usize, &Asked) -> Reply + Send + 'static) -> Played {
    play_with(None, answer)
}

/// As [`play`], with TLS.
pub fn play_tls(
    tls: ServerConfig,
    answer: impl Fn(usize, &Asked) -> Reply + Send + 'static,
) -> Played {
    play_with(Some(Arc::new(tls)), answer)
}

fn play_with(
    tls: Option<Arc<ServerConfig>>,
    answer: impl Fn(usize, &Asked) -> Reply + Send + 'static,
) -> Played {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}/graphql", listener.local_addr().expect("address"));
    let asked = Arc::new(Mutex::new(Vec::new()));
    let all = asked.clone();
    let thread = std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { break };
            let handle = |request: Asked| {
                let mut all = all.lock().expect("no panic");
                all.push(request.clone());
                let number = all.len() - 1;
                drop(all);
                answer(number, &request)
            };
            match &tls {
                None => serve(stream, handle),
                Some(tls) => {
                    let session = ServerConnection::new(tls.clone()).expect("a session");
                    serve(StreamOwned::new(session, stream), handle);
                }
            }
        }
    });
    Played { url, asked, _thread: thread }
}

impl Played {
    /// What was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic").clone()
    }

    /// Settings that name it.
    pub fn settings(&self, more: &[(&str, &str)]) -> Settings {
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let cell = given(more.chain([("SPOT_DATA".to_owned(), self.url.clone())]));
        Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
    }

    /// The error of opening it.
    pub fn open_error(&self, more: &[(&str, &str)]) -> String {
        match open(&self.settings(more)) {
            Ok(store) => panic!("opened {}", store.describe()),
            Err(error) => error.to_string(),
        }
    }

    /// It, opened.
    pub fn open(&self) -> Result<GraphQl> {
        match self.settings(&[]).data {
            spot_store::settings::Data::Server(server) => GraphQl::open(&server),
            other => panic!("{other:?}"),
        }
    }
}

fn serve(mut stream: impl Read + Write, handle: impl FnOnce(Asked) -> Reply) {
    if let Some(request) = read(&mut stream) {
        reply(&mut stream, handle(request));
    }
}

fn read(stream: &mut impl Read) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let (mut headers, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { headers, body: serde_json::from_slice(&body).ok()? })
}

fn reply(stream: &mut impl Write, reply: Reply) {
    let (status, body) = match &reply {
        Reply::Json(value) => ("200 OK", value.to_string()),
        Reply::Status(status, body) => (*status, (*body).to_owned()),
        Reply::Half => ("200 OK", String::new()),
        Reply::Silence(time) => {
            std::thread::sleep(*time);
            return;
        }
        Reply::Nothing => return,
    };
    let length = if matches!(reply, Reply::Half) { 100 } else { body.len() };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n");
    // Who asked may be gone.
    drop(write!(stream, "{head}location: http://127.0.0.1:9/\r\n\r\n{body}"));
    drop(stream.flush());
}
