//! Stories that are no longer in the list: how they are deleted, and how they are found.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::Deserialize;
use spot_analysis::dns;

use super::files::{comments, lost, own_names, place};
use super::{Stories, Told};
use crate::error::{Result, StoreError};
use crate::layout::{Pipeline, day_folder};
use crate::manifest::{Deleted, Deletions, SCHEMA_VERSION, StoryAnchor, Version, now};
use crate::publish::Change;
use crate::remote::Part;
use crate::story::pretty;
use crate::{dns_story, flow_story};

/// What a deletion took away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gone {
    /// The title that was deleted.
    pub title: String,
    /// The file that tells of it, below the out folder.
    pub record: PathBuf,
    /// Whether the data folder has an older story of the same anchor and day, which shows again.
    pub uncovered: bool,
}

/// Stories of a day that the list does not have.
#[derive(Debug, Default)]
pub struct Unlisted {
    /// What the records of deletions tell.
    pub deletions: Vec<Deletions>,
    /// Stories whose files are there and whose row of the storyboard is not, in order of anchors: a reset
    /// takes the row away, and so may anybody else.
    pub lost: Vec<Told>,
    /// Records of deletions that cannot be read.
    pub faults: Vec<StoreError>,
}

impl Stories {
    /// Stories of a day that were deleted, and those that the storyboard lost.
    ///
    /// # Errors
    /// As [`Stories::of_day`].
    pub fn gone(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Unlisted> {
        self.store.pull(pipeline, day, Part::All)?;
        let (mut unlisted, mut gone) = (Unlisted::default(), BTreeMap::new());
        for root in self.roots() {
            self.store.look((pipeline, &root), |target| {
                for (name, now) in target.view.files(&day_folder(pipeline, day))? {
                    let file = name.file_name().unwrap_or_default().to_string_lossy();
                    if file.starts_with("deleted-") && file.ends_with(".json") {
                        match read_deletions(&now) {
                            Ok(deletions) => unlisted.deletions.push(deletions),
                            Err(fault) => unlisted.faults.push(fault),
                        }
                    }
                }
                let (lost, listed) = lost(target, pipeline, day)?;
                // A later folder's story counts instead of an earlier one's.
                listed.iter().for_each(|anchor| drop(gone.remove(anchor)));
                gone.extend(lost.into_iter().map(|told| (told.anchor.clone(), told)));
                Ok(())
            })?;
        }
        unlisted.lost = gone.into_values().collect();
        Ok(unlisted)
    }

    /// Deletes a story: its rows, its line of `threats.csv` and its files, all at once. The file
    /// `deleted-..json` tells who deleted what when.
    ///
    /// # Errors
    /// There is no such story in the folder that is written; files that cannot be read or written.
    /// Nothing is changed then.
    pub fn delete(&self, anchor: &StoryAnchor, day: NaiveDate) -> Result<Gone> {
        let pipeline = anchor.pipeline();
        let told = self.find(anchor, Some(day.into()))?;
        if told.root != self.store.out() {
            let fix = "delete it with SPOT_OUT unset, or set to that folder";
            let what = "the story lies in the data folder, which is not written";
            return Err(StoreError::usage(what, fix).at(told.root.display()));
        }
        let gone = self.store.publish((pipeline, day), |target| {
            // Under the lock: somebody may just have saved it again.
            let comment = comments(target, pipeline, day)?.into_iter().find(|c| c.0 == *anchor);
            let (folder, stem) = place(anchor, day);
            let manifest = folder.join(format!("story-{stem}.json"));
            let bytes = target.view.locate(&manifest).and_then(|now| fs::read(now).ok());
            let deleted = Deleted {
                at: now(),
                by: self.settings.author.clone(),
                ..last_words(comment, bytes.as_deref())
            };
            let title = deleted.story.title.clone();
            let record = folder.join(format!("deleted-{stem}.json"));
            let mut deletions = match target.view.locate(&record) {
                Some(now) => read_deletions(&now)?,
                None => Deletions {
                    schema_version: SCHEMA_VERSION,
                    date: day,
                    anchor: anchor.clone(),
                    deleted: Vec::new(),
                },
            };
            deletions.deleted.push(deleted);
            let bytes = pretty(&deletions)?;
            let mut changes = vec![Change::Put { path: record.clone(), bytes }];
            changes.extend(match anchor {
                StoryAnchor::Ip(address) => flow_story::removal(address, day, target)?,
                StoryAnchor::Client(client) => {
                    dns_story::removal(&dns::Anchor::Client(client.clone()), day, target)?
                }
                StoryAnchor::Query(name) => {
                    dns_story::removal(&dns::Anchor::Query(name.clone()), day, target)?
                }
            });
            let own = own_names(anchor, &stem).into_iter().map(|name| folder.join(name));
            let there = own.filter(|path| target.view.locate(path).is_some());
            changes.extend(there.map(|path| Change::Remove { path }));
            Ok((changes, Gone { title, record, uncovered: false }))
        })?;
        let uncovered = self.of_day(pipeline, day)?.iter().any(|told| told.anchor == *anchor);
        Ok(Gone { uncovered, ..gone })
    }
}

fn read_deletions(path: &Path) -> Result<Deletions> {
    let bytes = fs::read(path).map_err(|e| StoreError::io("read the file", path, &e))?;
    serde_json::from_slice(&bytes).map_err(|e| {
        let fix = "it was damaged outside of this program: move it away";
        let what = format!("the record of deleted stories cannot be read: {e}");
        StoreError::data(what, fix).at(path.display())
    })
}

/// The story as it was, of its manifest or at least of its comment.
fn last_words(comment: Option<(StoryAnchor, String, String)>, manifest: Option<&[u8]>) -> Deleted {
    #[derive(Deserialize)]
    struct Last {
        #[serde(flatten)]
        story: Version,
        created: Option<String>,
        updated: Option<String>,
        #[serde(default)]
        previous: Vec<Version>,
    }
    let last = manifest.and_then(|bytes| serde_json::from_slice::<Last>(bytes).ok());
    let (title, text) = comment.map(|(_, title, text)| (title, text)).unwrap_or_default();
    let nameless = Version { revision: 1, title, text, author: None, saved: None };
    let (story, created, previous) = match last {
        Some(last) => (Version { saved: last.updated, ..last.story }, last.created, last.previous),
        None => (nameless, None, Vec::new()),
    };
    Deleted { at: String::new(), by: None, story, created, previous }
}
