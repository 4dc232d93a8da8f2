//! Store, context and analysis put together: what the notebook and the command line work with.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use spot_analysis::history::{Day, DayRows, History, history};
use spot_analysis::model::{Address, Investigation};
use spot_analysis::{InvestigateInput, Network, Suspect, investigate, threats, unlikely};

use crate::context;
use crate::dates::Dates;
use crate::embedded::{Embedded, no_table};
use crate::error::{Result, StoreError};
use crate::flow_story::Story;
use crate::graphql::GraphQl;
use crate::layout::Pipeline;
use crate::manifest::{ContextFile, Query};
use crate::scoring::{FlowFilter, Score};
use crate::settings::{self, Data, Settings};
use crate::source::FlowRows;
#[cfg(feature = "engine")]
use crate::spark::SparkStore;
use crate::store::{DayInfo, Store};
use crate::story::{Comment, Saved, worth_saving};
use crate::threads::side_by_side;

/// A pipeline as a type: what the days, stories and questions of a [`Bench`] are about.
pub trait PipelineKind: Copy + Debug + Send + Sync + 'static {
    /// Its tables.
    const PIPELINE: Pipeline;
    /// What a story is about.
    type Anchor: Clone + Debug + Display + PartialEq + Send + Sync;
    /// Which unlikely rows a score is about.
    type Filter: Clone + Debug + PartialEq + Send + Sync;

    /// What was saved for a day.
    ///
    /// # Errors
    /// A storyboard that cannot be read.
    fn comments(store: &dyn Store, day: NaiveDate) -> Result<Vec<Comment<Self::Anchor>>>;

    /// Scores unlikely rows of a day.
    ///
    /// # Errors
    /// As [`Bench::score`].
    fn score(
        store: &dyn Store,
        day: NaiveDate,
        scores: &[Score<Self::Filter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>>;
}

/// Flows: stories are about addresses.
#[derive(Clone, Copy, Debug)]
pub struct Flow;

impl PipelineKind for Flow {
    const PIPELINE: Pipeline = Pipeline::Flow;
    type Anchor = Address;
    type Filter = FlowFilter;

    fn comments(store: &dyn Store, day: NaiveDate) -> Result<Vec<Comment>> {
        store.comments(day)
    }

    fn score(
        store: &dyn Store,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        store.score_flows(day, scores, by)
    }
}

/// The store that `settings` name.
///
/// # Errors
/// No such folder, no tables in it; a server that cannot be reached or does not let us in.
pub fn open(settings: &Settings) -> Result<Arc<dyn Store>> {
    Ok(match &settings.data {
        Data::Folder(folder) => Arc::new(Embedded::opened(folder, settings.out.as_ref())?),
        Data::Server(server) => Arc::new(GraphQl::open(server)?),
        #[cfg(feature = "engine")]
        Data::Spark(spark) => Arc::new(SparkStore::open(spark)?),
    })
}

/// The context files: those that were named, else those of the data (a server sends its own, but for
/// databases of places: those are the working folder's), else those at the working folder.
///
/// # Errors
/// A file or server that cannot be read.
pub fn context_files(settings: &Settings, store: &dyn Store) -> Result<context::Texts> {
    let named = settings.context.as_deref();
    if let (None, Some(mut texts)) = (named, store.context()?) {
        texts.databases = context::find_databases(None, None, settings.working_folder.as_deref())?;
        return Ok(texts);
    }
    context::read(named, settings.data.folder(), settings.working_folder.as_deref())
}

/// One day of one data folder, with its context files, seen by one pipeline.
///
/// Cheap to clone onto another day; safe to ask from several threads.
#[derive(Clone)]
pub struct Bench<K: PipelineKind> {
    settings: Settings,
    store: Arc<dyn Store>,
    network: Arc<Network>,
    /// The files that the network was read from.
    context: Arc<context::Texts>,
    day: NaiveDate,
    kind: PhantomData<K>,
}

/// The flows of one day.
pub type Workbench = Bench<Flow>;

impl<K: PipelineKind> Bench<K> {
    /// Opens the data folder, or asks the server, and the context files, and settles the day: `SPOT_DATE` (of a range
    /// the last day with rows), else the working folder's name as in Spot, else the latest day with high rows, else the latest day.
    ///
    /// # Errors
    /// No such folder, no tables in it, a context file or threat list that cannot be read, a range of
    /// days without any rows.
    pub fn open(settings: Settings) -> Result<Self> {
        let store = open(&settings)?;
        if let Data::Folder(folder) = &settings.data
            && !store.has(K::PIPELINE)
        {
            let name = K::PIPELINE.name();
            return Err(no_table(name, name, folder));
        }
        Self::with_store(settings, store)
    }

    /// As [`Bench::open`], on a store of another kind.
    ///
    /// # Errors
    /// As there.
    pub fn with_store(settings: Settings, store: Arc<dyn Store>) -> Result<Self> {
        let context = Arc::new(context_files(&settings, store.as_ref())?);
        let network = Arc::new(context.network());
        let day = match settings.date.or_else(|| settings.folder_date().map(Dates::from)) {
            Some(dates) if dates.is_range() => last_with_rows(store.as_ref(), K::PIPELINE, dates)?,
            Some(dates) => dates.last(),
            None => latest(&store.days(K::PIPELINE)?, K::PIPELINE)?,
        };
        Ok(Self { settings, store, network, context, day, kind: PhantomData })
    }

    /// The same on another day, `2016-07-08` or `20160708`.
    ///
    /// # Errors
    /// The text is no date.
    pub fn on_day(&self, day: &str) -> Result<Self> {
        Ok(self.at(settings::date(day)?))
    }

    pub(crate) fn at(&self, day: NaiveDate) -> Self {
        Self { day, ..self.clone() }
    }

    /// The same for what somebody else writes: stories that are saved are `author`'s.
    #[must_use]
    pub fn by(mut self, author: Option<String>) -> Self {
        self.settings.author = author;
        self
    }

    /// What a search asks beside the anchor and the day.
    pub(crate) fn query(&self) -> Result<Query> {
        let top_results = Some(self.settings.top_results);
        Ok(Query { scope: None, top_results, context: self.context_files()? })
    }

    /// The context files with the hashes of their contents.
    ///
    /// # Errors
    /// A database that can no longer be read.
    pub fn context_files(&self) -> Result<Vec<ContextFile>> {
        self.context.files()
    }

    /// Scores the day's unlikely rows as `by` sees them, and gives how many each of `scores` found; `None`
    /// where a server does not say. The last score of a row counts.
    ///
    /// # Errors
    /// A score of everything, a day without unlikely rows, a list or folder that cannot be read or written.
    /// Nothing is changed then.
    pub fn score(&self, scores: &[Score<K::Filter>], by: Option<&str>) -> Result<Vec<Option<u64>>> {
        K::score(self.store.as_ref(), self.day, scores, by)
    }

    /// Forgets the day's scores and stories: see [`Store::reset_scores`].
    ///
    /// # Errors
    /// A list or folder that cannot be read or written. Nothing is changed then.
    pub fn reset_scores(&self) -> Result<()> {
        self.store.reset_scores(K::PIPELINE, self.day)
    }

    /// What the run was told.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The day, UTC.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// The context files.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Where the tables are.
    pub fn store(&self) -> &dyn Store {
        self.store.as_ref()
    }

    /// Days with raw or scored rows, in order.
    ///
    /// # Errors
    /// A threat list that cannot be read.
    pub fn days(&self) -> Result<Vec<DayInfo>> {
        self.store.days(K::PIPELINE)
    }

    /// The range that was asked for, if it was one and the day is among it.
    pub fn dates(&self) -> Option<Dates> {
        self.settings.date.filter(|dates| dates.is_range() && dates.contains(self.day))
    }

    /// What the raw table has of each of `dates`, gaps included.
    ///
    /// # Errors
    /// Files or a threat list that cannot be read.
    pub fn days_in(&self, dates: Dates) -> Result<Vec<DayRows>> {
        self.store.days_in(K::PIPELINE, dates)
    }

    /// What `sum` makes of each day with rows that is in the range before the day; nothing where no range
    /// was asked for, or it begins with the day. The first day of the range goes with it.
    pub(crate) fn earlier<T: Send>(
        &self,
        sum: impl Fn(DayRows) -> Result<T> + Send + Sync,
    ) -> Result<Option<(NaiveDate, Vec<T>)>> {
        let Some(before) = self.dates().and_then(|dates| dates.before(self.day)) else {
            return Ok(None);
        };
        let mut days = self.days_in(before)?;
        days.retain(|day| day.rows > 0);
        let sums = side_by_side(&days, |day| sum(*day)).into_iter().collect::<Result<Vec<T>>>()?;
        Ok(Some((before.first(), sums)))
    }

    /// One line for people: what is read, where writes go.
    pub fn describe(&self) -> String {
        self.store.describe()
    }

    /// All rows of the day's raw table; see [`Store::frame`].
    ///
    /// # Errors
    /// A day without rows, files that cannot be read.
    pub fn frame(&self) -> Result<DataFrame> {
        self.store.frame(K::PIPELINE, self.day)
    }

    /// Begins to hold the day in memory, as much as the settings allow: its next searches are quick
    /// then. Both pipelines, since a search of one asks the other, too. See [`Store::hold`].
    pub fn hold(&self) -> Option<JoinHandle<()>> {
        let pipelines = match K::PIPELINE {
            Pipeline::Flow => [Pipeline::Flow, Pipeline::Dns],
            Pipeline::Dns => [Pipeline::Dns, Pipeline::Flow],
        };
        self.store.hold(&pipelines, self.day, self.settings.hold_mb.saturating_mul(1_000_000))
    }

    /// What was saved for the day, one an anchor.
    ///
    /// # Errors
    /// A storyboard that cannot be read.
    pub fn stories(&self) -> Result<Vec<Comment<K::Anchor>>> {
        K::comments(self.store(), self.day)
    }

    /// What was saved for an anchor.
    ///
    /// # Errors
    /// A storyboard that cannot be read.
    pub fn story(&self, anchor: &K::Anchor) -> Result<Option<Comment<K::Anchor>>> {
        Ok(self.stories()?.into_iter().find(|story| story.anchor == *anchor))
    }
}

impl Workbench {
    /// The first `most` rows that machine learning found unlikely on the day, the least likely first, with
    /// what was said of each last; none where it was not run.
    ///
    /// # Errors
    /// Scores or a threat list that cannot be read.
    pub fn unlikely(&self, most: usize) -> Result<Vec<unlikely::UnlikelyFlow>> {
        let (store, day) = (self.store(), self.day());
        let scores = store.scores(Pipeline::Flow, day)?;
        Ok(unlikely::flows(&scores, &store.threats(Pipeline::Flow, day)?, most)?)
    }

    /// Both ends of the day's high rows, in order of addresses, with whether a story is saved.
    ///
    /// # Errors
    /// A threat list or a storyboard that cannot be read.
    pub fn suspects(&self) -> Result<Vec<Suspect>> {
        let saved: BTreeSet<_> = self.stories()?.into_iter().map(|story| story.anchor).collect();
        Ok(threats::suspects(
            &self.store.threats(Pipeline::Flow, self.day)?,
            &self.network,
            &saved,
        )?)
    }

    /// Everything about one address on the day, beside the days before where a range was asked for.
    /// Without flows: an empty finding.
    ///
    /// # Errors
    /// Files of these days that cannot be read.
    pub fn investigate(&self, anchor: &Address) -> Result<Investigation> {
        let rows = self.rows(anchor)?;
        Ok(Investigation { history: self.history(anchor, &rows)?, ..self.found(anchor, &rows)? })
    }

    /// The day's `rows` of `anchor` beside those of the days before it; nothing where no range was asked
    /// for, or it begins with the day.
    ///
    /// # Errors
    /// Files of the days before that cannot be read.
    pub fn history(&self, anchor: &Address, rows: &FlowRows) -> Result<Option<History>> {
        let sum = |day, rows: &FlowRows| Day::of(&rows.frame, anchor, day, &rows.provenance);
        let earlier = self.earlier(|day| {
            let mut rows = self.store.flow_rows(day.day, anchor)?;
            // A server may not say how many rows it looked at.
            rows.provenance.scanned = rows.provenance.scanned.max(day.rows);
            Ok(sum(day.day, &rows)?)
        })?;
        let Some((from, before)) = earlier else { return Ok(None) };
        Ok(Some(history(from, before, &sum(self.day, rows)?)))
    }

    /// [`Workbench::history`] of each of `anchors` with its rows, in their order, from one pass over each
    /// day.
    ///
    /// # Errors
    /// As there.
    pub fn history_each(
        &self,
        anchors: &[Address],
        rows: &[FlowRows],
    ) -> Result<Vec<Option<History>>> {
        let earlier = self.earlier(|day| {
            let each = self.store.flow_rows_each(day.day, anchors)?;
            let sums = anchors.iter().zip(each).map(|(anchor, mut rows)| {
                rows.provenance.scanned = rows.provenance.scanned.max(day.rows);
                Ok(Day::of(&rows.frame, anchor, day.day, &rows.provenance)?)
            });
            sums.collect::<Result<Vec<Day>>>()
        })?;
        let Some((from, before)) = earlier else { return Ok(vec![None; anchors.len()]) };
        let both = anchors.iter().zip(rows).zip(transposed(before, anchors.len()));
        let one = |((anchor, rows), before): ((&Address, &FlowRows), Vec<Day>)| {
            let today = Day::of(&rows.frame, anchor, self.day, &rows.provenance)?;
            Ok(Some(history(from, before, &today)))
        };
        both.map(one).collect()
    }

    /// The raw rows behind [`Workbench::investigate`].
    ///
    /// # Errors
    /// As there.
    pub fn rows(&self, anchor: &Address) -> Result<FlowRows> {
        self.store.flow_rows(self.day, anchor)
    }

    /// [`Workbench::rows`] of each of `anchors`, in their order, from one pass over the day.
    ///
    /// # Errors
    /// As there.
    pub fn rows_each(&self, anchors: &[Address]) -> Result<Vec<FlowRows>> {
        self.store.flow_rows_each(self.day, anchors)
    }

    /// [`Workbench::investigate`] for rows that are at hand.
    ///
    /// # Errors
    /// A threat list that cannot be read.
    pub fn found(&self, anchor: &Address, rows: &FlowRows) -> Result<Investigation> {
        let high = threats::suspects(
            &self.store.threats(Pipeline::Flow, self.day)?,
            &self.network,
            &BTreeSet::new(),
        )?;
        let high = high.iter().find(|suspect| suspect.address == *anchor);
        Ok(investigate(InvestigateInput {
            rows: &rows.frame,
            anchor: anchor.clone(),
            day: self.day,
            network: &self.network,
            high_rows: high.map_or(0, |suspect| suspect.high_rows),
            top_results: self.settings.top_results,
            provenance: rows.provenance.clone(),
            notes: rows.notes.clone(),
        })?)
    }

    /// Saves what the analyst says of a finding. All numbers are computed again from the raw rows;
    /// only address and day are taken from `found`.
    ///
    /// # Errors
    /// An address without flows, a finding of another day or of files that have changed since, a
    /// folder that cannot be written. Nothing is changed then.
    pub fn save(&self, found: &Investigation, title: &str, text: &str) -> Result<Saved> {
        let bench = self.at(found.day);
        let rows = bench.rows(&found.anchor)?;
        let changed = rows.provenance.fingerprint != found.provenance.fingerprint;
        worth_saving(&found.anchor, found.day, "flows", rows.frame.height(), changed)?;
        let again = bench.found(&found.anchor, &rows)?;
        let story = Story::new(again, &rows, title, text)?;
        bench.store.save_story(&story.by(bench.settings.author.clone(), bench.query()?))
    }
}

/// Of each of `wide` its value on each day.
pub(crate) fn transposed<T>(days: Vec<Vec<T>>, wide: usize) -> Vec<Vec<T>> {
    let mut each: Vec<Vec<T>> = (0..wide).map(|_| Vec::with_capacity(days.len())).collect();
    for day in days {
        for (one, value) in each.iter_mut().zip(day) {
            one.push(value);
        }
    }
    each
}

/// The last of `dates` with raw rows.
fn last_with_rows(store: &dyn Store, pipeline: Pipeline, dates: Dates) -> Result<NaiveDate> {
    let days = store.days_in(pipeline, dates)?;
    days.iter().rfind(|day| day.rows > 0).map(|day| day.day).ok_or_else(|| {
        let name = pipeline.name();
        // What cannot be listed is no reason to say less.
        let known = store.days(pipeline).unwrap_or_default();
        let fix = match (known.first(), known.last()) {
            (Some(first), Some(last)) => {
                format!("choose days between {} and {}", first.day, last.day)
            }
            _ => format!("put rows into {name}/y=../m=../d=../h=../"),
        };
        StoreError::data(format!("`{name}` has no rows from {dates}"), fix).at("SPOT_DATE")
    })
}

fn latest(days: &[DayInfo], pipeline: Pipeline) -> Result<NaiveDate> {
    let high = days.iter().rfind(|info| info.high_rows > 0);
    high.or(days.last()).map(|info| info.day).ok_or_else(|| {
        let fix =
            format!("set SPOT_DATE, or put rows into {}/y=../m=../d=../h=../", pipeline.name());
        StoreError::usage("no day is known", fix).at("SPOT_DATE")
    })
}
