//! What wrote a log, and how its lines are read.

use std::sync::Arc;

use crate::rows::{Row, Skip};
use crate::zeek::Start;
use crate::{nfdump, zeek};

/// What wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Zeek: `conn.log`, `dns.log`.
    Zeek,
    /// nfdump: its CSV, and nfcapd files.
    Nfdump,
}

impl Tool {
    /// As files are called after it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zeek => "zeek",
            Self::Nfdump => "nfdump",
        }
    }

    /// Nothing is known of the columns yet.
    pub(crate) fn columns(self) -> Columns {
        match self {
            Self::Zeek => Columns::Zeek(Arc::default()),
            Self::Nfdump => Columns::Nfdump(Arc::default()),
        }
    }
}

/// What the lines with names say of the columns below them.
#[derive(Clone, Debug)]
pub(crate) enum Columns {
    Zeek(Arc<zeek::Fields>),
    Nfdump(Arc<nfdump::Columns>),
}

impl Columns {
    /// How such lines begin.
    pub fn marks(&self) -> &'static [&'static [u8]] {
        match self {
            Self::Zeek(_) => &[b"#"],
            Self::Nfdump(_) => &nfdump::MARKS,
        }
    }

    /// Takes such a line.
    pub fn take(&mut self, line: &[u8]) {
        match self {
            Self::Zeek(fields) => Arc::make_mut(fields).take(line),
            Self::Nfdump(columns) => Arc::make_mut(columns).take(line),
        }
    }

    /// Reads another line; `None` where it is none of the log's.
    ///
    /// # Errors
    /// Why it becomes no row.
    pub fn row(&self, line: &[u8], start: Start) -> Result<Option<Row>, Skip> {
        match self {
            Self::Zeek(_) if line.first() == Some(&b'{') => zeek::json::row(line, start).map(Some),
            Self::Zeek(fields) => zeek::tsv::row(line, fields, start).map(Some),
            Self::Nfdump(columns) => nfdump::row(line, columns, start.0),
        }
    }
}
