//! What a client asked of a server at a port, and the rows that say so.
//!
//! Rows of both directions belong to one connection, so that one-way records and biflows say the same: the
//! end with the lower port is the server. Where there are no ports (ICMP), the row's own source asked;
//! where they are equal, the lower address.

use polars::prelude::*;

use crate::error::Result;
use crate::rows;

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
    pub fn new(client: u32, server: u32, port: i32) -> Self {
        Self {
            client,
            server,
            port,
            asked: 0,
            answered: 0,
            up: 0,
            down: 0,
            up_packets: 0,
            down_packets: 0,
            lasted: 0,
            longest: 0,
            seen: None,
        }
    }

    /// Counts a row from the client (`there`) or to it: bytes and packets that its source sent and got, when
    /// it ended and how long it took.
    pub fn count(
        &mut self,
        there: bool,
        sent: (i64, i64),
        got: (i64, i64),
        (end, lasted): (Option<i64>, i64),
    ) {
        let (up, down) = if there { (sent, got) } else { (got, sent) };
        self.up = self.up.saturating_add(up.0);
        self.down = self.down.saturating_add(down.0);
        self.up_packets = self.up_packets.saturating_add(up.1);
        self.down_packets = self.down_packets.saturating_add(down.1);
        if there {
            self.asked += 1;
            self.lasted = self.lasted.saturating_add(lasted);
        } else {
            self.answered += 1;
        }
        self.longest = self.longest.max(lasted);
        if let Some(last) = end {
            let first = last.saturating_sub(lasted);
            let seen = self.seen.get_or_insert((first, last));
            *seen = (seen.0.min(first), seen.1.max(last));
        }
    }

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

/// Who asked, by the ports alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The row's source.
    There,
    /// Its destination.
    Back,
    /// Equal ports do not tell.
    Tie,
}

/// The lower port is the server's; 0 where there are no ports.
pub(super) fn asked(from: i32, to: i32) -> (Asked, i32) {
    let port = |port: i32| if (0..=65_535).contains(&port) { port } else { 0 };
    let (from, to) = (port(from), port(to));
    let who = match to < from || from == 0 {
        true => Asked::There,
        false if from == to => Asked::Tie,
        false => Asked::Back,
    };
    (who, from.min(to))
}

/// The values of a column that lie in one piece.
pub(super) type Array<T> = <T as PolarsDataType>::Array;

/// Rows in the shape of [`NEEDED`], to be read at any place.
pub(super) struct Rows {
    table: DataFrame,
}

impl Rows {
    /// Pieces of a table: columns lie in one piece there, and nothing is copied.
    pub fn pieces(table: &DataFrame) -> Vec<Self> {
        const MOST: usize = 1 << 16;
        let mut table = table.clone();
        table.align_chunks_par();
        let cut = |chunk: DataFrame| {
            let begins = (0..chunk.height()).step_by(MOST);
            begins.map(move |begin| Self { table: chunk.slice(begin as i64, MOST) })
        };
        table.split_chunks().flat_map(cut).collect()
    }

    pub fn len(&self) -> usize {
        self.table.height()
    }

    fn text(&self, name: &str) -> Result<&Array<StringType>> {
        Ok(self.table.column(name)?.str()?.downcast_as_array())
    }

    fn int(&self, name: &str) -> Result<&Array<Int32Type>> {
        Ok(self.table.column(name)?.i32()?.downcast_as_array())
    }

    pub fn big(&self, name: &str) -> Result<&Array<Int64Type>> {
        Ok(self.table.column(name)?.i64()?.downcast_as_array())
    }

    pub fn ends(&self) -> Result<Ends<'_>> {
        Ok(Ends {
            sources: Texts::of(self.text(rows::SRC)?),
            targets: Texts::of(self.text(rows::DST)?),
            from: self.int(rows::SRC_PORT)?,
            to: self.int(rows::DST_PORT)?,
        })
    }

    pub fn times(&self) -> Result<Times<'_>> {
        let ends = self.table.column(rows::TIME)?.datetime()?.physical().downcast_as_array();
        let lasted = self.table.column(rows::DURATION)?.f64()?.downcast_as_array();
        Ok(Times { ends, lasted })
    }
}

