//! `indicators.csv`: what is on the list, and where a finding says so.

use spot_analysis::dns::{Anchor, LaneOf, Name, Scope};
use spot_analysis::model::{Address, Flag};
use spot_analysis::network::{Indicators, Network};

use crate::dns::{client, query, search_with};
use crate::given::{Outcome, frame, parse, search};

const LIST: &str = "\u{feff}indicator,source,note
203.0.113.9,Feed A,\"C2, since May\"
203.0.113.0/28,Feed B,rented
198.51.100.10-198.51.100.20,Feed B,scanner
2001:db8:66::/48,Feed C,
10.0.0.0/8,,ours
# names
*.evil.example,Feed D,whole domain
Status.Fleet-Agent.example.ORG.,Feed D,beacon
bad[.]duckdns[.]org,Feed E,defanged
wpad,Feed E,
203.0.113.9,Feed Z,again
";

/// Address or name, and the indicators that hold it, the narrowest first.
const HITS: &[(&str, &[&str])] = &[
    ("203.0.113.9", &["203.0.113.9", "203.0.113.9", "203.0.113.0/28"]),
    ("::ffff:203.0.113.9", &["203.0.113.9", "203.0.113.9", "203.0.113.0/28"]),
    ("203.0.113.15", &["203.0.113.0/28"]),
    ("203.0.113.16", &[]),
    ("198.51.100.9", &[]),
    ("198.51.100.10", &["198.51.100.10-198.51.100.20"]),
    ("198.51.100.15", &["198.51.100.10-198.51.100.20"]),
    ("198.51.100.20", &["198.51.100.10-198.51.100.20"]),
    ("198.51.100.21", &[]),
    ("2001:db8:66::e1", &["2001:db8:66::/48"]),
    ("2001:db8:67::", &[]),
    ("10.255.255.255", &["10.0.0.0/8"]),
    ("not-an-address", &[]),
    ("evil.example", &["*.evil.example"]),
    ("a.b.EVIL.example.", &["*.evil.example"]),
    ("notevil.example", &[]),
    ("evil.example.com", &[]),
    ("example", &[]),
    ("status.fleet-agent.example.org", &["Status.Fleet-Agent.example.ORG."]),
    ("x.status.fleet-agent.example.org", &["Status.Fleet-Agent.example.ORG."]),
    ("fleet-agent.example.org", &[]),
    ("bad.duckdns.org", &["bad[.]duckdns[.]org"]),
    ("other.duckdns.org", &[]),
    ("wpad", &["wpad"]),
    ("", &[]),
    (".", &[]),
    ("...", &[]),
];

#[test]
fn an_address_is_held_by_networks_and_a_name_by_what_is_above_it() {
    let list = Indicators::parse("indicators.csv", LIST);
    assert!(list.notes().is_empty(), "{:?}", list.notes());
    for (what, expected) in HITS {
        let address = Address::new(what);
        let flags = match address.ip() {
            Some(_) => list.of_address(&address),
            None => [list.of_address(&address), list.of_name(&Name::new(what))].concat(),
        };
        let held: Vec<&str> = flags.iter().map(|flag| flag.indicator.as_str()).collect();
        assert_eq!(&held, expected, "{what}");
    }
    assert_eq!(
        list.of_address(&Address::new("203.0.113.9"))[0],
        Flag {
            of: "203.0.113.9".into(),
            indicator: "203.0.113.9".into(),
            source: "Feed A".into(),
            note: "C2, since May".into(),
        }
    );
    // A file of one column, without a header.
    let bare = Indicators::parse("x", "192.0.2.1\nevil.example\n");
    assert_eq!(bare.of_address(&Address::new("192.0.2.1")).len(), 1);
    assert_eq!(bare.of_name(&Name::new("www.evil.example")).len(), 1);
}

