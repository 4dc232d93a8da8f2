//! The IOPub socket: one queue of all that may leave, owned by one task, so that order is total.

use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep, sleep_until};
use zeromq::{PubSocket, Socket as _, SocketEvent, SocketSend};

use crate::evaluator::CellError;
use crate::wire::{Header, Session};

/// How long text waits for more text: a message for every line would flood the client.
const STREAM_DELAY: Duration = Duration::from_millis(60);
/// Text of this many bytes does not wait.
const STREAM_LIMIT: usize = 1 << 20;
/// The socket keeps 100 000 messages for each client and throws away what is more, be it an idle.
/// So many leave at once ..
const BURST: f64 = 50_000.0;
/// .. and then so many a second, which a client can read. (jupyter_server takes 1000 a second: text is sent in batches.)
const RATE: f64 = 2_000.0;
/// A client's subscription comes so soon after its connection.
const SUBSCRIPTION: Duration = Duration::from_millis(50);

/// A binary part of a message.
pub type Buffer = Vec<u8>;

/// Everything that may leave on IOPub.
#[derive(Debug)]
pub enum IoPub {
    /// Whether the kernel works on the parent.
    Status(Header, State),
    /// A cell starts.
    ExecuteInput {
        /// Its request.
        parent: Header,
        /// Its text.
        code: String,
        /// Its number.
        execution_count: u64,
    },
    /// Text; consecutive pieces are sent as one.
    Stream {
        /// Cell or handler that wrote it.
        parent: Header,
        /// Which of the two streams.
        name: StreamName,
        /// The text.
        text: String,
    },
    /// Something to show.
    DisplayData(Header, Display),
    /// Something to show in place of what has the same display id.
    UpdateDisplayData(Header, Display),
    /// The value of a cell.
    ExecuteResult {
        /// Its request.
        parent: Header,
        /// MIME bundle.
        data: Map<String, Value>,
        /// Its number.
        execution_count: u64,
    },
    /// Removes the outputs; with `true` when the next one comes.
    ClearOutput(Header, bool),
    /// A cell failed.
    Error(Header, CellError),
    /// A comm begins.
    CommOpen {
        /// Cell or handler that opened it.
        parent: Header,
        /// Its id.
        comm_id: String,
        /// Who is to answer.
        target_name: String,
        /// Its state.
        data: Value,
        /// Version of the widget protocol.
        metadata: Value,
        /// Binary values.
        buffers: Vec<Buffer>,
    },
    /// A message on a comm.
    CommMsg {
        /// Cell, handler or request that caused it.
        parent: Header,
        /// Which comm.
        comm_id: String,
        /// The message.
        data: Value,
        /// Binary values.
        buffers: Vec<Buffer>,
    },
    /// A comm ends.
    CommClose(Header, String),
    /// A client has subscribed to everything.
    Welcome,
    /// Answered when all before it has left.
    Flush(oneshot::Sender<()>),
}

/// What a status message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The process is up.
    Starting,
    /// The kernel works on the parent.
    Busy,
    /// All outputs of the parent have left.
    Idle,
}

/// Name of a text stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamName {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Something to show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Display {
    /// MIME bundle.
    pub data: Map<String, Value>,
    /// Hints for the front end, mostly empty.
    pub metadata: Map<String, Value>,
    /// Name by which a later update finds it.
    pub display_id: Option<String>,
}

impl Display {
    fn content(self) -> Value {
        let transient = match self.display_id {
            Some(id) => json!({"display_id": id}),
            None => json!({}),
        };
        json!({"data": self.data, "metadata": self.metadata, "transient": transient})
    }
}

/// A message of the kind, ready to be put into frames.
struct Outgoing {
    kind: &'static str,
    parent: Header,
    metadata: Value,
    content: Value,
    buffers: Vec<Buffer>,
}

impl Outgoing {
    fn new(kind: &'static str, parent: Header, content: Value) -> Self {
        Self { kind, parent, metadata: json!({}), content, buffers: Vec::new() }
    }
}

