//! An evaluator without a compiler, for tests of the protocol. One command a line:
//!
//! | command | what it does |
//! |---|---|
//! | `line JSON` | writes a line to the output connection as the shim would |
//! | `print TEXT`, `eprint TEXT` | the same with a `stdout` or `stderr` line |
//! | `content MIME TEXT` | the same with a `content` line |
//! | `result TEXT` | gives TEXT as the cell's value itself |
//! | `fail NAME WHAT` | fails with this error |
//! | `panic` | panics inside the evaluator |
//! | `sleep MS` | waits, until interrupted |
//! | `work MS` | waits, until its process is ended, and another one started |
//! | `input PROMPT` | asks the user and prints the answer |
//! | `die` | the user process ends and a new one starts |
//! | `nocomplete` | leaves out the `complete` line |
//!
//! Its library prints what it receives but `cell` to the output connection and answers each `comm_msg` with
//! `handled`; a click with `{"event":"slow"}` it never answers.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value, json};

use crate::evaluator::{
    Bundle, CellError, Completeness, Completion, CompletionItem, Evaluator, Force, HelpLink,
    InputPrompt, KernelInfo, Outcome,
};

type Output = Arc<Mutex<UnixStream>>;

/// The evaluator.
pub struct MockEvaluator {
    socket: PathBuf,
    nonce: String,
    output: Output,
    events: UnixStream,
    interrupted: Arc<AtomicBool>,
    /// Only force helps.
    stubborn: Arc<AtomicBool>,
    generation: u64,
}

/// What the mock kernel says of itself.
pub fn mock_info() -> KernelInfo {
    KernelInfo {
        banner: "A mock".into(),
        implementation: "mock".into(),
        implementation_version: "0".into(),
        language_version: "1.95".into(),
        help_links: vec![HelpLink { text: "Help".into(), url: "https://doc.rust-lang.org".into() }],
    }
}

impl MockEvaluator {
    /// Connects a "user process" to the link.
    pub fn start(socket: PathBuf, nonce: String) -> Result<Box<dyn Evaluator>> {
        let (output, events) = user_process(&socket, &nonce)?;
        Ok(Box::new(Self {
            socket,
            nonce,
            output,
            events,
            interrupted: Arc::default(),
            stubborn: Arc::default(),
            generation: 0,
        }))
    }

    fn line(&self, line: &Value) {
        write(&self.output, line);
    }

    fn sleep(&self, time: Duration) -> bool {
        let end = std::time::Instant::now() + time;
        while std::time::Instant::now() < end {
            if self.interrupted.swap(false, Ordering::Relaxed) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        true
    }

    /// The user process is killed; another one takes its place.
    fn restart(&mut self) -> Result<()> {
        if let Ok(output) = self.output.lock() {
            output.shutdown(std::net::Shutdown::Both)?;
        }
        self.events.shutdown(std::net::Shutdown::Both)?;
        (self.output, self.events) = user_process(&self.socket, &self.nonce)?;
        self.generation += 1;
        Ok(())
    }
}

fn error(ename: &str, evalue: &str) -> Outcome {
    Outcome::Failed(CellError {
        ename: ename.into(),
        evalue: evalue.into(),
        traceback: vec![format!("{ename}: {evalue}")],
    })
}

fn write(output: &Output, line: &Value) {
    if let Ok(mut output) = output.lock() {
        let _ = output.write_all(format!("{line}\n").as_bytes());
    }
}

fn user_process(socket: &PathBuf, nonce: &str) -> Result<(Output, UnixStream)> {
    let connect = |role: &str| -> Result<UnixStream> {
        let mut stream = UnixStream::connect(socket)?;
        let hello = json!({"hello": nonce, "role": role});
        stream.write_all(format!("{hello}\n").as_bytes())?;
        Ok(stream)
    };
    let output: Output = Arc::new(Mutex::new(connect("output")?));
    let events = connect("events")?;
    let (lines, out) = (BufReader::new(events.try_clone()?), output.clone());
    std::thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            // It comes with every cell.
            if event["type"] == "cell" {
                continue;
            }
            write(&out, &json!({"type": "stdout", "text": format!("{line}\n")}));
            if event["type"] == "comm_msg" && event["data"]["content"]["event"] != "slow" {
                let handled = json!({"type": "handled", "token": event["token"]});
                write(&out, &json!({"type": "message", "payload": handled}));
            }
        }
    });
    Ok((output, events))
}

