//! The link to the kernel: marker lines out, events in. `docs/cell-link.md` has the whole of it.
//!
//! Messages leave as lines of standard output, so that they keep their order among `println!`s;
//! events come over a unix socket, so that a click is heard while a cell runs and between cells.

use std::cell::{Cell, RefCell};
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, Once, OnceLock};
use std::time::Instant;

use serde_json::{Value, json};

use crate::dispatch::lock;
use crate::model::Model;
use crate::{dispatch, registry};

const SOCKET: &str = "EVCXR_WIDGETS_SOCKET";
const NONCE: &str = "EVCXR_WIDGETS_NONCE";
/// Begins a message on standard output (RECORD SEPARATOR).
pub(crate) const MARK: char = '\u{1e}';

/// What has a place among prints; comms have none.
const AMONG_PRINTS: [&str; 4] = ["display_data", "update_display_data", "clear_output", "stream"];

/// When the user pressed Interrupt, and when the last cell was given to the kernel.
static INTERRUPTED: Mutex<Option<Instant>> = Mutex::new(None);
static CELL: Mutex<Option<Instant>> = Mutex::new(None);

thread_local! {
    /// When the handler began that runs on this thread.
    static HANDLER: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The kernel's end, as the environment names it.
pub(crate) struct Link {
    socket: PathBuf,
    nonce: String,
    connected: Once,
    /// Marks put on standard error so far.
    marks: AtomicU64,
}

/// The link of this process; `None` when the kernel is not one that has widgets.
pub(crate) fn link() -> Option<&'static Link> {
    static LINK: OnceLock<Option<Link>> = OnceLock::new();
    LINK.get_or_init(Link::from_environment).as_ref()
}

/// Whether a kernel with widgets runs this code.
///
/// When it does not (the stock evcxr_jupyter kernel, a program, a test), widgets keep their state in
/// memory and everything that is shown becomes static output.
pub fn is_live() -> bool {
    link().is_some()
}

/// Whether the user has pressed Interrupt since the running cell began, or on a handler's thread since
/// that handler did.
///
/// Long work should look here now and then and stop early: two seconds after the press the kernel ends a cell that has
/// not, with all its variables. Always false when not [`is_live`].
///
/// ```
/// fn sum(numbers: impl Iterator<Item = u64>) -> Result<u64, &'static str> {
///     let mut sum = 0;
///     for number in numbers {
///         if evcxr_widgets::interrupted() {
///             return Err("cancelled");
///         }
///         sum += number;
///     }
///     Ok(sum)
/// }
/// assert_eq!(sum(1..=3), Ok(6));
/// ```
pub fn interrupted() -> bool {
    if let Some(link) = link() {
        link.connect();
    }
    let began = HANDLER.get().or(*lock(&CELL));
    lock(&INTERRUPTED).is_some_and(|pressed| began.is_none_or(|began| pressed > began))
}

/// Forgets an earlier interrupt: for work that begins anew within one cell.
pub fn reset_interrupt() {
    *lock(&INTERRUPTED) = None;
}

/// Runs a handler: only an interrupt from now on is meant for it.
pub(crate) fn as_handler<T>(work: impl FnOnce() -> T) -> T {
    let before = HANDLER.replace(Some(Instant::now()));
    let result = work();
    HANDLER.set(before);
    result
}

/// Calls `handler` whenever a page asks for the state of all widgets: it was reloaded, or a second
/// one was opened. Results that live in ordinary outputs cannot be updated in such a page.
pub fn on_restored(handler: impl FnMut() + Send + 'static) {
    if let Some(link) = link() {
        dispatch::add_restored(handler);
        link.connect();
    }
}

/// What a message's output belongs to.
#[derive(Clone)]
pub(crate) enum Parent {
    /// The running cell, or the last one.
    Cell,
    /// The front end's message that came with this token.
    Token(Value),
    /// The cell in which this comm was opened.
    CellOf(String),
}

thread_local! {
    static PARENT: RefCell<Parent> = const { RefCell::new(Parent::Cell) };
}

/// Whether what this thread shows is the running cell's own.
pub(crate) fn is_in_cell() -> bool {
    PARENT.with_borrow(|parent| matches!(parent, Parent::Cell))
}

