//! What is asked of flows and of DNS alike.

use async_graphql::{Context, Result};
use chrono::NaiveTime;
use spot_store::{Bench, Score, StoreError};

use crate::app::{Served, app, blocking, on};
use crate::scalars::SpotDate;
use crate::types::{Day, Done, Ingested, Listed, listed};

/// Days with rows, in order.
pub async fn days<K: Served>(context: &Context<'_>) -> Result<Vec<Day>> {
    let app = app(context);
    blocking(context, move || {
        let days = K::of(&app).map(Bench::days).transpose()?.unwrap_or_default();
        Ok(days.into_iter().map(Day::from).collect())
    })
    .await
}

/// Rows of each day from one to another, both included, in order.
pub async fn ingested<K: Served>(
    context: &Context<'_>,
    first: SpotDate,
    last: SpotDate,
) -> Result<Listed<Ingested>> {
    let app = app(context);
    blocking(context, move || {
        let bench = on::<K>(&app, None)?;
        let days = bench.days()?.into_iter().map(|info| info.day);
        let lines = days.filter(|day| (first.0..=last.0).contains(day)).map(|day| {
            let total = Some(bench.store().rows_of(K::PIPELINE, day)?);
            Ok(Ingested { datetime: Some(day.and_time(NaiveTime::MIN).into()), total })
        });
        Ok(listed(lines.collect::<spot_store::Result<Vec<_>>>()?))
    })
    .await
}

/// The day and the score of an input.
pub type Rated<K> =
    (Option<SpotDate>, spot_store::Result<Score<<K as spot_store::PipelineKind>::Filter>>);

/// Most scores of a request, and most bytes of who says so and why.
const SCORES: usize = 1000;
const NAME: usize = 200;
const REASON: usize = 1000;

/// Scores what `inputs` say, all of one day; nothing when one of them is wrong.
pub async fn score<K: Served>(
    context: &Context<'_>,
    inputs: Vec<Rated<K>>,
    by: Option<String>,
) -> Result<Listed<Done>> {
    let app = app(context);
    blocking(context, move || {
        let wrong = |what: String, fix: &str| Err(StoreError::usage(what, fix).at("input"));
        if inputs.len() > SCORES {
            let what = format!("{} scores are more than {SCORES}", inputs.len());
            return wrong(what, "send fewer at once");
        }
        if by.as_ref().is_some_and(|by| by.len() > NAME) {
            return wrong(format!("a name has at most {NAME} bytes"), "send a shorter `by`");
        }
        let (mut bench, mut scores) = (None, Vec::new());
        for (date, score) in inputs {
            let of_date = on::<K>(&app, date)?;
            let day = bench.get_or_insert_with(|| of_date.clone()).day();
            if of_date.day() != day {
                return wrong("the scores are of several days".to_owned(), "send a day at a time");
            }
            let score = score?;
            if score.reason.as_ref().is_some_and(|reason| reason.len() > REASON) {
                let what = format!("a reason has at most {REASON} bytes");
                return wrong(what, "send a shorter `reason`");
            }
            scores.push(score);
        }
        let rows = match bench {
            Some(bench) => bench.score(&scores, by.as_deref())?,
            None => Vec::new(),
        };
        Ok(listed(rows.into_iter().map(Done::scored)))
    })
    .await
}

/// Forgets the scores and stories of a day.
pub async fn reset<K: Served>(context: &Context<'_>, date: SpotDate) -> Result<Option<Done>> {
    let app = app(context);
    blocking(context, move || {
        on::<K>(&app, Some(date))?.reset_scores()?;
        Ok(Some(Done::plain()))
    })
    .await
}
