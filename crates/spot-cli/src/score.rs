//! `spot score`: says of rows that they are of high, medium or low risk, one by one or by a list.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use spot_analysis::dns::Name;
use spot_analysis::model::Address;
use spot_analysis::network::Indicators;
use spot_store::{
    Bench, Dns, DnsFilter, Flow, FlowFilter, Named, PipelineKind, Rating, Result, Settings,
    StoreError, listed_dns, listed_flows,
};

use crate::text::{Lines, visible};
use crate::{Format, Pipeline, Where, settings_of, shown};

/// Most scores that go to a server at once.
const AT_ONCE: usize = 500;

/// Say that rows are of high, medium or low risk: by address, port or name, or all that a list names.
///
/// What machine learning found unlikely is scored (`flow_scores`, `dns_scores`); of a day without these a
/// conversation (the flows between two addresses over one service; the answers of one client for one
/// name) is a row. The last score of a row counts; all are kept, with who and when.
#[derive(Args)]
pub struct Score {
    /// What the rows are of.
    pipeline: Pipeline,
    /// What to say of them; `reset` forgets the day's scores and stories.
    rating: Rate,
    #[command(flatten)]
    data: Where,
    /// Flows with this address at either end.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["src", "dst"])]
    anchor: Option<String>,
    /// Flows from this address.
    #[arg(long, value_name = "ADDRESS")]
    src: Option<String>,
    /// Flows to this address.
    #[arg(long, value_name = "ADDRESS")]
    dst: Option<String>,
    /// Flows from this port.
    #[arg(long, value_name = "PORT")]
    src_port: Option<u16>,
    /// Flows to this port.
    #[arg(long, value_name = "PORT")]
    dst_port: Option<u16>,
    /// Answers of this client.
    #[arg(long, value_name = "ADDRESS")]
    client: Option<String>,
    /// Answers for this name.
    #[arg(long, value_name = "NAME")]
    query: Option<String>,
    /// Every row that names something on this list: lines (`indicator,source,note`, or one a line), a STIX
    /// 2.1 bundle or events of MISP; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Why; kept beside the score. Of a list its line is.
    #[arg(long, conflicts_with = "list")]
    reason: Option<String>,
    /// Say what a list names, and write nothing.
    #[arg(long, requires = "list")]
    dry_run: bool,
    /// Really forget the day's scores and stories.
    #[arg(long)]
    yes: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What to say of rows.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rate {
    /// They are suspects.
    High,
    /// Worth a look.
    Medium,
    /// Nothing to see.
    Low,
    /// Forget the day's scores and stories.
    Reset,
}

/// A pipeline whose rows the words of the command line and a list can name.
trait Scored: PipelineKind {
    fn of(args: &Score) -> Result<Vec<Self::Filter>>;
    fn listed(
        named: &Named,
        list: &Indicators,
        rating: Rating,
    ) -> Vec<spot_store::Score<Self::Filter>>;
    /// For people.
    fn words(of: &Self::Filter) -> String;
}

impl Scored for Flow {
    fn of(args: &Score) -> Result<Vec<FlowFilter>> {
        if args.client.is_some() || args.query.is_some() {
            let what = "clients and names are of DNS";
            return Err(StoreError::usage(what, "give --anchor, --src, --dst or a port, or `dns`"));
        }
        let given = FlowFilter {
            src: args.src.as_deref().map(ip).transpose()?,
            dst: args.dst.as_deref().map(ip).transpose()?,
            src_port: args.src_port,
            dst_port: args.dst_port,
        };
        let Some(anchor) = args.anchor.as_deref().map(ip).transpose()? else {
            return Ok(vec![given]);
        };
        let from = FlowFilter { src: Some(anchor.clone()), ..given.clone() };
        Ok(vec![from, FlowFilter { dst: Some(anchor), ..given }])
    }

    fn listed(
        named: &Named,
        list: &Indicators,
        rating: Rating,
    ) -> Vec<spot_store::Score<FlowFilter>> {
        listed_flows(named, list, rating)
    }

