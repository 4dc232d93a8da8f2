//! One pass over flow rows: what each client asked of each server at each port, summed.
//!
//! Rows of both directions fold into one line, so that one-way records and biflows say the same: the
//! end with the lower port is the server. Where there are no ports (ICMP), the row's own source asked;
//! where they are equal, the lower address.

use polars::prelude::*;

use crate::error::{AnalysisError, Result};
use crate::model::Address;
use crate::rows;

/// More lines of sums than this are folded together before more rows are read.
const MANY: usize = 4_000_000;

/// Port of the server and direction in one number: grouping by one column less is a third faster.
pub(super) const PORT: &str = "port";

/// Directions, below the port in [`PORT`].
const BACK: i32 = 0;
const THERE: i32 = 1;
/// Equal ports do not tell who asked.
const TIE: i32 = 2;
const DIRECTIONS: i32 = 4;

const KEYS: [&str; 3] = [rows::SRC, rows::DST, PORT];

/// Sums, largest and smallest.
const SUMS: [&str; 6] =
    ["rows", rows::BYTES, rows::BYTES_BACK, rows::PACKETS, rows::PACKETS_BACK, "lasted"];
const MOST: [&str; 2] = ["longest", "last"];
const LEAST: [&str; 1] = ["first"];

/// The columns of flow rows that a ranking needs.
pub const NEEDED: [(&str, DataType); 10] = [
    (rows::TIME, DataType::Datetime(TimeUnit::Microseconds, None)),
    (rows::DURATION, DataType::Float64),
    (rows::SRC, DataType::String),
    (rows::DST, DataType::String),
    (rows::SRC_PORT, DataType::Int32),
    (rows::DST_PORT, DataType::Int32),
    (rows::PACKETS, DataType::Int64),
    (rows::BYTES, DataType::Int64),
    (rows::PACKETS_BACK, DataType::Int64),
    (rows::BYTES_BACK, DataType::Int64),
];

/// Those that the second look needs.
pub const NEEDED_AGAIN: [&str; 7] =
    [rows::TIME, rows::DURATION, rows::SRC, rows::DST, rows::SRC_PORT, rows::DST_PORT, rows::BYTES];

/// Sums so far.
#[derive(Default)]
pub(super) struct Folded {
    parts: Vec<DataFrame>,
    pub rows: u64,
}

/// One client, server and port.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    pub client: u32,
    pub server: u32,
    pub port: i32,
    /// Rows from the client, and to it.
    pub asked: i64,
    pub answered: i64,
    /// Bytes and packets from the client, and to it.
    pub up: i64,
    pub down: i64,
    pub up_packets: i64,
    pub down_packets: i64,
    /// Microseconds that rows from the client took, all together and the longest.
    pub lasted: i64,
    pub longest: i64,
    /// Microseconds since 1970; none where no row has a time.
    pub seen: Option<(i64, i64)>,
}

impl Connection {
    /// Both are sums of the same.
    pub fn add(&mut self, other: &Self) {
        self.asked += other.asked;
        self.answered += other.answered;
        self.up = self.up.saturating_add(other.up);
        self.down = self.down.saturating_add(other.down);
        self.up_packets = self.up_packets.saturating_add(other.up_packets);
        self.down_packets = self.down_packets.saturating_add(other.down_packets);
        self.lasted = self.lasted.saturating_add(other.lasted);
        self.longest = self.longest.max(other.longest);
        self.seen = match (self.seen, other.seen) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }
}

impl Folded {
    /// Adds rows, in the shape of [`NEEDED`]; further columns do not matter.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        rows::check_columns(rows, "flow", &NEEDED)?;
        self.rows += rows.height() as u64;
        self.parts.push(folded(rows).collect()?);
        if self.parts.len() > 1 && self.parts.iter().map(DataFrame::height).sum::<usize>() > MANY {
            self.fold()?;
        }
        Ok(())
    }

    fn fold(&mut self) -> Result<()> {
        let parts = std::mem::take(&mut self.parts);
        let parts: Vec<LazyFrame> = parts.into_iter().map(DataFrame::lazy).collect();
        let all = concat(parts, UnionArgs::default())?;
        self.parts = vec![all.group_by(KEYS.map(col)).agg(aggregates()).collect()?];
        Ok(())
    }

    /// All of them in one frame; none without rows.
    pub fn finish(mut self) -> Result<Option<DataFrame>> {
        if self.parts.len() > 1 {
            self.fold()?;
        }
        let all = self.parts.pop();
        match &all {
            Some(all) if all.height() > u32::MAX as usize / 2 => {
                Err(AnalysisError::TooManyRows { rows: all.height() })
            }
            _ => Ok(all.filter(|all| all.height() > 0)),
        }
    }
}