#[test]
fn lines_that_are_no_indicators_are_skipped_and_named() {
    let text = "ip\nhttp://evil.example/x,a\n10.0.0.300\n203.0.113.5/24,b\n10.0.0.9-10.0.0.1\n\
                10.0.0.1-::1\ncom\nco.uk\n*.\na b.example\n,c\n10.0.0.0/33\n";
    let list = Indicators::parse("indicators.csv", text);
    let neither = "is neither an address, a network a/n, a range a-b nor a name such as evil.example; skipped";
    let suffix = "is a public suffix, under which everybody registers names; skipped";
    assert_eq!(
        list.notes(),
        [
            format!("indicators.csv line 2: `http://evil.example/x` {neither}"),
            format!("indicators.csv line 3: `10.0.0.300` {neither}"),
            "indicators.csv line 4: `203.0.113.5/24` was taken as the network that starts at 203.0.113.0".to_owned(),
            "indicators.csv line 5: `10.0.0.9-10.0.0.1` ends before it starts; skipped".to_owned(),
            "indicators.csv line 6: `10.0.0.1-::1` has ends of two kinds; skipped".to_owned(),
            format!("indicators.csv line 7: `com` {suffix}"),
            format!("indicators.csv line 8: `co.uk` {suffix}"),
            format!("indicators.csv line 9: `*.` {neither}"),
            format!("indicators.csv line 10: `a b.example` {neither}"),
            format!("indicators.csv line 11: `` {neither}"),
            "indicators.csv: 1 more lines like these".to_owned(),
        ]
    );
    assert_eq!(list.of_address(&Address::new("203.0.113.200")).len(), 1);
    // Everything is on it, and everything has at most eight reasons.
    let all = (0..40).map(|n| format!("0.0.0.0/0,{n}\n::/0,{n}\n")).collect::<String>();
    let all = Indicators::parse("x", &all);
    assert_eq!(all.of_address(&Address::new("255.255.255.255")).len(), 8);
    assert_eq!(all.of_address(&Address::new("::")).len(), 8);
}

fn network() -> Network {
    Network::default().with_indicators("indicators.csv", LIST)
}

#[test]
fn a_flow_finding_says_so_at_anchor_peer_row_and_lane() -> Outcome {
    let rows = frame(&parse(
        "09:00 0 10.0.0.5 50001 203.0.113.9 443 TCP - 1 1000
         09:10 0 192.0.2.44 50002 10.0.0.5 22 TCP - 1 60",
    )?)?;
    let found = search(&rows, "10.0.0.5", &network())?;
    let of = |flags: &[Flag]| flags.iter().map(|flag| flag.source.clone()).collect::<Vec<_>>();
    assert_eq!(of(&found.flags), [""]); // 10.0.0.0/8, of no source
    assert_eq!(of(&found.peers[0].flags), ["Feed A", "Feed Z", "Feed B"]);
    assert!(found.peers[1].flags.is_empty());
    let rows: Vec<(&str, usize)> =
        found.top.iter().flat_map(|t| &t.rows).map(|r| (r.peer.as_str(), r.flags.len())).collect();
    let expected = ("192.0.2.44", 0);
    assert_eq!(rows, [expected, ("203.0.113.9", 3), expected, ("203.0.113.9", 3)]);
    let lanes: Vec<bool> = found.timeline.lanes.iter().map(|lane| lane.flagged).collect();
    assert_eq!(lanes, [true, false]);
    // Findings of before there was a list are read, and nothing is written where nothing is on it.
    let json = serde_json::to_string(&found.peers[1])?;
    assert!(!json.contains("flags"), "{json}");
    assert_eq!(serde_json::from_str::<spot_analysis::model::Peer>(&json)?, found.peers[1]);
    Ok(())
}

const ANSWERS: &str = "
    09:00:00 192.0.2.5 www.evil.example 1 0 192.0.2.80
    09:01:00 192.0.2.5 cdn.evil.example 1 3 -
    09:02:00 192.0.2.5 www.quiet.example 1 0 192.0.2.1|203.0.113.9
    09:03:00 192.0.2.5 www.plain.example 1 0 192.0.2.2
    09:04:00 10.0.0.7 www.plain.example 1 0 192.0.2.2
";

