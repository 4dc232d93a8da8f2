//! A made-up day of network flows and DNS answers in Apache Spot's plain layout, for trying the notebooks without
//! anybody's real traffic.
//!
//! # The site
//! Two hundred and fifty hosts in `10.20.0.0/16`: servers in `10.20.0.0/24`, what the Internet may
//! reach in `10.20.1.0/24`, two floors of offices in `10.20.10.0/23`, VPN users in `10.20.20.0/24`
//! ([`hosts`]). Many also have an IPv6 address below `fd00:20::/32`; the edge translates it when it
//! leaves, and flows are seen inside of the edge. Everything outside lives in the ranges that are
//! reserved for documentation ([`services`]), so no real address is ever accused of anything.
//!
//! # The day
//! Backups and updates run until five. Offices fill from seven, thin out at lunch and empty after
//! five; the public web site is busiest in the evening ([`clock`], [`habits`]). In this noise lies
//! one intrusion, with two unrelated attempts ([`incidents`]):
//!
//! | when (UTC) | what | from | to |
//! |---|---|---|---|
//! | all day | a beacon every 300 s, small and regular | `10.20.10.57` | `203.0.113.77:443` |
//! | 03:10 | a sweep over hosts and ports | `198.51.100.199` | the whole site |
//! | 05:05 | ssh passwords are guessed, in vain | `203.0.113.201` | `10.20.1.22:22` |
//! | 13:35 | the host that beacons looks round the site | `10.20.10.57` | servers first |
//! | 14:10 | it guesses remote desktop passwords, and gets in | `10.20.10.57` | `10.20.0.40:3389` |
//! | 18:30 | the terminal server reads the file server | `10.20.0.40` | `10.20.0.30:445` |
//! | 20:40 | and uploads some 13 GB, 3 GiB of it in one flow | `fd00:20::40` | `2001:db8:66::e1` |
//!
//! An analyst has scored a few connections of each High, except the reading of the file server:
//! that one is left to be found. A few odd but harmless connections are scored Medium and Low.
//!
//! # The answers
//! The site's two resolvers, on the domain controllers, answer three times for every ten flows
//! ([`dns`]): most of it what led to those flows, so that each side can be checked against the other.
//! In this noise lie a tunnel, generated names and a name that is asked for all day
//! ([`dns::incidents`]):
//!
//! | when (UTC) | what | who asks | for |
//! |---|---|---|---|
//! | all day | a name before each call of the beacon | `10.20.10.57` | `status.fleet-agent.example.org` |
//! | 10:50 | 1,500 names that carry data, 60 to 200 letters each | `10.20.20.31` | below `t.cdn-sync.example.net` |
//! | 10:52 | 300 generated names, one of which exists | `10.20.11.64` | `….test`, `….invalid`, `….example` |
//! | 11:18 | and the connection to what it resolved to | `10.20.11.64` | `198.51.100.88:8443` |
//!
//! # Days before
//! With `--days` the days before are written too: the same hosts and habits, fewer people at the
//! weekend, no incident and nothing scored, so that what is new on the day can be told.
//!
//! # How the parts fit
//! [`generate`] asks [`day::Day`] for one hour of [`flow::Flow`]s at a time and [`dns::Answers`] for
//! the answers that fit them (so memory is bounded by the busiest hour), [`mod@write`] lays them out as Parquet, [`publish`] puts the finished folder in
//! place with one rename. Every hour and every incident draws from its own ChaCha8 stream, so equal
//! parameters give byte-identical files.

pub mod clock;
pub mod day;
pub mod dns;
pub mod error;
pub mod flow;
pub mod habits;
pub mod hosts;
pub mod incidents;
mod odd;
pub mod plant;
pub mod publish;
pub mod sample;
pub mod services;
pub mod table;
pub mod write;

use std::path::Path;

use chrono::NaiveDate;

pub use error::{Error, Result};

/// Fewest rows that still hold every incident.
pub const LEAST_ROWS: usize = 1_000;
/// Most rows: the busiest hour of such a day still fits in a few gigabytes of memory.
pub const MOST_ROWS: usize = 50_000_000;
/// Fewest and most DNS answers, for the same reasons.
pub const LEAST_ANSWERS: usize = 300;
/// See [`LEAST_ANSWERS`].
pub const MOST_ANSWERS: usize = 50_000_000;
/// Most days.
pub const MOST_DAYS: u32 = 366;
/// Raised whenever the same parameters give other files, so that an old folder is not taken for new.
const STORY_VERSION: u32 = 2;

/// What one day is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    /// Flow rows of the whole day, incidents included.
    pub rows: usize,
    /// DNS answers of the whole day, incidents included.
    pub answers: usize,
    /// Seed of every random stream.
    pub seed: u64,
    /// The day (UTC).
    pub date: NaiveDate,
    /// Days that end with it; those before it are ordinary ones.
    pub days: u32,
}

impl Params {
    /// DNS answers of a day of so many flow rows, when nobody says how many: three for ten.
    pub fn usual_answers(rows: usize) -> usize {
        rows.saturating_mul(3) / 10
    }

