//! The DNS investigation, in the order of the analyst's work.
//!
//! The names are those of Spot's DNS Threat Investigation notebook. Each function shows what the same
//! step in the panel shows, and gives the finding back for further work in polars.

use std::path::PathBuf;

use evcxr_widgets::Select;
use polars::prelude::DataFrame;
use spot_store::{Bench, Dns, DnsFilter, HeldInfo, PipelineKind as _, Rating, Saved};

use crate::case::Case as _;
use crate::{Result, Settings, calls, panel};

mod case;
mod edge;
mod pages;

pub use crate::panel::{WidgetConfiguration, configure_widgets};
pub use crate::show::display_results;
pub use spot_analysis::dns::{Anchor, Investigation, Name, Row, Scope, Suspect};

/// First item of the list: nothing is chosen until the analyst does.
pub const SELECT: &str = "--Select--";

/// Opens the day: reads which clients and names were scored high, and shows the list with its controls.
///
/// An earlier panel of this notebook is closed. With `SPOT_ANCHOR` set (or on a stock kernel) nothing
/// is live: the list is a table, each anchor named is searched and shown below it, and saved
/// when `SPOT_TITLE` or `SPOT_TEXT` is set.
///
/// Fails when the data folder, its tables or the day cannot be read; the error names the thing.
pub fn start_investigation(settings: &Settings) -> Result<()> {
    calls::start::<Dns>(settings)
}

/// The clients and the names that were scored high on the day, told apart by type.
///
/// Fails when no investigation is open, or the threat list cannot be read.
pub fn data_loader() -> Result<Vec<Suspect>> {
    Dns::suspects(&*Dns::session().bench()?)
}

/// Opens the Edge Investigation: the day's least likely rows (`dns_scores`), to be rated High, Medium or
/// Low, one or many at once; the last score counts. What is rated High is what
/// [`start_investigation`] lists.
///
/// With `SPOT_ANCHOR` set (or on a stock kernel) the rows are a table.
///
/// Fails when the data folder, its tables or the day cannot be read.
pub fn start_edge_investigation(settings: &Settings) -> Result<()> {
    panel::start_edge(Bench::<Dns>::open(settings.resolve(Dns::PIPELINE)?)?)
}

/// Rates rows from a cell, `why` may be empty; gives how many there were. Where machine learning was not
/// run a row is a conversation: see `spot score`.
///
/// Fails when `of` names nothing, or the folder cannot be written; nothing is changed then.
pub fn score(settings: &Settings, of: DnsFilter, rating: Rating, why: &str) -> Result<u64> {
    panel::score::<Dns>(settings, of, rating, why)
}

/// Shows the panel for a threat list: the list, other clients and names, Search.
///
/// Fails when no investigation is open.
pub fn display_controls(suspects: &[Suspect]) -> Result<()> {
    calls::controls::<Dns>(suspects)
}

/// Fills a list widget: [`SELECT`] first, then a line for each suspect.
pub fn fill_list(list: &Select, source: &[Suspect]) {
    let lines = source.iter().map(Dns::label);
    list.set_options(std::iter::once(SELECT.to_owned()).chain(lines));
}

/// The expanded search for a client: the names that it asked for, most active first.
///
/// `ip` is any address, IPv4 or IPv6, scored or not; what is no address is searched as a name. A
/// client without answers is an empty finding, not an error.
/// Fails when the day's files cannot be read.
pub fn search_ip(ip: &str) -> Result<Investigation> {
    calls::search::<Dns>(&(Dns::anchor(ip)?, Scope::Exact))
}

/// The expanded search for a name: the clients that asked for it, most active first. Case and a final
/// dot make no difference.
///
/// Fails when the day's files cannot be read.
pub fn search_query(name: &str) -> Result<Investigation> {
    calls::search::<Dns>(&(Anchor::Query(Name::new(name)), Scope::Exact))
}

/// As [`search_query`], for the whole registered domain (`Scope::RegisteredDomain`) or for all names
/// that contain a text (`Scope::Substring`).
pub fn search_query_in(name: &str, scope: Scope) -> Result<Investigation> {
    calls::search::<Dns>(&(Anchor::Query(Name::new(name)), scope))
}

/// The finding of the last search in this notebook, by click or by call.
pub fn last_investigation() -> Option<Investigation> {
    calls::last::<Dns>()
}

/// All rows of a finding as a polars frame, in the order given.
pub fn rows_frame(rows: &[Row]) -> Result<DataFrame> {
    Ok(spot_analysis::dns::frames::rows_frame(rows)?)
}

/// Shows Title and Comments for a client or a name, filled from its saved story, with Save.
///
/// Without live widgets it shows the saved story, and how to save from a cell.
pub fn display_threat_box(about: &str) -> Result<()> {
    calls::threat_box::<Dns>(about)
}

/// Saves what the analyst says about a client or a name: story, dendrogram rows (all of them) and
/// the line of `threats.csv`.
///
/// Everything is computed again from the tables, and published at once: on an error nothing has
/// changed. Saving again replaces the earlier story. Shows what was written.
/// Fails when there are no answers, or the output folder cannot be written.
pub fn save_threat_summary(about: &str, title: &str, text: &str) -> Result<Saved> {
    calls::save::<Dns>(&Dns::question(Dns::anchor(about)?, None), title, text)
}

/// As [`save_threat_summary`], about what [`search_query_in`] finds: the whole registered domain, or all
/// names that contain a text.
pub fn save_threat_summary_in(name: &str, scope: Scope, title: &str, text: &str) -> Result<Saved> {
    calls::save::<Dns>(&(Anchor::Query(Name::new(name)), scope), title, text)
}

/// Writes the report about a client or name, a page that needs no kernel and no network, below `folder`
/// (`dns/2016-07-08/..html`) and gives its path. A report that is there of the same inputs is kept.
///
/// Fails when no investigation is open, or the folder cannot be written.
pub fn write_report(about: &str, folder: &str) -> Result<PathBuf> {
    calls::report::<Dns>(about, folder)
}

/// All rows of the day's `dns` table as a polars frame, columns as Spot names them, for questions
/// of your own. The whole day is held in memory.
///
/// Fails when the day has no rows, or its files cannot be read.
pub fn day_frame(settings: &Settings) -> Result<DataFrame> {
    calls::day_frame::<Dns>(settings)
}

/// What the notebook holds in memory of the open day, of both pipelines: big days are held after their
/// first search, within `SPOT_HOLD_MB`, so that the next one reads no file.
///
/// Fails when no investigation is open.
pub fn held() -> Result<HeldInfo> {
    calls::held::<Dns>()
}

/// Removes one part of the panel, by its place from the top (0: the list with its controls, 1: the
/// rows to page through, 2: the threat box).
///
/// Fails when there is no panel or no such part.
pub fn remove_widget(index: usize) -> Result<()> {
    calls::remove_widget::<Dns>(index)
}
