//! An import from its logs to the tables.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use chrono::{DateTime, NaiveDate, Timelike};
use memchr::memchr;
use spot_store::{Incoming, Pipeline, Result, StoreError, side_by_side};

use crate::input::Input;
use crate::lines::{Part, Text, parts};
use crate::pcap::meter::Meter;
use crate::rows::{Answer, Flow, Packet, Row, Skip};
use crate::tables::{Directions, write_answers, write_flows};
use crate::times::Start;
use crate::tool::{Columns, Tool};

/// Rows in memory before the fullest hour is written.
const HELD: usize = 1_500_000;
/// Line numbers that are told of one reason.
const TOLD: usize = 5;
/// Parts that wait for a reader, and readings that wait to be taken.
const WAITING: usize = 4;

/// What an import is to do.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; it is made where it is missing.
    pub data: PathBuf,
    /// What is added to every time, for logs that count from the start of the capture.
    pub start: Start,
    /// Whether a connection is one row, or one a direction.
    pub directions: Directions,
    /// Whether a log that was imported before takes the place of its rows.
    pub again: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Logs that are read.
    pub done: usize,
    /// All logs.
    pub of: usize,
    /// Bytes read of all, as they lie on the disk.
    pub bytes: u64,
    /// Lines read of all.
    pub lines: u64,
}

/// Lines that became no row, for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Why.
    pub why: &'static str,
    /// How many.
    pub lines: u64,
    /// The numbers of the first ones.
    pub first: Vec<u64>,
}

/// What became of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Its name.
    pub input: String,
    /// Lines below headers.
    pub lines: u64,
    /// Rows of `flow` and `dns` that were written.
    pub rows: (u64, u64),
    /// What was skipped, most lines first.
    pub skipped: Vec<Skipped>,
    /// Its content was imported before, and nothing of it was written.
    pub known: bool,
    /// What ended it, if it could not be read.
    pub fault: Option<StoreError>,
}

/// What an import did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Log by log, in their order.
    pub logs: Vec<Imported>,
    /// Days that got rows.
    pub days: BTreeSet<NaiveDate>,
    /// Files that were written.
    pub files: usize,
}

type Hour = (Pipeline, i64);

