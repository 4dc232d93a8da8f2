//! A program that reads what we cannot read, and gives lines.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};

/// Bytes of what a program complains of that are kept.
const SAID: u64 = 4096;

/// Where a program gets its bytes from.
pub enum Source {
    /// It opens a file, of so many bytes, itself. They are added to `read` when it is through.
    Path {
        /// Bytes.
        size: u64,
        /// Of all logs.
        read: Arc<AtomicU64>,
    },
    /// It gets them from us.
    Bytes(Box<dyn Read + Send>),
}

/// A program to be started.
pub struct Program {
    /// Its name and arguments.
    pub command: Command,
    /// What it reads.
    pub source: Source,
    /// Whether a line of its complaints says that the file is damaged, though it ends well.
    pub is_fault: fn(&str) -> bool,
}

impl Program {
    /// Starts it; reads give its output, and at the end what was wrong, if anything was.
    ///
    /// # Errors
    /// There is no such program.
    pub fn start(self) -> io::Result<Running> {
        let Self { mut command, source, is_fault } = self;
        let stdin = match source {
            Source::Path { .. } => Stdio::null(),
            Source::Bytes(_) => Stdio::piped(),
        };
        let mut child =
            command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("a program without output");
        let output = child.stdout.take().ok_or_else(missing)?;
        let said = child.stderr.take().ok_or_else(missing)?;
        let said = thread::spawn(move || {
            let mut text = Vec::new();
            let mut said = said.take(SAID);
            drop(said.read_to_end(&mut text));
            // It waits for whoever does not listen.
            drop(io::copy(&mut said.into_inner(), &mut io::sink()));
            String::from_utf8_lossy(&text).into_owned()
        });
        let (mut fed, mut size) = (None, None);
        match source {
            Source::Path { size: bytes, read } => size = Some((bytes, read)),
            Source::Bytes(mut bytes) => {
                let mut input = child.stdin.take().ok_or_else(missing)?;
                fed = Some(thread::spawn(move || feed(&mut bytes, &mut input)));
            }
        }
        let name = command.get_program().to_string_lossy().into_owned();
        Ok(Running { name, child, output, said: Some(said), fed, size, is_fault })
    }
}

/// Gives all bytes; that the program wants no more of them is its business.
fn feed(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = from.read(&mut buffer)?;
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            return Ok(());
        }
    }
}

/// A program's output; a failure is an error of the read at its end.
pub struct Running {
    name: String,
    child: Child,
    output: ChildStdout,
    said: Option<JoinHandle<String>>,
    fed: Option<JoinHandle<io::Result<()>>>,
    size: Option<(u64, Arc<AtomicU64>)>,
    is_fault: fn(&str) -> bool,
}

impl Read for Running {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.output.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        if let Some(fed) = self.fed.take() {
            fed.join().unwrap_or_else(|_| Err(io::Error::other("reading ended")))?;
        }
        let status = self.child.wait()?;
        if let Some((size, read)) = self.size.take() {
            read.fetch_add(size, Ordering::Relaxed);
        }
        let said = self.said.take().and_then(|said| said.join().ok()).unwrap_or_default();
        let complaint = said.lines().find(|line| (self.is_fault)(line));
        if status.success() && complaint.is_none() {
            return Ok(0);
        }
        let last = || said.lines().rev().find(|line| !line.trim().is_empty());
        let why = complaint.or_else(last).map_or_else(|| status.to_string(), str::to_owned);
        let what = format!("{} cannot read this file: {why}", self.name);
        Err(io::Error::new(io::ErrorKind::InvalidData, what))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing is left where reading ended early.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
