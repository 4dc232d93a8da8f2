//! `spot import`: logs of other tools to the raw tables.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, NaiveDateTime};
use clap::{Args, ValueEnum};
use serde_json::json;
use spot_import::{Directions, Done, Imported, Map, Options, Progress, Start, inputs};
use spot_store::settings::Data;
use spot_store::{Result, Settings, StoreError};

use crate::text::{Lines, visible};
use crate::{Format, settings_of, shown};

/// Make a day of what other tools have logged.
///
/// All files are there afterwards or, on an error, none; a log whose content was imported before is left
/// out.
#[derive(Args)]
pub struct Import {
    /// What wrote the logs.
    tool: Tool,
    /// Logs, plain or packed with gzip or zstd; patterns in quotes; `-` is standard input.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,
    /// Folder that gets the tables; made where it is missing [else: SPOT_DATA].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Start of the capture, for logs whose times count from there: 2018-05-14, or with a time,
    /// 2018-05-14T10:00:00, UTC.
    #[arg(long, value_name = "TIME")]
    start: Option<String>,
    /// A row for each direction of a connection, as Spot's own ingest writes them, and not one with both.
    #[arg(long)]
    two_rows: bool,
    /// Logs that were imported before take the place of their rows.
    #[arg(long)]
    again: bool,
    /// Which column of a CSV or Parquet file is which of ours, `sip=Source IP`, with a unit for times,
    /// `treceived:ms=Timestamp`; or a file of such pairs (CSV with column, name). Several times for several.
    #[arg(long, value_name = "COLUMN=NAME")]
    map: Vec<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What wrote the logs.
#[derive(Clone, Copy, ValueEnum)]
enum Tool {
    /// Zeek's conn.log and dns.log, tab-separated or JSON lines.
    Zeek,
    /// CSV of nfdump (TZ=UTC nfdump -r FILE -o csv), or nfcapd files where that program is there.
    Nfdump,
    /// Suricata's eve.json: events flow and dns.
    Suricata,
    /// Captures of packets (pcap, pcapng), through the program tshark.
    Pcap,
    /// CSV with Spot's names of columns, or with --map.
    Csv,
    /// Parquet with Spot's names of columns, or with --map.
    Parquet,
}

/// Imports; the failure is that nothing could be read, what was done is printed all the same.
pub fn import(args: Import) -> Result<String> {
    let logs = inputs(&args.logs)?;
    let options = Options {
        data: folder(args.data)?,
        start: Start(args.start.as_deref().map(start).transpose()?.unwrap_or(0)),
        directions: if args.two_rows { Directions::Two } else { Directions::One },
        again: args.again,
    };
    let map = Map::of(&args.map)?;
    let tool = match args.tool {
        Tool::Zeek => spot_import::Tool::Zeek,
        Tool::Nfdump => spot_import::Tool::Nfdump,
        Tool::Suricata => spot_import::Tool::Suricata,
        Tool::Pcap => spot_import::Tool::Pcap,
        Tool::Csv => spot_import::Tool::Csv(map),
        Tool::Parquet => spot_import::Tool::Parquet(map),
    };
    if !args.map.is_empty() && !matches!(args.tool, Tool::Csv | Tool::Parquet) {
        let what = format!("the columns of {} are known", tool.name());
        return Err(StoreError::usage(what, "leave it out").at("--map"));
    }
    let bar = Bar::new(logs.iter().map(spot_import::Input::size).sum());
    let done = spot_import::import(&tool, &logs, &options, &|progress| bar.show(progress));
    bar.clear();
    let done = done?;
    let printed = match args.format {
        Format::Json => shown(&as_json(&done))?,
        Format::Text => told(&done, &options, &tool),
    };
    // Of one that can be read there are rows, now or before.
    let failure = done.logs.iter().find_map(|log| match (&log.fault, log.skipped.first()) {
        (Some(fault), _) => Some(fault.clone()),
        (None, Some(skipped)) if log.rows == (0, 0) && !log.known => {
            let [one, several] = tool.unit();
            let unit = if skipped.lines == 1 { one } else { several };
            let what = format!("no {one} became a row: {} {unit} {}", skipped.lines, skipped.why);
            Some(StoreError::data(what, tool.wants()).at(visible(&log.input)))
        }
        _ => None,
    });
    match failure {
        None => Ok(printed),
        Some(failure) => {
            crate::print(&printed)?;
            Err(failure)
        }
    }
}

/// The folder, which need not be there yet.
fn folder(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(folder) = given {
        return Ok(folder);
    }
    if let Some(folder) = std::env::var_os("SPOT_DATA").filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(folder));
    }
    let settings = Settings::from_env(&settings_of(crate::Where::default(), []))?;
    match settings.data {
        Data::Folder(folder) => Ok(folder),
        _ => {
            let fix = "give --data FOLDER, on the machine that has the tables";
            Err(StoreError::usage("a server takes no logs", fix).at("SPOT_DATA"))
        }
    }
}

