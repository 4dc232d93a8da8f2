//! The ranking of flows: rows as tables, and what is said of them.

use polars::prelude::*;
use spot_analysis::network::Network;
use spot_analysis::rank::{Kind, Ranked, Ranking, Thresholds, flows};
use spot_analysis::rows;

/// Second of the day, seconds it took, source, destination, ports, packets, bytes.
type Row = (i64, f64, String, String, i32, i32, i64, i64);

const MIDNIGHT: i64 = 1_467_936_000;

fn row(at: i64, took: f64, ends: (&str, &str), ports: (i32, i32), sent: (i64, i64)) -> Row {
    (at, took, ends.0.into(), ends.1.into(), ports.0, ports.1, sent.0, sent.1)
}

fn frame(rows: &[Row]) -> DataFrame {
    let end = |r: &Row| (MIDNIGHT + r.0) * 1_000_000;
    df!(
        rows::TIME => rows.iter().map(end).collect::<Vec<_>>(),
        rows::DURATION => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        rows::SRC => rows.iter().map(|r| r.2.as_str()).collect::<Vec<_>>(),
        rows::DST => rows.iter().map(|r| r.3.as_str()).collect::<Vec<_>>(),
        rows::SRC_PORT => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
        rows::DST_PORT => rows.iter().map(|r| r.5).collect::<Vec<_>>(),
        rows::PACKETS => rows.iter().map(|r| r.6).collect::<Vec<_>>(),
        rows::BYTES => rows.iter().map(|r| r.7).collect::<Vec<_>>(),
        rows::PACKETS_BACK => vec![0i64; rows.len()],
        rows::BYTES_BACK => vec![0i64; rows.len()],
    )
    .expect("columns of one length")
    .lazy()
    .with_column(col(rows::TIME).cast(DataType::Datetime(TimeUnit::Microseconds, None)))
    .collect()
    .expect("times")
}

fn ranking(rows: &[Row]) -> Ranking {
    flows(&frame(rows), &Network::default(), None, &Thresholds::default()).expect("a ranking")
}

/// Six hosts that each talk to one site, so that rarity means something.
fn others() -> Vec<Row> {
    let host = |n: i64| format!("10.0.0.{n}");
    let one =
        |n: i64| row(100 * n, 1.0, (&host(n), "198.51.100.1"), (50_000, 443), (10, 5_000 * n));
    (1..=6).map(one).collect()
}

fn beacon(from: &str, to: &str) -> Vec<Row> {
    let one =
        |n: i64| row(n * 300 + n % 3, 0.2, (from, to), (50_000 + n as i32, 443), (6, 800 + n % 2));
    (1..=280).map(one).collect()
}

fn scan(from: &str) -> Vec<Row> {
    let one = |n: i32| row(n.into(), 0.0, (from, "10.0.0.2"), (40_000, n), (1, 40));
    (1..=200).map(one).collect()
}

fn found<'a>(ranking: &'a Ranking, subject: &str) -> Option<&'a Ranked> {
    ranking.ranked.iter().find(|line| line.subject.to_string() == subject)
}

/// Kind and sentence of each part.
fn said(line: &Ranked) -> Vec<(Kind, &str)> {
    line.parts.iter().map(|part| (part.kind, part.sentence.as_str())).collect()
}

