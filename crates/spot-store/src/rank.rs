//! The ranking of a day: rows read part by part, thresholds and the list of what is known beside the
//! other context files.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread;

use chrono::{Days, NaiveDate};
use polars::prelude::*;
use spot_analysis::rank::{self, AllowList, Hidden, Thresholds, dns, flows};
use spot_analysis::rows;

use crate::error::{Result, StoreError};
use crate::layout::Pipeline;
use crate::parquet::{self, Column, FileInfo, Type, cast, cast_or_escape, engine};
use crate::times::{self, epoch, parsed, timeless};
use crate::workbench::{Bench, Flow, PipelineKind};
use crate::{Dns, cancel, context};

/// Rows that are read at once; as many wait, and as many are looked at.
const PART: u32 = 1 << 20;

const FLOW: [Column; 9] = [
    ("tdur", Type::Float),
    ("sip", Type::Text),
    ("dip", Type::Text),
    ("sport", Type::Int),
    ("dport", Type::Int),
    ("ipkt", Type::Big),
    ("ibyt", Type::Big),
    ("opkt", Type::Big),
    ("obyt", Type::Big),
];

const DNS: [Column; 4] = [
    ("ip_dst", Type::Text),
    ("dns_qry_name", Type::Text),
    ("dns_qry_type", Type::Int),
    ("dns_qry_rcode", Type::Int),
];

const EPOCH: &str = "unix_tstamp";

/// What takes the parts of a day.
pub(crate) type See<'a> = dyn FnMut(&DataFrame) -> Result<()> + 'a;

/// Gives `see` the rows of `files` in parts; notes on their times.
pub(crate) fn each_part(
    pipeline: Pipeline,
    files: &[Arc<FileInfo>],
    only: &[&str],
    see: &mut See<'_>,
) -> Result<Vec<String>> {
    let parts = files.iter().flat_map(|file| {
        let begins = (0..file.rows).step_by(PART as usize);
        begins.map(move |first| (file, (first, u64::from(PART).min(file.rows - first) as u32)))
    });
    let mut unread = Unread::default();
    // The next part is read while one is looked at.
    thread::scope(|scope| {
        let (to, from) = sync_channel(1);
        scope.spawn(move || {
            for (file, place) in parts {
                let part = timed(|with_text| {
                    let select = |schema: &Schema| select(pipeline, schema, only, with_text);
                    parquet::part(file, place, columns(pipeline), &select)
                });
                // Nobody wants more where one could not be read.
                let is_last = part.is_err();
                if to.send(part).is_err() || is_last {
                    return;
                }
            }
        });
        let token = cancel::current();
        from.into_iter().try_for_each(|part| {
            token.check()?;
            unread.see(part?, see)
        })
    })?;
    Ok(unread.notes(pipeline))
}

/// As [`each_part`], of a day that is in memory.
pub(crate) fn of_frame(
    pipeline: Pipeline,
    all: &DataFrame,
    only: &[&str],
    see: &mut See<'_>,
) -> Result<Vec<String>> {
    let mut unread = Unread::default();
    let read = |with_text| {
        let chosen = all.clone().lazy().select(select(pipeline, all.schema(), only, with_text));
        chosen.collect().map_err(|e| engine(&e))
    };
    unread.see(timed(read)?, see)?;
    Ok(unread.notes(pipeline))
}