#[test]
fn a_dns_finding_says_so_by_name_by_client_and_by_answer() -> Outcome {
    let all = crate::dns::parse(ANSWERS)?;
    let found = search_with(&all, client("192.0.2.5"), Scope::Exact, &network())?;
    let rows: Vec<String> = found
        .rows
        .iter()
        .map(|row| {
            let of: Vec<&str> = row.flags.iter().map(|flag| flag.of.as_str()).collect();
            format!("{}: {}", row.name, of.join(" "))
        })
        .collect();
    assert_eq!(
        rows,
        [
            "cdn.evil.example: cdn.evil.example",
            "www.evil.example: www.evil.example",
            "www.plain.example: ",
            "www.quiet.example: 203.0.113.9 203.0.113.9 203.0.113.9",
        ]
    );
    assert!(found.flags.is_empty());
    let lanes: Vec<(&LaneOf, bool)> =
        found.timeline.lanes.iter().map(|lane| (&lane.of, lane.flagged)).collect();
    let domain = |name: &str| LaneOf::Domain(Name::new(name));
    assert_eq!(
        lanes,
        [
            (&domain("evil.example"), true),
            (&domain("plain.example"), false),
            (&domain("quiet.example"), true),
        ]
    );

    // Of a name the clients differ; the anchor is told once.
    let found = search_with(&all, query("www.plain.example"), Scope::Exact, &network())?;
    let lanes: Vec<(&str, bool)> =
        found.timeline.lanes.iter().map(|lane| (lane.of.as_str(), lane.flagged)).collect();
    assert_eq!(lanes, [("10.0.0.7", true), ("192.0.2.5", false)]);
    let found = search_with(&all, query("evil.example"), Scope::RegisteredDomain, &network())?;
    assert_eq!((found.flags.len(), found.flags[0].of.as_str()), (1, "evil.example"));
    assert!(found.rows.iter().all(|row| row.flags.len() == 1));
    Ok(())
}

#[test]
fn answers_that_are_not_kept_by_text_count_too() -> Outcome {
    // Nine answers, of which the last is the one; eight are kept.
    let cell: Vec<String> = (1..=8).map(|n| format!("192.0.2.{n}")).collect();
    let table = format!("09:00:00 192.0.2.5 www.x.example 1 0 {}|203.0.113.9", cell.join("|"));
    let all = crate::dns::parse(&table)?;
    let found = search_with(&all, client("192.0.2.5"), Scope::Exact, &network())?;
    assert!(!found.rows[0].answers.contains(&Address::new("203.0.113.9")));
    assert_eq!(found.rows[0].flags[0].of, "203.0.113.9");
    Ok(())
}

#[test]
fn suspects_are_marked() {
    let suspects = vec![
        spot_analysis::dns::Suspect {
            anchor: Anchor::Client(Address::new("203.0.113.9")),
            high_rows: 1,
            saved: false,
            flags: vec![],
        },
        spot_analysis::dns::Suspect {
            // A name that looks like an address is a name.
            anchor: Anchor::Query(Name::new("203.0.113.9")),
            high_rows: 1,
            saved: false,
            flags: vec![],
        },
    ];
    let flagged = spot_analysis::dns::flagged(suspects, &network());
    let counts: Vec<usize> = flagged.iter().map(|suspect| suspect.flags.len()).collect();
    assert_eq!(counts, [3, 0]);
}

#[test]
fn every_line_of_a_long_list_is_found() {
    let text: String = (0..20_000u32)
        .map(|n| {
            format!(
                "198.{}.{}.{},a\nn{n}.evil.example,b\n",
                18 + n / 65_536,
                n / 256 % 256,
                n % 256
            )
        })
        .collect();
    let list = Indicators::parse("x", &text);
    for n in (0..20_000u32).step_by(37) {
        let address = Address::new(format!("198.18.{}.{}", n / 256, n % 256));
        assert_eq!(list.of_address(&address).len(), 1, "{address}");
        assert_eq!(list.of_name(&Name::new(format!("www.n{n}.evil.example"))).len(), 1);
    }
    assert!(list.of_address(&Address::new("198.19.0.0")).is_empty());
    assert!(list.of_name(&Name::new("n20000.evil.example")).is_empty());
}
