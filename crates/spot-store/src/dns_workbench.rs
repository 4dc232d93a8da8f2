//! DNS of one day: store, context and analysis put together, as [`Workbench`] does for flows.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use spot_analysis::dns::cross::{FirstAnswers, Followed, Resolved, resolved_to};
use spot_analysis::dns::{
    Anchor, InvestigateInput, Investigation, Scope, Selection, Suspect, investigate, suspects,
};
use spot_analysis::model::Address;

use crate::dns_story::DnsStory;
use crate::error::{Result, StoreError};
use crate::layout::Pipeline;
use crate::scoring::{DnsFilter, Score};
use crate::source::DnsRows;
use crate::store::Store;
use crate::story::{Comment, Saved, worth_saving};
use crate::workbench::{Bench, PipelineKind, Workbench};

/// DNS: stories are about clients and names.
#[derive(Clone, Copy, Debug)]
pub struct Dns;

impl PipelineKind for Dns {
    const PIPELINE: Pipeline = Pipeline::Dns;
    type Anchor = Anchor;
    type Filter = DnsFilter;

    fn comments(store: &dyn Store, day: NaiveDate) -> Result<Vec<Comment<Anchor>>> {
        store.dns_comments(day)
    }

    fn score(
        store: &dyn Store,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        store.score_dns(day, scores, by)
    }
}

/// The DNS answers of one day.
pub type DnsWorkbench = Bench<Dns>;

impl DnsWorkbench {
    /// The clients and names that were scored high on the day: clients in numeric order, then names
    /// by registered domain, with whether a story is saved.
    ///
    /// # Errors
    /// A threat list or a storyboard that cannot be read.
    pub fn suspects(&self) -> Result<Vec<Suspect>> {
        let saved: BTreeSet<_> = self.stories()?.into_iter().map(|story| story.anchor).collect();
        self.scored(&saved)
    }

    fn scored(&self, saved: &BTreeSet<Anchor>) -> Result<Vec<Suspect>> {
        Ok(suspects(&self.store().threats(Pipeline::Dns, self.day())?, saved)?)
    }

    /// Everything about a client, or about a name or the names of a scope. Without answers: an empty
    /// finding.
    ///
    /// # Errors
    /// Files of the day that cannot be read; an empty [`Scope::Substring`].
    pub fn investigate(&self, anchor: &Anchor, scope: &Scope) -> Result<Investigation> {
        let rows = self.rows(anchor, scope)?;
        self.found(anchor, scope, &rows)
    }

    /// The raw rows behind [`DnsWorkbench::investigate`].
    ///
    /// # Errors
    /// As there.
    pub fn rows(&self, anchor: &Anchor, scope: &Scope) -> Result<DnsRows> {
        let selection = Selection::new(anchor, scope).map_err(|e| {
            StoreError::usage(e.to_string(), "give some characters of the names to look for")
        })?;
        self.store().dns_rows(self.day(), &selection)
    }

    /// [`DnsWorkbench::investigate`] for rows that are at hand.
    ///
    /// # Errors
    /// A threat list that cannot be read.
    pub fn found(&self, anchor: &Anchor, scope: &Scope, rows: &DnsRows) -> Result<Investigation> {
        let high = self.scored(&BTreeSet::new())?;
        let high = high.iter().find(|suspect| suspect.anchor == *anchor);
        Ok(investigate(InvestigateInput {
            rows: &rows.frame,
            anchor: anchor.clone(),
            scope: scope.clone(),
            day: self.day(),
            high_rows: high.map_or(0, |suspect| suspect.high_rows),
            top_results: self.settings().top_results,
            provenance: rows.provenance.clone(),
            notes: rows.notes.clone(),
        })?)
    }

    /// Whether the folder has flows too, so that [`DnsWorkbench::followed_by`] can tell something.
    pub fn has_flows(&self) -> bool {
        self.store().has(Pipeline::Flow)
    }

    /// The flows of a search's clients to the addresses that they were told, begun after the first
    /// answer; and the number of pairs of a client and an address that were told at all.
    ///
    /// # Errors
    /// Files of the day that cannot be read.
    pub fn followed_by(&self, rows: &DnsRows) -> Result<(Vec<Followed>, u64)> {
        let told = FirstAnswers::of(&rows.frame)?;
        if told.pairs() == 0 {
            return Ok((Vec::new(), 0));
        }
        let (clients, told_of) = (told.clients(), told.addresses());
        let flows = self.store().flow_rows_between(self.day(), &clients, &told_of)?;
        Ok((told.followed_by(&flows.frame)?, told.pairs()))
    }

    /// Saves what the analyst says of a finding, with all its rows. All numbers are computed again
    /// from the raw rows; only anchor, scope and day are taken from `found`.
    ///
    /// # Errors
    /// An anchor without answers, a finding of another day's files or of files that have changed since,
    /// a `threats.csv` or storyboard that cannot be read, a folder that cannot be written. Nothing is
    /// changed then.
    pub fn save(&self, found: &Investigation, title: &str, text: &str) -> Result<Saved> {
        let bench = self.at(found.day);
        let rows = bench.rows(&found.anchor, &found.scope)?;
        let changed = rows.provenance.fingerprint != found.provenance.fingerprint;
        worth_saving(&found.anchor, found.day, "DNS answers", rows.frame.height(), changed)?;
        let again = bench.found(&found.anchor, &found.scope, &rows)?;
        bench.store().save_dns_story(&DnsStory::new(again, title, text)?)
    }
}

impl Workbench {
    /// The names that resolved to `peers` on the day, and who asked for them; nothing where the folder
    /// has no DNS.
    ///
    /// # Errors
    /// Files of the day that cannot be read.
    pub fn resolved_to(&self, peers: &[Address]) -> Result<Vec<Resolved>> {
        if !self.store().has(Pipeline::Dns) {
            return Ok(Vec::new());
        }
        Ok(resolved_to(&self.store().dns_answering(self.day(), peers)?, peers)?)
    }
}
