//! What was saved: listed, told and deleted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;
use serde::Deserialize;
use spot_analysis::dns;

use crate::dates::Dates;
use crate::embedded::Embedded;
use crate::error::{Result, StoreError};
use crate::layout::{Pipeline, Table, day_folder, dns_file_stem, file_stem, written_days};
use crate::manifest::{Deleted, Deletions, Manifest, SCHEMA_VERSION, StoryAnchor, Version, now};
use crate::publish::Change;
use crate::remote::Part;
use crate::settings::{Data, Settings};
use crate::store::Store;
use crate::story::{Target, pretty};
use crate::{dns_story, flow_story};

/// A story as it lies in a folder.
#[derive(Clone, Debug)]
pub struct Told {
    /// The day.
    pub day: NaiveDate,
    /// What it is about.
    pub anchor: StoryAnchor,
    /// Title, as the storyboard has it.
    pub title: String,
    /// Text, as the storyboard has it.
    pub text: String,
    /// Whether the storyboard has it: a reset takes its row away and leaves its files.
    pub live: bool,
    /// What its manifest says; `None` of a story that another program saved.
    pub manifest: Option<Manifest>,
    /// Why the manifest cannot be read.
    pub fault: Option<String>,
    /// The folder that it was found in.
    pub(crate) root: PathBuf,
    /// Path of the manifest.
    pub(crate) path: PathBuf,
}

impl Told {
    /// The manifest.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn manifest(&self) -> Result<&Manifest> {
        self.manifest.as_ref().ok_or_else(|| {
            let what = match &self.fault {
                Some(fault) => format!("the story's file cannot be read: {fault}"),
                None => "the story has no file of its own: another program saved it".to_owned(),
            };
            StoreError::data(what, "save the story again").at(self.path.display())
        })
    }
}

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

/// The stories of a folder.
pub struct Stories {
    settings: Settings,
    store: Arc<Embedded>,
}

impl Stories {
    /// Opens the folder that `settings` name.
    ///
    /// # Errors
    /// No such folder, no tables in it; a server, which keeps the files of stories to itself.
    pub fn open(settings: Settings) -> Result<Self> {
        let Data::Folder(folder) = &settings.data else {
            let fix = "run this where the folder is, with SPOT_DATA set to it";
            let what = "the files of stories are not given by a server";
            return Err(StoreError::usage(what, fix).at("SPOT_DATA"));
        };
        let store = Embedded::opened(folder, settings.out.as_ref())?;
        Ok(Self::with_store(settings, Arc::new(store)))
    }

    /// As [`Stories::open`], on a store that is open.
    pub fn with_store(settings: Settings, store: Arc<Embedded>) -> Self {
        Self { settings, store }
    }

