//! Cells: the queue of execute requests, the one that runs, and how it ends.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::evaluator::{CellError, Outcome};
use crate::history::History;
use crate::iopub::{Display, IoPub, State};
use crate::kernel::{Event, Kernel};
use crate::link::ToLibrary;
use crate::wire::{Header, Request, now};
use crate::worker::{Job, named};

/// How long a cell that returned waits for its `complete` line: one that only changes settings or
/// declares things may never send it.
const GRACE: Duration = Duration::from_millis(250);

/// Everything about cells.
#[derive(Debug, Default)]
pub struct Cells {
    /// Requests that wait.
    queue: VecDeque<Request>,
    /// The one that runs.
    pub running: Option<RunningCell>,
    /// The last one that ran, if it was not silent: what comes late is its output.
    last: Header,
    /// Number of the last cell that was counted.
    count: u64,
    /// The drain that the running cell waits for, or the last one did: the answer to an older one
    /// does not end a newer cell.
    drain: u64,
    /// Widgets that went with their process, and the numbers of their cells; the next error tells.
    pub dead: Vec<(u64, String)>,
    /// What was run.
    pub history: History,
}

/// A cell between its busy and its idle.
#[derive(Debug)]
pub struct RunningCell {
    /// Its request.
    pub request: Request,
    /// Publishes nothing but status and comms.
    pub silent: bool,
    /// Number of the cell, for its result.
    pub number: u64,
    /// When it started.
    started: String,
    /// What the evaluator said, once it has returned.
    returned: Option<Outcome>,
    /// All that the user process wrote before the evaluator returned is processed.
    drained: bool,
    /// A `complete` line came, or it is not waited for any longer.
    pub complete: bool,
    /// The bundle that may become the cell's result.
    pub bundle: Map<String, Value>,
    /// What the reply carries beside its content: texts for the pager.
    pub payload: Vec<Value>,
    /// Why the cell failed, by a line of the output connection.
    pub failure: Option<CellError>,
}

impl Cells {
    /// Whose output something is that does not say so.
    pub fn current(&self) -> Header {
        match &self.running {
            Some(cell) => cell.request.header.clone(),
            None => self.last.clone(),
        }
    }

    /// The number of the running cell, or of the last one.
    pub fn number(&self) -> u64 {
        self.running.as_ref().map_or(self.count, |cell| cell.number)
    }

    /// Whether outputs with this parent must not be published.
    pub fn is_silent(&self, parent: &Header) -> bool {
        self.running.as_ref().is_some_and(|cell| cell.silent && cell.request.header == *parent)
    }
}

impl Kernel {
    /// Queues an execute_request.
    pub async fn execute(&mut self, request: Request) {
        self.cells.queue.push_back(request);
        self.start_next_cell().await;
    }

    async fn start_next_cell(&mut self) {
        if self.cells.running.is_some() {
            return;
        }
        let Some(request) = self.cells.queue.pop_front() else {
            return;
        };
        let silent = request.flag("silent", false);
        let code = request.text("code").unwrap_or_default().to_owned();
        let header = request.header.clone();
        self.status(&header, State::Busy).await;
        if !silent && request.flag("store_history", true) {
            self.cells.count += 1;
            self.cells.history.add(self.cells.count, &code);
        }
        let number = self.cells.count;
        if !silent {
            let input =
                IoPub::ExecuteInput { parent: header, code: code.clone(), execution_count: number };
            self.publish(input).await;
        }
        let allow_stdin = request.flag("allow_stdin", true);
        self.link.tell_now(&ToLibrary::Cell);
        self.cells.running = Some(RunningCell {
            request,
            silent,
            number,
            started: now(),
            returned: None,
            drained: false,
            complete: false,
            bundle: Map::new(),
            payload: Vec::new(),
            failure: None,
        });
        self.worker.give(Job::Execute { code, allow_stdin });
    }

    /// The evaluator has returned. What the user process wrote until now is still to be read.
    pub async fn executed(&mut self, outcome: Outcome, generation: u64) {
        self.note_generation(generation).await;
        let failed = matches!(outcome, Outcome::Failed(_));
        if let Some(cell) = &mut self.cells.running {
            cell.returned = Some(outcome);
            // A cell that was not run, because it did not compile, sends no `complete`.
            cell.complete |= failed;
        }
        match self.link.drain() {
            Some(drain) => self.cells.drain = drain,
            None => self.output_ended().await,
        }
    }

    /// All is read that was written before the evaluator returned.
    pub async fn cell_drained(&mut self, drain: u64) {
        if drain == self.cells.drain
            && let Some(cell) = &mut self.cells.running
        {
            cell.drained = true;
            if !cell.complete {
                self.later(GRACE, Event::GraceOver(drain));
            }
            self.finish_cell().await;
        }
    }

    /// `complete` did not come in time: not every cell runs something in the user process.
    pub async fn grace_over(&mut self, drain: u64) {
        if drain == self.cells.drain
            && let Some(cell) = &mut self.cells.running
        {
            cell.complete = true;
            self.finish_cell().await;
        }
    }

