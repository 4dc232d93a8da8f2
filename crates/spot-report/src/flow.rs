//! Reports about addresses.

use spot_analysis::dns::cross::Resolved;
use spot_analysis::evidence::{self, Reason};
use spot_analysis::model::{Address, Investigation};
use spot_store::layout::file_stem;
use spot_store::settings::Anchors;
use spot_store::{Comment, Flow, FlowRows, Result, Settings, Workbench, side_by_side};
use spot_view::report::{self, FlowReport};
use spot_view::result::Story;

use crate::kind::{Line, Reported};

/// An address's day.
pub struct Found {
    found: Investigation,
    rows: FlowRows,
    reasons: Vec<Reason>,
    resolved: Vec<Resolved>,
}

impl Reported for Flow {
    type Material = Found;

    fn anchors(settings: &Settings) -> Option<&Anchors> {
        settings.anchors.as_ref()
    }

    fn scored(bench: &Workbench) -> Result<Vec<(Address, u64)>> {
        let suspects = bench.suspects()?.into_iter();
        Ok(suspects.map(|suspect| (suspect.address, suspect.high_rows)).collect())
    }

    fn refused(anchor: &Address) -> Option<String> {
        anchor.ip().is_none().then(|| "the threat list names no address here".to_owned())
    }

    fn stem(anchor: &Address) -> String {
        file_stem(anchor)
    }

    fn find(bench: &Workbench, anchors: &[Address]) -> Result<Vec<Found>> {
        let rows = bench.rows_each(anchors)?;
        let both: Vec<_> = anchors.iter().zip(&rows).collect();
        let found = side_by_side(&both, |(anchor, rows)| bench.found(anchor, rows));
        let found = found.into_iter().collect::<Result<Vec<_>>>()?;
        let histories = bench.history_each(anchors, &rows)?;
        let peers =
            found.iter().map(|found| found.peers.iter().map(|p| p.address.clone()).collect());
        let resolved = bench.resolved_to_each(&peers.collect::<Vec<_>>())?;
        let both: Vec<_> = found.iter().zip(&rows).collect();
        let reasons = side_by_side(&both, |(found, rows)| evidence::of_flows(found, &rows.frame));
        let reasons = reasons.into_iter().collect::<spot_analysis::Result<Vec<_>>>()?;
        let all = found.into_iter().zip(histories).zip(rows).zip(resolved).zip(reasons);
        Ok(all
            .map(|((((found, history), rows), mut resolved), reasons)| {
                let found = Investigation { history, ..found };
                resolved.sort_by_key(|one| std::cmp::Reverse(one.answers));
                Found { found, rows, resolved, reasons }
            })
            .collect())
    }

    fn page(
        bench: &Workbench,
        found: &Found,
        story: Option<&Comment>,
        up: Option<&'static str>,
    ) -> Result<String> {
        Ok(report::flow(&FlowReport {
            found: &found.found,
            rows: &found.rows.frame,
            resolved: &found.resolved,
            story: story.map(|story| Story {
                title: &story.title,
                text: &story.text,
                saved_at: None,
            }),
            top_results: bench.settings().top_results,
            zone: bench.settings().zone,
            up,
        }))
    }

    fn line(Found { found, reasons, .. }: &Found, story: Option<&Comment>) -> Line {
        Line {
            about: found.anchor.to_string(),
            kind: if found.side.inside { "inside" } else { "outside" }.to_owned(),
            high_rows: found.high_rows,
            rows: found.facts.connections,
            peers: found.facts.peers,
            bytes: Some(found.facts.bytes_in.saturating_add(found.facts.bytes_out)),
            reasons: reasons.clone(),
            story: story.map(|story| story.title.clone()),
            flags: (found.flags.len() + found.peers.iter().filter(|p| !p.flags.is_empty()).count())
                as u64,
        }
    }
}
