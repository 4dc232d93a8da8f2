//! Threat investigation in a Rust notebook: what a cell sees.
//!
//! ```text
//! :dep spot = { path = "../crates/spot" }
//! use spot::prelude::*;
//!
//! let settings = Settings::new().top_results(20);
//! flow::start_investigation(&settings)?;
//! ```
//!
//! The functions of [`flow`] follow the analyst's work: list what was scored high
//! ([`flow::start_investigation`]), search one address ([`flow::search_ip`]), say what it means
//! ([`flow::display_threat_box`], [`flow::save_threat_summary`]). What a click in the panel does, a call
//! in a cell does too, and it shows the same.
//!
//! Under the `spot` kernel the panel is live. On a stock kernel, and when `SPOT_ANCHOR` names
//! addresses (a batch run), results are static: the same tables and figures, no widget.
//!
//! This crate holds no logic of its own: questions are answered by `spot-store`, findings made by
//! `spot-analysis`, markup by `spot-view`, widgets by `evcxr_widgets`.

pub mod dns;
pub mod flow;

mod calls;
mod cancel;
mod case;
mod error;
mod panel;
mod session;
mod settings;
mod show;

pub use error::{Error, Result};
pub use evcxr_widgets;
pub use polars;
pub use settings::Settings;
pub use spot_analysis as analysis;
pub use spot_store as store;
pub use spot_view as view;

/// What a notebook's first cell brings in.
pub mod prelude {
    pub use crate::dns::{self, Scope};
    pub use crate::flow;
    pub use crate::{Error, Result, Settings};
    pub use evcxr_widgets::display;
    pub use polars::prelude::DataFrame;
    pub use spot_analysis::model::{Address, Direction, Investigation, Peer};
    pub use spot_store::{DnsFilter, FlowFilter, Rating};
}
