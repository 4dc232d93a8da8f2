//! The files of stories: where they lie, whose they are and what they say.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use chrono::NaiveDate;
use spot_analysis::dns::{self, Name};
use spot_analysis::model::Address;

use super::Told;
use crate::error::Result;
use crate::layout::{Pipeline, Table, day_folder, dns_file_stem, file_stem};
use crate::manifest::{Manifest, StoryAnchor};
use crate::story::Target;
use crate::{dns_story, flow_story};

/// Folder and stem of a story's own files.
pub(crate) fn place(anchor: &StoryAnchor, day: NaiveDate) -> (PathBuf, String) {
    let stem = match anchor {
        StoryAnchor::Ip(address) => file_stem(address),
        StoryAnchor::Client(client) => dns_file_stem(&dns::Anchor::Client(client.clone())),
        StoryAnchor::Query(name) => dns_file_stem(&dns::Anchor::Query(name.clone())),
    };
    (day_folder(anchor.pipeline(), day).join(&stem), stem)
}

/// Where the bytes of a file are that a manifest names. Manifests are anybody's: no path leads out of the
/// folder.
pub(crate) fn located(target: &Target<'_>, path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    inside.then(|| target.view.locate(path))?
}

/// Pipeline, day and stem of the story whose manifest lies at `path`, by its folders alone:
/// `flow/oa/storyboard/2016/7/8/10_0_0_5/story-10_0_0_5.json`.
pub(crate) fn placed(path: &Path) -> Option<(Pipeline, NaiveDate, String)> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let mut names = path.iter().rev().map(|name| name.to_str());
    let (file, stem) = (names.next()??, names.next()??);
    let mut number = || names.next()??.parse::<u32>().ok();
    let (day, month, year) = (number()?, number()?, number()?);
    let day = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    let pipeline = [names.next()??, names.next()??, names.next()??];
    let pipeline = match pipeline {
        ["storyboard", "oa", "flow"] => Pipeline::Flow,
        ["storyboard", "oa", "dns"] => Pipeline::Dns,
        _ => return None,
    };
    (file == manifest_name(stem)).then(|| (pipeline, day, stem.to_owned()))
}

fn manifest_name(stem: &str) -> String {
    format!("story-{stem}.json")
}

/// The table of peers, or of clients and names, which no other program writes.
fn table_name(pipeline: Pipeline, stem: &str) -> String {
    match pipeline {
        Pipeline::Flow => format!("peers-{stem}.parquet"),
        Pipeline::Dns => format!("rows-{stem}.parquet"),
    }
}

/// The files that saves write into a story's folder.
pub(super) fn own_names(anchor: &StoryAnchor, stem: &str) -> Vec<String> {
    let spots: &[&str] = match anchor.pipeline() {
        Pipeline::Flow => &["stats", "threat-dendro", "globe"],
        Pipeline::Dns => &[],
    };
    let spots = spots.iter().map(|name| format!("{name}-{stem}.json"));
    spots.chain([table_name(anchor.pipeline(), stem), manifest_name(stem)]).collect()
}

/// Anchor, title and text of all stories that the storyboard has.
pub(super) fn comments(
    target: &Target<'_>,
    pipeline: Pipeline,
    day: NaiveDate,
) -> Result<Vec<(StoryAnchor, String, String)>> {
    let files = |table: Table| target.inspect(&target.files(table, day)?);
    Ok(match pipeline {
        Pipeline::Flow => {
            let comments = flow_story::comments(&files(Table::Storyboard)?)?.into_iter();
            comments.map(|c| (StoryAnchor::Ip(c.anchor), c.title, c.text)).collect()
        }
        Pipeline::Dns => {
            let comments = dns_story::comments(&files(Table::DnsStoryboard)?)?.into_iter();
            comments.map(|c| (c.anchor.into(), c.title, c.text)).collect()
        }
    })
}

/// What the story's own file says of it.
pub(super) fn read(target: &Target<'_>, anchor: &StoryAnchor, day: NaiveDate) -> Told {
    let (_, stem) = place(anchor, day);
    read_in(target, (anchor.pipeline(), day, &stem), |_| anchor.clone())
}

