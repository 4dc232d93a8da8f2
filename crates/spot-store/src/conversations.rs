//! What is scored where no machine has said what is unlikely: the conversations of an address or a name.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use polars::prelude::*;
use spot_analysis::dns::{self, Scope, Selection};
use spot_analysis::model::Address;

use crate::error::{Result, StoreError};
use crate::layout::Pipeline;
use crate::parquet::engine;
use crate::scoring::{DnsFilter, FlowFilter, Score};
use crate::store::Store;

/// Addresses or names whose rows are in memory at once.
const AT_ONCE: usize = 128;

/// The conversations of the addresses that are scored.
pub(crate) fn flow(
    store: &dyn Store,
    day: NaiveDate,
    scores: &[Score<FlowFilter>],
) -> Result<DataFrame> {
    is_there(store, Pipeline::Flow, day)?;
    let mut anchors = BTreeSet::new();
    for Score { of, .. } in scores {
        let anchor = of.src.as_ref().or(of.dst.as_ref()).ok_or_else(|| {
            let what = format!(
                "`flow_scores` has no rows of {day}: what is scored are the conversations of an address"
            );
            StoreError::usage(what, "give a source or a destination").at("score")
        })?;
        anchors.insert(anchor.clone());
    }
    let anchors: Vec<Address> = anchors.into_iter().collect();
    let mut found = Vec::new();
    for some in anchors.chunks(AT_ONCE) {
        for (rows, anchor) in store.flow_rows_each(day, some)?.iter().zip(some) {
            found.push(spot_analysis::conversations(&rows.frame, anchor)?);
        }
    }
    // Both ends of a conversation may be scored.
    distinct(found, &["tstart", "srcip", "dstip", "sport", "dport"])
}

/// Who asked for what, of the clients and names that are scored.
pub(crate) fn dns(
    store: &dyn Store,
    day: NaiveDate,
    scores: &[Score<DnsFilter>],
) -> Result<DataFrame> {
    is_there(store, Pipeline::Dns, day)?;
    let mut asked = BTreeSet::new();
    for Score { of, .. } in scores {
        asked.extend(of.client.clone().map(dns::Anchor::Client));
        asked.extend(of.name.clone().map(dns::Anchor::Query));
    }
    let select = |anchor: &dns::Anchor| Selection::new(anchor, &Scope::Exact);
    let selections = asked.iter().map(select).collect::<Result<Vec<_>, _>>()?;
    let mut found = Vec::new();
    for some in selections.chunks(AT_ONCE) {
        for rows in store.dns_rows_each(day, some)? {
            found.push(dns::conversations(&rows.frame)?);
        }
    }
    distinct(found, &["ip_dst", "dns_qry_name"])
}

fn is_there(store: &dyn Store, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
    if store.rows_of(pipeline, day)? > 0 {
        return Ok(());
    }
    let (scores, raw) = (pipeline.scores().name(), pipeline.raw().name());
    let what = format!("there is nothing to score: `{scores}` and `{raw}` have no rows of {day}");
    Err(StoreError::data(what, "score a day of which they have").at(store.describe()))
}

fn distinct(found: Vec<DataFrame>, key: &[&str]) -> Result<DataFrame> {
    let mut frames = found.into_iter();
    let Some(first) = frames.next() else { return Ok(DataFrame::empty()) };
    let all = frames.try_fold(first, |all, next| all.vstack(&next));
    let key: Vec<String> = key.iter().map(|name| (*name).to_owned()).collect();
    all.and_then(|all| all.unique_stable(Some(&key), UniqueKeepStrategy::First, None))
        .map_err(|e| engine(&e))
}
