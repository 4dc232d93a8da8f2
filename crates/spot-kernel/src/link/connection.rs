//! Accepts the user process's connections and turns their lines into events for the kernel.

use std::io::{self, ErrorKind, Read};
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::message::{Hello, OutputLine, Role};
use crate::dropped::Dropped;

/// A connection that does not say who it is within this time is closed.
const HELLO_TIME: Duration = Duration::from_secs(5);
/// Nor may its first line be longer than this.
const HELLO_BYTES: usize = 4096;
/// How long a new user process waits until all that the old one wrote is read.
const OLD_OUTPUT: Duration = Duration::from_millis(500);

/// What happens on the link. Connections are numbered; a new one replaces the old one of its role.
#[derive(Debug)]
pub(crate) enum LinkEvent {
    /// A user process is there. A number sent to `drain` comes back as [`LinkEvent::Drained`] when
    /// all is read that it had written by then.
    OutputUp { connection: u64, drain: mpsc::UnboundedSender<u64> },
    /// It wrote a line.
    Output { connection: u64, line: OutputLine },
    /// Answer to a number sent to `drain`.
    Drained(u64),
    /// It has ended.
    OutputDown { connection: u64 },
    /// Its widget library listens: lines sent to `events` reach it.
    EventsUp { connection: u64, events: mpsc::UnboundedSender<String> },
    /// It listens no more.
    EventsDown { connection: u64 },
}

/// Accepts for ever.
pub(crate) async fn listen(
    listener: StdListener,
    nonce: String,
    events: mpsc::Sender<LinkEvent>,
    dropped: Dropped,
) -> io::Result<()> {
    let listener = UnixListener::from_std(listener)?;
    let (ready, mut greeted) = mpsc::unbounded_channel();
    let mut connection = 0;
    let mut output: Option<(u64, JoinHandle<()>)> = None;
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(greet(stream, nonce.clone(), ready.clone(), dropped.clone()));
                }
                // Out of file descriptors, most likely: try again later.
                Err(_) => sleep(Duration::from_millis(50)).await,
            },
            Some((stream, role)) = greeted.recv() => {
                connection += 1;
                let (events, dropped) = (events.clone(), dropped.clone());
                match role {
                    Role::Output => {
                        let old = output.take();
                        let task = tokio::spawn(async move {
                            if let Some((number, task)) = old {
                                finish(number, task, &events).await;
                            }
                            read_output(stream, connection, events, dropped).await;
                        });
                        output = Some((connection, task));
                    }
                    Role::Events => {
                        tokio::spawn(write_events(stream, connection, events));
                    }
                }
            }
        }
    }
}

/// Lets an old output connection end, or ends it.
async fn finish(connection: u64, mut task: JoinHandle<()>, events: &mpsc::Sender<LinkEvent>) {
    if timeout(OLD_OUTPUT, &mut task).await.is_err() {
        task.abort();
        let _ = task.await;
        let _ = events.send(LinkEvent::OutputDown { connection }).await;
    }
}

/// Reads the first line, byte by byte: what follows it belongs to the reader of its role.
async fn greet(
    mut stream: UnixStream,
    nonce: String,
    ready: mpsc::UnboundedSender<(UnixStream, Role)>,
    dropped: Dropped,
) {
    let line = timeout(HELLO_TIME, async {
        let mut line = Vec::new();
        while line.len() < HELLO_BYTES {
            match stream.read_u8().await {
                Ok(b'\n') => return Some(line),
                Ok(byte) => line.push(byte),
                Err(_) => return None,
            }
        }
        None
    });
    let hello = match line.await {
        Ok(Some(line)) => serde_json::from_slice::<Hello>(&line).ok(),
        _ => None,
    };
    match hello {
        Some(hello) if same(hello.hello.as_bytes(), nonce.as_bytes()) => {
            let _ = ready.send((stream, hello.role));
        }
        _ => dropped.add("a connection to the link did not give the right nonce"),
    }
}

/// Comparison whose time does not tell where the difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |sum, (l, r)| sum | (l ^ r)) == 0
}

async fn read_output(
    stream: UnixStream,
    connection: u64,
    events: mpsc::Sender<LinkEvent>,
    dropped: Dropped,
) {
    let (drain, mut drains) = mpsc::unbounded_channel();
    let _ = events.send(LinkEvent::OutputUp { connection, drain }).await;
    let mut lines =
        Lines { bytes: Vec::new(), searched: 0, connection, events: events.clone(), dropped };
    if let Ok((stream, direct)) = twice(stream) {
        let mut open = true;
        while open {
            open = tokio::select! {
                ready = stream.readable() => match ready {
                    Ok(()) => {
                        let read = stream.try_io(Interest::READABLE, || lines.read(&direct));
                        lines.deliver().await;
                        is_open(read)
                    }
                    Err(_) => false,
                },
                Some(number) = drains.recv() => {
                    // tokio learns late that there are bytes; ask the system itself.
                    let mut read = Ok(1);
                    while matches!(read, Ok(1..)) {
                        read = lines.read(&direct);
                        lines.deliver().await;
                    }
                    let _ = events.send(LinkEvent::Drained(number)).await;
                    is_open(read)
                }
            };
        }
    }
    let _ = events.send(LinkEvent::OutputDown { connection }).await;
}

fn is_open(read: io::Result<usize>) -> bool {
    match read {
        Ok(count) => count > 0,
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
    }
}

/// The stream for waiting, and the same one for reading.
fn twice(stream: UnixStream) -> io::Result<(UnixStream, StdStream)> {
    let stream = stream.into_std()?;
    let direct = stream.try_clone()?;
    Ok((UnixStream::from_std(stream)?, direct))
}

/// Bytes to lines.
struct Lines {
    bytes: Vec<u8>,
    /// So many of `bytes` have no line break.
    searched: usize,
    connection: u64,
    events: mpsc::Sender<LinkEvent>,
    dropped: Dropped,
}

impl Lines {
    fn read(&mut self, mut stream: &StdStream) -> io::Result<usize> {
        let mut chunk = [0; 1 << 16];
        let count = stream.read(&mut chunk)?;
        self.bytes.extend_from_slice(&chunk[..count]);
        Ok(count)
    }

    async fn deliver(&mut self) {
        let mut start = 0;
        while let Some(at) = self.bytes[self.searched..].iter().position(|b| *b == b'\n') {
            let end = self.searched + at;
            match serde_json::from_slice(&self.bytes[start..end]) {
                Ok(line) => {
                    let connection = self.connection;
                    let event = LinkEvent::Output { connection, line };
                    let _ = self.events.send(event).await;
                }
                Err(error) => self.dropped.add(format_args!("line on the link: {error}")),
            }
            start = end + 1;
            self.searched = start;
        }
        self.bytes.drain(..start);
        self.searched = self.bytes.len();
    }
}

async fn write_events(stream: UnixStream, connection: u64, events: mpsc::Sender<LinkEvent>) {
    let (sender, mut lines) = mpsc::unbounded_channel::<String>();
    let up = LinkEvent::EventsUp { connection, events: sender };
    let _ = events.send(up).await;
    let (mut read, mut write) = stream.into_split();
    let writer = async {
        while let Some(line) = lines.recv().await {
            if write.write_all(line.as_bytes()).await.is_err() {
                break;
            }
        }
    };
    let ended = async {
        // The library says nothing here: only the end is of interest.
        let mut nothing = [0; 256];
        while matches!(read.read(&mut nothing).await, Ok(1..)) {}
    };
    tokio::select! {
        () = writer => {}
        () = ended => {}
    }
    let _ = events.send(LinkEvent::EventsDown { connection }).await;
}
