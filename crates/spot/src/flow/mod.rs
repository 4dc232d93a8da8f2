//! The Flow investigation, in the order of the analyst's work.
//!
//! The names are those of Spot's Flow Threat Investigation notebook. Each function shows what the
//! same step in the panel shows, and gives the finding back for further work in polars.

use std::sync::Arc;

use evcxr_widgets::display;
use polars::prelude::DataFrame;
use spot_analysis::model::{Address, Investigation, Peer};
use spot_store::{Pipeline, Saved, Suspect, Workbench};

use crate::panel::ThreatBox;
use crate::session::Session;
use crate::show::saved;
use crate::{Error, Result, Settings};

mod headless;
mod panel;
mod show;

pub use crate::panel::{WidgetConfiguration, configure_widgets};
pub use spot_analysis::Conns;

use panel::Panel;

static SESSION: Session<Workbench, Panel, Investigation> = Session::new();

/// Opens the day: reads who was scored high, and shows the list with its controls.
///
/// An earlier panel of this notebook is closed. With `SPOT_ANCHOR` set (or on a stock kernel) nothing
/// is live: the list is a table, each anchor named is searched and shown below it, and saved
/// when `SPOT_TITLE` or `SPOT_TEXT` is set.
///
/// Fails when the data folder, its tables or the day cannot be read; the error names the thing.
pub fn start_investigation(settings: &Settings) -> Result<()> {
    let bench = Arc::new(Workbench::open(settings.resolve(Pipeline::Flow)?)?);
    if let Some(old) = SESSION.open(bench.clone()) {
        old.close();
    }
    let suspects = bench.suspects()?;
    if evcxr_widgets::is_live() && bench.settings().anchors.is_none() {
        return display_controls(&suspects);
    }
    headless::run(&bench, &suspects)
}

/// Shows the panel for a threat list: the list, other addresses, Search.
///
/// Fails when no investigation is open.
pub fn display_controls(suspects: &[Suspect]) -> Result<()> {
    let panel = Panel::open(SESSION.bench()?, suspects);
    if let Some(old) = SESSION.set_panel(panel.clone()) {
        old.close();
    }
    panel.show();
    Ok(())
}

/// The expanded search: everything about one address on the day, shown and given back.
///
/// `ip` is any address, IPv4 or IPv6, scored or not. An address without flows is an empty finding,
/// not an error. Fails when `ip` is no address, or the day's files cannot be read.
pub fn search_ip(ip: &str) -> Result<Investigation> {
    let bench = SESSION.bench()?;
    let found = investigate(&bench, ip)?;
    show::investigation(&bench, &found)?;
    Ok(Arc::unwrap_or_clone(found))
}

/// Searches without showing; remembers the finding as the last one.
fn investigate(bench: &Workbench, ip: &str) -> Result<Arc<Investigation>> {
    let address = Address::new(ip);
    if address.ip().is_none() {
        let shown = spot_view::plain(ip.trim());
        return Err(Error::Use(format!(
            "`{shown}` is no address: give an IPv4 or IPv6 address such as 192.0.2.7 or 2001:db8::7."
        )));
    }
    let found = Arc::new(bench.investigate(&address)?);
    SESSION.set_last(found.clone());
    Ok(found)
}

/// The finding of the last search in this notebook, by click or by call.
pub fn last_investigation() -> Option<Investigation> {
    SESSION.last().map(Arc::unwrap_or_clone)
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
pub fn display_threat_box(ip: &str) -> Result<()> {
    let bench = SESSION.bench()?;
    let address = Address::new(ip);
    if evcxr_widgets::is_live() && bench.settings().anchors.is_none() {
        let form = ThreatBox::new();
        panel::fill(&form, &bench, &address)?;
        form.show();
        return Ok(());
    }
    show::story(&bench, &address)
}

/// Saves what the analyst says about an address: story, timeline, and the files for Spot's pages.
///
/// Everything is computed again from the tables, and published at once: on an error nothing has
/// changed. Saving again replaces the earlier story. Shows what was written.
/// Fails when the address has no flows, or the output folder cannot be written.
pub fn save_threat_summary(ip: &str, title: &str, text: &str) -> Result<Saved> {
    let bench = SESSION.bench()?;
    let found = investigate(&bench, ip)?;
    let written = save(&bench, &found, title, text)?;
    display::show(saved(found.anchor.as_str(), &written));
    Ok(written)
}

fn save(bench: &Workbench, found: &Investigation, title: &str, text: &str) -> Result<Saved> {
    if found.facts.connections == 0 {
        return Err(Error::Use(format!(
            "{} has no flows on {}: there is nothing to save.",
            found.anchor, found.day
        )));
    }
    let saved = bench.save(found, title, text)?;
    if let Some(panel) = SESSION.panel() {
        panel.refresh();
    }
    Ok(saved)
}

/// All rows of the day's `flow` table as a polars frame, columns as Spot names them, for questions
/// of your own. The whole day is held in memory.
///
/// Fails when the day has no rows, or its files cannot be read.
pub fn day_frame(settings: &Settings) -> Result<DataFrame> {
    Ok(Workbench::open(settings.resolve(Pipeline::Flow)?)?.frame()?)
}

/// Shows columns of any polars frame as a table: the first `top` rows, and of how many.
///
/// Fails when a column is not there; the error names it.
pub fn display_results(cols: &[&str], dataframe: &DataFrame, top: usize) -> Result<()> {
    crate::show::frame(cols, dataframe, top)
}

/// Removes one part of the panel, by its place from the top (0: the list with its controls, 1: the
/// search of peers, 2: the threat box).
///
/// Fails when there is no panel or no such part.
pub fn remove_widget(index: usize) -> Result<()> {
    let panel =
        SESSION.panel().ok_or_else(|| Error::Use("There is no panel in this notebook.".into()))?;
    panel.remove(index)
}
