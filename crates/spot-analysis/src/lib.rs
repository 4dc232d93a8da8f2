//! From the flow rows of one address on one day to a finding: who it talked to, how much, which way,
//! who began, what those peers are called and where they are.
//!
//! Pure functions: no files, no clock, no environment. Three types carry the work:
//!
//! * a frame of flow rows in the shape of [`rows`], which `spot-store` makes from any source;
//! * [`Network`], what the context files say (ours or not, names, places, indicators);
//! * [`Investigation`], the finding, plain data that `spot-view` draws and `spot-store` saves.
//!
//! [`investigate()`] makes the third from the first two. Its parts can be called on their own:
//! [`details`] (the expanded search), [`peers`], [`top`], [`timeline`]; [`frames`] turns a finding
//! into tables again and [`spot_json`] into Spot's storyboard files. [`threats`] lists the suspects
//! from which a search starts.
//!
//! ```
//! use chrono::NaiveDate;
//! use polars::prelude::*;
//! use spot_analysis::model::{Address, Direction, Provenance};
//! use spot_analysis::network::Network;
//! use spot_analysis::{InvestigateInput, investigate, rows, spot_json};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Two rows of 10.0.0.5: it asked a web server, and someone outside knocked at its desktop.
//! let day = NaiveDate::from_ymd_opt(2016, 7, 8).ok_or("no such day")?;
//! let nine = day.and_hms_opt(9, 0, 0).ok_or("no such time")?.and_utc().timestamp_micros();
//! let frame = df!(
//!     rows::TIME => [nine, nine + 7_200_000_000],
//!     rows::DURATION => [1.5, 0.0],
//!     rows::SRC => ["10.0.0.5", "192.0.2.44"],
//!     rows::DST => ["203.0.113.9", "10.0.0.5"],
//!     rows::SRC_PORT => [50001, 33333],
//!     rows::DST_PORT => [443, 3389],
//!     rows::PROTO => ["TCP", "TCP"],
//!     rows::FLAG => [".AP.SF", "....S."],
//!     rows::PACKETS => [10i64, 1],
//!     rows::BYTES => [1000i64, 60],
//!     rows::PACKETS_BACK => [0i64, 0],
//!     rows::BYTES_BACK => [0i64, 0],
//! )?
//! .lazy()
//! .with_column(col(rows::TIME).cast(DataType::Datetime(TimeUnit::Microseconds, None)))
//! .collect()?;
//!
//! let network = Network::default(); // no context files: private ranges are ours
//! let found = investigate(InvestigateInput {
//!     rows: &frame,
//!     anchor: Address::new("10.0.0.5"),
//!     day,
//!     network: &network,
//!     high_rows: 1,
//!     top_results: 20,
//!     provenance: Provenance {
//!         table: "flow".into(),
//!         filter: "sip = 10.0.0.5 or dip = 10.0.0.5".into(),
//!         rows: 2,
//!         scanned: 2,
//!         files: vec![],
//!         fingerprint: String::new(),
//!         partial: None,
//!     },
//!     notes: vec![],
//! })?;
//!
//! assert_eq!(found.facts.connections, 2);
//! assert_eq!(found.peers[0].address, Address::new("203.0.113.9")); // most bytes first
//! assert_eq!(found.peers[0].direction, Direction::Outbound);
//! assert_eq!(found.peers[1].direction, Direction::Inbound);
//! assert_eq!(found.peers[1].service_ports, [3389]);
//! assert_eq!(spot_json::stats(&found)["size"], 2);
//! # Ok(())
//! # }
//! ```

mod address;
mod biflow;
pub mod breakdown;
mod conversations;
pub mod details;
pub mod dns;
mod error;
pub mod evidence;
mod flag;
mod flows;
pub mod frames;
pub mod history;
mod interner;
mod investigate;
pub mod model;
pub mod network;
pub mod peers;
pub mod rank;
pub mod rows;
mod service;
pub mod spellings;
pub mod spot_json;
pub mod stix;
pub mod threats;
pub mod timeline;
pub mod top;
pub mod unlikely;

pub use biflow::MAX_GAP_SECONDS;
pub use conversations::conversations;
pub use error::{AnalysisError, Result};
pub use investigate::{InvestigateInput, investigate};
pub use model::*;
pub use network::Network;
pub use peers::{Conns, get_in_out_and_twoway_conns};
pub use service::REGISTERED;
pub use threats::Suspect;
pub use top::{get_top_bytes, get_top_conns};
