//! What can be scored of a day without machine learning.

use polars::prelude::*;
use spot_analysis::model::Address;
use spot_analysis::{conversations, dns};

use crate::dns as answers;
use crate::given::{Outcome, frame, parse};

const FLOWS: &str = "
    09:10 1 10.0.0.5     50002 203.0.113.9  443 TCP .AP.SF 20 5000
    09:00 1 10.0.0.5     50001 203.0.113.9  443 TCP .AP.SF 10 1000
    09:00 1 203.0.113.9  443   10.0.0.5   50001 TCP .AP.SF  9  900
    10:00 1 10.0.0.5     50003 203.0.113.9   22 TCP .AP.SF  1   60
    11:00 1 192.0.2.44   33333 10.0.0.5    3389 TCP .AP.SF  2  120
    11:01 1 10.0.0.5     3389  192.0.2.44 33333 TCP .AP.SF  3  180
";

/// Time, ends and ports of the first row, then packets and bytes there and back.
const FOUND: [&str; 3] = [
    "2016-07-08 09:00:00 10.0.0.5 203.0.113.9 50001 443 TCP 30 6000 9 900",
    "2016-07-08 10:00:00 10.0.0.5 203.0.113.9 50003 22 TCP 1 60 0 0",
    "2016-07-08 11:00:00 192.0.2.44 10.0.0.5 33333 3389 TCP 2 120 3 180",
];

fn told(frame: &DataFrame) -> Vec<String> {
    let texts = frame.columns().iter().map(|column| column.cast(&DataType::String));
    let texts: Vec<Column> = texts.collect::<PolarsResult<_>>().expect("texts");
    let cell = |column: &Column, row: usize| {
        column.str().expect("text").get(row).unwrap_or("-").trim().to_owned()
    };
    let line = |row| texts.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ");
    (0..frame.height()).map(line).collect()
}

#[test]
fn rows_over_one_service_are_one_conversation_and_it_is_the_same_whatever_their_order() -> Outcome {
    let anchor = Address::new("10.0.0.5");
    let mut lines: Vec<&str> = FLOWS.lines().filter(|line| !line.trim().is_empty()).collect();
    for _ in 0..lines.len() {
        lines.rotate_left(1);
        let rows = frame(&parse(&lines.join("\n"))?)?;
        assert_eq!(told(&conversations(&rows, &anchor)?), FOUND);
    }
    assert_eq!(conversations(&frame(&parse("")?)?, &anchor)?.height(), 0);
    Ok(())
}

#[test]
fn answers_of_one_client_for_one_name_are_one_row() -> Outcome {
    let rows = answers::parse(
        "09:10:00 10.0.0.5 evil.com   1 0 192.0.2.1
         09:00:00 10.0.0.5 evil.com   1 3 -
         09:00:00 10.0.0.6 evil.com   1 0 192.0.2.1
         08:00:00 10.0.0.5 other.com  1 0 192.0.2.2",
    )?;
    let found = dns::conversations(&answers::frame(&rows)?)?;
    let of =
        ["frame_time", "unix_tstamp", "ip_dst", "dns_qry_name", "dns_qry_type", "dns_qry_rcode"];
    let expected = [
        "Jul  8 2016 08:00:00.000000000 UTC 1467964800 10.0.0.5 other.com 1 0",
        "Jul  8 2016 09:00:00.000000000 UTC 1467968400 10.0.0.5 evil.com 1 3",
        "Jul  8 2016 09:00:00.000000000 UTC 1467968400 10.0.0.6 evil.com 1 0",
    ];
    assert_eq!(told(&found.select(of)?), expected);
    Ok(())
}
