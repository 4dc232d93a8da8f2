//! The ranking of DNS answers: registered domains and clients.

use std::collections::{BTreeMap, HashMap, HashSet};

use polars::prelude::*;

use super::model::Ranking;
use super::names::{Asked, Table};
use super::{Thresholds, names};
use crate::dns::rows;
use crate::error::Result;
use crate::interner::Interner;
use crate::model::Address;

/// The columns of DNS answers that a ranking needs.
pub const NEEDED: [(&str, DataType); 5] = [
    (rows::TIME, DataType::Datetime(TimeUnit::Microseconds, None)),
    (rows::CLIENT, DataType::String),
    (rows::NAME, DataType::String),
    (rows::TYPE, DataType::Int32),
    (rows::RCODE, DataType::Int32),
];

/// More lines of sums than this are folded together before more rows are read.
const MANY: usize = 4_000_000;

/// Types that can carry data in an answer: NULL, TXT, KEY, DNSKEY is left out (it is asked for by all who check).
const DATA: [i32; 3] = [10, 16, 25];

const NXDOMAIN: i32 = 3;
const BIN: &str = "bin";

/// Registered domains that were asked for on earlier days.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    pub(super) days: u32,
    pub(super) known: HashSet<String>,
}

/// The answers of a day, as sums; they can be given in any number of parts.
pub struct DnsSums {
    minutes: i64,
    /// Client, name: answers, those without such a name, those of types that carry data.
    asked: Vec<DataFrame>,
    /// Client, bin: answers.
    bins: Vec<DataFrame>,
    /// Client, bin, name: that there is none.
    missing: Vec<DataFrame>,
}

impl DnsSums {
    /// Sums for detectors with these thresholds.
    pub fn new(thresholds: &Thresholds) -> Self {
        let minutes = thresholds.nxdomain_minutes.clamp(1.0, 1440.0) as i64;
        Self { minutes, asked: Vec::new(), bins: Vec::new(), missing: Vec::new() }
    }

    /// Adds rows, in the shape of [`NEEDED`].
    ///
    /// # Errors
    /// A column is missing or has another type.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        crate::rows::check_columns(rows, "DNS", &NEEDED)?;
        let time = col(rows::TIME).cast(DataType::Int64).fill_null(lit(0i64));
        // Exact: microseconds of any date are below 2^53.
        let width = (self.minutes * 60_000_000) as f64;
        let bin = (time.cast(DataType::Float64) / lit(width)).cast(DataType::Int64);
        let missing = col(rows::RCODE).eq(lit(NXDOMAIN)).fill_null(lit(false));
        let data = DATA.iter().map(|kind| col(rows::TYPE).eq(lit(*kind)));
        let data = data.reduce(Expr::or).unwrap_or(lit(false)).fill_null(lit(false));
        let plain = rows.clone().lazy().select([
            col(rows::CLIENT).fill_null(lit("")),
            col(rows::NAME).fill_null(lit("")).str().to_lowercase(),
            bin.alias(BIN),
            lit(1i64).cast(DataType::Int64).alias("total"),
            missing.cast(DataType::Int64).alias("missing"),
            data.cast(DataType::Int64).alias("data"),
        ]);
        let plain = plain.collect()?.lazy();
        self.asked.push(by_name(plain.clone()).collect()?);
        self.bins.push(by_bin(plain.clone()).collect()?);
        let none = plain.filter(col("missing").gt(lit(0i64)));
        self.missing.push(none_of(none).collect()?);
        if self.asked.iter().map(DataFrame::height).sum::<usize>() > MANY {
            self.fold()?;
        }
        Ok(())
    }

    fn fold(&mut self) -> Result<()> {
        let one = |parts: &mut Vec<DataFrame>, again: fn(LazyFrame) -> LazyFrame| -> Result<()> {
            if parts.len() > 1 {
                let all: Vec<_> = parts.drain(..).map(DataFrame::lazy).collect();
                *parts = vec![again(concat(all, UnionArgs::default())?).collect()?];
            }
            Ok(())
        };
        one(&mut self.asked, by_name)?;
        one(&mut self.bins, by_bin)?;
        one(&mut self.missing, none_of)
    }

    /// The registered domains of the day, for the ranking of a later one.
    ///
    /// # Errors
    /// The table engine's.
    pub fn domains(mut self, before: &mut Domains) -> Result<()> {
        self.fold()?;
        before.days += 1;
        for asked in &self.asked {
            let mut names: HashMap<&str, ()> = HashMap::new();
            for name in asked.column(rows::NAME)?.str()?.iter().flatten() {
                if names.insert(name, ()).is_none()
                    && let Some(domain) = crate::dns::Name::new(name).registered_domain()
                {
                    before.known.insert(domain.as_str().to_owned());
                }
            }
        }
        Ok(())
    }

    /// The ranking.
    ///
    /// # Errors
    /// The table engine's.
    pub fn rank(mut self, before: Option<&Domains>, t: &Thresholds) -> PolarsResult<Ranking> {
        if let Err(crate::AnalysisError::Table(error)) = self.fold() {
            return Err(error);
        }
        let mut table = Table::default();
        let mut clients: Interner<'_, Address> = Interner::new();
        let client = |text: &str| {
            let address = Address::new(text);
            (address.as_str().to_owned(), address)
        };
        for asked in &self.asked {
            let text = |name: &str| asked.column(name).and_then(|c| c.str());
            let big = |name: &str| asked.column(name).and_then(|c| c.i64());
            let ends = text(rows::CLIENT)?.iter().zip(text(rows::NAME)?.iter());
            let sums = big("total")?.iter().zip(big("missing")?.iter()).zip(big("data")?.iter());
            for ((who, name), ((total, missing), data)) in ends.zip(sums) {
                let who = clients.number(who.unwrap_or_default(), client);
                let asked = Asked {
                    total: total.unwrap_or(0),
                    missing: missing.unwrap_or(0),
                    data: data.unwrap_or(0),
                };
                table.add(who, name.unwrap_or_default(), asked);
            }
        }
        // By client and bin: names that do not exist, answers.
        let mut bins: BTreeMap<(u32, i64), (i64, i64)> = BTreeMap::new();
        for (frames, is_total) in [(&self.missing, false), (&self.bins, true)] {
            for frame in frames {
                let who = frame.column(rows::CLIENT)?.str()?;
                let bin = frame.column(BIN)?.i64()?;
                let total = frame.column("total")?.i64()?;
                for ((who, bin), total) in who.iter().zip(bin.iter()).zip(total.iter()) {
                    let who = clients.number(who.unwrap_or_default(), client);
                    let known = bins.entry((who, bin.unwrap_or(0))).or_default();
                    match is_total {
                        true => known.1 += total.unwrap_or(0),
                        false => known.0 += 1,
                    }
                }
            }
        }
        Ok(names::rank(&table, &clients.values, &bins, self.minutes, before, t))
    }
}

fn by_name(rows: LazyFrame) -> LazyFrame {
    let sums = ["total", "missing", "data"].map(|name| col(name).sum());
    rows.group_by([col(rows::CLIENT), col(rows::NAME)]).agg(sums)
}

fn by_bin(rows: LazyFrame) -> LazyFrame {
    rows.group_by([col(rows::CLIENT), col(BIN)]).agg([col("total").sum()])
}

fn none_of(rows: LazyFrame) -> LazyFrame {
    rows.group_by([col(rows::CLIENT), col(BIN), col(rows::NAME)]).agg([col("total").sum()])
}
