//! DNS of one day: store, context and analysis put together, as [`Workbench`] does for flows.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use spot_analysis::dns::cross::{
    FirstAnswers, Followed, Resolved, flag_followed, flag_resolved, resolved_to,
};
use spot_analysis::dns::history::{Day, History, history};
use spot_analysis::dns::{
    Anchor, InvestigateInput, Investigation, Scope, Selection, Suspect, flagged, investigate,
    suspects,
};
use spot_analysis::model::Address;
use spot_analysis::unlikely;

use crate::dns_story::DnsStory;
use crate::error::{Result, StoreError};
use crate::layout::Pipeline;
use crate::scoring::{DnsFilter, Score};
use crate::source::DnsRows;
use crate::store::Store;
use crate::story::{Comment, Saved, worth_saving};
use crate::workbench::{Bench, PipelineKind, Workbench, transposed};

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
    /// The first `most` rows that machine learning found unlikely on the day, the least likely first, with
    /// what was said of each last; none where it was not run.
    ///
    /// # Errors
    /// Scores or a threat list that cannot be read.
    pub fn unlikely(&self, most: usize) -> Result<Vec<unlikely::UnlikelyAnswer>> {
        let (store, day) = (self.store(), self.day());
        let scores = store.scores(Pipeline::Dns, day)?;
        Ok(unlikely::answers(&scores, &store.threats(Pipeline::Dns, day)?, most)?)
    }

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
        let suspects = suspects(&self.store().threats(Pipeline::Dns, self.day())?, saved)?;
        Ok(flagged(suspects, self.network()))
    }

    /// Everything about a client, or about a name or the names of a scope, beside the days before where
    /// a range was asked for. Without answers: an empty finding.
    ///
    /// # Errors
    /// Files of these days that cannot be read; an empty [`Scope::Substring`].
    pub fn investigate(&self, anchor: &Anchor, scope: &Scope) -> Result<Investigation> {
        // First, since the store keeps the answers that it gave last.
        let earlier = self.earlier(|day| {
            let mut rows = self.at(day.day).rows(anchor, scope)?;
            // A server may not say how many rows it looked at.
            rows.provenance.scanned = rows.provenance.scanned.max(day.rows);
            Ok(Day::of(&rows.frame, (anchor, scope), day.day, &rows.provenance)?)
        })?;
        let rows = self.rows(anchor, scope)?;
        let mut found = self.found(anchor, scope, &rows)?;
        if let Some((from, before)) = earlier {
            let today = Day::of(&rows.frame, (anchor, scope), self.day(), &rows.provenance)?;
            found.history = Some(history(from, before, &today));
        }
        Ok(found)
    }

    /// The histories that [`DnsWorkbench::investigate`] finds of each of `anchors` alone with its rows,
    /// in their order, from one pass over each day.
    ///
    /// # Errors
    /// As there.
    pub fn history_each(
        &self,
        anchors: &[Anchor],
        rows: &[DnsRows],
    ) -> Result<Vec<Option<History>>> {
        let exact = &Scope::Exact;
        let earlier = self.earlier(|day| {
            let each = self.at(day.day).rows_each(anchors)?;
            let sums = anchors.iter().zip(each).map(|(anchor, mut rows)| {
                rows.provenance.scanned = rows.provenance.scanned.max(day.rows);
                Ok(Day::of(&rows.frame, (anchor, exact), day.day, &rows.provenance)?)
            });
            sums.collect::<Result<Vec<Day>>>()
        })?;
        let Some((from, before)) = earlier else { return Ok(vec![None; anchors.len()]) };
        let both = anchors.iter().zip(rows).zip(transposed(before, anchors.len()));
        let one = |((anchor, rows), before): ((&Anchor, &DnsRows), Vec<Day>)| {
            let today = Day::of(&rows.frame, (anchor, exact), self.day(), &rows.provenance)?;
            Ok(Some(history(from, before, &today)))
        };
        both.map(one).collect()
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

    /// [`DnsWorkbench::rows`] of each of `anchors` alone, in their order, from one pass over the day.
    ///
    /// # Errors
    /// As there.
    pub fn rows_each(&self, anchors: &[Anchor]) -> Result<Vec<DnsRows>> {
        let selection = |anchor| {
            let selection = Selection::new(anchor, &Scope::Exact);
            selection.map_err(|e| StoreError::usage(e.to_string(), "give a client or a name"))
        };
        let selections = anchors.iter().map(selection).collect::<Result<Vec<_>>>()?;
        self.store().dns_rows_each(self.day(), &selections)
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
            network: self.network(),
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
        let mut followed = told.followed_by(&flows.frame)?;
        flag_followed(&mut followed, self.network());
        Ok((followed, told.pairs()))
    }

    /// [`DnsWorkbench::followed_by`] of each of `several`, in their order, from one pass over the flows.
    ///
    /// # Errors
    /// As there.
    pub fn followed_by_each(&self, several: &[DnsRows]) -> Result<Vec<(Vec<Followed>, u64)>> {
        let told = several.iter().map(|rows| FirstAnswers::of(&rows.frame));
        let told = told.collect::<spot_analysis::Result<Vec<_>>>()?;
        let all = |of: &dyn Fn(&FirstAnswers) -> Vec<Address>| -> Vec<Address> {
            let distinct: BTreeSet<Address> = told.iter().flat_map(of).collect();
            distinct.into_iter().collect()
        };
        let (clients, addresses) = (all(&FirstAnswers::clients), all(&FirstAnswers::addresses));
        if clients.is_empty() {
            return Ok(several.iter().map(|_| (Vec::new(), 0)).collect());
        }
        let flows = self.store().flow_rows_between(self.day(), &clients, &addresses)?.frame;
        let each = told.iter().map(|told| match told.pairs() {
            0 => Ok((Vec::new(), 0)),
            // Flows of clients that were not told are of no pair.
            pairs => {
                let mut followed = told.followed_by(&flows)?;
                flag_followed(&mut followed, self.network());
                Ok((followed, pairs))
            }
        });
        each.collect()
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
        let story = DnsStory::new(again, title, text)?;
        let (author, query) = (bench.settings().author.clone(), bench.query()?);
        bench.store().save_dns_story(&story.by(author, query))
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
        let mut found = resolved_to(&self.store().dns_answering(self.day(), peers)?, peers)?;
        flag_resolved(&mut found, self.network());
        Ok(found)
    }

    /// [`Workbench::resolved_to`] of each of `several`, in their order, from one pass over the day.
    ///
    /// # Errors
    /// As there.
    pub fn resolved_to_each(&self, several: &[Vec<Address>]) -> Result<Vec<Vec<Resolved>>> {
        let all: BTreeSet<&Address> = several.iter().flatten().collect();
        let all: Vec<Address> = all.into_iter().cloned().collect();
        let mut by_address: HashMap<Address, Vec<Resolved>> = HashMap::new();
        for resolved in self.resolved_to(&all)? {
            by_address.entry(resolved.address.clone()).or_default().push(resolved);
        }
        let of = |peer: &Address| by_address.get(peer).into_iter().flatten().cloned();
        Ok(several.iter().map(|peers| peers.iter().flat_map(of).collect()).collect())
    }
}
