//! Scores of a folder's day: of the rows that machine learning found unlikely, else of its conversations.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};
use polars::prelude::*;
use spot_analysis::dns::{self, Name, Scope, Selection};
use spot_analysis::model::Address;

use super::Embedded;
use crate::error::{Result, StoreError};
use crate::layout::Pipeline;
use crate::parquet::{Column as Wanted, Type, engine, scan};
use crate::scoring::{self, DnsFilter, FlowFilter, Score, Scored};
use crate::store::{Named, Store};

/// Addresses or names whose rows are in memory at once.
const AT_ONCE: usize = 128;

impl Embedded {
    pub(super) fn rate_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        scoring::check_flows(scores)?;
        let unlikely = self.scores(Pipeline::Flow, day)?;
        let rows = match unlikely.height() {
            0 => self.flow_conversations(day, scores)?,
            _ => unlikely,
        };
        self.rate((Pipeline::Flow, day), by, scoring::flows(&rows, scores)?)
    }

    pub(super) fn rate_answers(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        scoring::check_dns(scores)?;
        let unlikely = self.scores(Pipeline::Dns, day)?;
        let rows = match unlikely.height() {
            0 => self.dns_conversations(day, scores)?,
            _ => unlikely,
        };
        self.rate((Pipeline::Dns, day), by, scoring::dns(&rows, scores)?)
    }

    fn rate(
        &self,
        (pipeline, day): (Pipeline, NaiveDate),
        by: Option<&str>,
        scored: Scored,
    ) -> Result<Vec<Option<u64>>> {
        if scored.rows.iter().any(|rows| *rows > 0) {
            let elsewhere = self.files(pipeline.threats(), day)?;
            self.publish((pipeline, day), |target| {
                // Under the lock, so that a later score has a later time.
                let now = (by, Utc::now().naive_utc());
                let changes = scoring::changes((pipeline, day), &scored, now, target, &elsewhere)?;
                Ok((changes, ()))
            })?;
        }
        Ok(scored.rows.into_iter().map(Some).collect())
    }

    /// The conversations of the addresses that are scored.
    fn flow_conversations(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
    ) -> Result<DataFrame> {
        self.is_there(Pipeline::Flow, day)?;
        let mut anchors = BTreeSet::new();
        for Score { of, .. } in scores {
            let anchor = of.src.as_ref().or(of.dst.as_ref()).ok_or_else(|| {
                let what = format!(
                    "`flow_scores` has no rows of {day}: what is scored are the \
                                    conversations of an address"
                );
                StoreError::usage(what, "give a source or a destination").at("score")
            })?;
            anchors.insert(anchor.clone());
        }
        let anchors: Vec<Address> = anchors.into_iter().collect();
        let mut found = Vec::new();
        for some in anchors.chunks(AT_ONCE) {
            for (rows, anchor) in self.flow_rows_each(day, some)?.iter().zip(some) {
                found.push(spot_analysis::conversations(&rows.frame, anchor)?);
            }
        }
        // Both ends of a conversation may be scored.
        distinct(found, &["tstart", "srcip", "dstip", "sport", "dport"])
    }

    /// Who asked for what, of the clients and names that are scored.
    fn dns_conversations(&self, day: NaiveDate, scores: &[Score<DnsFilter>]) -> Result<DataFrame> {
        self.is_there(Pipeline::Dns, day)?;
        let mut asked = BTreeSet::new();
        for Score { of, .. } in scores {
            asked.extend(of.client.clone().map(dns::Anchor::Client));
            asked.extend(of.name.clone().map(dns::Anchor::Query));
        }
        let select = |anchor: &dns::Anchor| Selection::new(anchor, &Scope::Exact);
        let selections = asked.iter().map(select).collect::<Result<Vec<_>, _>>()?;
        let mut found = Vec::new();
        for some in selections.chunks(AT_ONCE) {
            for rows in self.dns_rows_each(day, some)? {
                found.push(dns::conversations(&rows.frame)?);
            }
        }
        distinct(found, &["ip_dst", "dns_qry_name"])
    }

    pub(super) fn named_of(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Named> {
        let unlikely = self.scores(pipeline, day)?;
        let (scored, raw): ([&str; 2], [Wanted; 2]) = match pipeline {
            Pipeline::Flow => (["srcip", "dstip"], [("sip", Type::Text), ("dip", Type::Text)]),
            Pipeline::Dns => {
                let raw = [("ip_dst", Type::Text), ("dns_qry_name", Type::Text)];
                (["ip_dst", "dns_qry_name"], raw)
            }
        };
        let mut ends = [BTreeSet::new(), BTreeSet::new()];
        let mut add = |frame: &DataFrame, names: [&str; 2]| -> Result<()> {
            for (name, texts) in names.into_iter().zip(&mut ends) {
                let column = frame.column(name).and_then(Column::unique).map_err(|e| engine(&e))?;
                let column = column.str().map_err(|e| engine(&e))?;
                texts.extend(column.iter().flatten().map(str::to_owned));
            }
            Ok(())
        };
        if unlikely.height() > 0 {
            add(&unlikely, scored)?;
        } else {
            // File by file: a day may be larger than memory.
            for file in self.files(pipeline.raw(), day)? {
                let columns = |_: &Schema| raw.map(|(name, _)| col(name)).to_vec();
                add(&scan(&[file], &raw, &|_| None, &columns)?, raw.map(|(name, _)| name))?;
            }
        }
        let [first, second] = ends;
        let addresses = first.iter().chain(second.iter().filter(|_| pipeline == Pipeline::Flow));
        let addresses: BTreeSet<_> = addresses.map(Address::new).collect();
        let names = second.iter().filter(|_| pipeline == Pipeline::Dns);
        let names: BTreeSet<_> = names.map(Name::new).collect();
        Ok(Named { addresses: addresses.into_iter().collect(), names: names.into_iter().collect() })
    }

    fn is_there(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
        if self.rows_of(pipeline, day)? > 0 {
            return Ok(());
        }
        let (scores, raw) = (pipeline.scores().name(), pipeline.raw().name());
        let what =
            format!("there is nothing to score: `{scores}` and `{raw}` have no rows of {day}");
        Err(StoreError::data(what, "score a day of which they have").at(self.data.display()))
    }
}

fn distinct(found: Vec<DataFrame>, key: &[&str]) -> Result<DataFrame> {
    let mut frames = found.into_iter();
    let Some(first) = frames.next() else { return Ok(DataFrame::empty()) };
    let all = frames.try_fold(first, |all, next| all.vstack(&next));
    let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
    all.and_then(|all| all.unique_stable(Some(&key), UniqueKeepStrategy::First, None))
        .map_err(|e| engine(&e))
}
