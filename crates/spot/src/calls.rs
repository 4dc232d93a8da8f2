//! What the functions of both investigations do alike: each shows what the same step of the panel shows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use evcxr_widgets::display;
use polars::prelude::DataFrame;
use spot_report::{Done, Options};
use spot_store::settings::Anchors;
use spot_store::{Bench, HeldInfo, Saved};

use crate::cancel::cancellable;
use crate::case::Case;
use crate::panel::{Panel, ThreatBox, threat_box};
use crate::show::{self, saved};
use crate::{Error, Result, Settings};

/// Opens the day; shows the panel, or what a run without one is to show.
pub(crate) fn start<C: Case>(settings: &Settings) -> Result<()> {
    let bench = Arc::new(Bench::<C>::open(settings.resolve(C::PIPELINE)?)?);
    if let Some(old) = C::session().open(bench.clone()) {
        old.close();
    }
    let suspects = C::suspects(&bench)?;
    match is_live(&bench) {
        true => controls::<C>(&suspects),
        false => without_panel::<C>(&bench, &suspects),
    }
}

fn is_live<C: Case>(bench: &Bench<C>) -> bool {
    evcxr_widgets::is_live() && C::anchors(bench.settings()).is_none()
}

/// Shows the panel for a threat list.
pub(crate) fn controls<C: Case>(suspects: &[C::Suspect]) -> Result<()> {
    let panel = Panel::<C>::open(C::session().bench()?, suspects);
    if let Some(old) = C::session().set_panel(panel.clone()) {
        old.close();
    }
    panel.show();
    Ok(())
}

/// Shows the list, then each anchor's finding; saves when a title or text is given.
fn without_panel<C: Case>(bench: &Arc<Bench<C>>, suspects: &[C::Suspect]) -> Result<()> {
    show::suspects::<C>(bench, suspects)?;
    let settings = bench.settings();
    let Some(wanted) = C::anchors(settings) else { return Ok(()) };
    let anchors: Vec<C::Anchor> = match wanted {
        Anchors::All => suspects.iter().map(|s| C::suspected(s).clone()).collect(),
        Anchors::These(these) => these.clone(),
    };
    let saves = settings.title.is_some() || settings.text.is_some();
    let [title, text] = [&settings.title, &settings.text].map(|t| t.clone().unwrap_or_default());
    let several = anchors.len() > 1;
    if let Some(folder) = &settings.report {
        show::reports(bench, &reports(bench, wanted, folder)?);
    }
    // Of a big day the searches then read no file.
    if several && let Some(held) = bench.hold() {
        drop(held.join());
    }
    for anchor in anchors {
        // Somebody may have scored a row that names no address: the others are searched all the same.
        if let Err(why) = C::anchor(&anchor.to_string()) {
            display::show(show::error(&why));
            continue;
        }
        let found = find(bench, &C::question(anchor.clone(), None))?;
        // An anchor without rows on this day is a state of the report, not a reason to stop it.
        let written = match saves && C::rows(&found) > 0 {
            true => Some(keep(bench, &found, &title, &text)?),
            false => None,
        };
        display::show(C::bundle(bench, &found)?);
        if let Some(written) = written {
            display::show(saved(&anchor.to_string(), &written));
        }
    }
    Ok(())
}

/// Writes a report for each of `anchors`, from one pass over the day.
pub(crate) fn reports<C: Case>(
    bench: &Arc<Bench<C>>,
    anchors: &Anchors<C::Anchor>,
    folder: &Path,
) -> Result<Done> {
    let (bench, anchors, options) = (bench.clone(), anchors.clone(), Options::new(folder));
    cancellable(move || Ok(spot_report::run(&bench, &anchors, &options, &|_| ())?))
}

/// Writes the report about one anchor and says where it is.
pub(crate) fn report<C: Case>(about: &str, folder: &str) -> Result<PathBuf> {
    let bench = C::session().bench()?;
    let anchors = Anchors::These(vec![C::anchor(about)?]);
    let done = reports(&bench, &anchors, Path::new(folder))?;
    if let Some(failure) = done.first_failure() {
        return Err(failure.into());
    }
    display::show(show::note(&format!("The report is {}", done.page.display())));
    Ok(done.page)
}

/// Searches and shows.
pub(crate) fn search<C: Case>(question: &C::Question) -> Result<C::Found> {
    let bench = C::session().bench()?;
    let found = find(&bench, question)?;
    display::show(C::bundle(&bench, &found)?);
    bench.hold();
    Ok(Arc::unwrap_or_clone(found))
}

/// Searches without showing; remembers the finding as the last one.
pub(crate) fn find<C: Case>(
    bench: &Arc<Bench<C>>,
    question: &C::Question,
) -> Result<Arc<C::Found>> {
    let (own, question) = (bench.clone(), question.clone());
    let found = Arc::new(cancellable(move || C::investigate(&own, &question))?);
    C::session().set_last(found.clone());
    Ok(found)
}

/// The finding of the last search.
pub(crate) fn last<C: Case>() -> Option<C::Found> {
    C::session().last().map(Arc::unwrap_or_clone)
}

/// Shows Title, Comments and Save; without live widgets the saved story, and how to save.
pub(crate) fn threat_box<C: Case>(about: &str) -> Result<()> {
    let bench = C::session().bench()?;
    let anchor = C::anchor(about)?;
    if !is_live(&bench) {
        let story = bench.story(&anchor)?;
        show::story(C::PIPELINE, &anchor.to_string(), story.as_ref());
        return Ok(());
    }
    let form = ThreatBox::new();
    threat_box::fill(&form, &bench, &C::question(anchor, None))?;
    form.show();
    Ok(())
}

/// Searches again, saves, and shows what was written.
pub(crate) fn save<C: Case>(question: &C::Question, title: &str, text: &str) -> Result<Saved> {
    let bench = C::session().bench()?;
    let found = find(&bench, question)?;
    let written = keep(&bench, &found, title, text)?;
    display::show(saved(&C::about(question).to_string(), &written));
    Ok(written)
}

/// Saves without showing; the panel's list follows.
pub(crate) fn keep<C: Case>(
    bench: &Bench<C>,
    found: &C::Found,
    title: &str,
    text: &str,
) -> Result<Saved> {
    let saved = C::save(bench, found, title, text)?;
    if let Some(panel) = C::session().panel() {
        panel.refresh();
    }
    Ok(saved)
}

/// All rows of the day's raw table.
pub(crate) fn day_frame<C: Case>(settings: &Settings) -> Result<DataFrame> {
    Ok(Bench::<C>::open(settings.resolve(C::PIPELINE)?)?.frame()?)
}

/// What is held in memory of the open day.
pub(crate) fn held<C: Case>() -> Result<HeldInfo> {
    Ok(C::session().bench()?.store().held())
}

/// Removes one part of the panel.
pub(crate) fn remove_widget<C: Case>(index: usize) -> Result<()> {
    let panel = C::session().panel();
    let panel = panel.ok_or_else(|| Error::Use("There is no panel in this notebook.".into()))?;
    panel.remove(index)
}
