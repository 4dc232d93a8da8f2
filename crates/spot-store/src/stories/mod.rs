//! What was saved: listed, told and deleted.

mod files;
mod gone;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDate;

use self::files::{comments, owner, read, read_manifest};
pub(crate) use self::files::{located, place, placed};
pub use self::gone::{Gone, Unlisted};
use crate::dates::Dates;
use crate::embedded::Embedded;
use crate::error::{Result, StoreError};
use crate::layout::{Pipeline, written_days};
use crate::manifest::{Manifest, StoryAnchor};
use crate::remote::Part;
use crate::settings::{Data, Settings};
use crate::store::Store;

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
    /// Whether the storyboard has it: a reset takes its row away and leaves its files, and so does who
    /// removes the row alone.
    pub live: bool,
    /// What its manifest says; `None` of a story that another program saved, or whose manifest was lost:
    /// see [`Told::is_ours`].
    pub manifest: Option<Manifest>,
    /// Why the manifest cannot be read.
    pub fault: Option<String>,
    /// Whether its folder has the table that no other program writes.
    pub(crate) has_table: bool,
    /// The folder that it was found in.
    pub(crate) root: PathBuf,
    /// Path of the manifest.
    pub(crate) path: PathBuf,
}

impl Told {
    /// Whether this program saved it: there is a manifest, readable or not, or at least the table of peers
    /// (DNS: of clients and names) that lies beside one. A row of ours without either looks like one of
    /// another program.
    pub fn is_ours(&self) -> bool {
        self.manifest.is_some() || self.fault.is_some() || self.has_table
    }

    /// The manifest.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn manifest(&self) -> Result<&Manifest> {
        self.manifest.as_ref().ok_or_else(|| {
            let what = match &self.fault {
                Some(fault) => format!("the story's file cannot be read: {fault}"),
                None if self.has_table => "the story's file is missing".to_owned(),
                None => "the story has no file of its own: another program saved it".to_owned(),
            };
            StoreError::data(what, "save the story again").at(self.path.display())
        })
    }
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
            if found.is_ours() {
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
        // Where it lies counts more than what it says.
        let (day, anchor) = match placed(path) {
            Some((pipeline, day, stem)) => (day, owner(Some(&manifest), (pipeline, day, &stem))),
            None => {
                let unknown = || wrong("it names no anchor that is known".to_owned());
                (manifest.date, manifest.anchor().ok_or_else(unknown)?)
            }
        };
        let (root, has_table) = match self.find(&anchor, Some(day.into())) {
            Ok(found) => (found.root, found.has_table),
            Err(_) => (self.store.out().to_path_buf(), false),
        };
        Ok(Told {
            day,
            anchor,
            title: manifest.title.clone(),
            text: manifest.text.clone(),
            live: true,
            manifest: Some(manifest),
            fault: None,
            has_table,
            root,
            path: path.to_path_buf(),
        })
    }
}
