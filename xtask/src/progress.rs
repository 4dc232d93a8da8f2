//! Telling a person what goes on, how far it is and how long it will take.

use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::Result;

/// How often a log without a terminal hears that work goes on.
const LOG_EVERY: Duration = Duration::from_secs(30);

/// Numbered steps: `3 of 6  build the kernel and the notebook library`.
pub struct Steps {
    total: usize,
    at: usize,
}

impl Steps {
    /// Steps of which there will be `total`.
    pub fn new(total: usize) -> Self {
        Self { total, at: 0 }
    }

    /// Announces the next one.
    pub fn next(&mut self, what: &str) {
        self.at += 1;
        eprintln!("{} of {}  {what}", self.at, self.total);
    }
}

/// A line that says how far a step is: rewritten on a terminal, one in 30 seconds in a log.
pub struct Meter {
    unit: &'static str,
    count: usize,
    total: usize,
    /// Work in a measure of its own (for cargo: bytes of source), of which some was already done.
    work: Work,
    started: Instant,
    shown: Instant,
    terminal: bool,
}

/// Work done now, work found done, and all of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Work {
    /// Done since the start: what time left is judged by.
    pub done: f64,
    /// Found done at the start.
    pub fresh: f64,
    /// All there is.
    pub total: f64,
}

impl Work {
    /// Seconds left after `elapsed` seconds, once something was done to judge by.
    pub fn seconds_left(&self, elapsed: f64) -> Option<f64> {
        let left = (self.total - self.done - self.fresh).max(0.0);
        (self.done > 0.0 && elapsed > 5.0).then(|| elapsed * left / self.done)
    }
}

impl Meter {
    /// A meter over `total` of `unit` (a plural: "packages"); 0 when nobody knows how many.
    pub fn new(unit: &'static str, total: usize) -> Self {
        let now = Instant::now();
        let terminal = std::io::stderr().is_terminal();
        let work = Work { total: total as f64, ..Work::default() };
        Self { unit, count: 0, total, work, started: now, shown: now, terminal }
    }

    /// Judges time left by `work` instead of by the count.
    pub fn weighed(mut self, work: f64) -> Self {
        self.work.total = work;
        self
    }

    /// Counts time from now on, unless something was done already.
    pub fn begin(&mut self) {
        if self.count == 0 {
            self.started = Instant::now();
        }
    }

    /// One more is done, `weight` of the work; `fresh` when it had been done before.
    pub fn add(&mut self, weight: f64, fresh: bool) {
        self.count += 1;
        if fresh {
            self.work.fresh += weight;
        } else {
            self.work.done += weight;
        }
    }

    /// Shows the line when it is time; `now` names what is being done.
    pub fn tick(&mut self, now: &str) {
        let every = if self.terminal { Duration::from_millis(200) } else { LOG_EVERY };
        if self.shown.elapsed() < every {
            return;
        }
        self.shown = Instant::now();
        let line = self.line(self.started.elapsed().as_secs_f64(), now);
        if self.terminal {
            eprint!("\r\x1b[2K{line}");
            let _ = std::io::stderr().flush();
        } else {
            eprintln!("{line}");
        }
    }

    fn line(&self, elapsed: f64, now: &str) -> String {
        let mut parts = Vec::new();
        if self.total > 0 {
            parts.push(format!("{} of {} {}", self.count.min(self.total), self.total, self.unit));
        } else if self.count > 0 {
            parts.push(format!("{} {}", self.count, self.unit));
        }
        match self.work.seconds_left(elapsed) {
            Some(left) if self.total > 0 => parts.push(format!("about {} left", duration(left))),
            _ => parts.push(format!("{} so far", duration(elapsed))),
        }
        if !now.is_empty() {
            parts.push(now.to_owned());
        }
        let line: String = format!("        {}", parts.join(" · "));
        // A longer line would wrap, and a wrapped line cannot be rewritten.
        line.chars().take(78).collect()
    }

    /// Passes a line on to the person without tearing the meter's own.
    pub fn print(&self, line: &str) {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
        eprintln!("{line}");
    }