/// The lower port is the server's; 0 where there are no ports.
fn keyed(rows: LazyFrame) -> LazyFrame {
    let (from, to) = (port(rows::SRC_PORT), port(rows::DST_PORT));
    let there = to.clone().lt(from.clone()).or(from.clone().eq(lit(0)));
    let direction = when(there)
        .then(lit(THERE))
        .when(from.clone().eq(to.clone()))
        .then(lit(TIE))
        .otherwise(lit(BACK));
    let low = when(from.clone().lt(to.clone())).then(from).otherwise(to);
    rows.with_column((low * lit(DIRECTIONS) + direction).cast(DataType::Int32).alias(PORT))
}

/// A port as the row has it; what is none counts as 0.
fn port(name: &str) -> Expr {
    when(col(name).is_between(lit(0), lit(65_535), ClosedInterval::Both))
        .then(col(name))
        .otherwise(lit(0))
}

/// Negative durations and those that are no numbers count as 0; in microseconds, so that sums do not
/// depend on the order of the rows.
fn micros() -> Expr {
    let seconds = col(rows::DURATION);
    let sane = seconds.clone().gt(lit(0.0)).and(seconds.clone().lt(lit(1e9)));
    when(sane).then(seconds * lit(1e6)).otherwise(lit(0.0)).cast(DataType::Int64)
}

fn folded(table: &DataFrame) -> LazyFrame {
    // One-way records have nothing but zeros there, and each sum costs.
    let empty = |name: &&str| {
        let most = table.column(name).and_then(|c| c.i64()).map(ChunkAgg::max);
        most.is_ok_and(|most| most.unwrap_or(0) <= 0)
    };
    let (zeros, sums): (Vec<&str>, Vec<&str>) = SUMS[1..]
        .iter()
        .partition(|name| [rows::BYTES_BACK, rows::PACKETS_BACK].contains(name) && empty(name));
    let end = col(rows::TIME).cast(DataType::Int64);
    let mut chosen = vec![
        col(rows::SRC),
        col(rows::DST),
        col(PORT),
        col("lasted").alias("longest"),
        end.clone().alias("last"),
        (end - col("lasted")).alias("first"),
    ];
    chosen.extend(sums.iter().map(|name| col(*name)));
    let count = len().cast(DataType::Int64).alias("rows");
    let sums = sums.iter().map(|name| col(*name).sum());
    let ends = MOST.iter().map(|name| col(*name).max());
    let ends = ends.chain(LEAST.iter().map(|name| col(*name).min()));
    let grouped = keyed(table.clone().lazy())
        .with_column(micros().alias("lasted"))
        .select(chosen)
        .group_by(KEYS.map(col))
        .agg([count].into_iter().chain(sums).chain(ends).collect::<Vec<_>>());
    let zeros = zeros.into_iter().map(|name| lit(0i64).cast(DataType::Int64).alias(name));
    let order = KEYS.iter().chain(&SUMS).chain(&MOST).chain(&LEAST).map(|name| col(*name));
    grouped.with_columns(zeros.collect::<Vec<_>>()).select(order.collect::<Vec<_>>())
}

fn aggregates() -> Vec<Expr> {
    let sums = SUMS.iter().map(|name| col(*name).sum());
    let most = MOST.iter().map(|name| col(*name).max());
    let least = LEAST.iter().map(|name| col(*name).min());
    sums.chain(most).chain(least).collect()
}

