//! Spot's scalars.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{DateTime, NaiveDate, NaiveDateTime};
use serde::Deserialize;

const DAY: &str = "%Y-%m-%d";
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// A day, `2016-07-08`. Read are also `20160708`, a time of that day and seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpotDate(pub NaiveDate);

/// A day, `2016-07-08`. Read are also `20160708`, a time of that day and seconds since 1970.
#[Scalar(name = "SpotDateType")]
impl ScalarType for SpotDate {
    fn parse(value: Value) -> InputValueResult<Self> {
        let day = match &value {
            Value::String(text) => {
                let day = ["%Y-%m-%d", "%Y%m%d"];
                let day =
                    day.iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok());
                day.or_else(|| time(text).map(|time| time.date()))
            }
            Value::Number(_) => epoch(&value).map(|time| time.date()),
            _ => return Err(InputValueError::expected_type(value)),
        };
        day.map(Self).ok_or_else(|| InputValueError::custom("a day is written 2016-07-08"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format(DAY).to_string())
    }
}

/// A time, UTC, `2016-07-08 09:00:00`. Read are also ISO 8601, with fractions and zones, and seconds
/// since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SpotDatetime(pub String);

impl SpotDatetime {
    /// The time that was given; none for a text of a table that is no time.
    pub fn time(&self) -> Option<NaiveDateTime> {
        time(&self.0)
    }
}

impl From<NaiveDateTime> for SpotDatetime {
    fn from(time: NaiveDateTime) -> Self {
        Self(time.format(TIME).to_string())
    }
}

/// A time, UTC, `2016-07-08 09:00:00`. Read are also ISO 8601, with fractions and zones, and seconds
/// since 1970.
#[Scalar(name = "SpotDatetimeType")]
impl ScalarType for SpotDatetime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = match &value {
            Value::String(text) => time(text),
            Value::Number(_) => epoch(&value),
            _ => return Err(InputValueError::expected_type(value)),
        };
        let wrong = || InputValueError::custom("a time is written 2016-07-08 09:00:00");
        read.map(Self::from).ok_or_else(wrong)
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// An address, IPv4 or IPv6, in any spelling. In answers: the text of the table, whatever it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SpotIp(pub String);

/// An address, IPv4 or IPv6, in any spelling. In answers: the text of the table, whatever it is.
#[Scalar(name = "SpotIpType")]
impl ScalarType for SpotIp {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

fn time(text: &str) -> Option<NaiveDateTime> {
    let naive = |format| NaiveDateTime::parse_from_str(text, format).ok();
    let zoned = || DateTime::parse_from_rfc3339(text).ok().map(|time| time.naive_utc());
    let spaced = naive("%Y-%m-%d %H:%M:%S%.f");
    spaced.or_else(|| naive("%Y-%m-%dT%H:%M:%S%.f")).or_else(zoned)
}

fn epoch(value: &Value) -> Option<NaiveDateTime> {
    let Value::Number(number) = value else { return None };
    DateTime::from_timestamp(number.as_i64()?, 0).map(|time| time.naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_read_in_many_ways() {
        let day = |value: Value| SpotDate::parse(value).map(|day| day.0.to_string()).ok();
        for text in ["2016-07-08", "20160708", "2016-07-08 23:59:59", "2016-07-08T09:00:00.5Z"] {
            assert_eq!(day(text.into()).as_deref(), Some("2016-07-08"), "{text}");
        }
        assert_eq!(day(1_467_936_000.into()).as_deref(), Some("2016-07-08"));
        for wrong in [Value::from("8.7.2016"), Value::from(""), Value::Null, i64::MAX.into()] {
            assert_eq!(day(wrong), None);
        }
        let time = |text: &str| SpotDatetime::parse(text.into()).map(|time| time.0).ok();
        assert_eq!(time("2016-07-08T11:00:00+02:00").as_deref(), Some("2016-07-08 09:00:00"));
        assert_eq!(time("nine"), None);
    }
}
