//! `spot report`: pages that need no kernel, for one suspect or all of a day.

use std::io::{IsTerminal, Write, stderr};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use spot_report::{Done, Options, Progress, Reported, run};
use spot_store::settings::Anchors;
use spot_store::{Bench, Dns, Flow, Result, Settings};

use crate::{Format, Pipeline, Where, settings_of, shown, text};

#[derive(Args)]
pub struct Report {
    /// What the rows are of.
    pipeline: Pipeline,
    /// Folder with the tables, or http(s)://HOST:PORT/graphql [else: SPOT_DATA].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Day, 2016-07-08 or 20160708 [else: SPOT_DATE, the latest day with high rows].
    #[arg(long)]
    date: Option<String>,
    /// Folder with the context files [else: SPOT_CONTEXT, `context` in or beside the data folder].
    #[arg(long, value_name = "FOLDER")]
    context: Option<PathBuf>,
    /// An address (for DNS: or a name), several with commas, or `all` that were scored high [else:
    /// SPOT_ANCHOR, all].
    #[arg(long, value_name = "ADDRESS")]
    anchor: Option<String>,
    /// Folder for the pages; they go below it by pipeline and day [else: SPOT_REPORT, reports].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Rows of each table before scripts run [else: SPOT_TOP_RESULTS, 20].
    #[arg(long, value_name = "ROWS")]
    top: Option<String>,
    /// Make pages again that are finished.
    #[arg(long)]
    again: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Makes the pages; a failure of one of them is the answer's.
pub fn report(args: Report) -> Result<String> {
    let more = [("SPOT_ANCHOR", args.anchor), ("SPOT_TOP_RESULTS", args.top)];
    let from = Where { data: args.data, date: args.date, context: args.context, out: None };
    let cell = settings_of(from, more);
    let kind = match args.pipeline {
        Pipeline::Flow => spot_store::Pipeline::Flow,
        Pipeline::Dns => spot_store::Pipeline::Dns,
    };
    let settings = Settings::from_env_for(kind, &cell)?;
    let out = args.out.or_else(|| settings.report.clone());
    let mut options = Options::new(out.unwrap_or_else(|| "reports".into()));
    options.again = args.again;
    let done = match args.pipeline {
        Pipeline::Flow => pages::<Flow>(settings, &options)?,
        Pipeline::Dns => pages::<Dns>(settings, &options)?,
    };
    for (about, why) in done.failed.iter().chain(&done.refused) {
        eprintln!("spot: no report about {}: {}", text::visible(about), text::visible(why));
    }
    let printed = match args.format {
        Format::Json => shown(&as_json(&done))?,
        Format::Text => {
            let size = done.bytes as f64 / 1e6;
            let page = done.page.display();
            format!("{}: {}, {size:.1} MB\n{page}\n", done.day, done.summary())
        }
    };
    match done.first_failure() {
        None => Ok(printed),
        Some(failure) => {
            // What was made is told, too.
            crate::print(&printed)?;
            Err(failure)
        }
    }
}

fn pages<K: Reported>(settings: Settings, options: &Options) -> Result<Done> {
    let anchors = K::anchors(&settings).cloned().unwrap_or(Anchors::All);
    let bench = Bench::<K>::open(settings)?;
    let bar = Bar::new();
    let done = run(&bench, &anchors, options, &|progress| bar.show(progress));
    bar.clear();
    done
}

fn as_json(done: &Done) -> Value {
    let why = |list: &[(String, String)]| {
        let one = |(about, why): &(String, String)| json!({"anchor": about, "why": why});
        list.iter().map(one).collect::<Vec<_>>()
    };
    json!({
        "date": done.day,
        "suspects": done.suspects,
        "written": done.written,
        "kept": done.kept,
        "failed": why(&done.failed),
        "refused": why(&done.refused),
        "bytes": done.bytes,
        "page": done.page.display().to_string(),
        "reports": done.lines.iter().map(|(line, file)| json!({
            "anchor": line.about,
            "file": file,
            "score": line.score(),
            "reasons": line.reasons,
            "highRows": line.high_rows,
            "rows": line.rows,
        })).collect::<Vec<_>>(),
    })
}

/// How far it is, on standard error: one line that is drawn again on a terminal, else a line each
/// tenth.
struct Bar {
    began: Instant,
    terminal: bool,
    shown: Mutex<Option<usize>>,
}

impl Bar {
    fn new() -> Self {
        Self { began: Instant::now(), terminal: stderr().is_terminal(), shown: Mutex::new(None) }
    }

    fn show(&self, Progress { done, of }: Progress) {
        let mut shown = self.shown.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if done == 0 && !self.terminal {
            return;
        }
        let tenth = done * 10 / of.max(1);
        // Threads overtake each other: a bar does not go back.
        if shown.is_some_and(|before| before >= if self.terminal { done } else { tenth }) {
            return;
        }
        *shown = Some(if self.terminal { done } else { tenth });
        let seconds = self.began.elapsed().as_secs_f64().max(1e-3);
        let rate = done as f64 / seconds;
        let pace = match done {
            0 => String::new(),
            _ => {
                let left = of.saturating_sub(done) as f64 / rate;
                format!(", {rate:.1} a second, {left:.0} s left")
            }
        };
        let line = format!("{done} of {of} reports{pace}");
        let mut out = stderr().lock();
        let full = 30 * done / of.max(1);
        // Nobody may read it: that is no reason to stop.
        drop(match self.terminal {
            true => write!(out, "\r[{:<30}] {line}\x1b[K", "#".repeat(full)),
            false => writeln!(out, "{line}"),
        });
    }

    fn clear(&self) {
        if self.terminal {
            drop(write!(stderr().lock(), "\r\x1b[K"));
        }
    }
}
