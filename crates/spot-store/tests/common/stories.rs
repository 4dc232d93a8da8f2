//! Stories and what is asked of them.

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use serde_json::Value;
use spot_analysis::dns::Name;
use spot_analysis::model::Address;
use spot_store::verify::Verified;
use spot_store::{Settings, Stories, StoryAnchor, Workbench};

use super::settings;

/// The folder of the story of 10.0.0.5.
pub const FOLDER: &str = "flow/oa/storyboard/2016/7/8/10_0_0_5";
pub const RAW: &str = "flow/y=2016/m=7/d=8/h=9/part-0.parquet";

pub fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2016, 7, 8).expect("day")
}

pub fn ip(text: &str) -> StoryAnchor {
    StoryAnchor::Ip(Address::new(text))
}

pub fn client(text: &str) -> StoryAnchor {
    StoryAnchor::Client(Address::new(text))
}

pub fn name(text: &str) -> StoryAnchor {
    StoryAnchor::Query(Name::new(text))
}

pub fn stories(data: &Path) -> Stories {
    Stories::open(settings(data)).expect("stories")
}

/// A workbench of somebody.
pub fn by(data: &Path, author: &str) -> Workbench {
    let settings = Settings { author: Some(author.to_owned()), ..settings(data) };
    Workbench::open(settings).expect("workbench")
}

/// The manifest of the story of 10.0.0.5.
pub fn manifest(root: &Path) -> Value {
    let bytes = fs::read(root.join(FOLDER).join("story-10_0_0_5.json")).expect("manifest");
    serde_json::from_slice(&bytes).expect("JSON")
}

pub fn verified(data: &Path, anchor: &StoryAnchor) -> Verified {
    let stories = stories(data);
    let told = stories.find(anchor, Some(day().into())).expect("story");
    stories.verify(&told).expect("verified")
}

/// `what: then / now` of each difference.
pub fn differences(verified: &Verified) -> Vec<String> {
    assert_eq!(verified.differing as usize, verified.differences.len());
    assert_eq!(verified.agrees(), verified.differences.is_empty());
    let each = verified.differences.iter();
    each.map(|d| format!("{}: {} / {}", d.what, d.then, d.now)).collect()
}

/// Changes one byte of a file and nothing else that can be seen from outside.
pub fn flip(path: &Path, at: usize) {
    let modified = fs::metadata(path).expect("file").modified().expect("time");
    let mut bytes = fs::read(path).expect("file");
    bytes[at] ^= 1;
    fs::write(path, bytes).expect("file");
    let file = fs::File::options().write(true).open(path).expect("file");
    file.set_modified(modified).expect("time");
}
