//! Reports about clients and names.

use spot_analysis::dns::cross::Followed;
use spot_analysis::dns::{Anchor, Investigation, Scope};
use spot_analysis::evidence;
use spot_store::layout::dns_file_stem;
use spot_store::settings::Anchors;
use spot_store::{Comment, Dns, DnsWorkbench, Result, Settings, side_by_side};
use spot_view::report::{self, DnsReport};
use spot_view::result::Story;

use crate::kind::{Line, Reported};

/// The day of a client or of a name.
pub struct Found {
    found: Investigation,
    /// The flows that followed, and of how many pairs; where the folder has flows.
    followed: Option<(Vec<Followed>, u64)>,
}

impl Reported for Dns {
    type Material = Found;

    fn anchors(settings: &Settings) -> Option<&Anchors<Anchor>> {
        settings.dns_anchors.as_ref()
    }

    fn scored(bench: &DnsWorkbench) -> Result<Vec<(Anchor, u64)>> {
        let suspects = bench.suspects()?.into_iter();
        Ok(suspects.map(|suspect| (suspect.anchor, suspect.high_rows)).collect())
    }

    fn refused(_: &Anchor) -> Option<String> {
        None
    }

    fn stem(anchor: &Anchor) -> String {
        dns_file_stem(anchor)
    }

    fn find(bench: &DnsWorkbench, anchors: &[Anchor]) -> Result<Vec<Found>> {
        let rows = bench.rows_each(anchors)?;
        let both: Vec<_> = anchors.iter().zip(&rows).collect();
        let found = side_by_side(&both, |(anchor, rows)| bench.found(anchor, &Scope::Exact, rows));
        let found = found.into_iter().collect::<Result<Vec<_>>>()?;
        let histories = bench.history_each(anchors, &rows)?;
        let followed = match bench.has_flows() {
            true => bench.followed_by_each(&rows)?.into_iter().map(Some).collect(),
            false => vec![None; found.len()],
        };
        let all = found.into_iter().zip(histories).zip(followed);
        Ok(all
            .map(|((found, history), followed)| Found {
                found: Investigation { history, ..found },
                followed,
            })
            .collect())
    }

    fn page(
        bench: &DnsWorkbench,
        found: &Found,
        story: Option<&Comment<Anchor>>,
        up: Option<&'static str>,
    ) -> Result<String> {
        let followed = found.followed.as_ref();
        Ok(report::dns(&DnsReport {
            found: &found.found,
            followed: followed.map_or(&[], |(followed, _)| followed.as_slice()),
            pairs: followed.map_or(0, |(_, pairs)| *pairs),
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

    fn line(Found { found, .. }: &Found, story: Option<&Comment<Anchor>>) -> Line {
        let (kind, peers) = match found.anchor {
            Anchor::Client(_) => ("client", found.facts.names),
            Anchor::Query(_) => ("name", found.facts.clients),
        };
        Line {
            about: found.anchor.to_string(),
            kind: kind.to_owned(),
            high_rows: found.high_rows,
            rows: found.facts.answers,
            peers,
            bytes: None,
            reasons: evidence::of_answers(found),
            story: story.map(|story| story.title.clone()),
            flags: (found.flags.len() + found.rows.iter().filter(|r| !r.flags.is_empty()).count())
                as u64,
        }
    }
}
