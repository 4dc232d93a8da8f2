//! The list of clients and names that were scored high.

use std::collections::BTreeSet;

use polars::prelude::*;
use spot_analysis::dns::suspects;

use super::{client, query};
use crate::given::{Outcome, numbers, texts, words};

/// Lines of `unix_tstamp ip_dst dns_qry_name ip_sev dns_sev`.
const SCORED: &str = "
    1 10.0.0.10   b.evil.com    0 1
    1 10.0.0.9    a.evil.com    1 0
    1 10.0.0.10   WWW.good.org. 1 1
    2 10.0.0.10   www.good.org  0 1
    2 10.0.0.10   www.good.org  0 1
    3 10.0.0.11   evil.com      0 1
    3 ::ffff:10.0.0.9 evil.com  1 2
    4 10.0.0.12   was.high.org  1 1
    5 10.0.0.12   was.high.org  3 2
    6 10.0.0.13   10.0.0.9      0 1
    7 10.0.0.14   low.org       2 3
    8 10.0.0.15   both.org      1 0
    9 10.0.0.15   both.org      0 3
";

fn table() -> Outcome<DataFrame> {
    let lines = words(SCORED);
    Ok(df!(
        "unix_tstamp" => numbers(&lines, 0)?,
        "ip_dst" => texts(&lines, 1),
        "dns_qry_name" => texts(&lines, 2),
        "ip_sev" => numbers(&lines, 3)?,
        "dns_sev" => numbers(&lines, 4)?,
    )?)
}

#[test]
fn clients_by_number_then_names_by_domain_each_once() -> Outcome {
    let saved = BTreeSet::from([query("10.0.0.9"), client("10.0.0.10")]);
    let found = suspects(&table()?, &saved)?;
    let lines: Vec<String> = found
        .iter()
        .map(|suspect| {
            let saved = if suspect.saved { " saved" } else { "" };
            let Some(kind) = suspect.anchor.kind().get(..1) else { return String::new() };
            format!("{kind} {} {}{saved}", suspect.anchor, suspect.high_rows)
        })
        .collect();
    assert_eq!(
        lines,
        [
            "c 10.0.0.9 2",
            "c 10.0.0.10 1 saved",
            "c 10.0.0.15 1",
            // A name that looks like an address is a name, with a story of its own.
            "q 10.0.0.9 1 saved",
            "q b.evil.com 1",
            "q evil.com 1",
            "q www.good.org 2",
        ]
    );
    Ok(())
}

#[test]
fn the_latest_score_counts_whatever_the_order_of_rows() -> Outcome {
    let table = table()?;
    let by_time = table.column("unix_tstamp")?.clone().with_name("scored_at".into());
    let reversed = table.hstack(&[by_time])?.reverse();
    assert_eq!(suspects(&reversed, &BTreeSet::new())?, suspects(&table, &BTreeSet::new())?);
    Ok(())
}

#[test]
fn a_table_without_rows_or_with_nulls_is_no_failure() -> Outcome {
    assert!(suspects(&table()?.head(Some(0)), &BTreeSet::new())?.is_empty());
    let nulls = df!(
        "unix_tstamp" => [None::<i64>, Some(1)],
        "ip_dst" => [None, Some("10.0.0.5")],
        "dns_qry_name" => [None::<&str>, None],
        "ip_sev" => [Some(1), Some(1)],
        "dns_sev" => [Some(1), None],
    )?;
    let found = suspects(&nulls, &BTreeSet::new())?;
    assert_eq!(found.iter().map(|s| s.anchor.clone()).collect::<Vec<_>>(), [client("10.0.0.5")]);
    let missing = suspects(&nulls.drop("ip_sev")?, &BTreeSet::new());
    assert!(missing.is_err_and(|error| error.to_string().contains("ip_sev")));
    Ok(())
}
