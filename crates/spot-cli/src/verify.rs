//! `spot verify`: makes every number of saved stories again from their inputs.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde_json::{Value, json};
use spot_store::verify::Verified;
use spot_store::{Out, Pipeline, Result, Settings, StoreError, Stories, Told};

use crate::{Format, Where, settings_of, shown, story, story_text, text};

/// Make every number of a saved story again, and say which differ.
#[derive(Args)]
pub struct Verify {
    /// `flow` or `dns` with an anchor, `all` stories of a day, or the file story-..json of one.
    #[arg(value_name = "flow|dns|all|FILE")]
    what: String,
    #[command(flatten)]
    data: Where,
    #[command(flatten)]
    of: story::Of,
    /// What to print.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// What to print, and the exit code: 0 when all agree, 1 when something differs.
pub fn verify(args: Verify) -> Result<(String, ExitCode)> {
    let (verified, faults) = match args.what.as_str() {
        "flow" => one(Pipeline::Flow, args.data, args.of)?,
        "dns" => one(Pipeline::Dns, args.data, args.of)?,
        "all" => all(args.data)?,
        path => file(Path::new(path), args.data)?,
    };
    let agree = faults.is_empty() && verified.iter().all(Verified::agrees);
    let output = match args.format {
        Format::Text => story_text::verified(&verified, &faults),
        Format::Json => shown(&json!({
            "agree": agree,
            "stories": verified.iter().map(as_json).collect::<Vec<_>>(),
            "faults": faults.iter().map(fault_json).collect::<Vec<_>>(),
        }))?,
    };
    Ok((output, if agree { ExitCode::SUCCESS } else { ExitCode::from(1) }))
}

/// What kept stories from being listed or verified.
pub struct Fault {
    /// A day's stories, or one of them.
    pub of: String,
    /// Why.
    pub why: StoreError,
}

type Looked = Result<(Vec<Verified>, Vec<Fault>)>;

fn one(pipeline: Pipeline, data: Where, of: story::Of) -> Looked {
    let (settings, anchor) = story::anchor(pipeline, data, of)?;
    let stories = Stories::open(settings)?;
    let told = stories.find(&anchor, stories.settings().date)?;
    Ok((vec![stories.verify(&told)?], Vec::new()))
}

/// Of both pipelines, those that the storyboard lost too. What another program saved cannot be verified
/// and is left out. What cannot be read at all does not keep the others from being verified.
fn all(data: Where) -> Looked {
    let stories = Stories::open(Settings::from_env(&settings_of(data, []))?)?;
    let (mut told, mut faults) = (Vec::new(), Vec::new());
    for pipeline in [Pipeline::Flow, Pipeline::Dns] {
        for day in story::days(&stories, pipeline)? {
            let both = stories.of_day(pipeline, day);
            let both = both.and_then(|listed| Ok((listed, stories.gone(pipeline, day)?)));
            let of = || format!("{} stories on {day}", pipeline.name());
            match both {
                Ok((listed, unlisted)) => {
                    told.extend(listed);
                    told.extend(unlisted.lost);
                    faults.extend(unlisted.faults.into_iter().map(|why| Fault { of: of(), why }));
                }
                Err(why) => faults.push(Fault { of: of(), why }),
            }
        }
    }
    let (told, others): (Vec<_>, Vec<_>) = told.into_iter().partition(Told::is_ours);
    for other in others {
        let name = format!("{} on {}", other.anchor.as_str(), other.day);
        eprintln!("note: {}", text::visible(&format!("{name}: another program saved it")));
    }
    let mut verified = Vec::new();
    for told in told {
        match stories.verify(&told) {
            Ok(found) => verified.push(found),
            Err(why) => {
                let of = format!("{} {} on {}", told.anchor.kind(), told.anchor.as_str(), told.day);
                faults.push(Fault { of, why });
            }
        }
    }
    Ok((verified, faults))
}

/// A manifest says in which folder it lies, if nobody else does.
fn file(path: &Path, data: Where) -> Looked {
    if !path.is_file() {
        let what = format!("`{}` is neither flow, dns, all nor a file", path.display());
        return Err(StoreError::usage(what, "name one of these"));
    }
    let root = root_of(path);
    let unsaid = Where { data: root.clone(), ..data.clone() };
    let settings = match Settings::from_env(&settings_of(data.clone(), [])) {
        Err(_) if data.data.is_none() && root.is_some() => {
            Settings::from_env(&settings_of(unsaid, []))?
        }
        settings => settings?,
    };
    let elsewhere = root.filter(|root| Some(root.as_path()) != settings.data.folder());
    let settings = match (&settings.out, elsewhere) {
        (None, Some(root)) => Settings { out: Some(Out::Folder(root)), ..settings },
        _ => settings,
    };
    let stories = Stories::open(settings)?;
    let told = stories.at(path)?;
    Ok((vec![stories.verify(&told)?], Vec::new()))
}

/// `ROOT` of `ROOT/flow/oa/storyboard/2016/7/8/10_0_0_5/story-10_0_0_5.json`.
fn root_of(path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let storyboard = path.ancestors().nth(5)?;
    storyboard.ends_with("oa/storyboard").then_some(())?;
    path.ancestors().nth(8).map(Path::to_path_buf)
}

fn fault_json(fault: &Fault) -> Value {
    json!({"of": fault.of, "what": fault.why.what, "where": fault.why.at, "fix": fault.why.fix})
}

fn as_json(verified: &Verified) -> Value {
    let differences = verified.differences.iter();
    let differences = differences.map(|d| json!({"what": d.what, "then": d.then, "now": d.now}));
    json!({
        "date": verified.day,
        "anchor": verified.anchor,
        "revision": verified.revision,
        "agrees": verified.agrees(),
        "inputs": verified.inputs,
        "values": verified.values,
        "artefacts": verified.artefacts,
        "differing": verified.differing,
        "differences": differences.collect::<Vec<_>>(),
        "notes": verified.notes,
    })
}