    /// The text of `example-day.json`: the same parameters always give the same text.
    pub fn record(&self) -> String {
        let days = match self.days {
            0 | 1 => String::new(),
            days => format!(",\n  \"days\": {days}"),
        };
        format!(
            "{{\n  \"generator\": \"example-day\",\n  \"story\": {STORY_VERSION},\n  \"rows\": {},\n  \"answers\": {},\n  \"seed\": {},\n  \"date\": \"{}\"{days}\n}}\n",
            self.rows, self.answers, self.seed, self.date
        )
    }
}

/// What [`generate`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The folder was there already, made from the same parameters; nothing was written.
    AlreadyThere,
    /// The folder was written.
    Written(Totals),
}

/// Size of what was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Flow rows.
    pub rows: usize,
    /// Rows of `flow_threat_investigation`.
    pub scored: usize,
    /// DNS answers.
    pub answers: usize,
    /// Rows of `dns_threat_investigation`.
    pub answers_scored: usize,
    /// Parquet files.
    pub files: usize,
    /// Bytes of these files.
    pub bytes: u64,
}

/// Makes the day in `dir`; `progress` gets one line an hour.
///
/// # Errors
/// [`Error::Usage`] for a row count outside [`LEAST_ROWS`]..=[`MOST_ROWS`], a count of answers outside
/// [`LEAST_ANSWERS`]..=[`MOST_ANSWERS`] or too small for the incidents of so many rows, and when `dir` holds
/// anything else than an example day, or one with other parameters and `force` is false; otherwise
/// what the disk says. After an error `dir` is as it was.
pub fn generate(
    dir: &Path,
    params: Params,
    force: bool,
    mut progress: impl FnMut(&str),
) -> Result<Outcome> {
    if !(LEAST_ROWS..=MOST_ROWS).contains(&params.rows) {
        return Err(Error::Usage(format!(
            "--rows {} is outside {LEAST_ROWS} to {MOST_ROWS}",
            params.rows
        )));
    }
    if !(LEAST_ANSWERS..=MOST_ANSWERS).contains(&params.answers) {
        return Err(Error::Usage(format!(
            "--answers {} is outside {LEAST_ANSWERS} to {MOST_ANSWERS}",
            params.answers
        )));
    }
    if !(1..=MOST_DAYS).contains(&params.days) {
        return Err(Error::Usage(format!("--days {} is outside 1 to {MOST_DAYS}", params.days)));
    }
    let record = params.record();
    match publish::standing(dir, &record)? {
        publish::Standing::Same => return Ok(Outcome::AlreadyThere),
        publish::Standing::Other if !force => {
            return Err(Error::Usage(format!(
                "{} holds an example day with other parameters; choose another folder, or give --force to replace it, saved stories included",
                dir.display()
            )));
        }
        publish::Standing::Other | publish::Standing::Free => {}
    }

    let draft = publish::Draft::open(dir)?;
    let mut totals = Totals::default();
    for ago in (1..params.days).rev() {
        let day = day::Day::before(params, ago)?;
        write_hours(&draft, &day, &mut totals, &mut progress)?;
    }
    let day = day::Day::new(params)?;
    let (mut scored, mut answers_scored) = write_hours(&draft, &day, &mut totals, &mut progress)?;
    let path = write::threat_file(draft.path(), params.date);
    totals.bytes += write::threats(&path, params.date, &mut scored)?;
    let path = write::answer_threat_file(draft.path(), params.date);
    totals.bytes += write::answer_threats(&path, &mut answers_scored)?;
    totals.files += 2;
    totals.scored = scored.len();
    totals.answers_scored = answers_scored.len();
    draft.publish(&record)?;
    Ok(Outcome::Written(totals))
}

/// Writes the hours of a day; gives what was scored.
fn write_hours(
    draft: &publish::Draft,
    day: &day::Day,
    totals: &mut Totals,
    progress: &mut impl FnMut(&str),
) -> Result<(Vec<flow::Flow>, Vec<dns::Answer>)> {
    let params = day.params();
    let all_answers = dns::Answers::new(day)?;
    let mut scored = Vec::new();
    let mut answers_scored = Vec::new();
    for hour in 0..24 {
        let mut flows = day.hour(hour)?;
        scored.extend(flows.iter().filter(|flow| flow.score > 0).copied());
        let mut answers = all_answers.hour(hour, &flows);
        answers_scored.extend(answers.iter().filter(|answer| answer.is_scored()).cloned());
        let path = write::flow_file(draft.path(), params.date, hour);
        let bytes = write::flows(&path, params.date, &mut flows)?;
        let path = write::answer_file(draft.path(), params.date, hour);
        let answer_bytes = write::answers(&path, &mut answers)?;
        totals.rows += flows.len();
        totals.answers += answers.len();
        totals.files += 2;
        totals.bytes += bytes + answer_bytes;
        progress(&format!(
            "{} {hour:02}:00  {:>9} rows  {bytes:>11} bytes  {:>9} answers  {answer_bytes:>11} bytes",
            params.date,
            flows.len(),
            answers.len()
        ));
    }
    Ok((scored, answers_scored))
}
