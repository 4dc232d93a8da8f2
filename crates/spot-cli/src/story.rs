//! Stories that were saved: `spot story list flow`, `spot story show flow --anchor 10.0.0.5`, `spot story
//! export`, `spot story delete`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Value, json};
use spot_store::manifest::{Deletions, Version};
use spot_store::{Pipeline, Result, Settings, StoreError, Stories, StoryAnchor, Told};

use crate::{Common, Format, Where, dns, only_dns, settings_of, shown, story_text};

/// Stories that were saved.
#[derive(Args)]
pub struct Story {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// The stories of a day, or of all days.
    List(List),
    /// All that is known of a story.
    Show(Show),
    /// Write a story as files for others.
    Export(Export),
    /// Delete a story, and leave a record of it.
    Delete(Delete),
}

#[derive(Args)]
struct List {
    #[command(flatten)]
    common: Common,
    /// Also those that were deleted, or taken from the list by a reset.
    #[arg(long)]
    deleted: bool,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Which story.
#[derive(Args)]
pub struct Of {
    /// Address, IPv4 or IPv6; for DNS also a name [else: SPOT_ANCHOR].
    #[arg(long, value_name = "ADDRESS")]
    anchor: Option<String>,
    #[command(flatten)]
    which: dns::Which,
}

#[derive(Args)]
struct Show {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    of: Of,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Args)]
struct Export {
    /// What the story is of.
    pipeline: crate::Pipeline,
    #[command(flatten)]
    of: Of,
    /// Folder that receives the files; it is made if it is not there.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Folder with the tables [else: SPOT_DATA].
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Folder with the stories, if it is not that with the tables [else: SPOT_OUT].
    #[arg(long, value_name = "FOLDER")]
    stories: Option<PathBuf>,
    /// Day, 2016-07-08 or 20160708 [else: SPOT_DATE, the latest day with such a story].
    #[arg(long)]
    date: Option<String>,
    /// Which files.
    #[arg(long, value_enum)]
    format: Shape,
    /// Overwrite files that are there.
    #[arg(long)]
    force: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shape {
    /// Peers (DNS: clients and names) and story as CSV, safe to open in a spreadsheet.
    Csv,
    /// Peers (DNS: clients and names) as Parquet, the story as JSON.
    Parquet,
    /// One bundle of STIX 2.1.
    Stix,
}

#[derive(Args)]
struct Delete {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    of: Of,
    /// Really delete it.
    #[arg(long)]
    yes: bool,
}

pub fn story(story: Story) -> Result<String> {
    match story.verb {
        Verb::List(args) => list(args),
        Verb::Show(args) => {
            let (stories, anchor) = of(args.common, args.of)?;
            let told = stories.find(&anchor, stories.settings().date)?;
            match args.format {
                Format::Json => shown(&as_json(&told)),
                Format::Text => Ok(story_text::story(&told)),
            }
        }
        Verb::Export(args) => export(args),
        Verb::Delete(args) => delete(args),
    }
}

fn list(args: List) -> Result<String> {
    let pipeline = args.common.pipeline.into();
    let stories = open(pipeline, args.common.data, [])?;
    let days = days(&stories, pipeline)?;
    let (mut told, mut deletions, mut reset) = (Vec::new(), Vec::new(), Vec::new());
    for day in &days {
        told.extend(stories.of_day(pipeline, *day)?);
        if args.deleted {
            let unlisted = stories.gone(pipeline, *day)?;
            deletions.extend(unlisted.deletions);
            reset.extend(unlisted.lost);
            for fault in unlisted.faults {
                eprintln!("note: {}", crate::text::visible(&fault.to_string()));
            }
        }
    }
    match args.format {
        Format::Json => {
            let mut listed = json!({"stories": told.iter().map(as_json).collect::<Vec<_>>()});
            if args.deleted {
                listed["deleted"] = json!(deletions);
                listed["reset"] = reset.iter().map(as_json).collect();
            }
            shown(&listed)
        }
        Format::Text => {
            let mut listed = story_text::stories(&told);
            if args.deleted {
                listed.push_str(&story_text::deletions(&deletions, &reset));
            }
            Ok(listed)
        }
    }
}

/// The day that was given, else those that have stories, of the range that was given.
pub fn days(stories: &Stories, pipeline: Pipeline) -> Result<Vec<NaiveDate>> {
    match stories.settings().date {
        Some(dates) if !dates.is_range() => Ok(vec![dates.last()]),
        dates => {
            let mut days = stories.days(pipeline)?;
            days.retain(|day| dates.is_none_or(|dates| dates.contains(*day)));
            Ok(days)
        }
    }
}

fn export(args: Export) -> Result<String> {
    let Export { pipeline, data, date, stories, .. } = args;
    let data = Where { data, date, context: None, out: stories };
    let (stories, anchor) = of(Common { pipeline, data }, args.of)?;
    let told = stories.find(&anchor, stories.settings().date)?;
    let format = match args.format {
        Shape::Csv => spot_store::Format::Csv,
        Shape::Parquet => spot_store::Format::Parquet,
        Shape::Stix => spot_store::Format::Stix,
    };
    let exported = stories.export(&told, &args.out, format, args.force)?;
    Ok(story_text::exported(&told, &exported))
}

fn delete(args: Delete) -> Result<String> {
    let (stories, anchor) = of(args.common, args.of)?;
    let Some(day) = stories.settings().date.filter(|dates| !dates.is_range()) else {
        let fix = "name the day with --date";
        return Err(StoreError::usage("only the story of one day is deleted", fix).at("--date"));
    };
    let told = stories.find(&anchor, Some(day))?;
    if !args.yes {
        let what =
            format!("this would delete the story `{}` of {} on {day}", told.title, anchor.as_str());
        return Err(StoreError::usage(what, "say --yes to delete it"));
    }
    let gone = stories.delete(&anchor, day.last())?;
    Ok(story_text::deleted(&told, &gone))
}

/// Opens the folder; the anchor is what the flags say, else SPOT_ANCHOR.
fn of(common: Common, of: Of) -> Result<(Stories, StoryAnchor)> {
    let pipeline = common.pipeline.into();
    let (settings, anchor) = anchor(pipeline, common.data, of)?;
    Ok((Stories::open(settings)?, anchor))
}

/// Settings, and which story is meant.
pub fn anchor(pipeline: Pipeline, data: Where, of: Of) -> Result<(Settings, StoryAnchor)> {
    if pipeline == Pipeline::Flow {
        only_dns(&of.which)?;
    }
    let more = [("SPOT_ANCHOR", of.anchor)];
    let settings = Settings::from_env_for(pipeline, &settings_of(data, more))?;
    let anchor = match pipeline {
        Pipeline::Flow => StoryAnchor::Ip(crate::one_anchor(&settings)?),
        Pipeline::Dns => dns::one_anchor(&settings, of.which)?.0.into(),
    };
    Ok((settings, anchor))
}

fn open<const N: usize>(
    pipeline: Pipeline,
    data: Where,
    more: [(&str, Option<String>); N],
) -> Result<Stories> {
    Stories::open(Settings::from_env_for(pipeline, &settings_of(data, more))?)
}

/// A story as JSON: what the table says, and its manifest.
fn as_json(told: &Told) -> Value {
    json!({
        "date": told.day,
        "anchor": told.anchor,
        "title": told.title,
        "text": told.text,
        "listed": told.live,
        "manifest": told.manifest,
        "fault": told.fault,
    })
}

/// One line of a deleted story: day, type, anchor, title, when, by whom.
pub fn deleted_lines(deletions: &[Deletions]) -> Vec<[String; 6]> {
    let each = deletions.iter().flat_map(|of| of.deleted.iter().map(move |one| (of, one)));
    each.map(|(of, one)| {
        let Version { title, .. } = &one.story;
        [
            of.date.to_string(),
            of.anchor.kind().to_owned(),
            of.anchor.as_str().to_owned(),
            title.clone(),
            one.at.clone(),
            one.by.clone().unwrap_or_default(),
        ]
    })
    .collect()
}