    /// What the run was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn store(&self) -> &Arc<Embedded> {
        &self.store
    }

    /// The data folder and, where there is one, the folder that receives writes, whose stories count.
    fn roots(&self) -> Vec<PathBuf> {
        let mut roots = vec![self.store.data().to_path_buf(), self.store.out().to_path_buf()];
        roots.dedup();
        roots
    }

    /// Days that have stories of `pipeline`, or tell of deleted ones, in order. Where writes go to a
    /// server: all days that have rows.
    ///
    /// # Errors
    /// A threat list that cannot be read.
    pub fn days(&self, pipeline: Pipeline) -> Result<Vec<NaiveDate>> {
        let mut days = BTreeSet::new();
        for root in self.roots() {
            days.extend(written_days(&root, pipeline));
        }
        if self.store.is_remote() {
            days.extend(self.store.days(pipeline)?.into_iter().map(|info| info.day));
        }
        Ok(days.into_iter().collect())
    }

    /// The stories of a day, in order of anchors.
    ///
    /// # Errors
    /// A storyboard that cannot be read. A manifest that cannot be is told of in its story.
    pub fn of_day(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Vec<Told>> {
        self.store.pull(pipeline, day, Part::All)?;
        let mut told = BTreeMap::new();
        for root in self.roots() {
            self.store.look((pipeline, &root), |target| {
                for (anchor, title, text) in comments(target, pipeline, day)? {
                    let found = read(target, &anchor, day);
                    let one = Told { title, text, live: true, ..found };
                    told.insert(anchor, one);
                }
                Ok(())
            })?;
        }
        Ok(told.into_values().collect())
    }

    /// Stories of a day that were deleted, and those that a reset took from the storyboard.
    ///
    /// # Errors
    /// As [`Stories::of_day`]; a record of deleted stories that cannot be read.
    pub fn gone(&self, pipeline: Pipeline, day: NaiveDate) -> Result<(Vec<Deletions>, Vec<Told>)> {
        let live: BTreeSet<_> =
            self.of_day(pipeline, day)?.into_iter().map(|told| told.anchor).collect();
        let (mut deletions, mut reset) = (Vec::new(), BTreeMap::new());
        for root in self.roots() {
            self.store.look((pipeline, &root), |target| {
                for (name, now) in target.view.files(&day_folder(pipeline, day))? {
                    let file = name.file_name().unwrap_or_default().to_string_lossy();
                    if file.starts_with("deleted-") && file.ends_with(".json") {
                        deletions.push(read_deletions(&now)?);
                    } else if file.starts_with("story-")
                        && file.ends_with(".json")
                        && let Ok(manifest) = read_manifest(&now)
                        && let Some(anchor) = manifest.anchor()
                        && !live.contains(&anchor)
                    {
                        reset.insert(anchor.clone(), read(target, &anchor, day));
                    }
                }
                Ok(())
            })?;
        }
        Ok((deletions, reset.into_values().collect()))
    }

    /// The story of `anchor` on the latest of `dates` that has one, of all days where none is named.
    ///
    /// # Errors
    /// There is none; and as [`Stories::of_day`].
    pub fn find(&self, anchor: &StoryAnchor, dates: Option<Dates>) -> Result<Told> {
        let pipeline = anchor.pipeline();
        let mut days = match dates {
            Some(dates) if !dates.is_range() => vec![dates.last()],
            _ => self.days(pipeline)?,
        };
        days.retain(|day| dates.is_none_or(|dates| dates.contains(*day)));
        for day in days.iter().rev() {
            if let Some(told) =
                self.of_day(pipeline, *day)?.into_iter().find(|told| told.anchor == *anchor)
            {
                return Ok(told);
            }
        }
        // A reset leaves the story's own files.
        for (day, root) in days.iter().rev().flat_map(|day| {
            let roots = self.roots().into_iter().rev();
            roots.map(move |root| (*day, root))
        }) {
            let found =
                self.store.look((pipeline, &root), |target| Ok(read(target, anchor, day)))?;
            if found.manifest.is_some() {
                return Ok(found);
            }
        }
        let when = dates.map(|dates| match dates.is_range() {
            true => format!(" from {dates}"),
            false => format!(" on {dates}"),
        });
        let when = when.unwrap_or_default();
        let what = format!("there is no story of {}{when}", anchor.as_str());
        let fix = format!("`spot story list {}` names those that there are", pipeline.name());
        Err(StoreError::usage(what, fix).at(self.store.describe()))
    }

    /// The story whose manifest lies at `path`, wherever that is.
    ///
    /// # Errors
    /// A file that is no manifest.
    pub fn at(&self, path: &Path) -> Result<Told> {
        let wrong = |what: String| {
            let fix = "name a file story-..json that a save wrote";
            StoreError::data(what, fix).at(path.display())
        };
        let manifest = read_manifest(path).map_err(wrong)?;
        let anchor = manifest
            .anchor()
            .ok_or_else(|| wrong("it names no anchor that is known".to_owned()))?;
        let root = match self.find(&anchor, Some(manifest.date.into())) {
            Ok(found) => found.root,
            Err(_) => self.store.out().to_path_buf(),
        };
        Ok(Told {
            day: manifest.date,
            anchor,
            title: manifest.title.clone(),
            text: manifest.text.clone(),
            live: true,
            manifest: Some(manifest),
            fault: None,
            root,
            path: path.to_path_buf(),
        })
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

/// The files that saves write into a story's folder.
fn own_names(anchor: &StoryAnchor, stem: &str) -> Vec<String> {
    let mut names = match anchor.pipeline() {
        Pipeline::Flow => ["stats", "threat-dendro", "globe"]
            .map(|name| format!("{name}-{stem}.json"))
            .into_iter()
            .chain([format!("peers-{stem}.parquet")])
            .collect(),
        Pipeline::Dns => vec![format!("rows-{stem}.parquet")],
    };
    names.push(format!("story-{stem}.json"));
    names
}

/// Anchor, title and text of all stories that the storyboard has.
fn comments(
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
fn read(target: &Target<'_>, anchor: &StoryAnchor, day: NaiveDate) -> Told {
    let (folder, stem) = place(anchor, day);
    let path = folder.join(format!("story-{stem}.json"));
    let read = target.view.locate(&path).map(|now| read_manifest(&now));
    let (manifest, fault) = match read {
        None => (None, None),
        Some(Ok(manifest)) => (Some(manifest), None),
        Some(Err(fault)) => (None, Some(fault)),
    };
    let words = manifest.as_ref().map(|found| (found.title.clone(), found.text.clone()));
    let (title, text) = words.unwrap_or_default();
    let root = target.out.to_path_buf();
    let path = root.join(path);
    Told { day, anchor: anchor.clone(), title, text, live: false, manifest, fault, root, path }
}

fn read_manifest(path: &Path) -> Result<Manifest, String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    serde_json::from_slice(&bytes).map_err(|e| e.to_string())
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