/// Who sent a row to whom.
pub(super) struct Ends<'a> {
    pub sources: Texts<'a>,
    pub targets: Texts<'a>,
    from: &'a Array<Int32Type>,
    to: &'a Array<Int32Type>,
}

impl Ends<'_> {
    pub fn asked(&self, row: usize) -> (Asked, i32) {
        asked(self.from.get(row).unwrap_or(0), self.to.get(row).unwrap_or(0))
    }
}

/// A column of texts that repeat, with the numbers of some of them at hand.
///
/// The engine holds a text as 16 bytes: the text itself, or where it lies. In a piece of a table the same
/// 16 bytes are the same text, and those of a Parquet dictionary are the same for all its rows.
pub(super) struct Texts<'a> {
    column: &'a Array<StringType>,
    recent: Vec<(u128, u32)>,
}

/// No number is so large.
const NONE: u32 = u32::MAX;

impl<'a> Texts<'a> {
    const RECENT: usize = 2048;

    fn of(column: &'a Array<StringType>) -> Self {
        Self { column, recent: vec![(0, NONE); Self::RECENT] }
    }

    /// Nothing counts as the empty text.
    pub fn text(&self, row: usize) -> &'a str {
        self.column.get(row).unwrap_or_default()
    }

    /// The number of a text; `find` looks it up and never gives `u32::MAX`.
    #[inline]
    pub fn number(&mut self, row: usize, find: impl FnOnce(&str) -> u32) -> u32 {
        let (Some(view), Some(text)) = (self.column.views().get(row), self.column.get(row)) else {
            return find("");
        };
        let bits = view.as_u128();
        let mixed = (bits as u64 ^ (bits >> 64) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let slot = &mut self.recent[(mixed >> 53) as usize];
        if slot.0 != bits || slot.1 == NONE {
            *slot = (bits, find(text));
        }
        slot.1
    }
}

/// When a row ended, and how long it took.
pub(super) struct Times<'a> {
    ends: &'a Array<Int64Type>,
    lasted: &'a Array<Float64Type>,
}

impl Times<'_> {
    /// Microseconds, so that sums do not depend on the order of the rows. Negative durations and those that
    /// are no numbers count as 0.
    pub fn lasted(&self, row: usize) -> i64 {
        let seconds = self.lasted.get(row).unwrap_or(0.0);
        if seconds > 0.0 && seconds < 1e9 { (seconds * 1e6) as i64 } else { 0 }
    }

    /// Microseconds since 1970.
    pub fn end(&self, row: usize) -> Option<i64> {
        self.ends.get(row)
    }
}

/// Does `work` for all pieces, on all cores; each core has a state of its own.
///
/// # Errors
/// The first one of `work`.
pub(super) fn on_all_cores<S: Send>(
    pieces: &[Rows],
    states: &mut [S],
    work: impl Fn(&mut S, &Rows) -> Result<()> + Sync,
) -> Result<()> {
    /// Fewer rows are done sooner than a thread begins.
    const FEW: usize = 50_000;
    let count = match pieces.iter().map(Rows::len).sum::<usize>() {
        0..FEW => 1,
        _ => states.len().max(1),
    };
    // Which core gets a piece depends on its place alone: numbers are the same in every run.
    let some = |at: usize, state: &mut S| {
        pieces.iter().skip(at).step_by(count).try_for_each(|piece| work(state, piece))
    };
    let some = &some;
    let [first, others @ ..] = states else { return Ok(()) };
    std::thread::scope(|scope| {
        let others = others.iter_mut().take(count - 1).enumerate();
        let others: Vec<_> =
            others.map(|(at, state)| scope.spawn(move || some(at + 1, state))).collect();
        let mut done = some(0, first);
        for other in others {
            done = done.and(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    })
}
