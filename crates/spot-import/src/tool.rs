//! What wrote a log, and how its lines are read.

use std::sync::Arc;

use crate::mapped::{self, Map};
use crate::rows::{Row, Skip};
use crate::times::Start;
use crate::{nfdump, pcap, suricata, zeek};

/// What wrote a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tool {
    /// Zeek: `conn.log`, `dns.log`.
    Zeek,
    /// nfdump: its CSV, and nfcapd files.
    Nfdump,
    /// Suricata: `eve.json`.
    Suricata,
    /// Captures of packets, read through tshark.
    Pcap,
    /// Any table as text.
    Csv(Map),
    /// Any table as Parquet.
    Parquet(Map),
}

impl Tool {
    /// As files are called after it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Zeek => "zeek",
            Self::Nfdump => "nfdump",
            Self::Suricata => "suricata",
            Self::Pcap => "pcap",
            Self::Csv(_) => "csv",
            Self::Parquet(_) => "parquet",
        }
    }

    /// What its rows are made of, one and several.
    pub fn unit(&self) -> [&'static str; 2] {
        match self {
            Self::Pcap => ["packet", "packets"],
            Self::Parquet(_) => ["row", "rows"],
            _ => ["line", "lines"],
        }
    }

    /// What to give it.
    pub fn wants(&self) -> &'static str {
        match self {
            Self::Zeek => {
                "give Zeek's conn.log or dns.log, tab-separated with its header or as JSON lines"
            }
            Self::Nfdump => "give what `TZ=UTC nfdump -r FILE -o csv` writes, or nfcapd files",
            Self::Suricata => "give Suricata's eve.json, with outputs flow and dns",
            Self::Pcap => "give a capture with IP packets",
            Self::Csv(_) | Self::Parquet(_) => {
                "say which column is which, for instance --map 'sip=Source IP' (all names: docs/importing.md)"
            }
        }
    }

    /// Nothing is known of the columns yet.
    pub(crate) fn columns(&self) -> Columns {
        match self {
            Self::Zeek => Columns::Zeek(Arc::default()),
            Self::Nfdump => Columns::Nfdump(Arc::default()),
            Self::Suricata => Columns::Suricata,
            Self::Pcap => Columns::Pcap,
            Self::Csv(map) | Self::Parquet(map) => {
                Columns::Mapped(Arc::new(mapped::csv::Columns::new(map.clone())))
            }
        }
    }

    /// The number, as people count, of what stands in a line.
    pub(crate) fn number(&self, line: u64) -> u64 {
        match self {
            // Before each packet there is a line that says nothing.
            Self::Pcap => line.div_ceil(2),
            Self::Parquet(_) => line.saturating_sub(1),
            _ => line,
        }
    }
}

/// What the lines with names say of the columns below them.
#[derive(Clone, Debug)]
pub(crate) enum Columns {
    Zeek(Arc<zeek::Fields>),
    Nfdump(Arc<nfdump::Columns>),
    Suricata,
    Pcap,
    Mapped(Arc<mapped::csv::Columns>),
}

impl Columns {
    /// How such lines begin.
    pub fn marks(&self) -> &'static [&'static [u8]] {
        match self {
            Self::Zeek(_) => &[b"#"],
            Self::Nfdump(_) => &nfdump::MARKS,
            Self::Suricata | Self::Pcap | Self::Mapped(_) => &[],
        }
    }

    /// Whether the first line of all is one, whatever it begins with.
    pub fn has_header(&self) -> bool {
        matches!(self, Self::Mapped(_))
    }

    /// Takes such a line.
    pub fn take(&mut self, line: &[u8]) {
        match self {
            Self::Zeek(fields) => Arc::make_mut(fields).take(line),
            Self::Nfdump(columns) => Arc::make_mut(columns).take(line),
            Self::Mapped(columns) => Arc::make_mut(columns).take(line),
            Self::Suricata | Self::Pcap => {}
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
            Self::Suricata => suricata::row(line, start).map(Some),
            Self::Pcap => pcap::row(line, start),
            Self::Mapped(columns) => mapped::csv::row(line, columns, start).map(Some),
        }
    }
}
