//! The store that needs no server: polars over folders of Parquet files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use polars::prelude::*;
use spot_analysis::model::Address;

use crate::error::{Result, StoreError};
use crate::flow_rows::{self, FlowRows};
use crate::layout::{Layout, Table, data_files};
use crate::parquet::{self, Column as Wanted, Inspector, Type, engine};
use crate::publish::{Publisher, StepHook};
use crate::store::{DayInfo, Store};
use crate::story::{self, Comment, Saved, Story, Target};

const THREATS: [Wanted; 6] = [
    ("tstart", Type::Text),
    ("srcip", Type::Text),
    ("dstip", Type::Text),
    ("srcport", Type::Int),
    ("dstport", Type::Int),
    ("score", Type::Int),
];

/// Tables in a local folder, in either [`Layout`].
pub struct Embedded {
    data: PathBuf,
    layout: Layout,
    publisher: Publisher,
    inspector: Inspector,
}

impl Embedded {
    /// Opens `data`; writes go to `out`, in the layout that is found there, else in that of `data`.
    ///
    /// # Errors
    /// `data` is no folder, or holds no table of the flow pipeline.
    pub fn open(data: impl Into<PathBuf>, out: Option<PathBuf>) -> Result<Self> {
        let data = data.into();
        fs::read_dir(&data).map_err(|e| {
            let fix = "set SPOT_DATA to the folder that holds `flow`";
            StoreError::usage(format!("cannot open the data folder: {e}"), fix).at(data.display())
        })?;
        let layout = Layout::find(&data).ok_or_else(|| {
            let fix = "set SPOT_DATA to a folder with flow/hive/y=2016/m=7/d=8/h=9/ (Spot's layout) or \
                       flow/y=2016/m=7/d=8/h=9/ in it";
            StoreError::usage("no flow table in the data folder", fix).at(data.display())
        })?;
        let publisher = Publisher::new(out.unwrap_or_else(|| data.clone()));
        publisher.recover();
        Ok(Self { data, layout, publisher, inspector: Inspector::default() })
    }

    /// Calls `hook` before each step of a save: lets a test end the process there.
    #[must_use]
    pub fn with_step_hook(mut self, hook: StepHook) -> Self {
        self.publisher.set_hook(hook);
        self
    }

    /// The layout of the data folder.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The layout for writes: an out folder that has tables keeps its own.
    fn out_layout(&self) -> Layout {
        Layout::find(self.publisher.out()).unwrap_or(self.layout)
    }

    fn files(&self, table: Table, day: NaiveDate) -> Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for folder in self.layout.partitions(&self.data, table, day) {
            files.extend(data_files(&folder)?);
        }
        Ok(files)
    }

    fn comments_below(&self, root: &Path, layout: Layout, day: NaiveDate) -> Result<Vec<Comment>> {
        let view = Publisher::new(root.to_path_buf()).view()?;
        // A first save that a crash cut off is in the journal before its folder is there.
        let mut folders = vec![layout.partition(root, Table::Storyboard, day)];
        for folder in layout.partitions(root, Table::Storyboard, day) {
            folders.push(folder.strip_prefix(root).map(Path::to_path_buf).unwrap_or(folder));
        }
        folders.dedup();
        let mut files = Vec::new();
        for folder in folders {
            files.extend(view.files(&folder)?.into_iter().map(|(_, now)| now));
        }
        story::comments(&self.inspector.inspect(&files)?)
    }
}

impl Store for Embedded {
    fn days(&self) -> Result<Vec<DayInfo>> {
        let mut days = self.layout.days(&self.data, Table::Flow);
        days.extend(self.layout.days(&self.data, Table::Threats));
        let info = |day| {
            let threats = self.threats(day)?;
            let scores = threats.column("score").and_then(Column::i32).map_err(|e| engine(&e))?;
            let high_rows = scores.iter().filter(|score| *score == Some(1)).count() as u64;
            Ok(DayInfo { day, high_rows })
        };
        days.into_iter().map(info).collect()
    }

    fn threats(&self, day: NaiveDate) -> Result<DataFrame> {
        let files = self.inspector.inspect(&self.files(Table::Threats, day)?)?;
        let typed = |schema: &Schema| {
            let found = |column: Wanted| schema.get(column.0).cloned().unwrap_or(DataType::Null);
            THREATS.map(|column| parquet::cast(column, &found(column))).to_vec()
        };
        parquet::scan(&files, &THREATS, &|_| None, &typed)
    }

    fn flow_rows(&self, day: NaiveDate, anchor: &Address) -> Result<FlowRows> {
        let files = self.inspector.inspect(&self.files(Table::Flow, day)?)?;
        let mut rows = flow_rows::read(&self.data, &files, anchor)?;
        if files.is_empty() {
            let known = self.layout.days(&self.data, Table::Flow);
            let span = match (known.first(), known.last()) {
                (Some(first), Some(last)) => format!("there are flows from {first} to {last}"),
                _ => "there are no flows at all".to_owned(),
            };
            rows.notes.push(format!("{} has no flows of {day}; {span}", self.data.display()));
        }
        Ok(rows)
    }

    fn comments(&self, day: NaiveDate) -> Result<Vec<Comment>> {
        let mut comments = BTreeMap::new();
        let out = self.publisher.out();
        let mut keep = |found: Vec<Comment>| {
            comments.extend(found.into_iter().map(|comment| (comment.anchor.clone(), comment)));
        };
        if out != self.data {
            keep(self.comments_below(&self.data, self.layout, day)?);
        }
        keep(self.comments_below(out, self.out_layout(), day)?);
        Ok(comments.into_values().collect())
    }

    fn save_story(&self, story: &Story) -> Result<Saved> {
        let writer = self.publisher.write()?;
        let view = writer.view();
        // Layout and rows are read under the lock: another writer may just have made them.
        let target = Target {
            out: self.publisher.out(),
            layout: self.out_layout(),
            view: &view,
            inspector: &self.inspector,
        };
        let (changes, saved) = story::changes(story, &target)?;
        writer.publish(&changes)?;
        Ok(saved)
    }

    fn describe(&self) -> String {
        let out = self.publisher.out();
        match out == self.data {
            true => format!("{} (Parquet)", self.data.display()),
            false => format!("{} (Parquet), writes to {}", self.data.display(), out.display()),
        }
    }
}