impl Evaluator for MockEvaluator {
    fn execute(&mut self, code: &str, input: &dyn Fn(InputPrompt) -> String) -> Outcome {
        let mut outcome = Outcome::Done { result: None };
        let mut complete = true;
        self.interrupted.store(false, Ordering::Relaxed);
        for line in code.lines() {
            let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "line" => self.line(&serde_json::from_str(rest).unwrap_or(json!(rest))),
                "print" => self.line(&json!({"type": "stdout", "text": format!("{rest}\n")})),
                "eprint" => self.line(&json!({"type": "stderr", "text": format!("{rest}\n")})),
                "content" => {
                    let (mime, text) = rest.split_once(' ').unwrap_or((rest, ""));
                    self.line(&json!({"type": "content", "mime": mime, "text": text}));
                }
                "result" => {
                    let mut data = Map::new();
                    data.insert("text/plain".into(), rest.into());
                    let result = Some(Bundle(data));
                    outcome = Outcome::Done { result };
                }
                "fail" => {
                    let (ename, evalue) = rest.split_once(' ').unwrap_or((rest, ""));
                    return error(ename, evalue);
                }
                "panic" => panic!("{rest}"),
                "sleep" => {
                    if !self.sleep(Duration::from_millis(rest.parse().unwrap_or(0))) {
                        return error("Interrupted", "the cell was stopped");
                    }
                }
                "work" => {
                    self.stubborn.store(true, Ordering::Relaxed);
                    let done = self.sleep(Duration::from_millis(rest.parse().unwrap_or(0)));
                    self.stubborn.store(false, Ordering::Relaxed);
                    if !done {
                        let restarted = self.restart();
                        return error("Died", &format!("{restarted:?}"));
                    }
                }
                "input" => {
                    let answer = input(InputPrompt { prompt: rest.into(), password: false });
                    self.line(&json!({"type": "stdout", "text": format!("<{answer}>\n")}));
                }
                "die" => {
                    if let Err(why) = self.restart() {
                        return error("Died", &why.to_string());
                    }
                    return error("Died", "the process ended");
                }
                "nocomplete" => complete = false,
                "" => {}
                other => return error("Syntax", other),
            }
        }
        if complete {
            self.line(&json!({"type": "complete"}));
        }
        outcome
    }

    fn complete(&mut self, code: &str, cursor: usize) -> Completion {
        let start = code[..cursor].rfind(' ').map_or(0, |at| at + 1);
        let typed = &code[start..cursor];
        let names = ["print", "eprint", "sleep", "größe"];
        let items = names
            .into_iter()
            .filter(|name| name.starts_with(typed))
            .map(|name| CompletionItem { text: name.into(), kind: "keyword".into() })
            .collect();
        Completion { items, start, end: cursor }
    }

    fn inspect(&mut self, code: &str, cursor: usize) -> Option<Bundle> {
        let start = code[..cursor].rfind(' ').map_or(0, |at| at + 1);
        let word = code[start..].split(' ').next()?;
        let mut data = Map::new();
        data.insert("text/plain".into(), format!("help on {word}").into());
        (!word.is_empty()).then_some(Bundle(data))
    }

    fn lost(&self) -> Vec<String> {
        (0..23).map(|number| format!("v{number}")).collect()
    }

    fn is_complete(&mut self, code: &str) -> Completeness {
        match code.trim_end().chars().last() {
            Some('\\') => Completeness::Incomplete { indent: "  ".into() },
            Some('!') => Completeness::Invalid,
            Some(_) => Completeness::Complete,
            None => Completeness::Unknown,
        }
    }

    fn interrupter(&self) -> Arc<dyn Fn(Force) -> bool + Send + Sync> {
        let interrupted = self.interrupted.clone();
        let stubborn = self.stubborn.clone();
        Arc::new(move |force| {
            let stops = force == Force::Hard || !stubborn.load(Ordering::Relaxed);
            if stops {
                interrupted.store(true, Ordering::Relaxed);
            }
            stops
        })
    }

    fn generation(&self) -> u64 {
        self.generation
    }
}
