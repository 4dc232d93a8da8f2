//! Runs handlers: those of one widget one after the other, those of different widgets side by side.
//!
//! A widget with something to do has a thread until its queue is empty, so a long search does not
//! keep the other controls from answering.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, Once, PoisonError};

use serde_json::{Value, json};

use crate::link::{Parent, as_handler, link, with_parent};
use crate::registry;

/// A change of one trait, or a custom message, as a handler hears of it.
#[derive(Clone, Debug)]
pub struct Change {
    /// The trait's name in ipywidgets, such as `value`; for a custom message its event, such as `click`.
    pub name: String,
    /// The value before (`null` for a custom message).
    pub old: Value,
    /// The value now; for a custom message its content.
    pub new: Value,
}

/// A handler that may be on several lists at once; only one thread at a time runs it.
pub(crate) type Handler = Arc<Mutex<dyn FnMut(&Change) + Send>>;
/// A handler and what it is to be told.
pub(crate) type Call = (Handler, Change);

struct Job {
    token: Option<Value>,
    calls: Vec<Call>,
}

/// Waiting jobs by comm; a comm has an entry as long as a thread works for it.
static QUEUES: LazyLock<Mutex<HashMap<String, VecDeque<Job>>>> = LazyLock::new(Mutex::default);
static RESTORED: Mutex<Vec<Handler>> = Mutex::new(Vec::new());
/// The queue of the handlers that belong to no widget (no comm has an empty id).
const NO_COMM: &str = "";

/// A lock that a panicking handler cannot take away from the others.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn add_restored(mut handler: impl FnMut() + Send + 'static) {
    lock(&RESTORED).push(Arc::new(Mutex::new(move |_: &Change| handler())));
}

pub(crate) fn submit_restored() {
    let change = Change { name: "restored".to_owned(), old: Value::Null, new: Value::Null };
    let handlers = lock(&RESTORED).clone();
    let calls = handlers.into_iter();
    let calls = calls.map(|handler| (handler, change.clone())).collect();
    submit(NO_COMM, None, calls);
}

/// Queues `calls` behind the earlier ones of the same comm. The kernel hears `handled` after them.
pub(crate) fn submit(comm: &str, token: Option<&Value>, calls: Vec<Call>) {
    let job = Job { token: token.cloned(), calls };
    let mut queues = lock(&QUEUES);
    if let Some(queue) = queues.get_mut(comm) {
        queue.push_back(job);
        return;
    }
    queues.insert(comm.to_owned(), VecDeque::from([job]));
    drop(queues);
    let id = comm.to_owned();
    let thread = std::thread::Builder::new().name("widget-handler".to_owned());
    if thread.spawn(move || drain(&id)).is_err() {
        // No thread to be had: late answers are better than none.
        drain(comm);
    }
}

fn drain(comm: &str) {
    loop {
        let mut queues = lock(&QUEUES);
        let Some(job) = queues.get_mut(comm).and_then(VecDeque::pop_front) else {
            queues.remove(comm);
            return;
        };
        drop(queues);
        job.run(comm);
    }
}

impl Job {
    fn run(self, comm: &str) {
        let parent = self.token.clone().map_or(Parent::Cell, Parent::Token);
        with_parent(parent, || {
            for (handler, change) in self.calls {
                let run = || (lock(&handler))(&change);
                if let Err(report) = as_handler(|| catch(run)) {
                    tell(comm, &change.name, &report);
                }
            }
        });
        if let (Some(token), Some(link)) = (self.token, link()) {
            link.send(json!({ "type": "handled", "token": token }));
        }
    }
}

thread_local! {
    static IN_HANDLER: Cell<bool> = const { Cell::new(false) };
    static REPORT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `work`; when it panics, the error says where and why.
fn catch(work: impl FnOnce()) -> Result<(), String> {
    keep_handlers_panics();
    IN_HANDLER.set(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IN_HANDLER.set(false);
    result.map_err(|payload| REPORT.take().unwrap_or_else(|| message(&*payload).to_owned()))
}

/// The kernel takes "panicked at" on standard error for the running cell's own panic. So a handler's
/// panic does not reach the usual hook: it is kept for [`tell`].
fn keep_handlers_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if IN_HANDLER.get() {
                let place = info.location().map(|place| format!(" (at {place})"));
                let text = message(info.payload());
                REPORT.set(Some(format!("{text}{}", place.unwrap_or_default())));
            } else {
                usual(info);
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("panicked")
}

/// Shows a handler's panic. Twice: a stream whose parent is the click is right by the protocol, but
/// JupyterLab shows it only in its log, so it is displayed in the widget's cell as well.
fn tell(comm: &str, event: &str, report: &str) {
    let Some(link) = link() else { return };
    let widget =
        registry::find(comm).map_or_else(String::new, |model| format!(" of {}", model.name()));
    let text = format!("The handler for `{event}`{widget} panicked: {report}");
    link.send(json!({ "type": "stream", "name": "stderr", "text": format!("{text}\n") }));
    let show = || {
        let data = json!({ "text/plain": text });
        link.send(json!({ "type": "display_data", "data": data, "metadata": {} }));
    };
    match comm {
        NO_COMM => with_parent(Parent::Cell, show),
        _ => with_parent(Parent::CellOf(comm.to_owned()), show),
    }
}