/// `None` for what is not a message.
fn outgoing(message: IoPub) -> Option<Outgoing> {
    Some(match message {
        IoPub::Status(parent, state) => {
            let state = match state {
                State::Starting => "starting",
                State::Busy => "busy",
                State::Idle => "idle",
            };
            Outgoing::new("status", parent, json!({"execution_state": state}))
        }
        IoPub::ExecuteInput { parent, code, execution_count } => Outgoing::new(
            "execute_input",
            parent,
            json!({"code": code, "execution_count": execution_count}),
        ),
        IoPub::Stream { parent, name, text } => {
            let name = match name {
                StreamName::Stdout => "stdout",
                StreamName::Stderr => "stderr",
            };
            Outgoing::new("stream", parent, json!({"name": name, "text": text}))
        }
        IoPub::DisplayData(parent, display) => {
            Outgoing::new("display_data", parent, display.content())
        }
        IoPub::UpdateDisplayData(parent, display) => {
            Outgoing::new("update_display_data", parent, display.content())
        }
        IoPub::ExecuteResult { parent, data, execution_count } => Outgoing::new(
            "execute_result",
            parent,
            json!({"execution_count": execution_count, "data": data, "metadata": {}}),
        ),
        IoPub::ClearOutput(parent, wait) => {
            Outgoing::new("clear_output", parent, json!({"wait": wait}))
        }
        IoPub::Error(parent, error) => Outgoing::new(
            "error",
            parent,
            json!({"ename": error.ename, "evalue": error.evalue, "traceback": error.traceback}),
        ),
        IoPub::CommOpen { parent, comm_id, target_name, data, metadata, buffers } => Outgoing {
            metadata,
            buffers,
            ..Outgoing::new(
                "comm_open",
                parent,
                json!({"comm_id": comm_id, "target_name": target_name, "data": data}),
            )
        },
        IoPub::CommMsg { parent, comm_id, data, buffers } => Outgoing {
            buffers,
            ..Outgoing::new("comm_msg", parent, json!({"comm_id": comm_id, "data": data}))
        },
        // nbclient stops with a KeyError when `data` is missing.
        IoPub::CommClose(parent, comm_id) => {
            Outgoing::new("comm_close", parent, json!({"comm_id": comm_id, "data": {}}))
        }
        IoPub::Welcome => {
            Outgoing::new("iopub_welcome", Header::default(), json!({"subscription": ""}))
        }
        IoPub::Flush(_) => return None,
    })
}

/// Text that waits for more.
struct Pending {
    parent: Header,
    name: StreamName,
    text: String,
    due: Instant,
}

impl Pending {
    fn takes(&self, parent: &Header, name: StreamName) -> bool {
        self.name == name && self.parent == *parent && self.text.len() < STREAM_LIMIT
    }
}

/// How many messages may leave now.
struct Pace {
    allowed: f64,
    since: Instant,
}

impl Pace {
    /// Waits until one more may leave.
    async fn wait(&mut self) {
        let now = Instant::now();
        let earned = now.duration_since(self.since).as_secs_f64() * RATE;
        self.allowed = (self.allowed + earned).min(BURST) - 1.0;
        self.since = now;
        if self.allowed < 0.0 {
            sleep(Duration::from_secs_f64(-self.allowed / RATE)).await;
        }
    }
}

struct Socket<'a> {
    socket: PubSocket,
    session: &'a Session,
    pace: Pace,
}

impl Socket<'_> {
    async fn send(&mut self, message: Outgoing) {
        self.pace.wait().await;
        // The topic of a welcome is the subscription that it answers.
        let topic = match message.kind {
            "iopub_welcome" => Vec::new(),
            kind => format!("kernel.{}.{kind}", self.session.id()).into_bytes(),
        };
        let frames = self.session.encode(
            &[topic],
            message.kind,
            &message.parent,
            &message.metadata,
            &message.content,
            message.buffers,
        );
        // An error means that the client is gone: nobody to tell.
        let _ = self.socket.send(frames).await;
    }

    async fn flush(&mut self, pending: &mut Option<Pending>) {
        if let Some(Pending { parent, name, text, .. }) = pending.take()
            && let Some(message) = outgoing(IoPub::Stream { parent, name, text })
        {
            self.send(message).await;
        }
    }
}

/// Welcomes each client that comes; tells when the first one listens, and says `starting` to it.
pub fn watch(socket: &mut PubSocket, queue: mpsc::Sender<IoPub>, subscribed: watch::Sender<bool>) {
    let mut events = socket.monitor();
    tokio::spawn(async move {
        let mut is_first = true;
        while !queue.is_closed() {
            match events.try_recv() {
                Ok(SocketEvent::Accepted(..)) => {
                    sleep(SUBSCRIPTION).await;
                    let _ = queue.send(IoPub::Welcome).await;
                    if std::mem::take(&mut is_first) {
                        let starting = IoPub::Status(Header::default(), State::Starting);
                        let _ = queue.send(starting).await;
                        subscribed.send_replace(true);
                    }
                }
                // Others, or none.
                Ok(_) => {}
                Err(_) => sleep(Duration::from_millis(if is_first { 5 } else { 50 })).await,
            }
        }
    });
}

/// Owns the socket until the queue ends.
pub async fn run(socket: PubSocket, session: &Session, mut queue: mpsc::Receiver<IoPub>) {
    let pace = Pace { allowed: BURST, since: Instant::now() };
    let mut socket = Socket { socket, session, pace };
    let mut pending: Option<Pending> = None;
    loop {
        let due = pending.as_ref().map(|pending| pending.due);
        tokio::select! {
            message = queue.recv() => match message {
                None => break,
                Some(IoPub::Stream { parent, name, text }) => match &mut pending {
                    Some(waiting) if waiting.takes(&parent, name) => waiting.text.push_str(&text),
                    _ => {
                        socket.flush(&mut pending).await;
                        let due = Instant::now() + STREAM_DELAY;
                        pending = Some(Pending { parent, name, text, due });
                    }
                },
                Some(message) => {
                    socket.flush(&mut pending).await;
                    match message {
                        IoPub::Flush(done) => {
                            let _ = done.send(());
                        }
                        message => if let Some(message) = outgoing(message) {
                            socket.send(message).await;
                        }
                    }
                }
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                socket.flush(&mut pending).await;
            }
        }
    }
    socket.flush(&mut pending).await;
}
