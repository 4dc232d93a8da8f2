//! The shim: sits between a cell's output and the pipes that evcxr reads.
//!
//! evcxr runs cells in a copy of this very program. Before evcxr's loop takes over there, the shim
//! puts pipes of its own behind standard output and standard error and reads them on a thread:
//! lines of evcxr's protocol go on to evcxr, all else goes to the kernel over the "output"
//! connection of `docs/cell-link.md`. So output is seen at once, also between cells, rich
//! messages keep their place among prints, and a panic, or an error that leaves a cell by `?`
//! (of which evcxr's library says nothing), is told apart from success.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use serde_json::{Value, json};

mod errors;
mod scan;

use errors::Errors;
pub use scan::{Event, Scanner};

/// Environment variable with the path of the kernel's socket.
pub const SOCKET_VAR: &str = "EVCXR_WIDGETS_SOCKET";
/// Environment variable with the secret of the session.
pub const NONCE_VAR: &str = "EVCXR_WIDGETS_NONCE";
/// Set by evcxr in the process that runs cells.
const IS_RUNTIME_VAR: &str = "EVCXR_IS_RUNTIME";
/// Standard error is held back so long, in case it turns out to be the text of a panic.
const STDERR_HOLD_MS: i32 = 20;

/// Installs the shim when this process is to run cells; does nothing otherwise.
pub fn install_if_user_process() {
    if std::env::var_os(IS_RUNTIME_VAR).is_none() {
        return;
    }
    // The user process must not outlive a kernel that was killed.
    // SAFETY: prctl with these arguments only sets a flag of this process.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let (Some(socket), Ok(nonce)) = (std::env::var_os(SOCKET_VAR), std::env::var(NONCE_VAR)) else {
        return;
    };
    // SAFETY: no other thread runs yet in this process.
    unsafe {
        if std::env::var_os("SPOT_KERNEL_BACKTRACE").is_none() {
            // evcxr asks for full backtraces, which bury the message of a panic.
            std::env::set_var("RUST_BACKTRACE", "0");
        }
        match std::env::var_os(crate::cargo_standin::REAL_CARGO_HOME_VAR) {
            Some(home) => std::env::set_var("CARGO_HOME", home),
            None => std::env::remove_var("CARGO_HOME"),
        }
    }
    if let Err(error) = install(&socket, &nonce) {
        eprintln!("The kernel cannot be reached, output is plain: {error}");
    }
}

fn install(socket: &std::ffi::OsStr, nonce: &str) -> io::Result<()> {
    let mut kernel = UnixStream::connect(socket)?;
    send(&mut kernel, &json!({"hello": nonce, "role": "output"}))?;
    let (out, evcxr_out) = put_pipe_behind(libc::STDOUT_FILENO)?;
    let (err, evcxr_err) = put_pipe_behind(libc::STDERR_FILENO)?;
    drain_before_abort();
    let mut pump = Pump {
        scanner: Scanner::new(nonce),
        kernel,
        evcxr_out,
        evcxr_err,
        errors: Errors::new(nonce),
        kernel_gone: false,
        probing: is_first_process(),
    };
    std::thread::Builder::new().name("output".into()).spawn(move || pump.run(out, err)).map(drop)
}

/// Whether this is the kernel's first user process, not one that follows an interrupt or a crash.
fn is_first_process() -> bool {
    let folder = std::env::var_os("EVCXR_TMPDIR").map(std::path::PathBuf::from);
    folder.is_some_and(|folder| File::create_new(folder.join(".probed")).is_ok())
}

/// Replaces a descriptor by a pipe; gives the pipe's reading end and the old descriptor.
fn put_pipe_behind(fd: RawFd) -> io::Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: plain descriptor calls; each result is checked and owned at once.
    unsafe {
        let old = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3);
        if old < 0 || libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) < 0 {
            return Err(io::Error::last_os_error());
        }
        let (reader, writer) = (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1]));
        let old = OwnedFd::from_raw_fd(old);
        if libc::dup2(writer.as_raw_fd(), fd) < 0 {
            return Err(io::Error::last_os_error());
        }
        libc::fcntl(reader.as_raw_fd(), libc::F_SETPIPE_SZ, 1 << 20);
        Ok((File::from(reader), File::from(old)))
    }
}

/// An abort waits a moment, so that the pump gets out what was said before it.
fn drain_before_abort() {
    extern "C" fn wait(_: libc::c_int) {
        let pause = libc::timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        // SAFETY: nanosleep may be called in a signal handler.
        unsafe { libc::nanosleep(&pause, std::ptr::null_mut()) };
    }
    // SAFETY: installs a handler that only sleeps; abort() ends the process after it returns.
    unsafe { libc::signal(libc::SIGABRT, wait as *const () as libc::sighandler_t) };
}

