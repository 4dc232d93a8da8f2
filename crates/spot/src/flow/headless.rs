//! A run without a panel: under nbconvert, or on a kernel without widgets.

use spot_store::settings::Anchors;
use spot_store::{Suspect, Workbench};

use evcxr_widgets::display;

use super::{investigate, save, show};
use crate::Result;
use crate::show::saved;

/// Shows the list, then each anchor's finding; saves when a title or text is given.
pub(super) fn run(bench: &Workbench, suspects: &[Suspect]) -> Result<()> {
    show::suspects(bench, suspects);
    let anchors: Vec<String> = match &bench.settings().anchors {
        None => Vec::new(),
        Some(Anchors::All) => suspects.iter().map(|s| s.address.to_string()).collect(),
        Some(Anchors::These(these)) => these.iter().map(ToString::to_string).collect(),
    };
    let (title, text) = (&bench.settings().title, &bench.settings().text);
    let saves = title.is_some() || text.is_some();
    for anchor in anchors {
        let found = investigate(bench, &anchor)?;
        // An address without flows on this day is a state of the report, not a reason to stop it.
        let written = match saves && found.facts.connections > 0 {
            true => {
                let given = |value: &Option<String>| value.clone().unwrap_or_default();
                Some(save(bench, &found, &given(title), &given(text))?)
            }
            false => None,
        };
        show::investigation(bench, &found)?;
        if let Some(written) = written {
            display::show(saved(found.anchor.as_str(), &written));
        }
    }
    Ok(())
}
