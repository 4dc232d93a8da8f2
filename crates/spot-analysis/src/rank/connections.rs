//! One pass over flow rows: what each client asked of each server at each port, summed.
//!
//! Rows of both directions fold into one line, so that one-way records and biflows say the same: the
//! end with the lower port is the server. Where ports are equal or absent (ICMP), the row's own source
//! asked.

use polars::prelude::*;

use crate::error::{AnalysisError, Result};
use crate::rows;

/// More lines of sums than this are folded together before more rows are read.
const MANY: usize = 4_000_000;

pub(super) const CLIENT: &str = "client";
pub(super) const SERVER: &str = "server";
pub(super) const PORT: &str = "port";

const KEYS: [&str; 3] = [CLIENT, SERVER, PORT];

/// Sums of columns, largest, smallest.
const SUMS: [&str; 7] = ["asked", "answered", "up", "down", "up_packets", "down_packets", "lasted"];
const MOST: [&str; 3] = ["longest", "last", "high"];
const LEAST: [&str; 2] = ["first", "low"];

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
    /// Lowest and highest port of the client.
    pub ports: (i32, i32),
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
        self.ports = (self.ports.0.min(other.ports.0), self.ports.1.max(other.ports.1));
    }
}

impl Folded {
    /// Adds rows, in the shape of [`NEEDED`]; further columns do not matter.
    pub fn add(&mut self, rows: &DataFrame) -> Result<()> {
        rows::check_columns(rows, "flow", &NEEDED)?;
        self.rows += rows.height() as u64;
        self.parts.push(folded(rows.clone().lazy()).collect()?);
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

/// Which rows go from the client to the server.
fn to_server() -> Expr {
    let (from, to) = (port(rows::SRC_PORT), port(rows::DST_PORT));
    let tie = from.clone().eq(to.clone()).and(col(rows::SRC).lt(col(rows::DST)));
    from.clone().eq(lit(0)).or(to.lt(from)).or(tie)
}

fn port(name: &str) -> Expr {
    col(name).fill_null(lit(0))
}

fn text(name: &str) -> Expr {
    col(name).fill_null(lit(""))
}

/// Rows as client, server and port, with what the fold needs.
fn oriented(rows: LazyFrame) -> LazyFrame {
    let to = || col("to");
    let choose = |to_name: &str, back: &str| when(to()).then(text(to_name)).otherwise(text(back));
    let (from_port, to_port) = (port(rows::SRC_PORT), port(rows::DST_PORT));
    rows.with_column(to_server().fill_null(lit(true)).alias("to")).with_columns([
        choose(rows::SRC, rows::DST).alias(CLIENT),
        choose(rows::DST, rows::SRC).alias(SERVER),
        when(from_port.clone().eq(lit(0)).or(from_port.clone().lt(to_port.clone())))
            .then(from_port.clone())
            .otherwise(to_port.clone())
            .alias(PORT),
        when(to()).then(from_port).otherwise(to_port).alias("client_port"),
    ])
}

/// Negative durations and those that are no numbers count as 0; in microseconds, so that sums do not
/// depend on the order of the rows.
fn micros() -> Expr {
    let seconds = col(rows::DURATION).fill_null(lit(0.0));
    let sane = seconds.clone().gt(lit(0.0)).and(seconds.clone().lt(lit(1e9)));
    when(sane).then(seconds * lit(1e6)).otherwise(lit(0.0)).cast(DataType::Int64)
}

fn folded(rows: LazyFrame) -> LazyFrame {
    let amount = |name: &str| {
        let value = col(name).fill_null(lit(0));
        when(value.clone().gt(lit(0))).then(value).otherwise(lit(0))
    };
    let to = || col("to");
    let two_way = |there: &str, back: &str| {
        let up = when(to()).then(amount(there)).otherwise(amount(back));
        let down = when(to()).then(amount(back)).otherwise(amount(there));
        [up, down]
    };
    let [up, down] = two_way(rows::BYTES, rows::BYTES_BACK);
    let [up_packets, down_packets] = two_way(rows::PACKETS, rows::PACKETS_BACK);
    let end = col(rows::TIME).cast(DataType::Int64);
    oriented(rows)
        .select([
            col(CLIENT),
            col(SERVER),
            col(PORT),
            to().cast(DataType::Int64).alias("asked"),
            to().not().cast(DataType::Int64).alias("answered"),
            up.alias("up"),
            down.alias("down"),
            up_packets.alias("up_packets"),
            down_packets.alias("down_packets"),
            when(to()).then(micros()).otherwise(lit(0i64)).alias("lasted"),
            micros().alias("longest"),
            end.clone().alias("last"),
            (end - micros()).alias("first"),
            col("client_port").alias("low"),
            col("client_port").alias("high"),
        ])
        .group_by(KEYS.map(col))
        .agg(aggregates())
}

fn aggregates() -> Vec<Expr> {
    let sums = SUMS.iter().map(|name| col(*name).sum());
    let most = MOST.iter().map(|name| col(*name).max());
    let least = LEAST.iter().map(|name| col(*name).min());
    sums.chain(most).chain(least).collect()
}

/// When rows from a client began and how many bytes they had, for the pairs in `wanted`: columns
/// client, server, port, start (microseconds), up.
pub(super) fn starts(rows: &DataFrame, wanted: &DataFrame) -> Result<DataFrame> {
    let is_in = |name: &'static str| -> Result<Expr> {
        let known = wanted.column(name)?.as_materialized_series().unique()?;
        Ok(col(name).is_in(lit(known).implode(false), false))
    };
    let up = col(rows::BYTES).fill_null(lit(0));
    let start = col(rows::TIME).cast(DataType::Int64) - micros();
    let found = oriented(rows.clone().lazy())
        .filter(col("to").and(is_in(SERVER)?).and(is_in(CLIENT)?))
        .select([col(CLIENT), col(SERVER), col(PORT), start.alias("start"), up.alias("up")])
        .join(wanted.clone().lazy(), KEYS.map(col), KEYS.map(col), JoinArgs::new(JoinType::Semi));
    Ok(found.collect()?)
}

/// The lines of a folded frame; `number` gives an address its number.
pub(super) fn lines<'a>(
    all: &'a DataFrame,
    mut number: impl FnMut(&'a str) -> u32,
) -> Result<Vec<Connection>> {
    let text = |name: &str| all.column(name).and_then(|c| c.str());
    let big = |name: &str| all.column(name).and_then(|c| c.i64());
    let small = |name: &str| all.column(name).and_then(|c| c.i32());
    let (clients, servers, ports) = (text(CLIENT)?, text(SERVER)?, small(PORT)?);
    let [asked, answered, up, down, up_packets, down_packets, lasted] = SUMS.map(big);
    let sums = [asked?, answered?, up?, down?, up_packets?, down_packets?, lasted?];
    let (longest, last, first) = (big("longest")?, big("last")?, big("first")?);
    let (low, high) = (small("low")?, small("high")?);
    let ids: Vec<(u32, u32)> = clients
        .iter()
        .zip(servers.iter())
        .map(|(c, s)| (number(c.unwrap_or_default()), number(s.unwrap_or_default())))
        .collect();
    let one = |(row, (client, server)): (usize, (u32, u32))| {
        let sum = |which: usize| sums[which].get(row).unwrap_or(0);
        Connection {
            client,
            server,
            port: ports.get(row).unwrap_or(0),
            asked: sum(0),
            answered: sum(1),
            up: sum(2),
            down: sum(3),
            up_packets: sum(4),
            down_packets: sum(5),
            lasted: sum(6),
            longest: longest.get(row).unwrap_or(0),
            seen: first.get(row).zip(last.get(row)),
            ports: (low.get(row).unwrap_or(0), high.get(row).unwrap_or(0)),
        }
    };
    Ok(ids.into_iter().enumerate().map(one).collect())
}
