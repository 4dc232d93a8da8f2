//! The questions that an investigation asks, whoever answers them.

use std::thread::JoinHandle;

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use spot_analysis::dns::{Anchor, Name, Selection};
use spot_analysis::history::DayRows;
use spot_analysis::model::Address;

use crate::context::Texts;
use crate::dates::Dates;
use crate::dns_story::DnsStory;
use crate::error::Result;
use crate::flow_story::Story;
use crate::held::HeldInfo;
use crate::layout::Pipeline;
use crate::scoring::{DnsFilter, FlowFilter, Score};
use crate::source::{DnsRows, FlowRows};
use crate::story::{Comment, Saved};

/// A day that the store knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayInfo {
    /// The day, UTC.
    pub day: NaiveDate,
    /// Rows of the day's threat list that are scored 1, as their last score says; for DNS, with client
    /// or name scored 1.
    pub high_rows: u64,
}

/// Addresses and names of a day, each once, in their order. Flows name addresses only; of DNS the addresses
/// are the clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Addresses.
    pub addresses: Vec<Address>,
    /// Names that were asked for.
    pub names: Vec<Name>,
}

/// Where the tables live. Every kind of store gives the same answers to the same questions.
pub trait Store: Send + Sync {
    /// Whether there is any table of `pipeline`.
    fn has(&self, pipeline: Pipeline) -> bool;

    /// The context files that go with the tables, where the store itself has them.
    fn context(&self) -> Result<Option<Texts>> {
        Ok(None)
    }

    /// Days with raw or scored rows of `pipeline`, in order.
    fn days(&self, pipeline: Pipeline) -> Result<Vec<DayInfo>>;

    /// What the raw table of `pipeline` has of each of `dates`, in order; a day without rows is among
    /// them, with 0. No row is read.
    fn days_in(&self, pipeline: Pipeline, dates: Dates) -> Result<Vec<DayRows>>;