/// Runs `work` with everything that it sends on this thread having `parent`.
pub(crate) fn with_parent<T>(parent: Parent, work: impl FnOnce() -> T) -> T {
    /// Puts the former parent back, also when `work` panics.
    struct Restore(Parent);
    impl Drop for Restore {
        fn drop(&mut self) {
            PARENT.replace(std::mem::replace(&mut self.0, Parent::Cell));
        }
    }
    let _restore = Restore(PARENT.replace(parent));
    work()
}

impl Link {
    fn from_environment() -> Option<Link> {
        let socket = std::env::var_os(SOCKET)?;
        let nonce = std::env::var(NONCE).ok()?;
        let valid = nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit());
        (valid && cfg!(unix)).then(|| Link {
            socket: PathBuf::from(socket),
            nonce,
            connected: Once::new(),
            marks: AtomicU64::new(0),
        })
    }

    /// Sends one message (a JSON object) with this thread's parent.
    pub(crate) fn send(&self, mut message: Value) {
        let parent = PARENT.with_borrow(|parent| match parent {
            Parent::Cell => None,
            Parent::Token(token) => Some(json!({ "token": token })),
            Parent::CellOf(comm) => Some(json!({ "cell_of": comm })),
        });
        if let Some(parent) = parent {
            message["parent"] = parent;
        }
        let mut stdout = io::stdout().lock();
        if message["type"].as_str().is_some_and(|kind| AMONG_PRINTS.contains(&kind)) {
            // Standard error is another pipe: the mark in it says what was written before this.
            let mark = self.marks.fetch_add(1, Ordering::Relaxed) + 1;
            message["mark"] = mark.into();
            let line = format!("{MARK}{}{mark}\n", self.nonce);
            let _ = io::stderr().lock().write_all(line.as_bytes());
        }
        // serde_json escapes control characters: neither a line break nor a MARK can be inside.
        let line = format!("{MARK}{}{message}\n", self.nonce);
        // A closed standard output means that the kernel is gone, and nobody is left to be told.
        let _ = stdout.write_all(line.as_bytes()).and_then(|()| stdout.flush());
    }

    /// Connects to the kernel's socket and starts to listen, the first time it is called.
    pub(crate) fn connect(&'static self) {
        self.connected.call_once(|| {
            let listening = self.open().and_then(|events| {
                std::thread::Builder::new()
                    .name("widget-events".to_owned())
                    .spawn(move || listen(events))
            });
            if let Err(error) = listening {
                let socket = self.socket.display();
                eprintln!(
                    "Widgets will not answer: no connection to the kernel ({socket}: {error})"
                );
            }
        });
    }

    #[cfg(unix)]
    fn open(&self) -> io::Result<impl BufRead + use<>> {
        let mut stream = std::os::unix::net::UnixStream::connect(&self.socket)?;
        let hello = json!({ "hello": self.nonce, "role": "events" });
        stream.write_all(format!("{hello}\n").as_bytes())?;
        Ok(BufReader::new(stream))
    }

    #[cfg(not(unix))]
    fn open(&self) -> io::Result<impl BufRead + use<>> {
        Err::<io::Empty, _>(io::Error::from(io::ErrorKind::Unsupported))
    }
}

/// Reads events until the kernel hangs up. What is no event is skipped.
fn listen(mut events: impl BufRead) {
    let mut line = Vec::new();
    while matches!(events.read_until(b'\n', &mut line), Ok(1..)) {
        if let Ok(event) = serde_json::from_slice::<Value>(&line) {
            hear(&event);
        }
        line.clear();
    }
}

/// State is stored here, at once and in the order of the user's actions; handlers run elsewhere.
fn hear(event: &Value) {
    let comm = event["comm_id"].as_str().unwrap_or_default();
    match event["type"].as_str() {
        Some("comm_msg") => {
            let calls =
                registry::find(comm).map(|model| model.receive(&event["data"], &event["buffers"]));
            dispatch::submit(comm, event.get("token"), calls.unwrap_or_default());
        }
        Some("comm_open") => {
            let token = event.get("token");
            let parent = token.map_or(Parent::Cell, |token| Parent::Token(token.clone()));
            with_parent(parent, || {
                Model::opened_by_front_end(comm, &event["data"], &event["buffers"])
            });
            dispatch::submit(comm, token, Vec::new());
        }
        Some("comm_close") => registry::closed_by_front_end(comm),
        Some("restored") => dispatch::submit_restored(),
        Some("cell") => *lock(&CELL) = Some(Instant::now()),
        Some("interrupt") => *lock(&INTERRUPTED) = Some(Instant::now()),
        _ => {}
    }
}