    /// Takes the meter's line away and returns how long it all took.
    pub fn finish(self) -> Duration {
        if self.terminal {
            eprint!("\r\x1b[2K");
        }
        self.started.elapsed()
    }
}

/// `45 s`, `3 min`, `1 h 05 min`.
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min", (whole + 30) / 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Which stream of a child a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Runs `command`, hands each of its lines to `line` and calls it with `None` once a second.
///
/// Returns whether it succeeded. Bytes that are no UTF-8 become U+FFFD.
pub fn lines(command: &mut Command, mut line: impl FnMut(Option<(Stream, &str)>)) -> Result<bool> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} cannot be started: {error}"))?;
    let (sender, receiver) = mpsc::channel();
    let out = child.stdout.take().map(|pipe| read(pipe, Stream::Out, sender.clone()));
    let err = child.stderr.take().map(|pipe| read(pipe, Stream::Err, sender));
    loop {
        match receiver.recv_timeout(Duration::from_secs(1)) {
            Ok((stream, text)) => line(Some((stream, &text))),
            Err(mpsc::RecvTimeoutError::Timeout) => line(None),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    for reader in [out, err].into_iter().flatten() {
        let _ = reader.join();
    }
    Ok(child.wait()?.success())
}

fn read(
    pipe: impl Read + Send + 'static,
    stream: Stream,
    sender: mpsc::Sender<(Stream, String)>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while matches!(pipe.read_until(b'\n', &mut bytes), Ok(1..)) {
            let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\n', '\r']).to_owned();
            if sender.send((stream, text)).is_err() {
                return;
            }
            bytes.clear();
        }
    })
}

/// Runs `command` quietly; its output is shown only when it fails. `counts` tells which lines
/// are one of `total` `unit`s done.
pub fn quietly(
    command: &mut Command,
    unit: &'static str,
    total: usize,
    counts: impl Fn(&str) -> bool,
) -> Result {
    let mut meter = Meter::new(unit, total);
    let mut said = Vec::new();
    let ok = lines(command, |line| {
        if let Some((_, text)) = line {
            if counts(text) {
                meter.add(1.0, false);
            }
            said.push(text.to_owned());
        }
        meter.tick("");
    })?;
    meter.finish();
    if ok {
        return Ok(());
    }
    for line in &said[said.len().saturating_sub(40)..] {
        eprintln!("        {line}");
    }
    Err(format!("failed: {}", shown(command)).into())
}

/// A command as a person would type it, to try it by hand.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let cases = [(0.2, "0 s"), (59.4, "59 s"), (61.0, "1 min"), (600.0, "10 min")];
        for (seconds, text) in cases {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(duration(3900.0), "1 h 05 min");
    }

    #[test]
    fn time_left_is_judged_by_new_work_only() {
        let work = Work { done: 100.0, fresh: 300.0, total: 600.0 };
        assert_eq!(work.seconds_left(60.0), Some(120.0));
        assert_eq!(Work { done: 0.0, ..work }.seconds_left(60.0), None);
        assert_eq!(Work { done: 900.0, ..work }.seconds_left(60.0), Some(0.0));
    }

    #[test]
    fn a_meter_says_what_is_known() {
        let mut meter = Meter::new("units", 4).weighed(100.0);
        assert_eq!(meter.line(2.0, ""), "        0 of 4 units · 2 s so far");
        meter.add(50.0, false);
        assert_eq!(meter.line(30.0, "polars"), "        1 of 4 units · about 30 s left · polars");
        let unknown = Meter::new("lines", 0);
        assert_eq!(unknown.line(90.0, ""), "        2 min so far");
    }

    #[test]
    fn lines_of_both_streams_arrive_and_failure_is_told() {
        let mut heard = Vec::new();
        let ok = lines(Command::new("sh").args(["-c", "echo a; echo b >&2; exit 3"]), |line| {
            heard.extend(line.map(|(stream, text)| (stream, text.to_owned())));
        })
        .expect("sh runs");
        heard.sort_by_key(|(_, text)| text.clone());
        assert_eq!(heard, [(Stream::Out, "a".to_owned()), (Stream::Err, "b".to_owned())]);
        assert!(!ok);
        assert!(lines(&mut Command::new("no-such-program"), |_| ()).is_err());
    }
}
