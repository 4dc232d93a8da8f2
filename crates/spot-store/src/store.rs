//! The questions that an investigation asks, whoever answers them.

use chrono::NaiveDate;
use polars::prelude::DataFrame;
use spot_analysis::model::Address;

use crate::error::Result;
use crate::flow_rows::FlowRows;
use crate::story::{Comment, Saved, Story};

/// A day that the store knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayInfo {
    /// The day, UTC.
    pub day: NaiveDate,
    /// Rows of the day's threat list with score 1.
    pub high_rows: u64,
}

/// Where the tables live. Every kind of store gives the same answers to the same questions.
pub trait Store: Send + Sync {
    /// Days with flows or scored rows, in order.
    fn days(&self) -> Result<Vec<DayInfo>>;

    /// The scored rows of a day: tstart, srcip, dstip (String), srcport, dstport, score (Int32), in
    /// the order in which they were scored. Without any: an empty frame.
    fn threats(&self, day: NaiveDate) -> Result<DataFrame>;

    /// The flow rows of a day with `anchor`, in any of its spellings, at either end.
    fn flow_rows(&self, day: NaiveDate, anchor: &Address) -> Result<FlowRows>;

    /// What was saved for a day, one an address, in order of addresses.
    fn comments(&self, day: NaiveDate) -> Result<Vec<Comment>>;

    /// Saves a story in place of an earlier one of the same address and day: all of it or, on an
    /// error, nothing.
    fn save_story(&self, story: &Story) -> Result<Saved>;

    /// One line for people: what is read, where writes go.
    fn describe(&self) -> String;
}
