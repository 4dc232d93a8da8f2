//! A run without a panel: under nbconvert, or on a kernel without widgets.

use evcxr_widgets::display;
use spot_store::DnsWorkbench;
use spot_store::settings::Anchors;

use super::{Anchor, Scope, Suspect, investigate, save, show};
use crate::Result;
use crate::show::saved;

/// Shows the list, then each anchor's finding; saves when a title or text is given.
pub(super) fn run(bench: &DnsWorkbench, suspects: &[Suspect]) -> Result<()> {
    show::suspects(bench, suspects);
    let anchors: Vec<Anchor> = match &bench.settings().dns_anchors {
        None => Vec::new(),
        Some(Anchors::All) => suspects.iter().map(|suspect| suspect.anchor.clone()).collect(),
        Some(Anchors::These(these)) => these.clone(),
    };
    let (title, text) = (&bench.settings().title, &bench.settings().text);
    let saves = title.is_some() || text.is_some();
    for anchor in anchors {
        let found = investigate(bench, &anchor, Scope::Exact)?;
        // An anchor without answers on this day is a state of the report, not a reason to stop it.
        let written = match saves && found.facts.answers > 0 {
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
