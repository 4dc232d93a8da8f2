//! `spot`: search a day from a shell.
//!
//! A verb, a pipeline and settings: `spot search flow --data D --anchor 10.0.0.5`, `spot search dns
//! --data D --query evil.com`. What is not given
//! comes from the environment, then from spot.conf. Exit code 2 for wrong use, 1 for a failure or for a
//! story that is no longer what was saved; an address without flows is an answer like any other.

mod compact;
mod days;
mod dns;
mod history;
mod import;
mod json;
mod rank;
mod report;
mod score;
mod serve;
mod story;
mod story_text;
mod text;
mod verify;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::{Value, json};
use spot_store::error::Kind;
use spot_store::settings::{Vars, anchor, given};
use spot_store::{Result, Settings, StoreError, Workbench};

/// Investigate one day of network flows or DNS answers.
#[derive(Parser)]
#[command(name = "spot", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Everything about one address, or one name, on the day.
    Search(Search),
    /// Addresses and names that were scored high.
    Threats(Threats),
    /// Save what the day of an address or name means, for all who look at that day.
    Save(Save),
    /// A page for one suspect, or for all of a day and an index; needs nothing else to be read.
    Report(report::Report),
    /// Make a day of what other tools have logged.
    Import(import::Import),
    /// Say that rows are of high, medium or low risk: by address, port or name, or all that a list names.
    Score(score::Score),
    /// Whom to look at first on a day that nobody has scored, with the reasons.
    Rank(rank::Rank),
    /// Rewrite a day's stories and scores on Spark, where each save is a folder, as one save a table.
    Compact(compact::Compact),
    /// Days with raw or scored rows.
    Days(Threats),
    /// Stories that were saved: list, show, export, delete.
    Story(story::Story),
    /// Make every number of a saved story again, and say which differ.
    Verify(verify::Verify),
    /// Give what this machine has to notebooks and scripts, over GraphQL.
    Serve(serve::Serve),
}

/// What the rows are of.
#[derive(Clone, Copy, ValueEnum)]
enum Pipeline {
    /// Network flows.
    Flow,
    /// DNS answers.
    Dns,
}

impl From<Pipeline> for spot_store::Pipeline {
    fn from(pipeline: Pipeline) -> Self {
        match pipeline {
            Pipeline::Flow => Self::Flow,
            Pipeline::Dns => Self::Dns,
        }
    }
}

#[derive(Args)]
struct Common {
    /// What the rows are of.
    pipeline: Pipeline,
    #[command(flatten)]
    data: Where,
}

#[derive(Args, Clone, Default)]
struct Where {
    /// Folder with the tables, http(s)://HOST:PORT/graphql, or sc://HOST:15002 [else: SPOT_DATA].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Day, 2016-07-08 or 20160708; of 2016-07-01..2016-07-08 the last one with rows, beside the days
    /// before it [else: SPOT_DATE, the latest day with high rows].
    #[arg(long)]
    date: Option<String>,
    /// Folder with the context files [else: SPOT_CONTEXT, `context` in or beside the data folder].
    #[arg(long, value_name = "FOLDER")]
    context: Option<PathBuf>,
    /// Folder that receives writes, also webhdfs://HOST:PORT/FOLDER or s3://BUCKET/FOLDER [else:
    /// SPOT_OUT, the data folder].
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Args)]
struct Search {
    #[command(flatten)]
    common: Common,
    /// Address, IPv4 or IPv6; for DNS also a name [else: SPOT_ANCHOR].
    #[arg(long, value_name = "ADDRESS")]
    anchor: Option<String>,
    #[command(flatten)]
    which: dns::Which,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Rows of each table [else: SPOT_TOP_RESULTS, 20].
    #[arg(long, value_name = "ROWS")]
    top: Option<String>,
}

#[derive(Args)]
struct Threats {
    #[command(flatten)]
    common: Common,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Args)]
struct Save {
    #[command(flatten)]
    common: Common,
    /// Address, IPv4 or IPv6; for DNS also a name [else: SPOT_ANCHOR].
    #[arg(long, value_name = "ADDRESS")]
    anchor: Option<String>,
    #[command(flatten)]
    which: dns::Which,
    /// Title of the story [else: SPOT_TITLE].
    #[arg(long)]
    title: Option<String>,
    /// Text of the story [else: SPOT_TEXT].
    #[arg(long)]
    text: Option<String>,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// One JSON object.
    Json,
    /// Tables for people.
    Text,
}

fn main() -> ExitCode {
    // Wrong use ends here, with clap's own exit code 2.
    let cli = Cli::parse();
    let done = match cli.verb {
        Verb::Verify(args) => verify::verify(args),
        verb => run(verb).map(|output| (output, ExitCode::SUCCESS)),
    };
    match done.and_then(|(output, code)| print(&output).map(|()| code)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("spot: {}", text::visible(&error.to_string()));
            ExitCode::from(if error.kind == Kind::Usage { 2 } else { 1 })
        }
    }
}

