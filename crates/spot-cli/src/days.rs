//! `spot days`: the days that the data have, or of a range what each day has.

use serde_json::{Value, json};
use spot_store::{Bench, Dates, DayRows, PipelineKind, Result};

use crate::text::Lines;
use crate::{Format, shown};

/// Characters of the longest bar.
const BAR: u64 = 30;

/// The days with rows; where a range was asked for, every day of it.
pub fn days<K: PipelineKind>(bench: &Bench<K>, format: Format) -> Result<String> {
    let Some(dates) = bench.dates() else {
        let days = bench.days()?;
        return match format {
            Format::Json => shown(&crate::json::days(&days)),
            Format::Text => Ok(crate::text::days(&days)),
        };
    };
    let days = bench.days_in(dates)?;
    match format {
        Format::Json => shown(&json(dates, &days)),
        Format::Text => Ok(text(dates, &days)),
    }
}

/// The contract of `spot days --date A..B --format json`: rows per day, gaps included.
fn json(dates: Dates, days: &[DayRows]) -> Value {
    let day = |one: &DayRows| json!({"date": one.day.to_string(), "rows": one.rows, "highRows": one.high_rows, "files": one.files});
    json!({
        "from": dates.first().to_string(),
        "to": dates.last().to_string(),
        "rows": days.iter().map(|one| one.rows).fold(0, u64::saturating_add),
        "days": days.iter().map(day).collect::<Vec<_>>(),
    })
}

fn text(dates: Dates, days: &[DayRows]) -> String {
    let most = days.iter().map(|one| one.rows).max().unwrap_or(0).max(1);
    let number = |n: Option<u64>| n.map_or_else(|| "-".to_owned(), |n| n.to_string());
    let rows: Vec<_> = days
        .iter()
        .map(|one| {
            let length = u128::from(one.rows) * u128::from(BAR) / u128::from(most);
            // Some rows are never drawn as none.
            let length = usize::try_from(length).unwrap_or(0).max(usize::from(one.rows > 0));
            [
                one.day.to_string(),
                one.rows.to_string(),
                "#".repeat(length),
                number(one.high_rows),
                number(one.files),
            ]
        })
        .collect();
    let mut out = Lines::default();
    let with_rows = days.iter().filter(|one| one.rows > 0).count();
    out.line(format_args!("{dates}: {with_rows} of {} days have rows", days.len()));
    out.line("");
    out.table(["DAY", "ROWS", "", "HIGH ROWS", "FILES"], &rows);
    out.0
}