fn send(kernel: &mut UnixStream, frame: &Value) -> io::Result<()> {
    let mut line = serde_json::to_vec(frame)?;
    line.push(b'\n');
    kernel.write_all(&line)
}

struct Pump {
    scanner: Scanner,
    kernel: UnixStream,
    evcxr_out: File,
    evcxr_err: File,
    errors: Errors,
    kernel_gone: bool,
    /// evcxr evaluates `42` when it starts; that is nobody's cell.
    probing: bool,
}

impl Pump {
    fn run(&mut self, mut out: File, mut err: File) {
        let mut buffer = vec![0; 1 << 16];
        loop {
            let wait = if self.errors.is_empty() { -1 } else { STDERR_HOLD_MS };
            let [out_ready, err_ready] = poll([out.as_raw_fd(), err.as_raw_fd()], wait);
            if !out_ready && !err_ready {
                let ready = self.errors.take_ready();
                self.send_errors(&ready);
                continue;
            }
            if err_ready {
                match err.read(&mut buffer) {
                    Ok(n) if n > 0 => self.errors.add(&buffer[..n]),
                    _ => return,
                }
            }
            if out_ready {
                let n = match out.read(&mut buffer) {
                    Ok(n) if n > 0 => n,
                    _ => return,
                };
                for event in self.scanner.feed(&buffer[..n]) {
                    self.handle(event, &mut err);
                }
            }
        }
    }

    fn handle(&mut self, event: Event, err: &mut File) {
        let frame = match &event {
            Event::Text(text) => json!({"type": "stdout", "text": text}),
            Event::Message(payload) => {
                if let Some(mark) = payload["mark"].as_u64() {
                    self.drain_stderr(err);
                    let before = self.errors.take_before(mark);
                    self.send_errors(&before);
                }
                json!({"type": "message", "payload": payload})
            }
            Event::Content { mime, text } => json!({"type": "content", "mime": mime, "text": text}),
            Event::Panic => json!({"type": "panic", "message": self.take_message(err, true)}),
            Event::ErrorReturn => {
                json!({"type": "error_return", "message": self.take_message(err, false)})
            }
            Event::Complete => {
                self.drain_stderr(err);
                let all = self.errors.take_all();
                self.send_errors(&all);
                json!({"type": "complete"})
            }
            Event::Evcxr(_) => Value::Null,
        };
        if !frame.is_null() && !self.probing {
            self.send(&frame);
        }
        if event == Event::Complete {
            self.probing = false;
        }
        // evcxr must see its own lines, and only after the kernel was told.
        let line: Option<&[u8]> = match &event {
            Event::Evcxr(line) => Some(line),
            Event::Panic => Some(scan::PANIC),
            Event::ErrorReturn => Some(scan::ERROR_RETURN),
            Event::Complete => Some(scan::COMPLETE),
            _ => None,
        };
        if let Some(line) = line {
            let _ = self.evcxr_out.write_all(&[line, b"\n"].concat());
        }
    }

    /// What standard error said about the panic or error that was just announced.
    fn take_message(&mut self, err: &mut File, panic: bool) -> String {
        self.drain_stderr(err);
        let held = String::from_utf8_lossy(&self.errors.take_all()).into_owned();
        let (before, message) = match held.rfind("\nthread '") {
            Some(at) if panic => (&held[..at], &held[at + 1..]),
            _ => ("", held.as_str()),
        };
        if !before.trim().is_empty() {
            self.send(&json!({"type": "stderr", "text": format!("{before}\n")}));
        }
        message
            .lines()
            .filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE=1`"))
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned()
    }

    /// Reads what is there on standard error without waiting: it was written before the line on
    /// standard output that brought us here.
    fn drain_stderr(&mut self, err: &mut File) {
        let mut buffer = [0; 1 << 14];
        while let [true] = poll([err.as_raw_fd()], 0) {
            match err.read(&mut buffer) {
                Ok(n) if n > 0 => self.errors.add(&buffer[..n]),
                _ => return,
            }
        }
    }

    fn send_errors(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.send(&json!({"type": "stderr", "text": String::from_utf8_lossy(bytes)}));
        if self.kernel_gone {
            let _ = self.evcxr_err.write_all(bytes);
        }
    }

    fn send(&mut self, frame: &Value) {
        if !self.kernel_gone && send(&mut self.kernel, frame).is_err() {
            self.kernel_gone = true;
        }
    }
}

/// Which descriptors can be read; waits at most `timeout` milliseconds, for ever if negative.
fn poll<const N: usize>(fds: [RawFd; N], timeout: i32) -> [bool; N] {
    let mut entries = fds.map(|fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
    // SAFETY: the array lives through the call and its length is passed.
    unsafe { libc::poll(entries.as_mut_ptr(), N as libc::nfds_t, timeout) };
    entries.map(|entry| entry.revents != 0)
}
