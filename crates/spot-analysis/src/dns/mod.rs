//! From the DNS answers of one client, or for one name, on one day to a finding: what was asked, how
//! often, when, and what came of it.
//!
//! The counterpart of the flow analysis beside it, in the same three steps:
//!
//! * a frame of answers in the shape of [`rows`], which `spot-store` makes by asking the day's table
//!   for what [`Selection::filter`] takes in;
//! * [`investigate()`] makes of it an [`Investigation`], plain data to draw and save;
//! * [`frames`] turns that into tables again.
//!
//! [`suspects`] lists the clients and names from which a search starts; [`cross`] joins the answers
//! with flows. Names are whatever somebody on the network chose to ask for: see [`Name`].
//!
//! ```
//! use chrono::NaiveDate;
//! use polars::prelude::*;
//! use spot_analysis::dns::{Anchor, InvestigateInput, Name, Scope, Selection, investigate, rows};
//! use spot_analysis::model::{Address, Provenance};
//! use spot_analysis::network::Network;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let day = NaiveDate::from_ymd_opt(2016, 7, 8).ok_or("no such day")?;
//! let nine = day.and_hms_opt(9, 0, 0).ok_or("no such time")?.and_utc().timestamp_micros();
//! let answers = df!(
//!     rows::TIME => [nine, nine + 1_000_000, nine + 2_000_000],
//!     rows::CLIENT => ["10.0.0.5", "10.0.0.5", "10.0.0.9"],
//!     rows::SERVER => ["10.0.0.1"; 3],
//!     rows::NAME => ["WWW.Evil.com.", "www.evil.com", "www.example.org"],
//!     rows::CLASS => ["0x00000001"; 3],
//!     rows::TYPE => [1, 28, 1],
//!     rows::RCODE => [0, 3, 0],
//!     rows::ANSWERS => ["203.0.113.9|203.0.113.10", "", "192.0.2.1"],
//! )?
//! .lazy()
//! .with_column(col(rows::TIME).cast(DataType::Datetime(TimeUnit::Microseconds, None)));
//!
//! // Any spelling finds any spelling.
//! let anchor = Anchor::Query(Name::new("www.EVIL.com"));
//! let selection = Selection::new(&anchor, &Scope::Exact)?;
//! let taken_in = answers.filter(selection.filter(col(rows::CLIENT), col(rows::NAME))).collect()?;
//! let found = investigate(InvestigateInput {
//!     rows: &taken_in,
//!     anchor,
//!     scope: Scope::Exact,
//!     day,
//!     network: &Network::default(), // no context files
//!     high_rows: 0,
//!     top_results: 20,
//!     provenance: Provenance {
//!         table: "dns".into(),
//!         filter: selection.to_string(),
//!         rows: 2,
//!         scanned: 3,
//!         files: vec![],
//!         fingerprint: String::new(),
//!         partial: None,
//!     },
//!     notes: vec![],
//! })?;
//!
//! assert_eq!(found.rows.len(), 1);
//! assert_eq!(found.rows[0].client, Address::new("10.0.0.5"));
//! assert_eq!((found.rows[0].total, found.rows[0].nxdomain), (2, 1));
//! assert_eq!(found.rows[0].answers, [Address::new("203.0.113.9"), Address::new("203.0.113.10")]);
//! assert_eq!(found.facts.scanned, 3);
//! # Ok(())
//! # }
//! ```

mod conversations;
pub mod cross;
mod flags;
mod followed;
pub mod frames;
pub mod history;
pub mod iana;
mod investigate;
pub mod model;
mod name;
pub mod rows;
mod selection;
mod several;
mod sums;
mod threats;

pub use conversations::conversations;
pub use investigate::{InvestigateInput, investigate};
pub use model::*;
pub use name::Name;
pub use selection::{Asked, Selection};
pub use several::Several;
pub use threats::{flagged, high_rows, suspects};