    /// There is no output connection (any more): nothing more can come.
    pub async fn output_ended(&mut self) {
        // Who asked is gone.
        self.question = None;
        if let Some(cell) = &mut self.cells.running
            && cell.returned.is_some()
        {
            cell.drained = true;
            cell.complete = true;
            self.finish_cell().await;
        }
    }

    /// Ends the running cell if nothing of it can come any more.
    pub async fn finish_cell(&mut self) {
        let over = |cell: &mut RunningCell| cell.drained && cell.complete;
        let Some(mut cell) = self.cells.running.take_if(over) else {
            return;
        };
        let header = cell.request.header.clone();
        let (mut error, result) = match (cell.returned.take(), cell.failure.take()) {
            (Some(Outcome::Failed(error)), None) => (Some(error), None),
            (Some(Outcome::Failed(error)), Some(mut failure)) => {
                failure.traceback.extend(error.traceback);
                (Some(failure), None)
            }
            (Some(Outcome::Done { result }), failure) => (failure, result),
            (None, failure) => (failure, None),
        };
        if let Some(error) = &mut error {
            error.traceback.extend(dead(std::mem::take(&mut self.cells.dead)));
        }
        let mut bundle = std::mem::take(&mut cell.bundle);
        if !cell.silent {
            if let Some(result) = result {
                self.show(&header, std::mem::replace(&mut bundle, result.0)).await;
            }
            match &error {
                Some(error) => {
                    self.show(&header, bundle).await;
                    self.publish(IoPub::Error(header.clone(), error.clone())).await;
                }
                None if !bundle.is_empty() => {
                    let result = IoPub::ExecuteResult {
                        parent: header.clone(),
                        data: bundle,
                        execution_count: cell.number,
                    };
                    self.publish(result).await;
                }
                None => {}
            }
            self.cells.last = header.clone();
        }
        self.reply_executed(&cell, error.as_ref());
        self.status(&header, State::Idle).await;
        if error.is_some() && cell.request.flag("stop_on_error", true) {
            self.abort_queue().await;
        }
        self.start_next_cell().await;
    }

    /// Publishes a bundle as an ordinary output; an empty one is none.
    async fn show(&mut self, parent: &Header, data: Map<String, Value>) {
        if !data.is_empty() {
            let display = Display { data, ..Display::default() };
            self.publish(IoPub::DisplayData(parent.clone(), display)).await;
        }
    }

    /// Publishes the bundle that waits, when `parent` is its cell and shows something else next.
    pub async fn flush_bundle(&mut self, parent: &Header) {
        if let Some(cell) = &mut self.cells.running
            && cell.request.header == *parent
        {
            let bundle = std::mem::take(&mut cell.bundle);
            if !cell.silent {
                self.show(parent, bundle).await;
            }
        }
    }

    fn reply_executed(&self, cell: &RunningCell, error: Option<&CellError>) {
        let expressions: Map<String, Value> = match cell.request.content.get("user_expressions") {
            Some(Value::Object(asked)) => {
                asked.keys().map(|name| (name.clone(), no_expression())).collect()
            }
            _ => Map::new(),
        };
        let mut content = json!({
            "status": "ok", "execution_count": cell.number,
            "user_expressions": expressions, "payload": cell.payload,
        });
        if let Some(error) = error {
            content["status"] = "error".into();
            content["ename"] = error.ename.as_str().into();
            content["evalue"] = error.evalue.as_str().into();
            content["traceback"] = json!(error.traceback);
        }
        let metadata = json!({
            "started": cell.started, "dependencies_met": true, "engine": self.session.id(),
            "status": content["status"],
        });
        let request = &cell.request;
        self.shell.send(&request.envelope, "execute_reply", &request.header, &metadata, &content);
    }

    /// Answers the requests that wait behind a cell that failed.
    async fn abort_queue(&mut self) {
        for request in std::mem::take(&mut self.cells.queue) {
            self.status(&request.header, State::Busy).await;
            let content = json!({"status": "aborted"});
            self.shell.send(
                &request.envelope,
                "execute_reply",
                &request.header,
                &json!({"status": "aborted"}),
                &content,
            );
            self.status(&request.header, State::Idle).await;
        }
    }
}

/// What a reader is told of widgets that answer no more: a line for each cell that showed some.
fn dead(mut widgets: Vec<(u64, String)>) -> Vec<String> {
    widgets.sort_by_key(|(cell, _)| *cell);
    widgets
        .chunk_by(|a, b| a.0 == b.0)
        .map(|of| {
            let names: Vec<String> = of.iter().map(|(_, name)| name.clone()).collect();
            format!("Dead widgets of cell {}: {}", of[0].0, named(&names))
        })
        .collect()
}

fn no_expression() -> Value {
    json!({
        "status": "error", "ename": "Unsupported", "traceback": [],
        "evalue": "user expressions are not evaluated by this kernel",
    })
}
