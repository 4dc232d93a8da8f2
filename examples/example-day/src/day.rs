//! The plan of the day: how many rows each hour has, and the rows of one hour.

use chrono::Datelike;
use rand::Rng;
use rand::distr::Distribution;

use crate::Params;
use crate::clock::{HOUR_MS, SLOTS};
use crate::error::{Error, Result};
use crate::flow::Flow;
use crate::habits::HABITS;
use crate::hosts::Site;
use crate::plant;
use crate::sample::{by_weight, stream};
use crate::services::Outside;

/// Stream of what holds for the whole day; 0 to 23 are the hours', 100 and up the incidents'.
const WHOLE_DAY: u64 = 50;

/// How busy the days of a week are, Monday first, beside that of the incidents.
const WEEK: [f64; 7] = [0.97, 1.02, 1.0, 1.03, 0.94, 0.41, 0.36];
/// Odd, so that no two days share a seed.
const ANOTHER_DAY: u64 = 0x9E37_79B9_7F4A_7C15;

/// A day, ready to be asked for its hours.
pub struct Day {
    params: Params,
    midnight_ms: i64,
    site: Site,
    outside: Outside,
    /// Planted rows by hour of their end.
    planted: Vec<Vec<Flow>>,
    /// Ordinary rows by hour.
    ordinary: Vec<usize>,
    /// How busy the day is; the day of the incidents is 1.
    busy: f64,
    /// Seed of what differs from day to day.
    own_seed: u64,
}

impl Day {
    /// Plans the day.
    ///
    /// # Errors
    /// [`Error::Usage`] when the rows cannot hold the incidents.
    pub fn new(params: Params) -> Result<Day> {
        let rng = &mut stream(params.seed, WHOLE_DAY);
        let site = Site::new(rng)?;
        let outside = Outside::new(rng)?;
        let midnight_ms = params.date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();

        let mut planted = vec![Vec::new(); 24];
        for flow in plant::flows(params, midnight_ms, &site) {
            let hour = (flow.end_ms - midnight_ms).div_euclid(HOUR_MS).clamp(0, 23) as usize;
            planted[hour].push(flow);
        }
        let incident_rows: usize = planted.iter().map(Vec::len).sum();
        let left = params.rows.checked_sub(incident_rows).ok_or_else(|| {
            Error::Usage(format!(
                "{} rows cannot hold {incident_rows} rows of incidents",
                params.rows
            ))
        })?;
        Ok(Day {
            params,
            midnight_ms,
            site,
            outside,
            planted,
            ordinary: shares(left),
            busy: 1.0,
            own_seed: params.seed,
        })
    }

    /// Plans an ordinary day so many days before that of `params`: the same site, no incident.
    ///
    /// # Errors
    /// As [`Day::new`]; a day before the calendar's first.
    pub fn before(params: Params, ago: u32) -> Result<Day> {
        let date =
            params.date.checked_sub_days(chrono::Days::new(ago.into())).ok_or_else(|| {
                Error::Usage(format!("there is no day {ago} days before {}", params.date))
            })?;
        let day = Day::new(params)?;
        let left: usize = day.ordinary.iter().sum();
        let busy = WEEK[date.weekday().num_days_from_monday() as usize % 7];
        let midnight_ms = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis();
        Ok(Day {
            params: Params { date, ..params },
            midnight_ms,
            planted: vec![Vec::new(); 24],
            ordinary: shares((left as f64 * busy) as usize),
            busy,
            own_seed: params.seed.wrapping_add(u64::from(ago).wrapping_mul(ANOTHER_DAY)),
            ..day
        })
    }

    /// How busy the day is; the day of the incidents is 1.
    pub fn busy(&self) -> f64 {
        self.busy
    }

    /// Whether the day has the incidents.
    pub fn has_incidents(&self) -> bool {
        self.own_seed == self.params.seed
    }

    /// Seed of what differs from day to day.
    pub fn own_seed(&self) -> u64 {
        self.own_seed
    }

    /// What the day is made from.
    pub fn params(&self) -> Params {
        self.params
    }

    /// When the day begins, Unix time in milliseconds.
    pub fn midnight_ms(&self) -> i64 {
        self.midnight_ms
    }

    /// The site's hosts.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The planted rows of the whole day, by hour.
    pub fn planted(&self) -> impl Iterator<Item = &Flow> + Clone {
        self.planted.iter().flatten()
    }

    /// All rows that end in this hour (0 to 23), planted ones first, else in no order.
    ///
    /// # Errors
    /// [`Error::Usage`] if the table of habits is wrong.
    pub fn hour(&self, hour: usize) -> Result<Vec<Flow>> {
        let rng = &mut stream(self.own_seed, hour as u64);
        let halves = [2 * hour, 2 * hour + 1];
        let by_half = by_weight("half hours", halves.map(busy))?;
        let in_half = halves.map(|slot| {
            by_weight("habits", HABITS.iter().map(|habit| habit.weight * habit.curve.at(slot)))
        });
        let [first, second] = in_half;
        let in_half = [first?, second?];

        let mut flows = self.planted[hour].clone();
        let wanted = flows.len() + self.ordinary[hour];
        flows.reserve_exact(self.ordinary[hour] + 1);
        while flows.len() < wanted {
            let half = by_half.sample(rng);
            let slot = halves[half];
            let habit = &HABITS[in_half[half].sample(rng)];
            let end_ms =
                self.midnight_ms + slot as i64 * (HOUR_MS / 2) + rng.random_range(0..HOUR_MS / 2);
            let talk = habit.conversation(slot, end_ms, &self.site, &self.outside, rng);
            flows.extend(talk.iter().flat_map(|talk| talk.rows()));
        }
        // An answer too many: the last conversation stays without it.
        flows.truncate(wanted);
        Ok(flows)
    }
}

/// How busy a half hour is, all habits together.
fn busy(slot: usize) -> f64 {
    HABITS.iter().map(|habit| habit.weight * habit.curve.at(slot)).sum()
}

/// `rows` dealt out to the hours by how busy they are; the shares sum to `rows`.
pub(crate) fn shares(rows: usize) -> Vec<usize> {
    let total: f64 = (0..SLOTS).map(busy).sum();
    let mut before = 0.0;
    let mut dealt = 0;
    let mut shares = Vec::with_capacity(24);
    for hour in 0..24 {
        before += busy(2 * hour) + busy(2 * hour + 1);
        // Cumulative rounding; the last hour takes exactly what is left.
        let until = if hour == 23 { rows } else { (rows as f64 * before / total) as usize };
        shares.push(until.saturating_sub(dealt));
        dealt = until.max(dealt);
    }
    shares
}