/// Reads logs into the raw tables `flow` and `dns`: all of them are there afterwards or, on an error,
/// none. A log that cannot be read is told in [`Imported::fault`]; the others are imported all the same.
///
/// # Errors
/// A data folder that cannot be written.
pub fn import(
    tool: &Tool,
    inputs: &[Input],
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Done> {
    let mut incoming = Incoming::open(&options.data)?;
    let (mut logs, mut days, mut seen) = (Vec::new(), BTreeSet::new(), HashSet::new());
    let mut instead = Vec::new();
    let (bytes, lines) = (Arc::new(AtomicU64::new(0)), AtomicU64::new(0));
    let of = inputs.len();
    for (done, input) in inputs.iter().enumerate() {
        let tell = || {
            let [bytes, lines] = [&*bytes, &lines].map(|count| count.load(Ordering::Relaxed));
            progress(Progress { done, of, bytes, lines });
        };
        let mut log = Imported {
            input: input.name(),
            lines: 0,
            rows: (0, 0),
            skipped: Vec::new(),
            known: false,
            fault: None,
        };
        let mut hours = Hours::new(&mut incoming, options.directions);
        let read = input.open(tool, bytes.clone()).map(|mut source| {
            let (mut skips, mut meter) = (BTreeMap::new(), Meter::default());
            let text = lines_of(
                &mut source,
                (tool.columns(), options.start),
                &mut |mut read: Readings| {
                    log.lines += read.lines;
                    lines.fetch_add(read.lines, Ordering::Relaxed);
                    merge(&mut skips, std::mem::take(&mut read.skips));
                    hours.take_all(read, &mut meter)?;
                    tell();
                    Ok(())
                },
            );
            log.skipped = listed(skips, tool);
            let text = text?;
            hours.take_rest(&mut meter).map_err(Broken::Tables)?;
            Ok(text)
        });
        let read = match read {
            Err(fault) => Err(fault),
            Ok(Err(Broken::Tables(error))) => return Err(error),
            Ok(Err(Broken::Source(error))) => Err(input.refused(&error)),
            Ok(Ok(text)) => Ok(text),
        };
        let written = hours.finish()?;
        match read {
            Err(fault) => log.fault = Some(fault),
            Ok(Text { bytes: 0, .. }) => {
                let what = "the log is empty";
                log.fault = Some(StoreError::data(what, "give another one").at(input.name()));
            }
            Ok(Text { sha256, .. }) => {
                let start = format!("{}-{}-", tool.name(), &sha256[..16]);
                let before = incoming.known(std::slice::from_ref(&start))?;
                log.known = !seen.insert(start.clone()) || (!before.is_empty() && !options.again);
                if !log.known {
                    instead.extend(before);
                    for (number, Written { file, hour: (pipeline, hour), rows }) in
                        written.into_iter().enumerate()
                    {
                        let at = DateTime::from_timestamp(hour * 3600, 0).unwrap_or_default();
                        let day = at.date_naive();
                        days.insert(day);
                        let name = format!("{start}{number}.parquet");
                        incoming.add(file, (pipeline, day, at.hour()), &name);
                        match pipeline {
                            Pipeline::Flow => log.rows.0 += rows,
                            Pipeline::Dns => log.rows.1 += rows,
                        }
                    }
                }
            }
        }
        logs.push(log);
    }
    let files = incoming.publish(instead)?;
    let [bytes, lines] = [&*bytes, &lines].map(|count| count.load(Ordering::Relaxed));
    progress(Progress { done: of, of, bytes, lines });
    Ok(Done { logs, days, files })
}

/// What a thread made of a part.
#[derive(Default)]
struct Readings {
    lines: u64,
    flows: Vec<Flow>,
    answers: Vec<Answer>,
    packets: Vec<Packet>,
    skips: Skips,
}

type Skips = BTreeMap<Skip, (u64, Vec<u64>)>;

/// Why a text was not read to its end.
enum Broken {
    /// Its source.
    Source(std::io::Error),
    /// The data folder.
    Tables(StoreError),
}

/// Reads all lines on several threads and gives them to `take` in their order.
fn lines_of(
    source: &mut (dyn Read + Send),
    (columns, start): (Columns, Start),
    take: &mut dyn FnMut(Readings) -> Result<()>,
) -> std::result::Result<Text, Broken> {
    let threads = thread::available_parallelism().map_or(2, usize::from);
    let stop = AtomicBool::new(false);
    let (to_readers, from_source) = sync_channel::<(u64, Part)>(WAITING);
    let (to_taker, from_readers) = sync_channel::<(u64, Readings)>(WAITING);
    let from_source = Mutex::new(from_source);
    thread::scope(|scope| {
        for _ in 0..threads {
            let (from_source, to_taker) = (&from_source, to_taker.clone());
            scope.spawn(move || readers(from_source, &to_taker, start));
        }
        drop(to_taker);
        let stop = &stop;
        let text = scope.spawn(move || {
            let mut number = 0;
            parts(source, columns, &mut |part| {
                let sent = to_readers.send((number, part)).is_ok();
                number += 1;
                sent && !stop.load(Ordering::Relaxed)
            })
        });
        let taken = in_order(&from_readers, take);
        if taken.is_err() {
            stop.store(true, Ordering::Relaxed);
            // Whoever waits to give something may go.
            while from_readers.recv().is_ok() {}
        }
        let text = text.join().unwrap_or_else(|_| Err(std::io::Error::other("reading ended")));
        taken.map_err(Broken::Tables)?;
        text.map_err(Broken::Source)
    })
}

fn readers(parts: &Mutex<Receiver<(u64, Part)>>, to: &SyncSender<(u64, Readings)>, start: Start) {
    loop {
        let part = parts.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, part)) = part else { return };
        if to.send((number, read(&part, start))).is_err() {
            return;
        }
    }
}

fn in_order(
    from: &Receiver<(u64, Readings)>,
    take: &mut dyn FnMut(Readings) -> Result<()>,
) -> Result<()> {
    let (mut waiting, mut next) = (BTreeMap::new(), 0);
    for (number, read) in from.iter() {
        waiting.insert(number, read);
        while let Some(read) = waiting.remove(&next) {
            take(read)?;
            next += 1;
        }
    }
    Ok(())
}

fn read(part: &Part, start: Start) -> Readings {
    let mut out = Readings::default();
    let mut rest = part.bytes.as_slice();
    let mut number = part.first;
    while !rest.is_empty() {
        let (line, after) = match memchr(b'\n', rest) {
            Some(at) => (&rest[..at], &rest[at + 1..]),
            None => (rest, &rest[rest.len()..]),
        };
        rest = after;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.trim_ascii().is_empty() {
            let row = part.columns.row(line, start);
            out.lines += u64::from(!matches!(row, Ok(None)));
            match row {
                Ok(Some(Row::Flow(flow))) => out.flows.push(flow),
                Ok(Some(Row::Answer(answer))) => out.answers.push(answer),
                Ok(Some(Row::Packet(packet))) => out.packets.push(packet),
                Ok(None) => {}
                Err(why) => {
                    let (count, first) = out.skips.entry(why).or_default();
                    *count += 1;
                    if first.len() < TOLD {
                        first.push(number);
                    }
                }
            }
        }
        number += 1;
    }
    out
}

fn merge(all: &mut Skips, more: Skips) {
    for (why, (count, lines)) in more {
        let (sum, first) = all.entry(why).or_default();
        *sum += count;
        let free = TOLD.saturating_sub(first.len());
        first.extend(lines.into_iter().take(free));
    }
}

