//! The evaluator's thread: takes jobs one at a time, answers with events.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self as std_mpsc, TryRecvError};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::code_points::{from_byte, to_byte};
use crate::evaluator::{
    CellError, Completeness, Completion, Evaluator, Force, InputPrompt, Outcome,
};
use crate::kernel::{Asked, Event};

/// Stops what runs; true if something was stopped.
pub type Interrupter = Arc<dyn Fn(Force) -> bool + Send + Sync>;

/// How long a cell may take to notice an interrupt by itself, before its process is ended.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether a compilation has begun, which costs nothing to stop.
const LOOK: Duration = Duration::from_millis(50);
/// So many lost variables are named.
const NAMED: usize = 20;

/// Work for the evaluator.
#[derive(Debug)]
pub enum Job {
    /// Run a cell.
    Execute {
        /// Its text.
        code: String,
        /// Whether the client answers questions.
        allow_stdin: bool,
    },
    /// Answer a complete_request, inspect_request or is_complete_request.
    Answer(Asked),
}

/// The thread and how to reach it. It ends when this is dropped and the last job is done.
pub struct Worker {
    jobs: std_mpsc::Sender<Job>,
    stop: Arc<Stop>,
    ended: oneshot::Receiver<()>,
}

/// The wish to stop the cell that was given last.
#[derive(Default)]
struct Stop {
    wish: Mutex<Wish>,
    /// Set when the evaluator has started.
    interrupter: OnceLock<Interrupter>,
}

#[derive(Default)]
struct Wish {
    /// The cell is given and has not ended.
    pending: bool,
    /// How often the user has asked for this cell.
    asked: u32,
}