/// As [`read`], of a folder; `anchor` says of its manifest whose it is.
fn read_in(
    target: &Target<'_>,
    (pipeline, day, stem): (Pipeline, NaiveDate, &str),
    anchor: impl FnOnce(Option<&Manifest>) -> StoryAnchor,
) -> Told {
    let folder = day_folder(pipeline, day).join(stem);
    let path = folder.join(manifest_name(stem));
    let read = target.view.locate(&path).map(|now| read_manifest(&now));
    let (manifest, fault) = match read {
        None => (None, None),
        Some(Ok(manifest)) => (Some(manifest), None),
        Some(Err(fault)) => (None, Some(fault)),
    };
    let has_table = target.view.locate(&folder.join(table_name(pipeline, stem))).is_some();
    let words = manifest.as_ref().map(|found| (found.title.clone(), found.text.clone()));
    let (title, text) = words.unwrap_or_default();
    let anchor = anchor(manifest.as_ref());
    let root = target.out.to_path_buf();
    let path = root.join(path);
    Told { day, anchor, title, text, live: false, manifest, fault, has_table, root, path }
}

/// Stories whose files lie below `target` and which its storyboard does not have; and those that it has.
pub(super) fn lost(
    target: &Target<'_>,
    pipeline: Pipeline,
    day: NaiveDate,
) -> Result<(Vec<Told>, Vec<StoryAnchor>)> {
    let listed: Vec<_> = comments(target, pipeline, day)?.into_iter().map(|of| of.0).collect();
    let known: BTreeSet<_> = listed.iter().map(|anchor| place(anchor, day).1).collect();
    let folder = day_folder(pipeline, day);
    let files = target.view.files(&folder)?;
    let stems: BTreeSet<&str> = files
        .iter()
        .filter_map(|(name, _)| {
            let below: Vec<_> = name.strip_prefix(&folder).ok()?.iter().collect();
            let [stem, file] = below.as_slice() else { return None };
            let (stem, file) = (stem.to_str()?, file.to_str()?);
            let ours = file == manifest_name(stem) || file == table_name(pipeline, stem);
            (ours && !known.contains(stem)).then_some(stem)
        })
        .collect();
    let told = stems.into_iter().map(|stem| {
        read_in(target, (pipeline, day, stem), |manifest| owner(manifest, (pipeline, day, stem)))
    });
    Ok((told.collect(), listed))
}

/// Whose files a folder of this stem holds: what its manifest says if the folder bears that out, else what
/// the stem says. A long name is cut in it, and stays cut.
pub(super) fn owner(
    manifest: Option<&Manifest>,
    (pipeline, day, stem): (Pipeline, NaiveDate, &str),
) -> StoryAnchor {
    let fits = |anchor: &StoryAnchor| anchor.pipeline() == pipeline && place(anchor, day).1 == stem;
    if let Some(anchor) = manifest.and_then(Manifest::anchor).filter(fits) {
        return anchor;
    }
    match (pipeline, stem.strip_prefix("client-"), stem.strip_prefix("query-")) {
        (Pipeline::Flow, ..) => StoryAnchor::Ip(address_of(stem)),
        (Pipeline::Dns, Some(client), _) => StoryAnchor::Client(address_of(client)),
        (Pipeline::Dns, None, name) => {
            StoryAnchor::Query(Name::new(unescaped(name.unwrap_or(stem))))
        }
    }
}

/// The address that [`file_stem`] made this of.
fn address_of(stem: &str) -> Address {
    let address = Address::new(stem.replace('_', ".").replace('-', ":"));
    match address.ip() {
        Some(_) => address,
        None => Address::new(unescaped(stem)),
    }
}

/// The text in which all but some characters became `%XX`.
fn unescaped(stem: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), stem.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%').then(|| after.get(..2)).flatten();
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn read_manifest(path: &Path) -> Result<Manifest, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| e.to_string())
}
