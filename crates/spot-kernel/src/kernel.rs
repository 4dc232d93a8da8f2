//! The kernel's one task: all state is here, everything that happens is an event, one at a time.

use std::sync::Arc;
use std::sync::mpsc as std_mpsc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use crate::cell::Cells;
use crate::comms::CommTable;
use crate::evaluator::{InputPrompt, KernelInfo, Outcome};
use crate::iopub::{IoPub, State};
use crate::link::{LinkEvent, OutputLine};
use crate::links::Links;
use crate::sockets::Replies;
use crate::stdin::Question;
use crate::tokens::Tokens;
use crate::wire::{Header, Request, Session};
use crate::worker::Worker;
use crate::{CellError, ConnectionInfo};

/// The socket on which a request came, and its reply goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The socket for requests.
    Shell,
    /// The socket for urgent requests.
    Control,
}

/// A request and where it came from.
#[derive(Debug)]
pub struct Asked {
    /// Where the reply goes.
    pub origin: Origin,
    /// What is asked.
    pub request: Request,
}

/// What can happen, beside the link's own events.
#[derive(Debug)]
pub enum Event {
    /// A client asks.
    Asked(Asked),
    /// A client answers a question.
    InputReply(Request),
    /// A cell asks the user.
    Input(InputPrompt, std_mpsc::Sender<String>),
    /// The evaluator ran a cell; its generation.
    Executed(Outcome, u64),
    /// The evaluator answered a request: content of the reply.
    Answered(Asked, Value),
    /// A cell has waited long enough for its `complete` line.
    GraceOver(u64),
    /// A front end has waited long enough for the handlers of an update.
    TokenDue(u64),
    /// The process that started the kernel is gone.
    Orphaned,
}

/// All state of the kernel.
pub struct Kernel {
    pub session: Arc<Session>,
    pub connection: ConnectionInfo,
    pub info: KernelInfo,
    pub iopub: mpsc::Sender<IoPub>,
    pub shell: Replies,
    pub control: Replies,
    pub stdin: Replies,
    pub events: mpsc::UnboundedSender<Event>,
    pub worker: Worker,
    pub link: Links,
    pub cells: Cells,
    pub comms: CommTable,
    pub tokens: Tokens,
    pub question: Option<Question>,
    /// Whether front ends get their own updates back (`JUPYTER_WIDGETS_ECHO`).
    pub echo: bool,
    /// The last generation of which the evaluator told.
    pub generation: u64,
    /// A client asked for shutdown.
    pub stopping: bool,
}

impl Kernel {
    /// Works until a client asks for shutdown.
    pub async fn run(
        &mut self,
        mut events: mpsc::UnboundedReceiver<Event>,
        mut link: mpsc::Receiver<LinkEvent>,
    ) {
        while !self.stopping {
            tokio::select! {
                Some(event) = events.recv() => self.handle(event).await,
                Some(event) = link.recv() => self.handle_link(event).await,
                else => break,
            }
        }
    }

    async fn handle(&mut self, event: Event) {
        match event {
            Event::Asked(asked) => self.asked(asked).await,
            Event::InputReply(reply) => self.input_reply(&reply),
            Event::Input(prompt, answer) => self.question(prompt, answer).await,
            Event::Executed(outcome, generation) => self.executed(outcome, generation).await,
            Event::Answered(asked, content) => self.answered(&asked, &content).await,
            Event::GraceOver(wait) => self.grace_over(wait).await,
            Event::TokenDue(token) => self.token_due(token).await,
            Event::Orphaned => self.stopping = true,
        }
    }

    async fn handle_link(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::OutputUp { connection, drain } => {
                self.link.output_up(connection, drain);
                self.close_dead(|of| of != connection).await;
            }
            LinkEvent::Output { connection, line } => self.output_line(connection, line).await,
            LinkEvent::Drained(drain) => {
                self.question_drained(drain).await;
                self.cell_drained(drain).await;
            }
            LinkEvent::OutputDown { connection } => {
                if self.link.output_down(connection) {
                    self.output_ended().await;
                }
                self.close_dead(|of| of == connection).await;
            }
            LinkEvent::EventsUp { connection, events } => {
                if self.link.events_up(connection, events) {
                    self.library_lost().await;
                }
            }
            LinkEvent::EventsDown { connection } => {
                if self.link.events_down(connection) {
                    self.library_lost().await;
                }
            }
        }
    }

    async fn output_line(&mut self, connection: u64, line: OutputLine) {
        match line {
            OutputLine::Stdout { text } => self.printed(text).await,
            OutputLine::Stderr { text } => self.printed_error(text).await,
            OutputLine::Message { payload } => self.library_message(connection, *payload).await,
            OutputLine::Content { mime, text } => self.content_block(mime, text).await,
            OutputLine::Panic { message } => self.cell_failed("Panic", &message).await,
            OutputLine::ErrorReturn { message } => self.cell_failed("Error", &message).await,
            OutputLine::Complete => {
                if let Some(cell) = &mut self.cells.running {
                    cell.complete = true;
                }
                self.finish_cell().await;
            }
        }
    }

    /// A panic or an error that left the cell; the first one is what the cell failed with.
    async fn cell_failed(&mut self, ename: &str, message: &str) {
        match &mut self.cells.running {
            Some(cell) => {
                cell.failure.get_or_insert_with(|| CellError {
                    ename: ename.to_owned(),
                    evalue: message.lines().next().unwrap_or_default().to_owned(),
                    traceback: message.lines().map(str::to_owned).collect(),
                });
            }
            // Of a thread or handler between cells.
            None => self.printed_error(format!("{message}\n")).await,
        }
    }

    /// Puts a message into the IOPub queue. Waits when the client is slow, so that a cell which
    /// writes without end is slowed down and nothing is lost.
    pub async fn publish(&self, message: IoPub) {
        let _ = self.iopub.send(message).await;
    }

    /// Publishes a status.
    pub async fn status(&self, parent: &Header, state: State) {
        self.publish(IoPub::Status(parent.clone(), state)).await;
    }

    /// Ends a request other than a cell. A client takes the last status for the kernel's, so the
    /// running cell says again that it runs.
    pub async fn idle(&self, parent: &Header) {
        self.status(parent, State::Idle).await;
        if let Some(cell) = &self.cells.running {
            self.status(&cell.request.header, State::Busy).await;
        }
    }

    /// Lets an event happen after some time.
    pub fn later(&self, time: Duration, event: Event) {
        let events = self.events.clone();
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            let _ = events.send(event);
        });
    }
}
