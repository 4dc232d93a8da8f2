//! The ranking of DNS answers, and the list of what is known.

use chrono::NaiveDate;
use polars::prelude::*;
use spot_analysis::dns::rows;
use spot_analysis::rank::{self, AllowList, Kind, Ranking, Thresholds};

/// Second of the day, client, name, type, code.
type Row = (i64, &'static str, String, i32, i32);

fn frame(rows: &[Row]) -> DataFrame {
    df!(
        rows::TIME => rows.iter().map(|r| (1_467_936_000 + r.0) * 1_000_000).collect::<Vec<_>>(),
        rows::CLIENT => rows.iter().map(|r| r.1).collect::<Vec<_>>(),
        rows::NAME => rows.iter().map(|r| r.2.as_str()).collect::<Vec<_>>(),
        rows::TYPE => rows.iter().map(|r| r.3).collect::<Vec<_>>(),
        rows::RCODE => rows.iter().map(|r| r.4).collect::<Vec<_>>(),
    )
    .expect("columns of one length")
    .lazy()
    .with_column(col(rows::TIME).cast(DataType::Datetime(TimeUnit::Microseconds, None)))
    .collect()
    .expect("times")
}

fn ranking(rows: &[Row]) -> Ranking {
    rank::dns(&frame(rows), None, &Thresholds::default()).expect("a ranking")
}

/// Letters that look drawn by chance, always the same for the same number.
fn drawn(number: u64, length: usize) -> String {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut letter = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + ((state >> 33) % 26) as u8)
    };
    (0..length).map(|_| letter()).collect()
}

fn tunnel(client: &'static str, domain: &str) -> Vec<Row> {
    let name = |n: u64| format!("{}.{}.t.{domain}", drawn(n, 50), drawn(n + 1_000, 40));
    (0..300).map(|n| (n as i64 * 3, client, name(n), 16, 0)).collect()
}

fn generated(client: &'static str) -> Vec<Row> {
    let code = |n: u64| if n == 79 { 0 } else { 3 };
    (0..80).map(|n| (n as i64, client, format!("{}.com", drawn(n, 12)), 1, code(n))).collect()
}

/// What people ask for.
fn ordinary() -> Vec<Row> {
    let names = [
        "www.wikipedia.org",
        "login.microsoftonline.com",
        "fonts.gstatic.com",
        "www.facebook.com",
        "ctldl.windowsupdate.com",
        "e1234.dscb.akamaiedge.net",
        "www.stackoverflow.com",
        "api.github.com",
        "www.nytimes.com",
        "s3.amazonaws.com",
        "play.google.com",
    ];
    let clients = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5", "10.0.0.6"];
    let of = |client| names.iter().map(move |name| (60, client, (*name).to_owned(), 1, 0));
    clients.into_iter().flat_map(of).collect()
}

/// Subject, kinds and sentences.
fn said(ranking: &Ranking) -> Vec<(String, Vec<(Kind, &str)>)> {
    let one = |line| {
        let line: &rank::Ranked = line;
        let parts = line.parts.iter().map(|p| (p.kind, p.sentence.as_str())).collect();
        (line.subject.to_string(), parts)
    };
    ranking.ranked.iter().map(one).collect()
}

#[test]
fn a_tunnel_is_told_by_its_names() {
    let all = [ordinary(), tunnel("10.0.0.1", "evil.example")].concat();
    let found = ranking(&all);
    let said = said(&found);
    assert_eq!(said.len(), 1, "{said:?}");
    let (subject, parts) = &said[0];
    assert_eq!(subject, "evil.example");
    assert_eq!(parts[0].0, Kind::Tunnel);
    assert!(
        parts[0].1.starts_with("300 different names below it, 91 characters and 4."),
        "{parts:?}"
    );
    assert!(parts[0].1.ends_with("100 % of the answers are TXT, NULL or KEY."), "{parts:?}");
    assert_eq!(parts[1], (Kind::RarePeer, "1 of 6 clients ask for it."));
    assert_eq!(found.ranked[0].parts[0].technique.map(|t| t.id), Some("T1071.004"));
}

