//! What holds for any answers: sums are the sums of the rows, and order does not matter.

use spot_analysis::dns::{Counts, Investigation, Scope};

use super::{Answer, client, query, search};
use crate::given::{Lcg, Outcome, day};

/// A day that a small generator makes: many clients, names of three domains, odd values.
fn made(rows: u64) -> Vec<Answer> {
    let mut lcg = Lcg(7);
    let mut next = |limit| lcg.below(limit);
    (0..rows)
        .map(|_| {
            let dot = if next(5) == 0 { "." } else { "" };
            let name = format!(
                "{}{}.evil.{}{dot}",
                ["a", "A", "b"][next(3) as usize],
                next(4),
                ["com", "ORG", "co.uk"][next(3) as usize]
            );
            Answer {
                time: (next(20) > 0)
                    .then(|| day().and_hms_opt(next(24) as u32, next(60) as u32, 7))
                    .flatten(),
                client: Some(format!("10.0.0.{}", next(6))),
                server: (next(9) > 0).then(|| format!("10.1.0.{}", next(3))),
                name: (next(30) > 0).then_some(name),
                class: Some(["0x00000001", "0x00000003", ""][next(3) as usize].to_owned()),
                kind: (next(30) > 0).then(|| next(4) as i32),
                rcode: (next(30) > 0).then(|| next(5) as i32),
                answers: (next(2) > 0).then(|| format!("192.0.2.{}|192.0.2.{}", next(9), next(9))),
            }
        })
        .collect()
}

fn searches(all: &[Answer]) -> Outcome<Vec<Investigation>> {
    [
        (client("10.0.0.3"), Scope::Exact),
        (query("A1.evil.com"), Scope::Exact),
        (query("a1.evil.com"), Scope::RegisteredDomain),
        (query("evil"), Scope::Substring("evil".to_owned())),
    ]
    .into_iter()
    .map(|(anchor, scope)| search(all, anchor, scope))
    .collect()
}

#[test]
fn totals_are_counts_of_rows() -> Outcome {
    let all = made(3_000);
    for found in searches(&all)? {
        let answers = found.facts.answers;
        assert!(answers > 0 && answers == found.provenance.rows);
        assert_eq!(found.rows.iter().map(|row| row.total).sum::<u64>(), answers);
        assert_eq!(found.timeline.lanes.iter().map(|lane| lane.answers).sum::<u64>(), answers);
        let of = |counts: &Counts| counts.iter().map(|(_, n)| n).sum::<u64>();
        for counts in [&found.facts.types, &found.facts.classes, &found.facts.rcodes] {
            assert_eq!(of(counts), answers);
        }
        for row in &found.rows {
            assert_eq!([of(&row.types), of(&row.classes), of(&row.rcodes)], [row.total; 3]);
            // A plain count of the answers between the two.
            let plain = all.iter().filter(|answer| {
                let name = answer.name.as_deref().unwrap_or_default();
                answer.client.as_deref() == Some(row.client.as_str())
                    && name.trim_end_matches('.').eq_ignore_ascii_case(row.name.as_str())
            });
            assert_eq!(plain.count() as u64, row.total);
        }
        let nxdomain = found.rows.iter().map(|row| row.nxdomain).sum::<u64>();
        assert_eq!(nxdomain, found.facts.nxdomain);
        assert_eq!(found.timeline.lanes.iter().map(|lane| lane.nxdomain).sum::<u64>(), nxdomain);
        let binned = |bins: &[spot_analysis::dns::Bin]| bins.iter().map(|b| b.answers).sum::<u64>();
        let lanes = found.timeline.lanes.iter().map(|lane| binned(&lane.bins)).sum::<u64>();
        assert_eq!(lanes, binned(&found.timeline.bins));
    }
    Ok(())
}

#[test]
fn the_order_of_rows_does_not_matter() -> Outcome {
    let all = made(500);
    let backwards: Vec<Answer> = all.iter().rev().cloned().collect();
    let texts = |found: &[Investigation]| serde_json::to_string(found).unwrap_or_default();
    let (a, b) = (searches(&all)?, searches(&backwards)?);
    assert_eq!(texts(&a), texts(&b));
    for (a, b) in a.iter().zip(&b) {
        let raw = |found: &Investigation| -> Vec<String> {
            found.rows.iter().map(|row| row.name.raw().to_owned()).collect()
        };
        assert_eq!(raw(a), raw(b));
    }
    Ok(())
}
