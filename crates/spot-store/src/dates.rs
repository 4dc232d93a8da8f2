//! One day, or several that follow each other.

use std::fmt;

use chrono::NaiveDate;

use crate::error::{Result, StoreError};
use crate::settings::{date, no_date};

/// Most days of a range: a year, leap day included.
pub const MOST_DAYS: i64 = 366;

/// Days from one to another, both included; a single day where both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dates {
    first: NaiveDate,
    last: NaiveDate,
}

impl Dates {
    /// The days from `first` to `last`, both included.
    ///
    /// # Errors
    /// The last day is before the first one, or the days are more than [`MOST_DAYS`].
    pub fn new(first: NaiveDate, last: NaiveDate) -> Result<Self> {
        let days = last.signed_duration_since(first).num_days().saturating_add(1);
        if days < 1 {
            let what = format!("the range ends on {last}, before it begins on {first}");
            let fix = format!("write the earlier day first: {last}..{first}");
            return Err(StoreError::usage(what, fix).at("SPOT_DATE"));
        }
        if days > MOST_DAYS {
            let what = format!("{first} to {last} are {days} days, more than {MOST_DAYS}");
            return Err(StoreError::usage(what, "ask for fewer days").at("SPOT_DATE"));
        }
        Ok(Self { first, last })
    }

    /// A day as `2016-07-08` or `20160708`, or a range of such days, `2016-07-01..2016-07-08` or
    /// `2016-07-01/2016-07-08`.
    ///
    /// # Errors
    /// Names `SPOT_DATE` and the forms; see [`Dates::new`].
    pub fn parse(text: &str) -> Result<Self> {
        let ends = text.split_once("..").or_else(|| text.split_once('/'));
        let Some((first, last)) = ends else { return date(text).map(Self::from) };
        if first.trim().is_empty() || last.trim().is_empty() {
            return Err(no_date(text));
        }
        Self::new(date(first)?, date(last)?)
    }

    /// The first day.
    pub fn first(self) -> NaiveDate {
        self.first
    }

    /// The last day.
    pub fn last(self) -> NaiveDate {
        self.last
    }

    /// More than one day.
    pub fn is_range(self) -> bool {
        self.first < self.last
    }

    /// Whether `day` is one of them.
    pub fn contains(self, day: NaiveDate) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// Every day, in order.
    pub fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.first.iter_days().take_while(move |day| *day <= self.last)
    }

    /// Those of them that are before `day`, if there are any.
    pub fn before(self, day: NaiveDate) -> Option<Self> {
        let last = day.pred_opt()?.min(self.last);
        (self.first <= last).then_some(Self { last, ..self })
    }
}

impl From<NaiveDate> for Dates {
    fn from(day: NaiveDate) -> Self {
        Self { first: day, last: day }
    }
}

impl fmt::Display for Dates {
    /// `2016-07-08`, or `2016-07-01 to 2016-07-08`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.is_range() {
            true => write!(f, "{} to {}", self.first, self.last),
            false => write!(f, "{}", self.first),
        }
    }
}
