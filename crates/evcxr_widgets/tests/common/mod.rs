//! A kernel's end of the cell link, for a user process that is this test program started again.
//!
//! A scenario is an ignored test of the same file; it runs in the child, with the link in its
//! environment, and [`Kernel`] plays the kernel.

// Each test program uses a part of this.
#![allow(dead_code)]
#![cfg(unix)]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};

const NONCE: &str = "0123456789abcdef0123456789abcdef";
/// Only so that a failed test ends.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Kernel {
    child: Child,
    heard: Receiver<Value>,
    listener: UnixListener,
    folder: PathBuf,
    events: Option<UnixStream>,
    /// What the process writes to its standard error; shown when the test fails.
    told: PathBuf,
}

/// Starts the ignored test `scenario` of this program in a process of its own.
pub fn command(scenario: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("own path"));
    command
        .args(["--exact", scenario, "--ignored", "--nocapture", "--test-threads=1"])
        .env_remove("EVCXR_WIDGETS_SOCKET")
        .env_remove("EVCXR_WIDGETS_NONCE")
        .env_remove("EVCXR_IS_RUNTIME")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// Keeps a scenario's process alive until the kernel hangs up.
pub fn serve() {
    if !evcxr_widgets::is_live() {
        return;
    }
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
}

impl Kernel {
    pub fn start(scenario: &str) -> Kernel {
        let name = format!("widgets-{}", uuid::Uuid::new_v4().simple());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).expect("a folder for the socket");
        let socket = folder.join("link");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let told = folder.join("stderr");
        let stderr = std::fs::File::create(&told).expect("a file for what it tells");
        let mut child = command(scenario)
            .stderr(stderr)
            .env("EVCXR_WIDGETS_SOCKET", &socket)
            .env("EVCXR_WIDGETS_NONCE", NONCE)
            .spawn()
            .expect("the scenario starts");
        let stdout = child.stdout.take().expect("piped");
        let (sender, heard) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                let (plain, message) = read(&line);
                if !plain.is_empty() {
                    let _ = sender.send(json!({ "type": "plain", "text": plain }));
                }
                if let Some(message) = message {
                    let _ = sender.send(message);
                }
            }
        });
        Kernel { child, heard, listener, folder, events: None, told }
    }

    /// Everything up to and with the first message that `last` recognises; libtest's lines left out.
    pub fn until(&self, last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut heard = Vec::new();
        loop {
            let message = self.heard.recv_timeout(PATIENCE);
            let message = message.unwrap_or_else(|_| panic!("waited in vain after {heard:#?}"));
            let found = last(&message);
            heard.push(message);
            if found {
                return heard;
            }
        }
    }

    /// Up to the plain line that ends with `text`.
    pub fn until_text(&self, text: &str) -> Vec<Value> {
        self.until(|message| message["text"].as_str().is_some_and(|line| line.ends_with(text)))
    }

    pub fn until_handled(&self, token: u64) -> Vec<Value> {
        self.until(|message| message["type"] == "handled" && message["token"] == token)
    }

    /// Sends an event on the events connection, which must have begun with the right greeting.
    pub fn event(&mut self, event: Value) {
        if self.events.is_none() {
            let (stream, _) = self.listener.accept().expect("the library connects");
            let mut hello = String::new();
            let copy = stream.try_clone().expect("a second end");
            BufReader::new(copy).read_line(&mut hello).expect("a greeting");
            let hello: Value = serde_json::from_str(&hello).expect("JSON");
            assert_eq!(hello, json!({ "hello": NONCE, "role": "events" }));
            self.events = Some(stream);
        }
        let stream = self.events.as_mut().expect("connected");
        stream.write_all(format!("{event}\n").as_bytes()).expect("the library listens");
    }

    /// A page changes state.
    pub fn update(&mut self, comm: &str, state: Value, token: u64) {
        let data = json!({ "method": "update", "state": state, "buffer_paths": [] });
        self.event(json!({ "type": "comm_msg", "comm_id": comm, "data": data, "buffers": [], "token": token }));
    }

    /// A page sends an event such as `click`.
    pub fn custom(&mut self, comm: &str, event: &str, token: u64) {
        let data = json!({ "method": "custom", "content": { "event": event } });
        self.event(json!({ "type": "comm_msg", "comm_id": comm, "data": data, "token": token }));
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("{}", std::fs::read_to_string(&self.told).unwrap_or_default());
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A line of standard output: plain text, and the message that may follow it.
fn read(line: &str) -> (String, Option<Value>) {
    let Some((plain, rest)) = line.split_once('\u{1e}') else {
        return (line.to_owned(), None);
    };
    let message = rest.strip_prefix(NONCE).expect("the nonce after the mark");
    (plain.to_owned(), Some(serde_json::from_str(message).expect("one JSON object")))
}

/// The messages of this type.
pub fn of_type<'a>(messages: &'a [Value], kind: &str) -> Vec<&'a Value> {
    messages.iter().filter(|message| message["type"] == kind).collect()
}

/// The comm id of the first model of this name.
pub fn comm(messages: &[Value], model: &str) -> String {
    let opened = of_type(messages, "comm_open");
    let found = opened.iter().find(|open| open["data"]["state"]["_model_name"] == model);
    let found = found.unwrap_or_else(|| panic!("no {model} in {messages:#?}"));
    found["comm_id"].as_str().expect("an id").to_owned()
}

/// Replaces ids by the names of their models, which must have been opened before.
pub fn name_references(value: &mut Value, names: &BTreeMap<String, String>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| name_references(value, names)),
        Value::String(text) => {
            if let Some(id) = text.strip_prefix("IPY_MODEL_") {
                *text = format!("IPY_MODEL_{}", names.get(id).expect("opened before it is named"));
            }
        }
        _ => {}
    }
}