    fn words(of: &FlowFilter) -> String {
        let end = |word: &str, address: &Option<Address>, port: Option<u16>| {
            let address = address.as_ref().map(|address| format!(" {address}"));
            let port = port.map(|port| format!(" port {port}"));
            let text = address.into_iter().chain(port).collect::<String>();
            (!text.is_empty()).then(|| format!("{word}{text}"))
        };
        let ends = [end("from", &of.src, of.src_port), end("to", &of.dst, of.dst_port)];
        ends.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

impl Scored for Dns {
    fn of(args: &Score) -> Result<Vec<DnsFilter>> {
        let flows = [&args.anchor, &args.src, &args.dst].into_iter().any(Option::is_some);
        if flows || args.src_port.is_some() || args.dst_port.is_some() {
            let what = "sources, destinations and ports are of flows";
            return Err(StoreError::usage(what, "give --client or --query, or `flow`"));
        }
        let client = args.client.as_deref().map(ip).transpose()?;
        Ok(vec![DnsFilter { client, name: args.query.as_ref().map(Name::new) }])
    }

    fn listed(
        named: &Named,
        list: &Indicators,
        rating: Rating,
    ) -> Vec<spot_store::Score<DnsFilter>> {
        listed_dns(named, list, rating)
    }

    fn words(of: &DnsFilter) -> String {
        let client = of.client.as_ref().map(|client| format!("client {client}"));
        let name = of.name.as_ref().map(|name| format!("name {name}"));
        client.into_iter().chain(name).collect::<Vec<_>>().join(", ")
    }
}

/// What to print.
pub fn score(args: Score) -> Result<String> {
    match args.pipeline {
        Pipeline::Flow => of::<Flow>(args),
        Pipeline::Dns => of::<Dns>(args),
    }
}

fn of<K: Scored>(args: Score) -> Result<String> {
    let pipeline = K::PIPELINE;
    let settings = Settings::from_env_for(pipeline, &settings_of(args.data.clone(), []))?;
    let by = settings.author.clone();
    let bench = Bench::<K>::open(settings)?;
    let rating = match args.rating {
        Rate::High => Rating::High,
        Rate::Medium => Rating::Medium,
        Rate::Low => Rating::Low,
        Rate::Reset => return reset(&bench, &args),
    };
    let (scores, notes) = match &args.list {
        None => {
            let of = K::of(&args)?.into_iter().map(|of| spot_store::Score {
                of,
                rating,
                reason: args.reason.clone(),
            });
            (of.collect(), Vec::new())
        }
        Some(path) => {
            let list = listed(path)?;
            let named = bench.store().named(pipeline, bench.day())?;
            (K::listed(&named, &list, rating), list.notes())
        }
    };
    let mut rows = Vec::new();
    if args.dry_run {
        rows.resize(scores.len(), None);
    } else {
        // What was scored stays scored when a later part cannot be: the same command again is no harm.
        for some in scores.chunks(AT_ONCE) {
            rows.extend(bench.score(some, by.as_deref())?);
        }
    }
    for note in &notes {
        eprintln!("note: {}", visible(note));
    }
    let told: Vec<_> = scores.iter().zip(rows).filter(|(_, rows)| *rows != Some(0)).collect();
    if told.is_empty() && args.list.is_none() {
        let what = format!("no row of {} is about that: nothing was scored", bench.day());
        let fix = "see what there is with `spot threats`, `spot search` or the notebook";
        return Err(StoreError::data(what, fix));
    }
    match args.format {
        Format::Json => shown(&json!({
            "date": bench.day(),
            "rating": rating as i32,
            "by": by,
            "written": !args.dry_run,
            "scores": told.iter().map(|(score, rows)| as_json::<K>(score, *rows)).collect::<Vec<_>>(),
            "notes": notes,
        })),
        Format::Text => {
            let word = format!("{rating:?}").to_lowercase();
            let (scores, day) = (told.len(), bench.day());
            let sum: u64 = told.iter().filter_map(|(_, rows)| *rows).sum();
            let mut out = Lines::default();
            out.line(match args.dry_run {
                true => format!("{day}: the list names {scores}; nothing was written"),
                false if sum == 1 => format!("{day}: 1 row scored {word}"),
                false => format!("{day}: {sum} rows scored {word}"),
            });
            if !told.is_empty() {
                out.line("");
            }
            let count = |rows: &Option<u64>| rows.map(|rows| rows.to_string()).unwrap_or_default();
            let lines = told.iter().map(|(score, rows)| {
                [K::words(&score.of), count(rows), score.reason.clone().unwrap_or_default()]
            });
            let lines: Vec<_> = lines.collect();
            if !lines.is_empty() {
                out.table(["WHAT", "ROWS", "WHY"], &lines);
            }
            Ok(out.0)
        }
    }
}

fn as_json<K: Scored>(score: &spot_store::Score<K::Filter>, rows: Option<u64>) -> Value {
    json!({"what": K::words(&score.of), "rows": rows, "reason": score.reason})
}

fn reset<K: PipelineKind>(bench: &Bench<K>, args: &Score) -> Result<String> {
    let (name, day) = (K::PIPELINE.name(), bench.day());
    if args.list.is_some() || !args.yes || args.data.date.is_none() {
        let what = format!(
            "a reset forgets all {name} scores of {day} and takes its stories from the list"
        );
        let fix = format!("if that is what you want: spot score {name} reset --date {day} --yes");
        return Err(StoreError::usage(what, fix));
    }
    bench.reset_scores()?;
    Ok(format!("{day}: the scores are forgotten, the stories are no longer in the list\n"))
}

fn ip(text: &str) -> Result<Address> {
    let address = Address::new(text);
    match address.ip() {
        Some(_) => Ok(address),
        None => Err(StoreError::usage(format!("`{text}` is no IP address"), "give an address")),
    }
}

fn listed(path: &Path) -> Result<Indicators> {
    let is_input = path == Path::new("-");
    let bytes = match is_input {
        true => {
            let mut bytes = Vec::new();
            let read = std::io::stdin().read_to_end(&mut bytes);
            read.map(|_| bytes)
        }
        false => fs::read(path),
    };
    let bytes = bytes.map_err(|e| StoreError::io("read the list", path, &e))?;
    let place = if is_input { "standard input".to_owned() } else { path.display().to_string() };
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        let what = format!("the list is no UTF-8 text from byte {at} on");
        StoreError::data(what, "save it as UTF-8").at(&place)
    })?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = if is_input { place.clone() } else { name.unwrap_or(place.clone()) };
    let list = Indicators::exchanged(&file, &text);
    let list = list.map_err(|what| StoreError::data(what, "give another list").at(&place))?;
    if list.is_empty() {
        let fix =
            "give a list with an address, network or name a line, a STIX bundle or MISP events";
        let notes = list.notes();
        let what = match notes.first() {
            Some(note) => format!("the list has nothing that can be looked up: {note}"),
            None => "the list is empty".to_owned(),
        };
        return Err(StoreError::data(what, fix).at(place));
    }
    Ok(list)
}
