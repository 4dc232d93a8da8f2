//! The list of suspects: F-10, F-11, F-12.

use std::collections::BTreeSet;

use polars::prelude::*;
use spot_analysis::model::Address;
use spot_analysis::network::Network;
use spot_analysis::threats::suspects;

use crate::given::{Outcome, numbers, texts, words};

/// Lines of `scored_at tstart srcip srcport dstip dstport score`.
const SCORED: &str = "
    4 09:00 10.0.0.9     50001 203.0.113.9 443  1
    1 09:01 10.0.0.9     50002 203.0.113.9 443  1
    2 09:02 10.0.0.9     50002 203.0.113.9 443  1
    3 09:02 10.0.0.9     50002 203.0.113.9 443  1
    1 09:03 10.0.0.10    50003 192.0.2.1   22   1
    9 09:03 10.0.0.10    50003 192.0.2.1   22   3
    9 09:04 10.0.0.100   50004 192.0.2.2   8080 1
    1 09:04 10.0.0.100   50004 192.0.2.2   8080 3
    1 09:05 192.0.2.3    50005 10.0.0.9    70000 1
    1 09:06 ::ffff:10.0.0.9 1  10.0.0.9    7    1
    1 09:07 10.0.0.77    1     10.0.0.78   7    2
";

fn table() -> Outcome<DataFrame> {
    let lines = words(SCORED);
    Ok(df!(
        "scored_at" => numbers(&lines, 0)?,
        "tstart" => texts(&lines, 1),
        "srcip" => texts(&lines, 2),
        "srcport" => numbers(&lines, 3)?,
        "dstip" => texts(&lines, 4),
        "dstport" => numbers(&lines, 5)?,
        "score" => numbers(&lines, 6)?,
    )?)
}

/// Suspects as `address side source+destination=rows ports saved`.
fn lines(table: &DataFrame) -> Outcome<Vec<String>> {
    let saved = BTreeSet::from([Address::new("203.0.113.9")]);
    let suspects = suspects(table, &Network::default(), &saved)?;
    Ok(suspects
        .iter()
        .map(|suspect| {
            format!(
                "{} {} {}+{}={} {:?}{}",
                suspect.address,
                if suspect.side.inside { "inside" } else { "outside" },
                suspect.as_source,
                suspect.as_destination,
                suspect.high_rows,
                suspect.ports,
                if suspect.saved { " saved" } else { "" },
            )
        })
        .collect())
}

#[test]
fn both_ends_with_their_role_in_numeric_order_and_the_latest_score_wins() -> Outcome {
    let table = table()?;
    assert_eq!(
        lines(&table)?,
        [
            "10.0.0.9 inside 4+2=5 [7, 443]",
            "10.0.0.100 inside 1+0=1 [8080]",
            "192.0.2.2 outside 0+1=1 [8080]",
            "192.0.2.3 outside 1+0=1 []",
            "203.0.113.9 outside 0+3=3 [443] saved",
        ]
    );
    // Without the column the order of rows tells: the 8080 connection was scored low last.
    assert_eq!(
        lines(&table.drop("scored_at")?)?,
        [
            "10.0.0.9 inside 4+2=5 [7, 443]",
            "192.0.2.3 outside 1+0=1 []",
            "203.0.113.9 outside 0+3=3 [443] saved",
        ]
    );
    assert_eq!(lines(&table.head(Some(0)))?, [""; 0]);
    assert!(lines(&table.drop("score")?).is_err());
    Ok(())
}
