//! The store that needs no server: polars over folders of Parquet files.

mod scores;
mod stories;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use chrono::NaiveDate;
use polars::prelude::*;
use spot_analysis::dns::{self, Anchor, Selection};
use spot_analysis::history::DayRows;
use spot_analysis::model::Address;
use spot_analysis::threats::{self, SCORED_AT, SCORED_BY, SCORED_WHY};

use crate::contents::{self, Contents};
use crate::dates::Dates;
use crate::dns_story::{self, DnsStory};
use crate::error::{Result, StoreError};
use crate::flow_story::{self, Story};
use crate::held::{Day, HeldDays, HeldInfo, lock, same};
use crate::layout::{Layout, Pipeline, Table, data_files};
use crate::lists::{score_columns, threat_columns};
use crate::parquet::{self, Column as Wanted, FileInfo, Inspector, engine};
use crate::publish::{Change, Publisher, StepHook};
use crate::remote::{Mirror, Out, Part};
use crate::scoring::{self, DnsFilter, FlowFilter, Score};
use crate::source::{DnsRows, FlowRows, Rows};
use crate::store::{DayInfo, Named, Store};
use crate::story::{Comment, Saved, Target};
use crate::{dns_rows, flow_rows, source};

/// Tables in a local folder, in either [`Layout`].
pub struct Embedded {
    data: PathBuf,
    layout: Layout,
    publisher: Publisher,
    /// Where writes go to a server, what of it is here; the publisher's folder is then its.
    mirror: Option<Mirror>,
    inspector: Inspector,
    contents: Contents,
    held: HeldDays,
    last: Mutex<Option<Last>>,
    /// The threat lists that were read last: every search asks whether its anchor is in there.
    lists: Mutex<HashMap<Pipeline, List>>,
}

/// The answers of the last search: which flows followed is asked of the same ones.
struct Last {
    asked: Selection,
    files: Vec<Arc<FileInfo>>,
    rows: DnsRows,
}

/// A threat list, and the files that it was read from.
type List = (Vec<Arc<FileInfo>>, DataFrame);

/// More answers than this are read again.
const KEPT: usize = 200_000;

impl Embedded {
    /// Opens `data`; writes go to `out`, in the layout that is found there, else in that of `data`.
    ///
    /// # Errors
    /// `data` is no folder, or holds no table of either pipeline.
    pub fn open(data: impl Into<PathBuf>, out: Option<PathBuf>) -> Result<Self> {
        Self::with(data.into(), out, None)
    }

    /// As [`Embedded::open`], where writes may go to a server.
    pub(crate) fn opened(data: &Path, out: Option<&Out>) -> Result<Self> {
        match out {
            None => Self::with(data.to_path_buf(), None, None),
            Some(Out::Folder(out)) => Self::with(data.to_path_buf(), Some(out.clone()), None),
            Some(Out::Remote(remote)) => {
                Self::with(data.to_path_buf(), None, Some(Mirror::open(remote)?))
            }
        }
    }

    fn with(data: PathBuf, out: Option<PathBuf>, mirror: Option<Mirror>) -> Result<Self> {
        fs::read_dir(&data).map_err(|e| {
            let fix = "set SPOT_DATA to the folder that holds `flow` or `dns`";
            StoreError::usage(format!("cannot open the data folder: {e}"), fix).at(data.display())
        })?;
        let layout = Layout::find(&data).ok_or_else(|| no_table("flow or dns", "flow", &data))?;
        let out = match (&mirror, out) {
            (Some(mirror), _) => mirror.folder().to_path_buf(),
            (None, out) => out.unwrap_or_else(|| data.clone()),
        };
        let publisher = Publisher::new(out);
        publisher.recover();
        let (inspector, held) = (Inspector::default(), HeldDays::default());
        Ok(Self {
            data,
            layout,
            publisher,
            mirror,
            inspector,
            contents: Contents::default(),
            held,
            last: Mutex::default(),
            lists: Mutex::default(),
        })
    }

    /// Calls `hook` before each step of a save: lets a test end the process there.
    #[must_use]
    pub fn with_step_hook(mut self, hook: StepHook) -> Self {
        self.publisher.set_hook(hook);
        self
    }

