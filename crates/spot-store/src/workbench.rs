//! Store, context and analysis put together: what the notebook and the command line work with.

use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use std::sync::Arc;
use std::thread::JoinHandle;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use spot_analysis::model::{Address, Investigation};
use spot_analysis::{InvestigateInput, Network, Suspect, investigate, threats};

use crate::context;
use crate::embedded::{Embedded, no_table};
use crate::error::{Result, StoreError};
use crate::flow_story::Story;
use crate::graphql::GraphQl;
use crate::layout::Pipeline;
use crate::scoring::{FlowFilter, Score};
use crate::settings::{self, Data, Settings};
use crate::source::FlowRows;
use crate::store::{DayInfo, Store};
use crate::story::{Comment, Saved, worth_saving};

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
    })
}

/// The context files: those that were named, else those of the data (a server sends its own), else those
/// at the working folder.
///
/// # Errors
/// A file or server that cannot be read.
pub fn context_files(settings: &Settings, store: &dyn Store) -> Result<context::Texts> {
    let named = settings.context.as_deref();
    if let (None, Some(texts)) = (named, store.context()?) {
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
    day: NaiveDate,
    kind: PhantomData<K>,
}

/// The flows of one day.
pub type Workbench = Bench<Flow>;

impl<K: PipelineKind> Bench<K> {
    /// Opens the data folder, or asks the server, and the context files, and settles the day: `SPOT_DATE`, else the
    /// working folder's name as in Spot, else the latest day with high rows, else the latest day.
    ///
    /// # Errors
    /// No such folder, no tables in it, a context file or threat list that cannot be read.
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
        let network = Arc::new(context_files(&settings, store.as_ref())?.network());
        let day = match settings.date.or_else(|| settings.folder_date()) {
            Some(day) => day,
            None => latest(&store.days(K::PIPELINE)?, K::PIPELINE)?,
        };
        Ok(Self { settings, store, network, day, kind: PhantomData })
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

    /// Everything about one address on the day. Without flows: an empty finding.
    ///
    /// # Errors
    /// Files of the day that cannot be read.
    pub fn investigate(&self, anchor: &Address) -> Result<Investigation> {
        let rows = self.rows(anchor)?;
        self.found(anchor, &rows)
    }

    /// The raw rows behind [`Workbench::investigate`].
    ///
    /// # Errors
    /// As there.
    pub fn rows(&self, anchor: &Address) -> Result<FlowRows> {
        self.store.flow_rows(self.day, anchor)
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
        bench.store.save_story(&Story::new(again, &rows, title, text)?)
    }
}

fn latest(days: &[DayInfo], pipeline: Pipeline) -> Result<NaiveDate> {
    let high = days.iter().rfind(|info| info.high_rows > 0);
    high.or(days.last()).map(|info| info.day).ok_or_else(|| {
        let fix =
            format!("set SPOT_DATE, or put rows into {}/y=../m=../d=../h=../", pipeline.name());
        StoreError::usage("no day is known", fix).at("SPOT_DATE")
    })
}
