//! Searches: what is taken in and what is said of it. V8, V10, V11, D-5, D-6, D-10.

use std::collections::BTreeSet;

use spot_analysis::dns::{LaneOf, Name, Scope};
use spot_analysis::model::Address;

use super::{Answer, client, lines, parse, query, search};
use crate::given::{Outcome, day};

const DAY: &str = "
    09:00:00 10.0.0.5 WWW.Evil.com.        1  0 203.0.113.9|203.0.113.10
    09:20:00 10.0.0.5 www.evil.com         28 3 -
    09:25:00 10.0.0.5 www.evil.com         1  0 203.0.113.10
    10:00:00 10.0.0.9 evil.com             1  3 -
    10:00:01 10.0.0.9 notevil.com          1  0 192.0.2.1
    10:00:02 10.0.0.9 a.b.evil.com         16 0 -
    10:00:03 10.0.0.9 a.evil.com.example   1  0 -
    23:59:59 ::ffff:10.0.0.5 www.example.org 65280 23 -
    12:00:00 10.0.0.9 10.0.0.5             1  3 -
    -        10.0.0.9 -                    -  - -
    12:00:00 10.0.0.9 e.il                 1  0 -
";

#[test]
fn what_each_anchor_and_scope_takes_in() -> Outcome {
    let all = parse(DAY)?;
    let substring = |text: &str| Scope::Substring(text.to_owned());
    let cases = [
        (
            client("10.0.0.5"),
            Scope::Exact,
            vec!["3 10.0.0.5 www.evil.com", "1 10.0.0.5 www.example.org"],
        ),
        (
            client("::FFFF:A00:5"),
            Scope::Exact,
            vec!["3 10.0.0.5 www.evil.com", "1 10.0.0.5 www.example.org"],
        ),
        (query("www.evil.com"), Scope::Exact, vec!["3 10.0.0.5 www.evil.com"]),
        (query("WWW.EVIL.COM."), Scope::Exact, vec!["3 10.0.0.5 www.evil.com"]),
        (query("EVIL.com"), Scope::Exact, vec!["1 10.0.0.9 evil.com"]),
        // D-5: a name that looks like an address is a name.
        (query("10.0.0.5"), Scope::Exact, vec!["1 10.0.0.9 10.0.0.5"]),
        (
            query("www.Evil.com"),
            Scope::RegisteredDomain,
            vec!["3 10.0.0.5 www.evil.com", "1 10.0.0.9 a.b.evil.com", "1 10.0.0.9 evil.com"],
        ),
        // No domain is registered: the name and what is below it.
        (query("il"), Scope::RegisteredDomain, vec!["1 10.0.0.9 e.il"]),
        (
            query("x"),
            substring("VIL.c"),
            vec![
                "3 10.0.0.5 www.evil.com",
                "1 10.0.0.9 a.b.evil.com",
                "1 10.0.0.9 a.evil.com.example",
                "1 10.0.0.9 evil.com",
                "1 10.0.0.9 notevil.com",
            ],
        ),
        // A text, not a pattern: the dot is a dot.
        (query("x"), substring("e.il"), vec!["1 10.0.0.9 e.il"]),
        (query("x"), substring(".*"), vec![]),
        (query("' or 1=1 --"), Scope::Exact, vec![]),
        (query(""), Scope::Exact, vec!["1 10.0.0.9 "]),
    ];
    for (anchor, scope, expected) in cases {
        let found = search(&all, anchor.clone(), scope.clone())?;
        assert_eq!(lines(&found), expected, "{anchor:?} {scope:?}");
        assert_eq!(found.facts.scanned, 11);
    }
    let empty = search(&all, query("x"), substring(""));
    assert!(empty.is_err_and(|error| error.to_string().contains("empty")));
    Ok(())
}

