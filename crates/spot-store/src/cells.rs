//! The values of a table as texts, each value in one way.

use chrono::DateTime;
use polars::prelude::*;

use crate::error::Result;
use crate::parquet::engine;

/// The values of a column; `None` where there is none. Times are `2016-07-08 09:00:00`, UTC, with a
/// fraction where there is one; numbers have all their digits.
pub(crate) fn texts(column: &Column) -> Result<Vec<Option<String>>> {
    read(column).map_err(|e| engine(&e))
}

fn read(column: &Column) -> PolarsResult<Vec<Option<String>>> {
    Ok(match column.dtype() {
        DataType::Datetime(..) => {
            let micros = column.cast(&DataType::Datetime(TimeUnit::Microseconds, None))?;
            let text = |micros| {
                let time = DateTime::from_timestamp_micros(micros)?;
                Some(time.format("%Y-%m-%d %H:%M:%S%.f").to_string())
            };
            micros.datetime()?.physical().iter().map(|micros| text(micros?)).collect()
        }
        DataType::Float64 => column.f64()?.iter().map(|number| Some(number?.to_string())).collect(),
        DataType::Float32 => column.f32()?.iter().map(|number| Some(number?.to_string())).collect(),
        DataType::Boolean => column.bool()?.iter().map(|said| Some(said?.to_string())).collect(),
        _ => {
            let texts = column.cast(&DataType::String)?;
            texts.str()?.iter().map(|text| text.map(str::to_owned)).collect()
        }
    })
}