#[test]
fn each_detector_says_what_it_saw() {
    let long = row(40_000, 30_000.0, ("10.0.0.3", "203.0.113.3"), (50_001, 8443), (900, 90_000));
    let upload = [
        row(9_000, 60.0, ("10.0.0.4", "203.0.113.4"), (50_002, 443), (90_000, 900_000_000)),
        row(9_000, 60.0, ("203.0.113.4", "10.0.0.4"), (443, 50_002), (9_000, 400_000)),
    ];
    let all = [
        others(),
        beacon("10.0.0.1", "203.0.113.9"),
        scan("10.0.0.5"),
        vec![long],
        upload.to_vec(),
    ]
    .concat();
    let ranking = ranking(&all);
    let rare = (Kind::RarePeer, "1 of 6 inside hosts talk to that peer.");
    let cases: [(&str, &[(Kind, &str)]); 4] = [
        (
            "10.0.0.1 -> 203.0.113.9",
            &[
                rare,
                (
                    Kind::Beacon,
                    "280 connections to port 443, every 5 min give or take 0.0 s, with 800 bytes give or \
                     take 0 bytes, over 23.2 h.",
                ),
            ],
        ),
        (
            "10.0.0.5",
            &[(
                Kind::Scan,
                "It tried 200 ports of one host, in 200 connections with 200 packets, and got no answer \
                 or a refusal.",
            )],
        ),
        (
            "10.0.0.3 -> 203.0.113.3",
            &[
                rare,
                (
                    Kind::LongConnection,
                    "A connection to port 8443 stayed open for 8.3 h of the 23.3 h that were seen.",
                ),
            ],
        ),
        (
            "10.0.0.4 -> 203.0.113.4",
            &[
                rare,
                (
                    Kind::Upload,
                    "It sent 900.0 MB and received 400 kB: 900 times the 1.0 MB that are assumed of a \
                     host with few peers.",
                ),
            ],
        ),
    ];
    for (subject, parts) in cases {
        let line = found(&ranking, subject).unwrap_or_else(|| panic!("{subject} is ranked"));
        assert_eq!(
            said(line).iter().map(|p| p.0).collect::<Vec<_>>().len(),
            parts.len(),
            "{subject}"
        );
        for part in parts {
            assert!(said(line).contains(part), "{subject}: {:?}", said(line));
        }
        assert!(line.score > 0.5 && line.score < 1.0, "{subject} {}", line.score);
    }
    assert_eq!(ranking.ranked.len(), cases.len(), "nobody else is odd: {:?}", ranking.ranked);
}

#[test]
fn the_order_of_rows_and_how_they_are_parted_change_nothing() {
    let mut all = [others(), beacon("10.0.0.1", "203.0.113.9"), scan("10.0.0.5")].concat();
    let first = ranking(&all);
    all.reverse();
    assert_eq!(ranking(&all), first);
    let (network, thresholds) = (Network::default(), Thresholds::default());
    let parts: Vec<DataFrame> = all.chunks(7).map(frame).collect();
    let mut sums = flows::FlowSums::default();
    parts.iter().for_each(|part| sums.add(part).expect("rows"));
    let mut day = sums.finish(&network);
    let mut asked = day.candidates(&thresholds).expect("a beacon");
    parts.iter().for_each(|part| asked.add(part).expect("rows"));
    day.gaps(asked, &thresholds);
    assert_eq!(day.rank(None, &thresholds), first);
}

#[test]
fn a_biflow_says_what_its_two_halves_say() {
    let halves: Vec<Row> = beacon("10.0.0.1", "203.0.113.9")
        .into_iter()
        .flat_map(|there| {
            let mut back = there.clone();
            (back.2, back.3, back.4, back.5) = (there.3.clone(), there.2.clone(), there.5, there.4);
            (back.6, back.7) = (5, 4_000);
            [there, back]
        })
        .collect();
    let whole = beacon("10.0.0.1", "203.0.113.9");
    let whole = frame(&whole).lazy().with_columns([
        lit(5i64).cast(DataType::Int64).alias(rows::PACKETS_BACK),
        lit(4_000i64).cast(DataType::Int64).alias(rows::BYTES_BACK),
    ]);
    let whole = whole.collect().expect("biflows");
    let biflows = flows(&whole, &Network::default(), None, &Thresholds::default());
    assert_eq!(biflows.expect("a ranking"), ranking(&halves));
}

#[test]
fn rarity_alone_is_not_enough_and_chance_is_no_beacon() {
    // Gaps of a stream of events that come by chance.
    let mut at = 0.0;
    let mut state = 12_345u64;
    let mut chance = others();
    for n in 0..200 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let share = ((state >> 11) as f64 / (1u64 << 53) as f64).max(1e-9);
        at += -300.0 * share.ln();
        let sent = (6, 500 + (state % 3_000) as i64);
        chance.push(row(at as i64, 0.2, ("10.0.0.1", "203.0.113.9"), (50_000 + n, 443), sent));
    }
    assert_eq!(ranking(&chance).ranked, []);
}

