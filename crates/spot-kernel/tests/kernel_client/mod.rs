//! A small Jupyter client over real sockets, and a mock kernel for it.
#![allow(dead_code)]

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use spot_kernel::dropped::Dropped;
use spot_kernel::mock::{MockEvaluator, mock_info};
use spot_kernel::wire::{Header, Session};
use spot_kernel::{ConnectionInfo, Evaluator, LinkServer, serve};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeromq::util::PeerIdentity;
use zeromq::{DealerSocket, Socket, SocketOptions, SocketRecv, SocketSend, SubSocket, ZmqMessage};

/// A test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A message from the kernel.
#[derive(Debug, Clone)]
pub struct Received {
    pub kind: String,
    pub header: Value,
    pub parent: String,
    pub metadata: Value,
    pub content: Value,
    pub buffers: Vec<Vec<u8>>,
}

impl Received {
    /// Kind and what matters of the content, on one line.
    pub fn brief(&self) -> String {
        let content = &self.content;
        let what = match self.kind.as_str() {
            "status" => content["execution_state"].clone(),
            "execute_input" => content["execution_count"].clone(),
            "stream" => return format!("{} {}", text(&content["name"]), content["text"]),
            "error" => json!([content["ename"], content["evalue"], content["traceback"]]),
            "clear_output" => content["wait"].clone(),
            "display_data" | "update_display_data" => {
                json!([content["data"], content["transient"]])
            }
            "execute_result" => json!([content["execution_count"], content["data"]]),
            "comm_msg" => content["data"].clone(),
            "comm_open" | "comm_close" => content["comm_id"].clone(),
            _ => content.clone(),
        };
        match what {
            Value::String(what) => format!("{} {what}", self.kind),
            what => format!("{} {what}", self.kind),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Lines of several messages.
pub fn briefs(messages: &[Received]) -> Vec<String> {
    messages.iter().map(Received::brief).collect()
}

pub struct Client {
    pub shell: DealerSocket,
    pub control: DealerSocket,
    pub stdin: DealerSocket,
    pub iopub: SubSocket,
    pub session: Session,
    pub dropped: Dropped,
    pub kernel: JoinHandle<Result<()>>,
    pub connection: ConnectionInfo,
    pub folder: std::path::PathBuf,
}

impl Client {
    /// A client of a fresh mock kernel.
    pub async fn start() -> Self {
        Self::start_with(MockEvaluator::start).await
    }

    /// A client of a kernel with this evaluator, made from the link's socket and nonce.
    pub async fn start_with(
        make: impl FnOnce(std::path::PathBuf, String) -> Result<Box<dyn Evaluator>> + Send + 'static,
    ) -> Self {
        let connection = free_ports();
        let link = LinkServer::start().unwrap();
        let (socket, nonce) = (link.socket_path().to_owned(), link.nonce().to_owned());
        let folder = socket.parent().unwrap().to_owned();
        let dropped = link.dropped();
        let kernel =
            tokio::spawn(serve(connection.clone(), mock_info(), link, move || make(socket, nonce)));
        let iopub = subscriber(&connection).await;
        let mut client = Self {
            shell: dealer(&connection, connection.shell_port).await,
            control: dealer(&connection, connection.control_port).await,
            stdin: dealer(&connection, connection.stdin_port).await,
            iopub,
            session: Session::new(&connection.key),
            dropped,
            kernel,
            connection,
            folder,
        };
        assert_eq!(client.published().await.brief(), r#"iopub_welcome {"subscription":""}"#);
        assert_eq!(client.published().await.brief(), "status starting");
        client
    }

    /// Sends on the shell socket; gives the message's id.
    pub async fn ask(&mut self, kind: &str, content: Value) -> String {
        let (message, id) = self.message(kind, content, Vec::new());
        self.shell.send(message).await.unwrap();
        id
    }

    /// A signed message and its id.
    pub fn message(
        &self,
        kind: &str,
        content: Value,
        buffers: Vec<Vec<u8>>,
    ) -> (ZmqMessage, String) {
        let none = Header::default();
        let message = self.session.encode(&[], kind, &none, &json!({}), &content, buffers);
        let header: Value = serde_json::from_slice(message.get(2).unwrap()).unwrap();
        let id = text(&header["msg_id"]).to_owned();
        (message, id)
    }

    /// Runs a cell.
    pub async fn execute(&mut self, code: &str) -> String {
        self.ask("execute_request", json!({"code": code})).await
    }

    /// Sends the front end's data on a comm.
    pub async fn comm(&mut self, id: &str, data: Value) -> String {
        self.ask("comm_msg", json!({"comm_id": id, "data": data})).await
    }

    /// Runs a cell and gives what it published, its own busy and idle left out, and its reply.
    pub async fn run(&mut self, code: &str) -> (Vec<String>, Value) {
        let id = self.execute(code).await;
        let outputs = self.until_idle(&id).await;
        let inner = briefs(&outputs[1..outputs.len() - 1]);
        (inner, self.reply().await.content)
    }

    /// What is published until the idle of this request, only what has it as parent.
    pub async fn until_idle(&mut self, id: &str) -> Vec<Received> {
        let mut all = self.all_until_idle(id).await;
        all.retain(|message| message.parent == id);
        all
    }

    /// Everything that is published until the idle of this request.
    pub async fn all_until_idle(&mut self, id: &str) -> Vec<Received> {
        let mut all = Vec::new();
        loop {
            let message = self.published().await;
            let last = message.parent == id && message.brief() == "status idle";
            all.push(message);
            if last {
                return all;
            }
        }
    }

    pub async fn published(&mut self) -> Received {
        let frames = timeout(PATIENCE, self.iopub.recv()).await.expect("no message").unwrap();
        self.received(frames)
    }

    pub async fn reply(&mut self) -> Received {
        let frames = timeout(PATIENCE, self.shell.recv()).await.expect("no reply").unwrap();
        self.received(frames)
    }

    /// Asks on the control socket and waits for the reply.
    pub async fn command(&mut self, kind: &str, content: Value) -> Value {
        let (message, _) = self.message(kind, content, Vec::new());
        self.control.send(message).await.unwrap();
        let frames = timeout(PATIENCE, self.control.recv()).await.expect("no reply").unwrap();
        self.received(frames).content
    }

    pub fn received(&self, frames: ZmqMessage) -> Received {
        let frames = frames.into_vec();
        let checked = self.session.decode(&frames).expect("a signed message");
        let delimiter = frames.iter().position(|f| f.as_ref() == b"<IDS|MSG>").unwrap();
        let json =
            |at: usize| -> Value { serde_json::from_slice(&frames[delimiter + at]).unwrap() };
        let parent = json(3);
        Received {
            kind: checked.kind,
            header: json(2),
            parent: text(&parent["msg_id"]).to_owned(),
            metadata: json(4),
            content: json(5),
            buffers: checked.buffers,
        }
    }
}

/// Hears all that the kernel publishes.
pub async fn subscriber(connection: &ConnectionInfo) -> SubSocket {
    let endpoint = connection.endpoint(connection.iopub_port);
    let mut socket = SubSocket::new();
    socket.subscribe("").await.unwrap();
    for _ in 0..100 {
        if socket.connect(&endpoint).await.is_ok() {
            return socket;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the kernel does not listen on {endpoint}");
}

/// A line that makes the mock's user process say what the widget library would.
pub fn library(payload: Value) -> String {
    format!("line {}\n", json!({"type": "message", "payload": payload}))
}

/// A comm_open of the widget library.
pub fn open_widget(id: &str, state: Value) -> String {
    library(json!({
        "type": "comm_open", "comm_id": id, "target_name": "jupyter.widget",
        "data": {"state": state, "buffer_paths": []}, "metadata": {"version": "2.1.0"},
    }))
}

/// Five ports that were free a moment ago.
fn free_ports() -> ConnectionInfo {
    let listeners: Vec<TcpListener> =
        (0..5).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let port = |at: usize| listeners[at].local_addr().unwrap().port();
    ConnectionInfo {
        transport: "tcp".into(),
        ip: "127.0.0.1".into(),
        shell_port: port(0),
        iopub_port: port(1),
        stdin_port: port(2),
        control_port: port(3),
        hb_port: port(4),
        key: "0123-4567".into(),
        signature_scheme: "hmac-sha256".into(),
    }
}

/// Clients use one identity for shell and stdin, so that questions find the asker.
async fn dealer(connection: &ConnectionInfo, port: u16) -> DealerSocket {
    let mut options = SocketOptions::default();
    options.peer_identity("a-client".parse::<PeerIdentity>().unwrap());
    let mut socket = DealerSocket::with_options(options);
    for _ in 0..100 {
        if socket.connect(&connection.endpoint(port)).await.is_ok() {
            return socket;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the kernel does not listen on {port}");
}