/// As [`each_part`], of parts that `give` hands on one after the other.
#[cfg(feature = "engine")]
pub(crate) fn of_parts(
    pipeline: Pipeline,
    only: &[&str],
    see: &mut See<'_>,
    give: impl FnOnce(&mut See<'_>) -> Result<()>,
) -> Result<Vec<String>> {
    let mut unread = Unread::default();
    give(&mut |all| {
        let read = |with_text| {
            let chosen = all.clone().lazy().select(select(pipeline, all.schema(), only, with_text));
            chosen.collect().map_err(|e| engine(&e))
        };
        unread.see(timed(read)?, see)
    })?;
    Ok(unread.notes(pipeline))
}

/// Rows, and how many of them had no time where it is read first, and how many have none at all.
type Timed = (DataFrame, usize, usize);

/// The text of a time costs as much as the other columns: it is read only where it is needed.
fn timed(read: impl Fn(bool) -> Result<DataFrame>) -> Result<Timed> {
    let part = read(false)?;
    match timeless(&part) {
        0 => Ok((part, 0, 0)),
        unread => {
            let part = read(true)?;
            let timeless = timeless(&part);
            Ok((part, unread, timeless))
        }
    }
}

/// Rows whose time is not where it is read first.
#[derive(Default)]
struct Unread {
    rows: usize,
    timeless: usize,
}

impl Unread {
    fn see(&mut self, (part, unread, timeless): Timed, see: &mut See<'_>) -> Result<()> {
        self.rows += unread;
        self.timeless += timeless;
        see(&part)
    }

    fn notes(&self, pipeline: Pipeline) -> Vec<String> {
        let text = match pipeline {
            Pipeline::Flow => "treceived",
            Pipeline::Dns => "frame_time",
        };
        times::notes(self.rows, self.timeless, EPOCH, text)
    }
}

fn columns(pipeline: Pipeline) -> &'static [Column] {
    match pipeline {
        Pipeline::Flow => &FLOW,
        Pipeline::Dns => &DNS,
    }
}

/// Our names of what a ranking needs, the time first.
fn names(pipeline: Pipeline) -> Vec<&'static str> {
    match pipeline {
        Pipeline::Flow => flows::NEEDED.iter().map(|(name, _)| *name).collect(),
        Pipeline::Dns => dns::NEEDED.iter().map(|(name, _)| *name).collect(),
    }
}

/// What a ranking needs of a table with this schema, with our names.
fn select(pipeline: Pipeline, schema: &Schema, only: &[&str], with_text: bool) -> Vec<Expr> {
    let found = |name: &str| schema.get(name).unwrap_or(&DataType::Null).clone();
    let names = names(pipeline);
    let (text, format) = match pipeline {
        Pipeline::Flow => ("treceived", "%Y-%m-%d %H:%M:%S"),
        Pipeline::Dns => ("frame_time", "%b %e %Y %H:%M:%S%.f UTC"),
    };
    let seconds = match found(EPOCH) {
        known if known.is_integer() => col(EPOCH).cast(DataType::Int64),
        _ => lit(NULL).cast(DataType::Int64),
    };
    // A table that has no such number is full of zeros.
    let seconds = when(seconds.clone().gt(lit(0i64))).then(seconds).otherwise(lit(NULL));
    let mut time = epoch(seconds.cast(DataType::Int64));
    if with_text && Type::Text.accepts(&found(text)) && found(text) != DataType::Null {
        time = time.fill_null(parsed(cast((text, Type::Text), &found(text)), format));
    }
    let mut chosen = vec![time.alias(rows::TIME)];
    let renamed = columns(pipeline).iter().zip(&names[1..]);
    let renamed = renamed.filter(|(_, ours)| only.contains(ours));
    chosen.extend(renamed.map(|(&column, ours)| {
        let value = match column.0 {
            // Tunnels send names that are no UTF-8.
            "dns_qry_name" => cast_or_escape(column, &found(column.0)),
            _ => cast(column, &found(column.0)),
        };
        value.alias(*ours)
    }));
    chosen
}

