//! The ROUTER sockets: a task that reads and one that writes, for each of shell, control, stdin.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zeromq::{
    PubSocket, RepSocket, RouterRecvHalf, RouterSendHalf, RouterSocket, Socket, SocketRecv,
    SocketSend, ZmqMessage,
};

use crate::ConnectionInfo;
use crate::dropped::Dropped;
use crate::wire::{Header, Request, Session};

/// How long a client may take to accept one reply before it is lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long the first request waits for a subscription to IOPub, so that its outputs are heard.
const SUBSCRIPTION: Duration = Duration::from_secs(1);

/// The five sockets, bound.
pub struct Sockets {
    /// Requests.
    pub shell: RouterSocket,
    /// Urgent requests.
    pub control: RouterSocket,
    /// Questions to the user.
    pub stdin: RouterSocket,
    /// Outputs.
    pub iopub: PubSocket,
    /// Echo.
    pub heartbeat: RepSocket,
}

impl Sockets {
    /// Binds all five; the error names the endpoint that failed.
    pub async fn bind(connection: &ConnectionInfo) -> Result<Self> {
        Ok(Self {
            shell: bind(connection, connection.shell_port).await?,
            control: bind(connection, connection.control_port).await?,
            stdin: bind(connection, connection.stdin_port).await?,
            iopub: bind(connection, connection.iopub_port).await?,
            heartbeat: bind(connection, connection.hb_port).await?,
        })
    }
}

async fn bind<S: Socket>(connection: &ConnectionInfo, port: u16) -> Result<S> {
    let endpoint = connection.endpoint(port);
    let mut socket = S::new();
    socket.bind(&endpoint).await.with_context(|| format!("cannot bind {endpoint}"))?;
    if let Some(path) = endpoint.strip_prefix("ipc://") {
        // Messages are signed, but not secret.
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .with_context(|| format!("cannot make {path} private"))?;
    }
    Ok(socket)
}

/// The sending side of a ROUTER socket; never waits.
#[derive(Debug, Clone)]
pub struct Replies {
    session: Arc<Session>,
    queue: mpsc::UnboundedSender<ZmqMessage>,
}

impl Replies {
    /// Sends a message to the client of `envelope`.
    pub fn send(
        &self,
        envelope: &[Vec<u8>],
        kind: &str,
        parent: &Header,
        metadata: &Value,
        content: &Value,
    ) {
        let message = self.session.encode(envelope, kind, parent, metadata, content, Vec::new());
        let _ = self.queue.send(message);
    }
}

/// What the two tasks of a ROUTER socket need.
pub struct Channel {
    /// Signs and checks.
    pub session: Arc<Session>,
    /// Counts what cannot be read.
    pub dropped: Dropped,
    /// Where requests wait until a client listens; `None`: they do not wait.
    pub subscribed: Option<watch::Receiver<bool>>,
}

impl Channel {
    /// Starts both tasks. Every request that is well formed and signed is given to `deliver`.
    pub fn start(
        self,
        socket: RouterSocket,
        deliver: impl Fn(Request) + Send + Sync + 'static,
    ) -> (Replies, [JoinHandle<()>; 2]) {
        let (send, receive) = socket.split();
        let (queue, replies) = mpsc::unbounded_channel();
        let session = self.session.clone();
        let writer = tokio::spawn(write(send, replies));
        let reader = tokio::spawn(self.read(receive, deliver));
        (Replies { session, queue }, [writer, reader])
    }

    async fn read(mut self, mut socket: RouterRecvHalf, deliver: impl Fn(Request)) {
        loop {
            let frames = match socket.recv().await {
                Ok(frames) => frames.into_vec(),
                Err(error) => {
                    self.dropped.add(error);
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            };
            match self.session.decode(&frames) {
                Ok(request) => {
                    if let Some(mut subscribed) = self.subscribed.take() {
                        let _ = timeout(SUBSCRIPTION, subscribed.wait_for(|yes| *yes)).await;
                    }
                    deliver(request);
                }
                Err(why) => self.dropped.add(why),
            }
        }
    }
}

async fn write(mut socket: RouterSendHalf, mut replies: mpsc::UnboundedReceiver<ZmqMessage>) {
    while let Some(reply) = replies.recv().await {
        // A client that is gone, or does not read, loses its reply.
        let _ = timeout(PATIENCE, socket.send(reply)).await;
    }
}