#[test]
fn equal_scores_stand_in_the_order_of_their_texts() {
    let all: Vec<Row> = ["203.0.113.9", "203.0.113.10", "2001:db8::9"]
        .iter()
        .flat_map(|to| beacon("10.0.0.1", to))
        .collect();
    let subjects: Vec<String> =
        ranking(&all).ranked.iter().map(|line| line.subject.to_string()).collect();
    let expected =
        ["10.0.0.1 -> 2001:db8::9", "10.0.0.1 -> 203.0.113.10", "10.0.0.1 -> 203.0.113.9"];
    assert_eq!(subjects, expected);
}

#[test]
fn two_spellings_of_an_address_are_one_and_ipv6_is_like_the_rest() {
    let mapped = beacon("::ffff:10.0.0.1", "2001:DB8:0::9");
    let plain = beacon("10.0.0.1", "2001:db8::9");
    let mixed: Vec<Row> = mapped
        .into_iter()
        .zip(plain.clone())
        .enumerate()
        .map(|(n, (a, b))| if n % 2 == 0 { a } else { b })
        .collect();
    assert_eq!(ranking(&mixed), ranking(&plain));
    assert_eq!(ranking(&plain).ranked.len(), 1);
}

#[test]
fn hostile_rows_give_numbers_and_no_panic() {
    let none = ranking(&[]);
    assert_eq!((none.ranked.len(), none.looked_at), (0, 0));
    let odd = "\u{202e}<script>=,\"\n";
    let mut all = scan(odd);
    all.extend(beacon(odd, "203.0.113.9"));
    for (at, took) in [(0, f64::NAN), (5, f64::INFINITY), (9, -1.0), (i64::MIN / 2_000_000, 1e300)]
    {
        all.push(row(at.max(-MIDNIGHT), took, ("", odd), (-5, 70_000), (i64::MIN, -1)));
        all.push(row(1, took, ("10.0.0.1", "203.0.113.1"), (50_000, 443), (i64::MAX, i64::MAX)));
    }
    let ranking = ranking(&all);
    assert!(!ranking.ranked.is_empty());
    for line in &ranking.ranked {
        assert!((0.0..=1.0).contains(&line.score), "{line:?}");
        for part in &line.parts {
            assert!((0.0..=1.0).contains(&part.score), "{part:?}");
            assert!(part.numbers.iter().all(|number| number.value.is_finite()), "{part:?}");
            assert!(!part.sentence.contains(odd), "{part:?}");
        }
    }
    // All nulls are a table, too.
    let nulls = frame(&scan("10.0.0.5")).clear().lazy().collect().expect("empty");
    let nulls = concat([nulls.clone().lazy(), nulls.lazy()], UnionArgs::default()).expect("two");
    let nulls = nulls.collect().expect("empty");
    assert!(flows(&nulls, &Network::default(), None, &Thresholds::default()).is_ok());
}

#[test]
fn days_before_say_what_is_new_and_what_is_usual() {
    let (network, thresholds) = (Network::default(), Thresholds::default());
    let day = |rows: &[Row]| {
        let mut sums = flows::FlowSums::default();
        sums.add(&frame(rows)).expect("rows");
        sums.finish(&network)
    };
    let backup = |to: &str| {
        let night = row(9_000, 60.0, ("10.0.0.4", to), (50_002, 443), (90_000, 900_000_000));
        [others(), vec![night]].concat()
    };
    let mut before = flows::Before::default();
    before.add(&day(&backup("203.0.113.4")));
    let ranked = |rows: &[Row]| {
        let found = flows(&frame(rows), &network, Some(&before), &thresholds).expect("a ranking");
        found.ranked
    };
    assert_eq!(ranked(&backup("203.0.113.4")), [], "as every night");
    let beacon = ranked(&beacon("10.0.0.1", "203.0.113.9"));
    let new = (Kind::FirstSeen, "Nobody talked to that peer on the 1 days before.");
    assert!(said(&beacon[0]).contains(&new), "{beacon:?}");
}
