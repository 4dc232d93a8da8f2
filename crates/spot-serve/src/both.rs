//! What is asked of flows and of DNS alike.

use async_graphql::{Context, Result};
use chrono::NaiveTime;
use spot_store::{Bench, Score};

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

/// Scores what `inputs` say, a day at a time; nothing when one of them is wrong.
pub async fn score<K: Served>(
    context: &Context<'_>,
    inputs: Vec<Rated<K>>,
    by: Option<String>,
) -> Result<Listed<Done>> {
    let app = app(context);
    blocking(context, move || {
        let mut days: Vec<(Option<SpotDate>, Vec<Score<K::Filter>>, Vec<usize>)> = Vec::new();
        let mut rows = vec![None; inputs.len()];
        for (place, (date, score)) in inputs.into_iter().enumerate() {
            let score = score?;
            match days.iter_mut().find(|(known, ..)| *known == date) {
                Some((_, scores, places)) => {
                    scores.push(score);
                    places.push(place);
                }
                None => days.push((date, vec![score], vec![place])),
            }
        }
        for (date, scores, places) in days {
            let found = on::<K>(&app, date)?.score(&scores, by.as_deref())?;
            for (place, found) in places.into_iter().zip(found) {
                rows[place] = found;
            }
        }
        Ok(listed(rows.into_iter().map(Done::scored)))
    })
    .await
}

/// Forgets the scores and stories of a day.
pub async fn reset<K: Served>(context: &Context<'_>, date: SpotDate) -> Result<Option<Done>> {
    let app = app(context);
    blocking(context, move || {
        on::<K>(&app, Some(date))?.reset_scores()?;
        Ok(Some(Done::done()))
    })
    .await
}