/// Microseconds since 1970.
fn start(text: &str) -> Result<i64> {
    let day = |text: &str| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0);
    let at = DateTime::parse_from_rfc3339(text).ok().map(|at| at.naive_utc());
    let at = at.or_else(|| text.parse::<NaiveDateTime>().ok()).or_else(|| day(text));
    at.map(|at| at.and_utc().timestamp_micros()).ok_or_else(|| {
        let what = format!("`{}` is no time", visible(text));
        StoreError::usage(what, "give 2018-05-14 or 2018-05-14T10:00:00").at("--start")
    })
}

fn told(done: &Done, options: &Options, tool: &spot_import::Tool) -> String {
    let [one, several] = tool.unit();
    let unit = |count: u64| if count == 1 { one } else { several };
    let mut out = Lines::default();
    for log in &done.logs {
        out.line(format_args!("{}: {}", log.input, of_log(log, unit(log.lines))));
        for skipped in &log.skipped {
            let first: Vec<String> = skipped.first.iter().map(u64::to_string).collect();
            let more = if skipped.lines > skipped.first.len() as u64 { ", .." } else { "" };
            let lines = unit(skipped.lines);
            let numbers = first.join(", ");
            out.line(format_args!(
                "  skipped {} {lines} {} ({lines} {numbers}{more})",
                skipped.lines, skipped.why
            ));
        }
    }
    if let (Some(first), Some(last)) = (done.days.first(), done.days.last()) {
        let days = if first == last { first.to_string() } else { format!("{first} to {last}") };
        let files = if done.files == 1 { "file" } else { "files" };
        out.line(format_args!("{days}: {} {files} in {}", done.files, options.data.display()));
    }
    out.0
}

fn of_log(log: &Imported, lines: &str) -> String {
    if log.known {
        return "imported before, left out (--again puts it in their place)".to_owned();
    }
    if log.fault.is_some() {
        return "not imported".to_owned();
    }
    let (flows, answers) = log.rows;
    let rows = [(flows, "flow"), (answers, "DNS")].into_iter().filter(|(rows, _)| *rows > 0);
    let rows: Vec<String> = rows
        .map(|(rows, of)| format!("{rows} {of} {}", if rows == 1 { "row" } else { "rows" }))
        .collect();
    let rows = if rows.is_empty() { "no rows".to_owned() } else { rows.join(", ") };
    let skipped: u64 = log.skipped.iter().map(|skipped| skipped.lines).sum();
    format!("{rows} of {} {lines}, {skipped} skipped", log.lines)
}

fn as_json(done: &Done) -> serde_json::Value {
    json!({
        "days": done.days,
        "files": done.files,
        "logs": done.logs.iter().map(|log| json!({
            "log": log.input,
            "lines": log.lines,
            "flows": log.rows.0,
            "answers": log.rows.1,
            "importedBefore": log.known,
            "fault": log.fault.as_ref().map(|fault| &fault.what),
            "skipped": log.skipped.iter().map(|skipped| json!({
                "why": skipped.why, "lines": skipped.lines, "first": skipped.first,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    })
}

/// How far it is, on standard error: one line that is drawn again on a terminal, else nothing.
struct Bar {
    began: Instant,
    terminal: bool,
    /// Bytes of all logs, where that is known.
    of: Option<u64>,
    drawn: Mutex<Option<Instant>>,
}

impl Bar {
    fn new(of: Option<u64>) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { began: Instant::now(), terminal, of, drawn: Mutex::new(None) }
    }

    fn show(&self, Progress { bytes, lines, .. }: Progress) {
        const OFTEN: Duration = Duration::from_millis(100);
        let mut drawn = self.drawn.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.terminal || drawn.is_some_and(|at| at.elapsed() < OFTEN) {
            return;
        }
        *drawn = Some(Instant::now());
        let seconds = self.began.elapsed().as_secs_f64().max(0.001);
        let rate = lines as f64 / seconds / 1e3;
        let end = match self.of.filter(|of| *of > 0 && bytes > 0) {
            Some(of) => {
                let share = bytes as f64 / of as f64;
                let left = seconds / share - seconds;
                let done = (share * 20.0).min(20.0) as usize;
                let bar = format!("[{}{}]", "#".repeat(done), ".".repeat(20 - done));
                format!(" {bar} {:3.0} % · {left:.0} s left", share.min(1.0) * 100.0)
            }
            None => String::new(),
        };
        let mut out = std::io::stderr();
        drop(write!(out, "\r{lines} lines · {rate:.0} thousand a second{end}\x1b[K"));
        drop(out.flush());
    }

    fn clear(&self) {
        if self.terminal {
            eprint!("\r\x1b[K");
        }
    }
}