fn run(verb: Verb) -> Result<String> {
    use Pipeline::{Dns, Flow};
    let pipeline = match &verb {
        Verb::Serve(_)
        | Verb::Report(_)
        | Verb::Score(_)
        | Verb::Import(_)
        | Verb::Rank(_)
        | Verb::Story(_)
        | Verb::Compact(_)
        | Verb::Verify(_) => Flow,
        Verb::Search(Search { common, .. }) | Verb::Save(Save { common, .. }) => common.pipeline,
        Verb::Threats(Threats { common, .. }) | Verb::Days(Threats { common, .. }) => {
            common.pipeline
        }
    };
    match (verb, pipeline) {
        (Verb::Search(args), Flow) => search(args),
        (Verb::Threats(args), Flow) => threats(args),
        (Verb::Save(args), Flow) => save(args),
        (Verb::Days(args), Flow) => days(args),
        (Verb::Search(args), Dns) => dns::search(args),
        (Verb::Threats(args), Dns) => dns::threats(args),
        (Verb::Save(args), Dns) => dns::save(args),
        (Verb::Days(args), Dns) => dns::days(args),
        (Verb::Report(args), _) => report::report(args),
        (Verb::Import(args), _) => import::import(args),
        (Verb::Score(args), _) => score::score(args),
        (Verb::Rank(args), _) => rank::rank(args),
        (Verb::Serve(args), _) => serve::serve(args),
        (Verb::Compact(args), _) => compact::run(args),
        (Verb::Story(args), _) => story::story(args),
        (Verb::Verify(args), _) => verify::verify(args).map(|(output, _)| output),
    }
}

/// Clients, names and scopes are of DNS.
fn only_dns(which: &dns::Which) -> Result<()> {
    match which.is_given() {
        false => Ok(()),
        true => {
            let fix = "use --anchor, or say `dns` instead of `flow`";
            Err(StoreError::usage("--client, --query and --scope are of DNS", fix))
        }
    }
}

fn search(args: Search) -> Result<String> {
    only_dns(&args.which)?;
    let bench = open(args.common, [("SPOT_ANCHOR", args.anchor), ("SPOT_TOP_RESULTS", args.top)])?;
    let anchor = one_anchor(bench.settings())?;
    let rows = bench.rows(&anchor)?;
    let mut found = bench.found(&anchor, &rows)?;
    found.history = bench.history(&anchor, &rows)?;
    match args.format {
        Format::Json => shown(&json::search(&found, &rows)?),
        Format::Text => {
            for note in &found.notes {
                eprintln!("note: {}", text::visible(note));
            }
            Ok(text::search(&found) + &history::text(&found))
        }
    }
}

fn threats(args: Threats) -> Result<String> {
    let bench = open(args.common, [])?;
    let suspects = bench.suspects()?;
    match args.format {
        Format::Json => shown(&json!({
            "date": bench.day().to_string(),
            "threats": suspects.iter().map(json::suspect).collect::<Vec<_>>(),
        })),
        Format::Text => Ok(text::suspects(bench.day(), &suspects)),
    }
}

fn days(args: Threats) -> Result<String> {
    days::days(&open(args.common, [])?, args.format)
}

fn save(args: Save) -> Result<String> {
    only_dns(&args.which)?;
    let story =
        [("SPOT_ANCHOR", args.anchor), ("SPOT_TITLE", args.title), ("SPOT_TEXT", args.text)];
    let bench = open(args.common, story)?;
    let anchor = one_anchor(bench.settings())?;
    let (title, text) = needs_words(bench.settings())?;
    let found = bench.investigate(&anchor)?;
    let saved = bench.save(&found, &title, &text)?;
    match args.format {
        Format::Json => shown(&json::saved(json!(anchor), bench.day(), &saved)),
        Format::Text => Ok(text::saved(&found.anchor, found.day, &saved)),
    }
}

/// Title and text of a story, one of which may be missing.
fn needs_words(settings: &Settings) -> Result<(String, String)> {
    let Settings { title, text, .. } = settings.clone();
    if title.is_none() && text.is_none() {
        let fix = "give --title, --text or both";
        return Err(StoreError::usage("a story needs a title or a text", fix));
    }
    Ok((title.unwrap_or_default(), text.unwrap_or_default()))
}

fn open<const N: usize>(common: Common, more: [(&str, Option<String>); N]) -> Result<Workbench> {
    Workbench::open(Settings::from_env(&given_settings(common, more))?)
}

/// What a flag gives beats the environment.
fn given_settings<const N: usize>(common: Common, more: [(&str, Option<String>); N]) -> Vars {
    settings_of(common.data, more)
}

fn settings_of<const N: usize>(of: Where, more: [(&str, Option<String>); N]) -> Vars {
    let Where { data, date, context, out } = of;
    let path = |path: Option<PathBuf>| path.map(|path| path.to_string_lossy().into_owned());
    let flags = [
        ("SPOT_DATA", path(data)),
        ("SPOT_DATE", date),
        ("SPOT_CONTEXT", path(context)),
        ("SPOT_OUT", path(out)),
    ];
    let flags = flags.into_iter().chain(more);
    given(flags.filter_map(|(name, value)| Some((name, value?))))
}

fn one_anchor(settings: &Settings) -> Result<spot_analysis::Address> {
    use spot_store::settings::Anchors::These;
    match &settings.anchors {
        Some(These(these)) if these.len() == 1 => Ok(these[0].clone()),
        // An empty text says what an address looks like.
        None => anchor(""),
        Some(_) => {
            let fix = "give one address with --anchor";
            Err(StoreError::usage("more than one address", fix).at("SPOT_ANCHOR"))
        }
    }
}

fn shown(value: &Value) -> Result<String> {
    Ok(format!("{value:#}\n"))
}

fn print(output: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(output.as_bytes()).and_then(|()| stdout.flush()) {
        // `spot search | head` is no failure.
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(StoreError::io("write the answer", "standard output".as_ref(), &e)),
        Ok(()) => Ok(()),
    }
}