fn listed(skips: Skips, tool: &Tool) -> Vec<Skipped> {
    let list = skips.into_iter().map(|(why, (lines, first))| {
        let first = first.into_iter().map(|line| tool.number(line)).collect();
        Skipped { why, lines, first }
    });
    let mut list: Vec<_> = list.collect();
    list.sort_by_key(|skipped| std::cmp::Reverse(skipped.lines));
    list
}

/// A file that waits.
struct Written {
    file: PathBuf,
    hour: Hour,
    rows: u64,
}

/// The rows of a log by hour, as many as memory has room for; the others are written.
struct Hours<'a> {
    incoming: &'a mut Incoming,
    directions: Directions,
    flows: BTreeMap<i64, Vec<Flow>>,
    answers: BTreeMap<i64, Vec<Answer>>,
    held: usize,
    written: Vec<Written>,
}

const HOUR: i64 = 3_600_000_000;

impl<'a> Hours<'a> {
    fn new(incoming: &'a mut Incoming, directions: Directions) -> Self {
        Self {
            incoming,
            directions,
            flows: BTreeMap::new(),
            answers: BTreeMap::new(),
            held: 0,
            written: Vec::new(),
        }
    }

    fn take_all(&mut self, read: Readings, meter: &mut Meter) -> Result<()> {
        let Readings { mut flows, mut answers, packets, .. } = read;
        for mut packet in packets {
            answers.extend(packet.answer.take());
            meter.take(&packet, &mut flows);
        }
        self.take(flows, answers)
    }

    /// The flows of packets that were still open at the end.
    fn take_rest(&mut self, meter: &mut Meter) -> Result<()> {
        let mut flows = Vec::new();
        meter.finish(&mut flows);
        self.take(flows, Vec::new())
    }

    fn take(&mut self, flows: Vec<Flow>, answers: Vec<Answer>) -> Result<()> {
        self.held += flows.len() + answers.len();
        for flow in flows {
            self.flows.entry(flow.end.div_euclid(HOUR)).or_default().push(flow);
        }
        for answer in answers {
            self.answers.entry(answer.at.div_euclid(HOUR)).or_default().push(answer);
        }
        while self.held > HELD {
            self.write_fullest()?;
        }
        Ok(())
    }

    fn write_fullest(&mut self) -> Result<()> {
        let flows = self.flows.iter().map(|(hour, rows)| (rows.len(), (Pipeline::Flow, *hour)));
        let answers = self.answers.iter().map(|(hour, rows)| (rows.len(), (Pipeline::Dns, *hour)));
        let Some((_, (pipeline, hour))) = flows.chain(answers).max_by_key(|(rows, _)| *rows) else {
            self.held = 0;
            return Ok(());
        };
        let file = self.incoming.file();
        let (held, rows) = match pipeline {
            Pipeline::Flow => {
                let rows = self.flows.remove(&hour).unwrap_or_default();
                (rows.len(), write_flows(&file, rows, self.directions)?)
            }
            Pipeline::Dns => {
                let rows = self.answers.remove(&hour).unwrap_or_default();
                (rows.len(), write_answers(&file, rows)?)
            }
        };
        self.held -= held;
        self.written.push(Written { file, hour: (pipeline, hour), rows });
        Ok(())
    }

    /// Writes what is left; gives all files.
    fn finish(mut self) -> Result<Vec<Written>> {
        enum Rows {
            Flows(Vec<Flow>),
            Answers(Vec<Answer>),
        }
        let mut left = Vec::new();
        for (hour, rows) in std::mem::take(&mut self.flows) {
            let rows = Mutex::new(Some(Rows::Flows(rows)));
            left.push((self.incoming.file(), (Pipeline::Flow, hour), rows));
        }
        for (hour, rows) in std::mem::take(&mut self.answers) {
            let rows = Mutex::new(Some(Rows::Answers(rows)));
            left.push((self.incoming.file(), (Pipeline::Dns, hour), rows));
        }
        let directions = self.directions;
        let write = |(file, hour, rows): &(PathBuf, Hour, Mutex<Option<Rows>>)| {
            let path: &Path = file;
            let rows = rows.lock().unwrap_or_else(PoisonError::into_inner).take();
            let rows = match rows {
                Some(Rows::Flows(rows)) => write_flows(path, rows, directions)?,
                Some(Rows::Answers(rows)) => write_answers(path, rows)?,
                None => 0,
            };
            Ok(Written { file: file.clone(), hour: *hour, rows })
        };
        let written = side_by_side(&left, write).into_iter().collect::<Result<Vec<_>>>()?;
        self.written.extend(written);
        // Rows without packets may leave an hour without any.
        self.written.retain(|written| written.rows > 0);
        Ok(self.written)
    }
}