#[test]
fn a_row_says_when_what_and_with_what_result() -> Outcome {
    let found = search(&parse(DAY)?, client("10.0.0.5"), Scope::Exact)?;
    let row = &found.rows[0];
    assert_eq!(row.first_seen, day().and_hms_opt(9, 0, 0));
    assert_eq!(row.last_seen, day().and_hms_opt(9, 25, 0));
    assert_eq!(row.types, [(Some(1), 2), (Some(28), 1)]);
    assert_eq!(row.classes, [(Some(1), 3)]);
    assert_eq!(row.rcodes, [(Some(0), 2), (Some(3), 1)]);
    assert_eq!((row.nxdomain, row.nxdomain_share()), (1, 1.0 / 3.0));
    assert_eq!(row.answers, ["203.0.113.10", "203.0.113.9"].map(Address::new));
    assert_eq!(row.servers, [Address::new("10.0.0.1")]);
    assert_eq!((row.answer_count, row.server_count, row.length), (2, 1, 12));
    assert_eq!(row.registered_domain, Some(Name::new("evil.com")));
    // Of several spellings the plain one is shown.
    assert_eq!(row.name.raw(), "www.evil.com");

    let facts = &found.facts;
    assert_eq!((facts.answers, facts.clients, facts.names, facts.domains), (4, 1, 2, 2));
    assert_eq!((facts.servers, facts.nxdomain), (1, 1));
    assert_eq!(facts.types, [(Some(1), 2), (Some(28), 1), (Some(65280), 1)]);
    assert_eq!(facts.seen.map(|(_, last)| Some(last)), Some(day().and_hms_opt(23, 59, 59)));
    Ok(())
}

#[test]
fn the_day_is_lanes_of_domains_or_of_clients() -> Outcome {
    let all = parse(DAY)?;
    let lanes = |found: &spot_analysis::dns::Investigation| {
        let lane = |lane: &spot_analysis::dns::Lane| {
            let bins: Vec<_> =
                lane.bins.iter().map(|bin| (bin.index, bin.answers, bin.nxdomain)).collect();
            (lane.of.clone(), lane.answers, lane.names, bins)
        };
        found.timeline.lanes.iter().map(lane).collect::<Vec<_>>()
    };
    let found = search(&all, client("10.0.0.5"), Scope::Exact)?;
    let domain = |text| LaneOf::Domain(Name::new(text));
    let expected = [
        (domain("evil.com"), 3, 1, vec![(36, 1, 0), (37, 2, 1)]),
        (domain("example.org"), 1, 1, vec![(95, 1, 0)]),
    ];
    assert_eq!(lanes(&found), expected);
    assert_eq!((found.timeline.bin_minutes, found.timeline.of), (15, 2));

    let found = search(&all, query("evil.com"), Scope::RegisteredDomain)?;
    let of = |text| LaneOf::Client(Address::new(text));
    let expected = [
        (of("10.0.0.5"), 3, 1, vec![(36, 1, 0), (37, 2, 1)]),
        (of("10.0.0.9"), 2, 2, vec![(40, 2, 1)]),
    ];
    assert_eq!(lanes(&found), expected);
    Ok(())
}

#[test]
fn v8_three_hundred_names_are_three_hundred_rows() -> Outcome {
    let one = parse("09:00:00 10.0.0.5 x 16 0 -")?.remove(0);
    let named =
        |n: i32| Answer { name: Some(format!("n{n:03}.tunnel.example.org")), ..one.clone() };
    let found = search(&(0..300).map(named).collect::<Vec<_>>(), client("10.0.0.5"), Scope::Exact)?;
    assert_eq!(found.rows.len(), 300);
    assert_eq!((found.facts.names, found.facts.domains, found.timeline.of), (300, 1, 1));
    assert_eq!(found.timeline.lanes[0].names, 300);
    // Equally many: by name.
    assert!(found.rows.is_sorted_by(|a, b| a.name < b.name));
    let table = spot_analysis::dns::frames::rows_for_table(&found.anchor, &found.rows)?;
    assert_eq!(table.shape(), (300, 4));
    Ok(())
}

#[test]
fn v10_no_answers_are_an_empty_finding() -> Outcome {
    for all in [vec![], parse(DAY)?] {
        for anchor in [client("198.51.100.1"), query("nobody.asked.example")] {
            let found = search(&all, anchor, Scope::Exact)?;
            assert_eq!((found.facts.answers, found.rows.len(), found.timeline.of), (0, 0, 0));
            assert_eq!((found.facts.seen, found.facts.nxdomain_share()), (None, 0.0));
            assert!(found.notes.is_empty() && found.timeline.bins.is_empty());
        }
    }
    Ok(())
}

