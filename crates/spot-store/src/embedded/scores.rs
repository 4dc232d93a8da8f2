//! Scores of a folder's day: of the rows that machine learning found unlikely, else of its conversations.

use std::collections::BTreeSet;

use chrono::{NaiveDate, Utc};
use polars::prelude::*;
use spot_analysis::dns::Name;
use spot_analysis::model::Address;

use super::Embedded;
use crate::conversations;
use crate::error::Result;
use crate::layout::Pipeline;
use crate::parquet::{Column as Wanted, Type, engine, scan};
use crate::scoring::{self, DnsFilter, FlowFilter, Score, Scored};
use crate::store::{Named, Store};

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
            0 => conversations::flow(self, day, scores)?,
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
            0 => conversations::dns(self, day, scores)?,
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
}