    /// Holds days of so many rows or more, where [`Store::hold`] is asked for, and reads so many at
    /// once; unset: a million.
    #[must_use]
    pub fn holding_from(mut self, rows: u32) -> Self {
        self.held.worth = rows;
        self
    }

    /// The layout of the data folder.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The layout for writes: an out folder that has tables keeps its own, those of the pipeline
    /// before those of the other.
    fn out_layout(&self, pipeline: Pipeline) -> Layout {
        let out = self.publisher.out();
        let own = Layout::of(out, pipeline).or_else(|| Layout::find(out));
        own.unwrap_or_else(|| self.data_layout(pipeline))
    }

    fn data_layout(&self, pipeline: Pipeline) -> Layout {
        Layout::of(&self.data, pipeline).unwrap_or(self.layout)
    }

    fn files(&self, table: Table, day: NaiveDate) -> Result<Vec<Arc<FileInfo>>> {
        let mut files = Vec::new();
        for folder in self.layout.partitions(&self.data, table, day) {
            files.extend(data_files(&folder)?);
        }
        self.inspector.inspect(&files)
    }

    /// Reads the raw rows of a day; says so when there is no such day.
    fn rows(
        &self,
        pipeline: Pipeline,
        day: NaiveDate,
        read: impl Fn(&Day<'_>) -> Result<Rows>,
    ) -> Result<Rows> {
        let mut one = self.rows_each(pipeline, day, |day| Ok(vec![read(day)?]))?;
        one.pop().ok_or_else(|| StoreError::data("a search gave nothing", "report this"))
    }

    /// As [`Embedded::rows`], of several questions.
    fn rows_each(
        &self,
        pipeline: Pipeline,
        day: NaiveDate,
        read: impl Fn(&Day<'_>) -> Result<Vec<Rows>>,
    ) -> Result<Vec<Rows>> {
        let files = self.files(pipeline.raw(), day)?;
        let held = self.held.of(pipeline, &files);
        let mut all = read(&Day { root: &self.data, files: &files, held: held.as_deref() })?;
        if files.is_empty() {
            let what = match pipeline {
                Pipeline::Flow => "flows",
                Pipeline::Dns => "DNS answers",
            };
            let known = self.layout.days(&self.data, pipeline.raw());
            let span = match (known.first(), known.last()) {
                (Some(first), Some(last)) => format!("there are {what} from {first} to {last}"),
                _ => format!("there are no {what} at all"),
            };
            let note = format!("{} has no {what} of {day}; {span}", self.data.display());
            all.iter_mut().for_each(|rows| rows.notes.push(note.clone()));
        }
        Ok(all)
    }

    /// The comments of a storyboard by anchor, of both folders; those of the out folder count.
    fn stories<A: Ord + Clone>(
        &self,
        (pipeline, table): (Pipeline, Table),
        day: NaiveDate,
        read: impl Fn(&[Arc<FileInfo>]) -> Result<Vec<Comment<A>>>,
    ) -> Result<BTreeMap<A, Comment<A>>> {
        self.pull(pipeline, day, Part::Comments)?;
        let mut comments = BTreeMap::new();
        let out = self.publisher.out();
        let mut keep = |files: Vec<Arc<FileInfo>>| -> Result<()> {
            let found = read(&files)?;
            comments.extend(found.into_iter().map(|comment| (comment.anchor.clone(), comment)));
            Ok(())
        };
        if out != self.data {
            keep(self.table_below(&self.data, self.data_layout(pipeline), table, day)?)?;
        }
        keep(self.table_below(out, self.out_layout(pipeline), table, day)?)?;
        Ok(comments)
    }

    /// The files of a table that saves write, as they are after the last of them.
    fn table_below(
        &self,
        root: &Path,
        layout: Layout,
        table: Table,
        day: NaiveDate,
    ) -> Result<Vec<Arc<FileInfo>>> {
        let view = Publisher::new(root.to_path_buf()).view()?;
        // A first save that a crash cut off is in the journal before its folder is there.
        let mut folders = vec![layout.partition(root, table, day)];
        for folder in layout.partitions(root, table, day) {
            folders.push(folder.strip_prefix(root).map(Path::to_path_buf).unwrap_or(folder));
        }
        folders.dedup();
        let mut files = Vec::new();
        for folder in folders {
            files.extend(view.files(&folder)?.into_iter().map(|(_, now)| now));
        }
        self.inspector.inspect(&files)
    }

    /// Brings a part of a day of a server's folder here.
    pub(crate) fn pull(&self, pipeline: Pipeline, day: NaiveDate, part: Part) -> Result<()> {
        let Some(mirror) = &self.mirror else { return Ok(()) };
        let mut mirror = mirror.hold();
        // Who reads the folder does not wait for the server.
        let Some(fetched) = mirror.fetch((pipeline, day, part))? else { return Ok(()) };
        let _alone = self.publisher.write()?;
        mirror.apply(fetched)
    }

    /// The files of a day's threat list: those of the out folder where it has such a list, for the
    /// first score copies what the data folder has.
    fn list(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Vec<Arc<FileInfo>>> {
        let (table, out) = (pipeline.threats(), self.publisher.out());
        // An out folder that cannot be read is said where stories are read and saved; who was scored can
        // be seen without it.
        match self.table_below(out, self.out_layout(pipeline), table, day) {
            Ok(own) if !own.is_empty() => Ok(own),
            _ => self.files(table, day),
        }
    }

    /// A day's threat list, as far as it is here.
    fn threats_here(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let files = self.list(pipeline, day)?;
        if let Some((known, list)) = lock(&self.lists).get(&pipeline)
            && same(known, &files)
        {
            return Ok(list.clone());
        }
        let columns = threat_columns(pipeline);
        let typed = |schema: &Schema| {
            let found = |column: Wanted| schema.get(column.0).cloned().unwrap_or(DataType::Null);
            let columns = columns.iter().map(|&column| parquet::cast(column, &found(column)));
            let optional = |name: &'static str| {
                let value = if schema.contains(name) { col(name) } else { lit(NULL) };
                value.cast(DataType::String).alias(name)
            };
            columns.chain([SCORED_AT, SCORED_BY, SCORED_WHY].map(optional)).collect()
        };
        let list = parquet::scan(&files, columns, &|_| None, &typed)?;
        lock(&self.lists).insert(pipeline, (files, list.clone()));
        Ok(list)
    }

    /// Rows of a day's threat list that are scored high, as far as the list is here: asking a server for
    /// every day would take long.
    fn high_rows(&self, pipeline: Pipeline, day: NaiveDate) -> Result<u64> {
        let list = self.threats_here(pipeline, day)?;
        Ok(match pipeline {
            Pipeline::Flow => threats::high_rows(&list)?,
            Pipeline::Dns => dns::high_rows(&list)?,
        })
    }

    /// Adds what `scored` makes of the day's unlikely rows to its threat list.
    /// Publishes what `changes` makes of the out folder as it is under the lock.
    pub(crate) fn publish<T>(
        &self,
        (pipeline, day): (Pipeline, NaiveDate),
        changes: impl FnOnce(&Target<'_>) -> Result<(Vec<Change>, T)>,
    ) -> Result<T> {
        let mut mirror = self.mirror.as_ref().map(Mirror::hold);
        let fetched = mirror.as_ref().map(|mirror| mirror.fetch((pipeline, day, Part::All)));
        let fetched = fetched.transpose()?.flatten();
        let writer = self.publisher.write()?;
        if let Some((mirror, fetched)) = mirror.as_mut().zip(fetched) {
            mirror.apply(fetched)?;
        }
        let view = writer.view();
        // Layout and rows are read under the lock: another writer may just have made them.
        let target = Target {
            out: self.publisher.out(),
            layout: self.out_layout(pipeline),
            view: &view,
            inspector: &self.inspector,
        };
        let (changes, done) = changes(&target)?;
        let Some(mirror) = &mut mirror else {
            writer.publish(&changes)?;
            return Ok(done);
        };
        mirror.push(&changes)?;
        // It is saved; what is here is a copy, which can be made again.
        if writer.publish(&changes).is_err() {
            mirror.lose();
        }
        Ok(done)
    }
}

/// No table of `what`; `example` is a raw one.
pub(crate) fn no_table(what: &str, example: &str, data: &Path) -> StoreError {
    let fix = format!(
        "set SPOT_DATA to a folder with {example}/hive/y=2016/m=7/d=8/h=9/ (Spot's layout) or \
         {example}/y=2016/m=7/d=8/h=9/ in it"
    );
    StoreError::usage(format!("no {what} table in the data folder"), fix).at(data.display())
}

impl Store for Embedded {
    fn has(&self, pipeline: Pipeline) -> bool {
        Layout::of(&self.data, pipeline).is_some()
    }

    fn days(&self, pipeline: Pipeline) -> Result<Vec<DayInfo>> {
        let mut days = self.layout.days(&self.data, pipeline.raw());
        days.extend(self.layout.days(&self.data, pipeline.threats()));
        let info = |day| {
            let high_rows = self.high_rows(pipeline, day)?;
            Ok(DayInfo { day, high_rows })
        };
        days.into_iter().map(info).collect()
    }

    fn days_in(&self, pipeline: Pipeline, dates: Dates) -> Result<Vec<DayRows>> {
        let raw = self.layout.days(&self.data, pipeline.raw());
        let scored = self.layout.days(&self.data, pipeline.threats());
        let one = |day: NaiveDate| {
            let files = match raw.contains(&day) {
                true => self.files(pipeline.raw(), day)?,
                false => Vec::new(),
            };
            let high_rows = match scored.contains(&day) {
                true => self.high_rows(pipeline, day)?,
                false => 0,
            };
            Ok(DayRows {
                day,
                rows: files.iter().map(|file| file.rows).sum(),
                high_rows: Some(high_rows),
                files: Some(files.len() as u64),
            })
        };
        dates.days().map(one).collect()
    }

    fn threats(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        self.pull(pipeline, day, Part::List)?;
        self.threats_here(pipeline, day)
    }

    fn scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let (columns, needed, least) = score_columns(pipeline);
        let files = self.files(pipeline.scores(), day)?;
        let typed = |schema: &Schema| {
            let one = |&(name, kind): &Wanted| {
                // Spot's own DDL spells `srcip_INTernal`.
                let found = schema.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
                let value = found.map_or_else(|| lit(NULL), |(known, _)| col(known.clone()));
                value.strict_cast(kind.read_as()).alias(name)
            };
            columns.iter().map(one).collect()
        };
        let scores = parquet::scan(&files, needed, &|_| None, &typed)?;
        let most_unlikely_first = SortMultipleOptions::default().with_nulls_last(true);
        let most_unlikely_first = most_unlikely_first.with_maintain_order(true);
        scores.sort([least], most_unlikely_first).map_err(|e| engine(&e))
    }

    fn rows_of(&self, pipeline: Pipeline, day: NaiveDate) -> Result<u64> {
        Ok(self.files(pipeline.raw(), day)?.iter().map(|file| file.rows).sum())
    }

    fn flow_rows(&self, day: NaiveDate, anchor: &Address) -> Result<FlowRows> {
        self.rows(Pipeline::Flow, day, |day| flow_rows::read(day, anchor))
    }

    fn flow_rows_each(&self, day: NaiveDate, anchors: &[Address]) -> Result<Vec<FlowRows>> {
        self.rows_each(Pipeline::Flow, day, |day| flow_rows::read_each(day, anchors))
    }

    fn flow_rows_between(
        &self,
        day: NaiveDate,
        ones: &[Address],
        others: &[Address],
    ) -> Result<FlowRows> {
        self.rows(Pipeline::Flow, day, |day| flow_rows::read_between(day, ones, others))
    }

    fn dns_rows(&self, day: NaiveDate, selection: &Selection) -> Result<DnsRows> {
        self.rows(Pipeline::Dns, day, |day| {
            if let Some(last) = lock(&self.last).as_ref()
                && last.asked == *selection
                && same(&last.files, day.files)
            {
                return Ok(last.rows.clone());
            }
            let rows = dns_rows::read(day, selection)?;
            *lock(&self.last) = (rows.frame.height() <= KEPT).then(|| Last {
                asked: selection.clone(),
                files: day.files.to_vec(),
                rows: rows.clone(),
            });
            Ok(rows)
        })
    }

    fn dns_rows_each(&self, day: NaiveDate, selections: &[Selection]) -> Result<Vec<DnsRows>> {
        self.rows_each(Pipeline::Dns, day, |day| match dns_rows::read_each(day, selections)? {
            Some(each) => Ok(each),
            None => selections.iter().map(|selection| dns_rows::read(day, selection)).collect(),
        })
    }

    fn fingerprint(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Option<String>> {
        Ok(Some(source::fingerprint_of(&self.data, &self.files(pipeline.raw(), day)?)))
    }

    fn stamp(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Option<String>> {
        contents::stamp_of(&self.data, &self.files(pipeline.raw(), day)?).map(Some)
    }

    fn dns_answering(&self, day: NaiveDate, addresses: &[Address]) -> Result<DataFrame> {
        let files = self.files(Pipeline::Dns.raw(), day)?;
        let held = self.held.of(Pipeline::Dns, &files);
        let day = Day { root: &self.data, files: &files, held: held.as_deref() };
        dns_rows::read_answering(&day, addresses)
    }

    fn hold(
        &self,
        pipelines: &[Pipeline],
        day: NaiveDate,
        at_most: usize,
    ) -> Option<JoinHandle<()>> {
        // What cannot be read is said by the search that needs it.
        let files = |pipeline: &Pipeline| Some((*pipeline, self.files(pipeline.raw(), day).ok()?));
        self.held.hold(pipelines.iter().filter_map(files).collect(), at_most)
    }

    fn held(&self) -> HeldInfo {
        self.held.info()
    }

    fn comments(&self, day: NaiveDate) -> Result<Vec<Comment>> {
        let table = (Pipeline::Flow, Table::Storyboard);
        Ok(self.stories(table, day, flow_story::comments)?.into_values().collect())
    }

    fn dns_comments(&self, day: NaiveDate) -> Result<Vec<Comment<Anchor>>> {
        let table = (Pipeline::Dns, Table::DnsStoryboard);
        Ok(self.stories(table, day, dns_story::comments)?.into_values().collect())
    }

    fn save_story(&self, story: &Story) -> Result<Saved> {
        let key = (Pipeline::Flow, story.investigation.day);
        let inputs = self.inputs(Pipeline::Flow, &story.investigation.provenance)?;
        self.publish(key, |target| flow_story::changes(story, inputs, target))
    }

    fn save_dns_story(&self, story: &DnsStory) -> Result<Saved> {
        let key = (Pipeline::Dns, story.investigation.day);
        let inputs = self.inputs(Pipeline::Dns, &story.investigation.provenance)?;
        self.publish(key, |target| dns_story::changes(story, inputs, target))
    }

    fn score_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        self.rate_flows(day, scores, by)
    }

    fn score_dns(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        self.rate_answers(day, scores, by)
    }

    fn named(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Named> {
        self.named_of(pipeline, day)
    }

    fn reset_scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
        // Not read: a list that is broken can be reset.
        let lists = self.layout.partitions(&self.data, pipeline.threats(), day);
        let lists = lists.iter().map(|folder| data_files(folder)).collect::<Result<Vec<_>>>()?;
        let elsewhere = lists.iter().any(|files| !files.is_empty());
        self.publish((pipeline, day), |target| {
            Ok((scoring::reset((pipeline, day), target, elsewhere)?, ()))
        })
    }

    fn frame(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let files = self.files(pipeline.raw(), day)?;
        let mut frames = files.iter().map(parquet::whole);
        let Some(first) = frames.next() else {
            let what = format!("the day {day} has no rows of table `{}`", pipeline.raw().name());
            return Err(StoreError::data(what, "choose another day").at(self.data.display()));
        };
        frames.try_fold(first?, |mut all, next| {
            all.vstack_mut(&next?).map_err(|e| engine(&e))?;
            Ok(all)
        })
    }

    fn each_part(
        &self,
        pipeline: Pipeline,
        day: NaiveDate,
        columns: &[&str],
        see: &mut dyn FnMut(&DataFrame) -> Result<()>,
    ) -> Result<Vec<String>> {
        crate::rank::each_part(pipeline, &self.files(pipeline.raw(), day)?, columns, see)
    }

    fn describe(&self) -> String {
        let out = self.publisher.out();
        let data = self.data.display();
        match &self.mirror {
            Some(mirror) => format!("{data} (Parquet), writes to {}", mirror.shown()),
            None if out == self.data => format!("{data} (Parquet)"),
            None => format!("{data} (Parquet), writes to {}", out.display()),
        }
    }
}
