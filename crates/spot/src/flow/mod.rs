//! The Flow investigation, in the order of the analyst's work.
//!
//! The names are those of Spot's Flow Threat Investigation notebook. Each function shows what the
//! same step in the panel shows, and gives the finding back for further work in polars.

use std::path::PathBuf;

use polars::prelude::DataFrame;
use spot_analysis::model::{Investigation, Peer};
use spot_store::{Bench, Flow, FlowFilter, HeldInfo, PipelineKind as _, Rating, Saved, Suspect};

use crate::case::Case as _;
use crate::{Result, Settings, calls, panel};

mod case;
mod edge;
mod peers;

pub use crate::panel::{WidgetConfiguration, configure_widgets};
pub use crate::show::display_results;
pub use spot_analysis::Conns;

/// Opens the day: reads who was scored high, and shows the list with its controls.
///
/// An earlier panel of this notebook is closed. With `SPOT_ANCHOR` set (or on a stock kernel) nothing
/// is live: the list is a table, each anchor named is searched and shown below it, and saved
/// when `SPOT_TITLE` or `SPOT_TEXT` is set.
///
/// Fails when the data folder, its tables or the day cannot be read; the error names the thing.
pub fn start_investigation(settings: &Settings) -> Result<()> {
    calls::start::<Flow>(settings)
}

/// Opens the Edge Investigation: the day's least likely rows (`flow_scores`), to be rated High, Medium or
/// Low, one or many at once; the last score counts. What is rated High is what
/// [`start_investigation`] lists.
///
/// With `SPOT_ANCHOR` set (or on a stock kernel) the rows are a table.
///
/// Fails when the data folder, its tables or the day cannot be read.
pub fn start_edge_investigation(settings: &Settings) -> Result<()> {
    panel::start_edge(Bench::<Flow>::open(settings.resolve(Flow::PIPELINE)?)?)
}

/// Rates rows from a cell, `why` may be empty; gives how many there were. Where machine learning was not
/// run a row is a conversation: see `spot score`.
///
/// Fails when `of` names nothing, or the folder cannot be written; nothing is changed then.
pub fn score(settings: &Settings, of: FlowFilter, rating: Rating, why: &str) -> Result<u64> {
    panel::score::<Flow>(settings, of, rating, why)
}

/// Shows the panel for a threat list: the list, other addresses, Search.
///
/// Fails when no investigation is open.
pub fn display_controls(suspects: &[Suspect]) -> Result<()> {
    calls::controls::<Flow>(suspects)
}

/// The expanded search: everything about one address on the day, shown and given back.
///
/// `ip` is any address, IPv4 or IPv6, scored or not. An address without flows is an empty finding,
/// not an error. Fails when `ip` is no address, or the day's files cannot be read.
pub fn search_ip(ip: &str) -> Result<Investigation> {
    calls::search::<Flow>(&Flow::anchor(ip)?)
}

/// The finding of the last search in this notebook, by click or by call.
pub fn last_investigation() -> Option<Investigation> {
    calls::last::<Flow>()
}

/// The peers of a finding by class: inbound, outbound and two-way. Every peer is in exactly one.
pub fn get_in_out_and_twoway_conns(found: &Investigation) -> Conns {
    spot_analysis::get_in_out_and_twoway_conns(&found.peers)
}

/// The `top` peers with most bytes both ways; ties by connections, then by address.
pub fn get_top_bytes(conns: &[Peer], top: usize) -> Vec<Peer> {
    spot_analysis::top::get_top_bytes(conns, top)
}

/// The `top` peers with most connections; ties by bytes, then by address.
pub fn get_top_conns(conns: &[Peer], top: usize) -> Vec<Peer> {
    spot_analysis::top::get_top_conns(conns, top)
}

/// Peers as a polars frame, a row each, in the order given.
pub fn peers_frame(peers: &[Peer]) -> Result<DataFrame> {
    Ok(spot_analysis::frames::peers_frame(peers)?)
}

/// Shows Title and Comments for an address, filled from its saved story, with Save.
///
/// Without live widgets it shows the saved story, and how to save from a cell.
/// Fails when `ip` is no address, or no investigation is open.
pub fn display_threat_box(ip: &str) -> Result<()> {
    calls::threat_box::<Flow>(ip)
}

/// Saves what the analyst says about an address: story, timeline, and the files for Spot's pages.
///
/// Everything is computed again from the tables, and published at once: on an error nothing has
/// changed. Saving again replaces the earlier story. Shows what was written.
/// Fails when the address has no flows, or the output folder cannot be written.
pub fn save_threat_summary(ip: &str, title: &str, text: &str) -> Result<Saved> {
    calls::save::<Flow>(&Flow::anchor(ip)?, title, text)
}

/// Writes the report about an address, a page that needs no kernel and no network, below `folder`
/// (`flow/2016-07-08/..html`) and gives its path. A report that is there of the same inputs is kept.
///
/// Fails when `ip` is no address, no investigation is open, or the folder cannot be written.
pub fn write_report(ip: &str, folder: &str) -> Result<PathBuf> {
    calls::report::<Flow>(ip, folder)
}

/// All rows of the day's `flow` table as a polars frame, columns as Spot names them, for questions
/// of your own. The whole day is held in memory.
///
/// Fails when the day has no rows, or its files cannot be read.
pub fn day_frame(settings: &Settings) -> Result<DataFrame> {
    calls::day_frame::<Flow>(settings)
}

/// What the notebook holds in memory of the open day, of both pipelines: big days are held after their
/// first search, within `SPOT_HOLD_MB`, so that the next one reads no file.
///
/// Fails when no investigation is open.
pub fn held() -> Result<HeldInfo> {
    calls::held::<Flow>()
}

/// Removes one part of the panel, by its place from the top (0: the list with its controls, 1: the
/// search of peers, 2: the threat box).
///
/// Fails when there is no panel or no such part.
pub fn remove_widget(index: usize) -> Result<()> {
    calls::remove_widget::<Flow>(index)
}