impl Stop {
    fn wish(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> bool {
        self.wish().asked > 0
    }

    /// Waits for the cell to end by itself. A compilation that begins meanwhile is stopped; after
    /// [`PATIENCE`], or when the user asks again, the process is ended.
    fn insist(&self) {
        let Some(interrupter) = self.interrupter.get() else { return };
        let begin = Instant::now();
        loop {
            {
                // Kept while something is stopped: the cell cannot end and the next one begin.
                let wish = self.wish();
                if !wish.pending || wish.asked == 0 || interrupter(Force::Gentle) {
                    return;
                }
                if wish.asked > 1 || begin.elapsed() >= PATIENCE {
                    interrupter(Force::Hard);
                    return;
                }
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Worker {
    /// Starts the thread; jobs wait until `make` has made the evaluator. When that fails, every
    /// cell fails with the reason.
    pub fn start(
        make: impl FnOnce() -> Result<Box<dyn Evaluator>> + Send + 'static,
        events: mpsc::UnboundedSender<Event>,
    ) -> Result<Self> {
        let (jobs, queue) = std_mpsc::channel();
        let (end, ended) = oneshot::channel();
        let stop = Arc::new(Stop::default());
        let own = stop.clone();
        std::thread::Builder::new().name("evaluator".into()).spawn(move || {
            run(make, &queue, &events, &own);
            let _ = end.send(());
        })?;
        Ok(Self { jobs, stop, ended })
    }

    /// Queues a job. Nothing is answered once the thread has ended.
    pub fn give(&self, job: Job) {
        if matches!(job, Job::Execute { .. }) {
            *self.stop.wish() = Wish { pending: true, asked: 0 };
        }
        let _ = self.jobs.send(job);
    }

    /// Stops the cell that was given last: at once if that costs nothing, else when it has not ended
    /// after two seconds, or the user asks again. A cell that waits for the evaluator to
    /// start will not run.
    pub fn interrupt(&self) {
        self.ask(1);
    }

    /// Stops the cell that was given last, whatever it costs.
    pub fn stop(&self) {
        self.ask(2);
    }

    fn ask(&self, times: u32) {
        let before = {
            let mut wish = self.stop.wish();
            let before = wish.asked;
            wish.asked = before.saturating_add(times);
            before
        };
        if before == 0 {
            let stop = self.stop.clone();
            let _ =
                std::thread::Builder::new().name("interrupt".into()).spawn(move || stop.insist());
        }
    }

    /// Takes no more jobs; the result is ready when the evaluator was dropped.
    pub fn end(self) -> oneshot::Receiver<()> {
        self.ended
    }
}

fn run(
    make: impl FnOnce() -> Result<Box<dyn Evaluator>>,
    jobs: &std_mpsc::Receiver<Job>,
    events: &mpsc::UnboundedSender<Event>,
    stop: &Stop,
) {
    let made = guarded(make).unwrap_or_else(|panic| Err(anyhow::anyhow!(panic)));
    let mut evaluator = made.map_err(|error| format!("{error:#}"));
    let mut first = None;
    if let Ok(evaluator) = &mut evaluator {
        first = warm_up(evaluator.as_mut(), jobs);
        // Not before: a cell that waits for it has nothing running that could be stopped.
        let _ = stop.interrupter.set(evaluator.interrupter());
    }
    for job in first.into_iter().chain(jobs) {
        let event = match job {
            Job::Execute { code, allow_stdin } => {
                execute(&mut evaluator, &code, allow_stdin, events, stop)
            }
            Job::Answer(asked) => {
                let content = match &mut evaluator {
                    Ok(evaluator) => guarded(|| answer(evaluator.as_mut(), &asked)),
                    Err(why) => Err(why.clone()),
                };
                let content = content.unwrap_or_else(|why| no_answer(&asked, &why));
                Event::Answered(asked, content)
            }
        };
        if events.send(event).is_err() {
            break;
        }
    }
}

/// Warms up until there is a first job, which waits for one step at most.
fn warm_up(evaluator: &mut dyn Evaluator, jobs: &std_mpsc::Receiver<Job>) -> Option<Job> {
    loop {
        match jobs.try_recv() {
            Ok(job) => return Some(job),
            Err(TryRecvError::Disconnected) => return None,
            Err(TryRecvError::Empty) => {}
        }
        if !guarded(|| evaluator.warm_up()).unwrap_or(false) {
            return None;
        }
    }
}

/// Catches a panic of the evaluator: the kernel must go on and say what happened.
fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|payload| {
        let text = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied());
        format!("the evaluator panicked: {}", text.unwrap_or("no reason"))
    })
}

fn execute(
    evaluator: &mut Result<Box<dyn Evaluator>, String>,
    code: &str,
    allow_stdin: bool,
    events: &mpsc::UnboundedSender<Event>,
    stop: &Stop,
) -> Event {
    let input = |prompt: InputPrompt| {
        let (answer, wait) = std_mpsc::channel();
        if allow_stdin && events.send(Event::Input(prompt, answer)).is_ok() {
            return wait.recv().unwrap_or_default();
        }
        String::new()
    };
    let (mut before, mut after, mut lost) = (0, 0, Vec::new());
    let outcome = match evaluator {
        Ok(evaluator) => {
            let generation = |of: &dyn Evaluator| guarded(|| of.generation()).unwrap_or_default();
            before = generation(evaluator.as_ref());
            let outcome = match stop.wanted() {
                true => Ok(interrupted(false)),
                false => guarded(|| evaluator.execute(code, &input)),
            };
            after = generation(evaluator.as_ref());
            if after != before {
                lost = guarded(|| evaluator.lost()).unwrap_or_default();
            }
            outcome
        }
        Err(why) => Err(format!("the evaluator did not start: {why}")),
    };
    let outcome = outcome.unwrap_or_else(|why| {
        Outcome::Failed(CellError {
            ename: "KernelError".into(),
            traceback: why.lines().map(str::to_owned).collect(),
            evalue: why,
        })
    });
    let wanted = {
        let mut wish = stop.wish();
        wish.pending = false;
        wish.asked > 0
    };
    let mut outcome = match outcome {
        Outcome::Failed(_) if wanted => interrupted(after != before),
        outcome => outcome,
    };
    if let (Outcome::Failed(error), false) = (&mut outcome, lost.is_empty()) {
        error.traceback.push(format!("Lost variables: {}", named(&lost)));
    }
    Event::Executed(outcome, after)
}

/// The names, or some of them and how many more.
pub fn named(names: &[String]) -> String {
    let mut text = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        text += &format!(" and {} more", names.len() - NAMED);
    }
    text
}

fn interrupted(process_ended: bool) -> Outcome {
    let evalue = if process_ended {
        "The cell was stopped. Its process was ended with it: all variables and widgets are lost, \
         run the cells again."
    } else {
        "The cell was stopped before it ran: variables and widgets are as they were."
    };
    Outcome::Failed(CellError {
        ename: "Interrupted".into(),
        evalue: evalue.into(),
        traceback: vec![evalue.into()],
    })
}

fn answer(evaluator: &mut dyn Evaluator, asked: &Asked) -> Value {
    let request = &asked.request;
    let code = request.text("code").unwrap_or_default();
    let position = request.content.get("cursor_pos").and_then(Value::as_u64);
    let cursor = position.map_or(code.len(), |position| to_byte(code, position));
    match request.kind.as_str() {
        "complete_request" => completion(code, &evaluator.complete(code, cursor)),
        "inspect_request" => {
            let bundle = evaluator.inspect(code, cursor);
            let data = bundle.as_ref().map_or_else(|| json!({}), |b| json!(b.0));
            json!({"status": "ok", "found": bundle.is_some(), "data": data, "metadata": {}})
        }
        _ => match evaluator.is_complete(code) {
            Completeness::Complete => json!({"status": "complete"}),
            Completeness::Incomplete { indent } => {
                json!({"status": "incomplete", "indent": indent})
            }
            Completeness::Invalid => json!({"status": "invalid"}),
            Completeness::Unknown => json!({"status": "unknown"}),
        },
    }
}

fn completion(code: &str, completion: &Completion) -> Value {
    let start = from_byte(code, completion.start);
    let end = from_byte(code, completion.end).max(start);
    let texts: Vec<&str> = completion.items.iter().map(|i| i.text.as_str()).collect();
    let types: Vec<Value> = completion
        .items
        .iter()
        .map(|item| json!({"text": item.text, "type": item.kind, "start": start, "end": end}))
        .collect();
    let mut metadata = Map::new();
    // The name is what JupyterLab reads.
    metadata.insert("_jupyter_types_experimental".into(), types.into());
    json!({
        "status": "ok", "matches": texts, "cursor_start": start, "cursor_end": end,
        "metadata": metadata,
    })
}

fn no_answer(asked: &Asked, why: &str) -> Value {
    match asked.request.kind.as_str() {
        "is_complete_request" => json!({"status": "unknown"}),
        _ => json!({"status": "error", "ename": "KernelError", "evalue": why, "traceback": []}),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::evaluator::Bundle;

    /// Counts the steps of its warming up, of which there are three; a cell gives the number.
    struct Cold(Arc<AtomicUsize>);

    impl Evaluator for Cold {
        fn execute(&mut self, _: &str, _: &dyn Fn(InputPrompt) -> String) -> Outcome {
            let steps = self.0.load(Ordering::SeqCst).to_string();
            let bundle = Map::from_iter([("text/plain".to_owned(), Value::String(steps))]);
            Outcome::Done { result: Some(Bundle(bundle)) }
        }
        fn complete(&mut self, _: &str, _: usize) -> Completion {
            Completion::default()
        }
        fn inspect(&mut self, _: &str, _: usize) -> Option<Bundle> {
            None
        }
        fn is_complete(&mut self, _: &str) -> Completeness {
            Completeness::Unknown
        }
        fn interrupter(&self) -> Interrupter {
            Arc::new(|_| false)
        }
        fn generation(&self) -> u64 {
            0
        }
        fn warm_up(&mut self) -> bool {
            self.0.fetch_add(1, Ordering::SeqCst) < 2
        }
    }

    fn cell() -> Job {
        Job::Execute { code: String::new(), allow_stdin: false }
    }

    /// What the cell says that was given before the evaluator was there, or after it had been idle.
    fn steps_before_a_cell(early: bool) -> String {
        let steps = Arc::new(AtomicUsize::new(0));
        let (go, wait) = std_mpsc::channel::<()>();
        let (events, mut heard) = mpsc::unbounded_channel();
        let cold = Cold(steps.clone());
        let make = move || -> Result<Box<dyn Evaluator>> {
            let _ = wait.recv();
            Ok(Box::new(cold))
        };
        let worker = Worker::start(make, events).expect("a thread");
        if early {
            worker.give(cell());
        }
        go.send(()).expect("the thread waits");
        if !early {
            while steps.load(Ordering::SeqCst) < 3 {
                std::thread::yield_now();
            }
            worker.give(cell());
        }
        match heard.blocking_recv() {
            Some(Event::Executed(Outcome::Done { result: Some(bundle) }, _)) => {
                bundle.0["text/plain"].as_str().unwrap_or_default().to_owned()
            }
            other => panic!("not a cell's end: {other:?}"),
        }
    }

    #[test]
    fn an_idle_evaluator_warms_up_and_a_busy_one_does_not() {
        assert_eq!([steps_before_a_cell(true), steps_before_a_cell(false)], ["0", "3"]);
    }
}