#[test]
fn v11_ipv6_as_client_server_and_answer() -> Outcome {
    let mut all = parse(
        "09:00:00 2001:db8::5                            a.evil.com 28 0 2001:DB8::9|2001:db8:0::9
         09:00:01 2001:0DB8:0000:0000:0000:0000:0000:0005 a.evil.com 28 0 2001:db8::a
         09:00:02 2001:db8:0:0:0:0:0:5                   b.evil.com 28 3 -
         09:00:03 2001:db8::6                            a.evil.com 28 0 -",
    )?;
    for row in &mut all {
        row.server = Some("2001:db8::53".to_owned());
    }
    let found = search(&all, client("2001:DB8::5"), Scope::Exact)?;
    assert_eq!(lines(&found), ["2 2001:db8::5 a.evil.com", "1 2001:db8::5 b.evil.com"]);
    assert_eq!(found.rows[0].answers, ["2001:db8::9", "2001:db8::a"].map(Address::new));
    let found = search(&all, query("a.evil.com"), Scope::Exact)?;
    assert_eq!(lines(&found), ["2 2001:db8::5 a.evil.com", "1 2001:db8::6 a.evil.com"]);
    Ok(())
}

#[test]
fn odd_values_count_and_are_told() -> Outcome {
    let mut all = parse(
        "-        10.0.0.5 a.evil.com 1  0 -
         09:00:00 10.0.0.5 -          -  - not.an.address|
         09:00:00 10.0.0.5 a.evil.com -1 99 ||
         09:00:00 10.0.0.5 a.evil.com 1  0 -",
    )?;
    all[3].time = day().succ_opt().and_then(|next| next.and_hms_opt(0, 0, 0));
    all[2].class = Some("<script>".to_owned());
    all[1].class = None;
    all[1].server = None;
    let found = search(&all, client("10.0.0.5"), Scope::Exact)?;
    assert_eq!(lines(&found), ["3 10.0.0.5 a.evil.com", "1 10.0.0.5 "]);
    assert_eq!(found.rows[0].types, [(Some(1), 2), (Some(-1), 1)]);
    assert_eq!(found.rows[0].classes, [(Some(1), 2), (None, 1)]);
    assert_eq!(found.rows[1].types, [(None, 1)]);
    assert_eq!(found.rows[1].answers, [Address::new("not.an.address")]);
    assert_eq!((found.rows[1].server_count, found.facts.servers), (0, 1));
    assert_eq!(found.timeline.bins.iter().map(|bin| bin.answers).sum::<u64>(), 2);
    assert_eq!(
        found.notes,
        [
            "1 rows have no name; they count as the name without letters",
            "1 rows have no time; they count, but are in no bin",
            "1 rows are not of 2016-07-08; they count, but are in no bin",
            "1 distinct texts are no class such as 0x00000001; they count as none",
        ]
    );
    Ok(())
}

#[test]
fn many_answers_and_servers_are_counted_and_the_first_kept() -> Outcome {
    let one = parse("09:00:00 10.0.0.5 cdn.example.org 1 0 -")?.remove(0);
    let told = |n: i32| Answer {
        answers: Some(format!("203.0.113.{}|203.0.113.{}", n % 100, (n + 1) % 100)),
        server: Some(format!("10.0.0.{}", n % 30)),
        ..one.clone()
    };
    let found = search(&(0..200).map(told).collect::<Vec<_>>(), client("10.0.0.5"), Scope::Exact)?;
    let row = &found.rows[0];
    assert_eq!((row.answer_count, row.server_count), (100, 30));
    let kept: BTreeSet<_> = row.answers.iter().collect();
    assert_eq!((kept.len(), row.answers[0].as_str()), (8, "203.0.113.0"));
    assert_eq!(row.servers.len(), 8);
    Ok(())
}