    /// The scored rows of a day, in the order in which they were scored. Without any: an empty frame.
    ///
    /// Of flows: tstart, srcip, dstip (String), srcport, dstport, score (Int32). Of DNS: unix_tstamp
    /// (Int64), ip_dst, dns_qry_name (String), ip_sev, dns_sev (Int32). A store that knows when a row
    /// was scored adds [`SCORED_AT`](spot_analysis::threats::SCORED_AT), UTC.
    fn threats(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame>;

    /// What Spot's machine learning found unlikely on a day, most unlikely first. Without any: an empty
    /// frame.
    ///
    /// Of flows: tstart, srcip, dstip (String), sport, dport (Int32), proto (String), ipkt, ibyt, opkt,
    /// obyt (Int64), ml_score (Float64), rank, srcip_internal, dstip_internal (Int32), src_geoloc,
    /// dst_geoloc, src_domain, dst_domain, src_rep, dst_rep (String). Of DNS: frame_time (String),
    /// frame_len, unix_tstamp (Int64), ip_dst, dns_qry_name, dns_qry_class (String), dns_qry_type, dns_qry_rcode (Int32),
    /// ml_score (Float64), tld, query_rep, network_context (String).
    fn scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame>;

    /// Raw rows of a day.
    fn rows_of(&self, pipeline: Pipeline, day: NaiveDate) -> Result<u64>;

    /// The flow rows of a day with `anchor`, in any of its spellings, at either end.
    fn flow_rows(&self, day: NaiveDate, anchor: &Address) -> Result<FlowRows>;

    /// [`Store::flow_rows`] of each of `anchors`, in their order; a store may read the day once for all.
    fn flow_rows_each(&self, day: NaiveDate, anchors: &[Address]) -> Result<Vec<FlowRows>> {
        anchors.iter().map(|anchor| self.flow_rows(day, anchor)).collect()
    }

    /// The flow rows of a day with one of `ones` at one end and one of `others` at the other.
    fn flow_rows_between(
        &self,
        day: NaiveDate,
        ones: &[Address],
        others: &[Address],
    ) -> Result<FlowRows>;

    /// The DNS answers of a day that `selection` takes in.
    fn dns_rows(&self, day: NaiveDate, selection: &Selection) -> Result<DnsRows>;

    /// [`Store::dns_rows`] of each of `selections`, in their order; a store may read the day once for
    /// all.
    fn dns_rows_each(&self, day: NaiveDate, selections: &[Selection]) -> Result<Vec<DnsRows>> {
        selections.iter().map(|selection| self.dns_rows(day, selection)).collect()
    }

    /// The [`Provenance::fingerprint`](spot_analysis::model::Provenance::fingerprint) that an answer
    /// about this day would have now; `None` where that is not known without asking.
    fn fingerprint(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Option<String>> {
        let _ = (pipeline, day);
        Ok(None)
    }

    /// Changes whenever the files of a day do, also within the second that a fingerprint knows; `None`
    /// where that is not known without asking.
    fn stamp(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Option<String>> {
        self.fingerprint(pipeline, day)
    }

    /// The DNS answers of a day that name one of `addresses`, counted: shape
    /// [`spot_analysis::dns::cross::summed`].
    fn dns_answering(&self, day: NaiveDate, addresses: &[Address]) -> Result<DataFrame>;

    /// What was saved for a day, one an address, in order of addresses.
    fn comments(&self, day: NaiveDate) -> Result<Vec<Comment>>;

    /// What was saved of DNS for a day, one a client or name, in order of anchors.
    fn dns_comments(&self, day: NaiveDate) -> Result<Vec<Comment<Anchor>>>;

    /// Saves a story in place of an earlier one of the same address and day: all of it or, on an
    /// error, nothing.
    fn save_story(&self, story: &Story) -> Result<Saved>;

    /// As [`Store::save_story`], for a client or a name.
    fn save_dns_story(&self, story: &DnsStory) -> Result<Saved>;

    /// Scores unlikely rows of a day ([`Store::scores`]): appends them to its threat list with the
    /// time and `by`, and to `ml_feedback.csv`; all of it or, on an error, nothing. Gives how many
    /// rows each of `scores` found; `None` where a server does not say how many.
    fn score_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>>;

    /// As [`Store::score_flows`], of DNS.
    fn score_dns(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>>;

    /// Whom and what a day's scores can be about: the ends of its unlikely rows, of a day without these those
    /// of its raw rows.
    fn named(&self, pipeline: Pipeline, day: NaiveDate) -> Result<Named>;

    /// Forgets a day's scores, stories and their rows, as Spot does. What analysts wrote can still be
    /// read in the stories' own files, and `ml_feedback.csv` stays. Where writes go to a folder of
    /// their own, stories of the data folder stay, too.
    fn reset_scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()>;

    /// Begins to hold the day's raw tables of `pipelines` in memory, the first one first, so that
    /// further searches of the day are quick; they take the place of another day's. The thread that
    /// does it can be waited for. `None`: all is held already or too small to be worth it, or this
    /// kind of store does no such thing. A table with which more than `at_most` bytes would be held is
    /// left out.
    fn hold(
        &self,
        pipelines: &[Pipeline],
        day: NaiveDate,
        at_most: usize,
    ) -> Option<JoinHandle<()>> {
        let _ = (pipelines, day, at_most);
        None
    }

    /// What is held in memory.
    fn held(&self) -> HeldInfo {
        HeldInfo::default()
    }

    /// One line for people: what is read, where writes go.
    fn describe(&self) -> String;

    /// All rows of the day's raw table, as the files spell columns and values; for cells that ask
    /// questions of their own. The whole day is held in memory.
    fn frame(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame>;

    /// Gives `see` the raw rows of a day in parts, with the time and `columns`, which are among those of
    /// [`flows::NEEDED`](spot_analysis::rank::flows::NEEDED), or of
    /// [`dns::NEEDED`](spot_analysis::rank::dns::NEEDED). Gives notes on the rows' times.
    fn each_part(
        &self,
        pipeline: Pipeline,
        day: NaiveDate,
        columns: &[&str],
        see: &mut dyn FnMut(&DataFrame) -> Result<()>,
    ) -> Result<Vec<String>> {
        crate::rank::of_frame(pipeline, &self.frame(pipeline, day)?, columns, see)
    }
}