#[test]
fn generated_names_are_told_and_the_one_that_exists_stands_first() {
    let found = ranking(&[ordinary(), generated("10.0.0.2")].concat());
    let client =
        found.ranked.iter().find(|l| l.subject.to_string() == "10.0.0.2").expect("a client");
    let kinds: Vec<Kind> = client.parts.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [Kind::GeneratedNames, Kind::NxdomainBurst]);
    assert_eq!(
        client.parts[1].sentence,
        "79 names in 10 minutes do not exist, of 91 answers in that time."
    );
    let domain =
        found.ranked.iter().find(|l| l.subject.to_string() != "10.0.0.2").expect("a domain");
    assert!(domain.parts[0].sentence.ends_with("It exists."), "{domain:?}");
}

#[test]
fn what_people_ask_for_is_not_ranked() {
    assert_eq!(ranking(&ordinary()).ranked, []);
    assert_eq!(ranking(&[]), Ranking::default());
}

#[test]
fn the_order_of_rows_changes_nothing() {
    let mut all = [ordinary(), tunnel("10.0.0.1", "evil.example"), generated("10.0.0.2")].concat();
    let first = ranking(&all);
    all.reverse();
    assert_eq!(ranking(&all), first);
}

#[test]
fn hostile_names_give_numbers_and_no_panic() {
    let odd =
        ["", ".", "..", "\u{202e}moc.live", "a..b", "=\\x00.example.net", "xn--.com", "10.0.0.5"];
    let mut all: Vec<Row> = odd.iter().map(|name| (1, "", (*name).to_owned(), -1, 3)).collect();
    all.extend(
        (0..400).map(|n| (n, "fe80::1", format!("\u{202e}\n{}.İ.com", drawn(n as u64, 60)), 16, 3)),
    );
    for line in ranking(&all).ranked {
        assert!((0.0..=1.0).contains(&line.score), "{line:?}");
        for part in line.parts {
            assert!(part.numbers.iter().all(|number| number.value.is_finite()), "{part:?}");
            assert!(!part.sentence.contains('\u{202e}'), "{part:?}");
        }
    }
}

#[test]
fn the_list_of_what_is_known_hides_and_says_so() {
    let list = "what,reason,owner,expires\n\
                evil.example,our own test,Ann,2030-01-01\n\
                10.0.0.0/30,scanner,Bob,2016-07-08\n\
                10.0.0.2,gone,Bob,2016-07-07\n\
                10.9.9.9,,Bob,2030-01-01\n\
                10.9.9.9,no day,Bob,soon\n\
                com,all of it,Bob,2030-01-01\n";
    let list = AllowList::parse("allow.csv", list);
    let all = [tunnel("10.0.0.9", "evil.example"), generated("10.0.0.2")].concat();
    let found = ranking(&all);
    let before = found.ranked.len();
    let today = NaiveDate::from_ymd_opt(2016, 7, 8).expect("a day");
    let hidden = list.hide(found.clone(), today);
    assert_eq!(hidden.hidden, 2);
    assert_eq!(hidden.ranking.ranked.len(), before - 2);
    assert_eq!(
        hidden.because,
        [
            "1 by `evil.example` (our own test; Ann; until 2030-01-01)",
            "1 by `10.0.0.0/30` (scanner; Bob; until 2016-07-08)"
        ]
    );
    assert_eq!(
        hidden.notes,
        [
            "allow.csv line 5: `10.9.9.9` needs a reason and an owner; skipped",
            "allow.csv line 6: `10.9.9.9` needs the day on which it expires, as 2030-12-31; skipped",
            "allow.csv line 7: `com` is a public suffix, under which everybody registers names; skipped",
            "allow.csv line 4: `10.0.0.2` (Bob) expired on 2016-07-07; hides nothing",
        ]
    );
    let next = today.succ_opt().expect("a day");
    assert_eq!(list.hide(found, next).hidden, 1, "the network has expired");
}

#[test]
fn the_file_of_thresholds_has_all_of_them() {
    let file = include_str!("../../../context/thresholds.csv");
    let read = Thresholds::parse("thresholds.csv", file);
    assert_eq!(read, Thresholds::default());
    assert_eq!(file, Thresholds::built_in(), "write it again from Thresholds::built_in()");
}