/// When rows began and how many bytes they had, of the lines in `wanted`: src, dst, [`PORT`], start
/// (microseconds) and bytes.
pub(super) fn starts(rows: &DataFrame, wanted: &DataFrame) -> Result<DataFrame> {
    let is_in = |name: &'static str| -> Result<Expr> {
        let known = wanted.column(name)?.as_materialized_series().unique()?;
        Ok(col(name).is_in(lit(known).implode(false), false))
    };
    // Most rows are of nobody who is wanted: what is left costs little.
    let few = rows.clone().lazy().filter(is_in(rows::DST)?).collect()?;
    let few = few.lazy().filter(is_in(rows::SRC)?);
    let start = col(rows::TIME).cast(DataType::Int64) - micros();
    let bytes = col(rows::BYTES).fill_null(lit(0));
    let keys = KEYS.map(col);
    let found = keyed(few)
        .select([keys.to_vec(), vec![start.alias("start"), bytes.alias("bytes_there")]].concat())
        .join(wanted.clone().lazy(), KEYS.map(col), KEYS.map(col), JoinArgs::new(JoinType::Semi));
    Ok(found.collect()?)
}

/// Source, destination and port of rows that a client may have sent, as a folded frame has them.
pub(super) type Asked<'a> = Option<(&'a str, &'a str, i32)>;

/// The first three columns of a folded frame, or of [`starts`]; none for rows to a client.
pub(super) fn asked(frame: &DataFrame) -> Result<Vec<Asked<'_>>> {
    let text = |name: &str| frame.column(name).and_then(|c| c.str());
    let ends = text(rows::SRC)?.iter().zip(text(rows::DST)?.iter());
    let lines = ends.zip(frame.column(PORT)?.i32()?.iter());
    let mut found = Vec::with_capacity(frame.height());
    for line in lines {
        let ((src, dst), key) = line;
        let key = key.unwrap_or(0);
        found.push((key % DIRECTIONS != BACK).then_some((
            src.unwrap_or_default(),
            dst.unwrap_or_default(),
            key / DIRECTIONS,
        )));
    }
    Ok(found)
}

/// The lines of a folded frame, both directions apart; `number` gives an address its number.
pub(super) fn lines<'a>(
    all: &'a DataFrame,
    mut number: impl FnMut(&'a str) -> u32,
) -> Result<Vec<Connection>> {
    let text = |name: &str| all.column(name).and_then(|c| c.str());
    let big = |name: &str| all.column(name).and_then(|c| c.i64());
    let (sources, targets, keys) = (text(rows::SRC)?, text(rows::DST)?, all.column(PORT)?.i32()?);
    let [rows, bytes, bytes_back, packets, packets_back, lasted] = SUMS.map(big);
    let sums = [rows?, bytes?, bytes_back?, packets?, packets_back?, lasted?];
    let (longest, last, first) = (big("longest")?, big("last")?, big("first")?);
    let mut found = Vec::with_capacity(all.height());
    for (row, ((src, dst), key)) in sources.iter().zip(targets.iter()).zip(keys.iter()).enumerate()
    {
        let (src, dst) = (src.unwrap_or_default(), dst.unwrap_or_default());
        let key = key.unwrap_or(0);
        let there = match key % DIRECTIONS {
            BACK => false,
            TIE => Address::new(src) <= Address::new(dst),
            _ => true,
        };
        let (src, dst) = (number(src), number(dst));
        // A field that nobody filled in is below 0 in some tables.
        let [rows, bytes, back, packets, packets_back, lasted] =
            [0, 1, 2, 3, 4, 5].map(|sum: usize| sums[sum].get(row).unwrap_or(0).max(0));
        let (client, server) = if there { (src, dst) } else { (dst, src) };
        let (up, down) = if there { (bytes, back) } else { (back, bytes) };
        let (up_packets, down_packets) =
            if there { (packets, packets_back) } else { (packets_back, packets) };
        found.push(Connection {
            client,
            server,
            port: key / DIRECTIONS,
            asked: if there { rows } else { 0 },
            answered: if there { 0 } else { rows },
            up,
            down,
            up_packets,
            down_packets,
            lasted: if there { lasted } else { 0 },
            longest: longest.get(row).unwrap_or(0),
            seen: first.get(row).zip(last.get(row)),
        });
    }
    Ok(found)
}
