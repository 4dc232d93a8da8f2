//! The DNS investigation, in the order of the analyst's work.
//!
//! The names are those of Spot's DNS Threat Investigation notebook. Each function shows what the same
//! step in the panel shows, and gives the finding back for further work in polars.

use std::sync::Arc;

use evcxr_widgets::{Select, display};
use polars::prelude::DataFrame;
use spot_store::settings::dns_anchor;
use spot_store::{DnsWorkbench, Pipeline, Saved};

use crate::panel::ThreatBox;
use crate::session::Session;
use crate::show::saved;
use crate::{Error, Result, Settings};

mod headless;
mod panel;
mod show;

pub use crate::panel::{WidgetConfiguration, configure_widgets};
pub use spot_analysis::dns::{Anchor, Investigation, Name, Row, Scope, Suspect};

use panel::Panel;

static SESSION: Session<DnsWorkbench, Panel, Investigation> = Session::new();

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
    let bench = Arc::new(DnsWorkbench::open(settings.resolve(Pipeline::Dns)?)?);
    if let Some(old) = SESSION.open(bench.clone()) {
        old.close();
    }
    let suspects = data_loader()?;
    if evcxr_widgets::is_live() && bench.settings().dns_anchors.is_none() {
        return display_controls(&suspects);
    }
    headless::run(&bench, &suspects)
}

/// The clients and the names that were scored high on the day, told apart by type.
///
/// Fails when no investigation is open, or the threat list cannot be read.
pub fn data_loader() -> Result<Vec<Suspect>> {
    Ok(SESSION.bench()?.suspects()?)
}

/// Shows the panel for a threat list: the list, other clients and names, Search.
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

/// Fills a list widget: [`SELECT`] first, then a line for each suspect.
pub fn fill_list(list: &Select, source: &[Suspect]) {
    let lines = source.iter().map(show::label);
    list.set_options(std::iter::once(SELECT.to_owned()).chain(lines));
}

/// The expanded search for a client: the names that it asked for, most active first.
///
/// `ip` is any address, IPv4 or IPv6, scored or not; what is no address is searched as a name. A
/// client without answers is an empty finding, not an error.
/// Fails when the day's files cannot be read.
pub fn search_ip(ip: &str) -> Result<Investigation> {
    search(&dns_anchor(ip)?, Scope::Exact)
}

/// The expanded search for a name: the clients that asked for it, most active first. Case and a final
/// dot make no difference.
///
/// Fails when the day's files cannot be read.
pub fn search_query(name: &str) -> Result<Investigation> {
    search(&Anchor::Query(Name::new(name)), Scope::Exact)
}

/// As [`search_query`], for the whole registered domain (`Scope::RegisteredDomain`) or for all names
/// that contain a text (`Scope::Substring`).
pub fn search_query_in(name: &str, scope: Scope) -> Result<Investigation> {
    search(&Anchor::Query(Name::new(name)), scope)
}

fn search(anchor: &Anchor, scope: Scope) -> Result<Investigation> {
    let bench = SESSION.bench()?;
    let found = investigate(&bench, anchor, scope)?;
    show::investigation(&bench, &found)?;
    Ok(Arc::unwrap_or_clone(found))
}

/// Searches without showing; remembers the finding as the last one.
fn investigate(bench: &DnsWorkbench, anchor: &Anchor, scope: Scope) -> Result<Arc<Investigation>> {
    let found = Arc::new(bench.investigate(anchor, &scope)?);
    SESSION.set_last(found.clone());
    Ok(found)
}

/// The finding of the last search in this notebook, by click or by call.
pub fn last_investigation() -> Option<Investigation> {
    SESSION.last().map(Arc::unwrap_or_clone)
}

/// All rows of a finding as a polars frame, in the order given.
pub fn rows_frame(rows: &[Row]) -> Result<DataFrame> {
    Ok(spot_analysis::dns::frames::rows_frame(rows)?)
}

/// Shows Title and Comments for a client or a name, filled from its saved story, with Save.
///
/// Without live widgets it shows the saved story, and how to save from a cell.
pub fn display_threat_box(about: &str) -> Result<()> {
    let bench = SESSION.bench()?;
    let about = dns_anchor(about)?;
    if evcxr_widgets::is_live() && bench.settings().dns_anchors.is_none() {
        let form = ThreatBox::new();
        panel::fill(&form, &bench, &about, Scope::Exact)?;
        form.show();
        return Ok(());
    }
    show::story(&bench, &about)
}

/// Saves what the analyst says about a client or a name: story, dendrogram rows (all of them) and
/// the line of `threats.csv`.
///
/// Everything is computed again from the tables, and published at once: on an error nothing has
/// changed. Saving again replaces the earlier story. Shows what was written.
/// Fails when there are no answers, or the output folder cannot be written.
pub fn save_threat_summary(about: &str, title: &str, text: &str) -> Result<Saved> {
    let bench = SESSION.bench()?;
    let found = investigate(&bench, &dns_anchor(about)?, Scope::Exact)?;
    let written = save(&bench, &found, title, text)?;
    display::show(saved(found.anchor.as_str(), &written));
    Ok(written)
}

fn save(bench: &DnsWorkbench, found: &Investigation, title: &str, text: &str) -> Result<Saved> {
    if found.facts.answers == 0 {
        return Err(Error::Use(format!(
            "{} has no answers on {}: there is nothing to save.",
            found.anchor, found.day
        )));
    }
    let saved = bench.save(found, title, text)?;
    if let Some(panel) = SESSION.panel() {
        panel.refresh();
    }
    Ok(saved)
}

/// All rows of the day's `dns` table as a polars frame, columns as Spot names them, for questions
/// of your own. The whole day is held in memory.
///
/// Fails when the day has no rows, or its files cannot be read.
pub fn day_frame(settings: &Settings) -> Result<DataFrame> {
    Ok(DnsWorkbench::open(settings.resolve(Pipeline::Dns)?)?.frame()?)
}

/// Shows columns of any polars frame as a table: the first `top` rows, and of how many.
///
/// Fails when a column is not there; the error names it.
pub fn display_results(cols: &[&str], dataframe: &DataFrame, top: usize) -> Result<()> {
    crate::show::frame(cols, dataframe, top)
}

/// Removes one part of the panel, by its place from the top (0: the list with its controls, 1: the
/// rows to page through, 2: the threat box).
///
/// Fails when there is no panel or no such part.
pub fn remove_widget(index: usize) -> Result<()> {
    let panel =
        SESSION.panel().ok_or_else(|| Error::Use("There is no panel in this notebook.".into()))?;
    panel.remove(index)
}