impl<K: PipelineKind> Bench<K> {
    /// Thresholds and the list of what is known: `thresholds.csv` and `allow.csv` beside the other
    /// context files. A server's are not asked for.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn ranking_files(&self) -> Result<(Thresholds, AllowList)> {
        let settings = self.settings();
        let folder = settings.data.folder();
        let named = settings.context.as_deref();
        context::ranking(named, folder, settings.working_folder.as_deref())
    }

    /// Up to `count` days before this one that have rows.
    fn days_before(&self, count: u32) -> Result<Vec<NaiveDate>> {
        let days =
            (1..=u64::from(count)).filter_map(|ago| self.day().checked_sub_days(Days::new(ago)));
        let mut found = Vec::new();
        for day in days {
            if self.store().rows_of(K::PIPELINE, day)? > 0 {
                found.push(day);
            }
        }
        Ok(found)
    }

    fn parts(&self, day: NaiveDate, see: &mut See<'_>) -> Result<Vec<String>> {
        let all: Vec<&str> = names(K::PIPELINE);
        self.store().each_part(K::PIPELINE, day, &all, see)
    }

    fn has_rows(&self) -> Result<()> {
        match self.store().rows_of(K::PIPELINE, self.day())? {
            0 => {
                let (name, day) = (K::PIPELINE.name(), self.day());
                let what = format!("there is nothing to rank: no rows of {name} on {day}");
                Err(StoreError::data(what, "choose another day with --date"))
            }
            _ => Ok(()),
        }
    }
}

impl Bench<Flow> {
    /// Ranks the day's pairs of addresses and hosts, without what the list of what is known hides on
    /// `today`; `before` is how many days before it are looked at, for what is usual and new.
    ///
    /// # Errors
    /// The day has no rows; a file that cannot be read.
    pub fn rank(&self, before: u32, today: NaiveDate) -> Result<Hidden> {
        self.has_rows()?;
        let (thresholds, allowed) = self.ranking_files()?;
        let mut known = flows::Before::default();
        for day in self.days_before(before)? {
            known.add(&self.flow_day(day)?.0);
        }
        let (mut day, notes) = self.flow_day(self.day())?;
        if let Some(mut asked) = day.candidates(&thresholds) {
            let again = &flows::NEEDED_AGAIN;
            let (flow, day_of) = (Pipeline::Flow, self.day());
            self.store().each_part(flow, day_of, again, &mut |part| Ok(asked.add(part)?))?;
            day.gaps(asked, &thresholds);
        }
        let mut ranking = day.rank(Some(&known), &thresholds);
        ranking.notes.extend(notes);
        Ok(shown(ranking, &allowed, thresholds, today))
    }

    fn flow_day(&self, day: NaiveDate) -> Result<(flows::FlowDay, Vec<String>)> {
        let mut sums = flows::FlowSums::default();
        let notes = self.parts(day, &mut |part| Ok(sums.add(part)?))?;
        Ok((sums.finish(self.network()), notes))
    }
}

impl Bench<Dns> {
    /// Ranks the day's registered domains and clients; otherwise as that of flows.
    ///
    /// # Errors
    /// The day has no rows; a file that cannot be read.
    pub fn rank(&self, before: u32, today: NaiveDate) -> Result<Hidden> {
        self.has_rows()?;
        let (thresholds, allowed) = self.ranking_files()?;
        let mut known = dns::Domains::default();
        for day in self.days_before(before)? {
            let mut sums = dns::DnsSums::new(&thresholds);
            self.parts(day, &mut |part| Ok(sums.add(part)?))?;
            sums.domains(&mut known)?;
        }
        let mut sums = dns::DnsSums::new(&thresholds);
        let notes = self.parts(self.day(), &mut |part| Ok(sums.add(part)?))?;
        let mut ranking = sums.rank(Some(&known), &thresholds).map_err(|e| engine(&e))?;
        ranking.notes.extend(notes);
        Ok(shown(ranking, &allowed, thresholds, today))
    }
}

fn shown(
    ranking: rank::Ranking,
    allowed: &AllowList,
    thresholds: Thresholds,
    today: NaiveDate,
) -> Hidden {
    let mut found = allowed.hide(ranking, today);
    found.notes.extend(thresholds.notes);
    found
}
