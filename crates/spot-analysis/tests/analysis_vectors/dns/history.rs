//! The answers of a day beside those of the days before: lines of `day client name rcode`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use polars::prelude::*;
use spot_analysis::dns::history::{Day, History, New, history};
use spot_analysis::dns::{Anchor, LaneOf, Name, Scope, Selection, rows};
use spot_analysis::history::Usual;
use spot_analysis::model::Address;

use super::{frame, parse};
use crate::given::{Outcome, provenance, words};

fn date(text: &str) -> Outcome<NaiveDate> {
    Ok(format!("2016-{text}").parse()?)
}

fn beside(from: &str, table: &str, anchor: &Anchor, scope: &Scope) -> Outcome<History> {
    let mut lines: BTreeMap<&str, String> = BTreeMap::new();
    for line in words(table) {
        let [day, client, name, rcode] = line[..] else {
            return Err(format!("{line:?} has not four words").into());
        };
        lines.entry(day).or_default().push_str(&format!("09:00:00 {client} {name} 1 {rcode} -\n"));
    }
    let selection = Selection::new(anchor, scope)?;
    let mut days = Vec::new();
    for (day, lines) in lines {
        let all = frame(&parse(&lines)?)?;
        let scanned = all.height();
        let keep = selection.filter(col(rows::CLIENT), col(rows::NAME));
        let taken_in = all.lazy().filter(keep).collect()?;
        let from = provenance("dns", String::new(), taken_in.height(), scanned);
        days.push(Day::of(&taken_in, (anchor, scope), date(day)?, &from)?);
    }
    let today = days.pop().ok_or("no day")?;
    Ok(history(date(from)?, days, &today))
}

const DAYS: &str = "
    07-01 10.0.0.5    www.evil.com    0
    07-01 10.0.0.5    WWW.Evil.com.   0
    07-01 10.0.0.9    www.evil.com    0
    07-02 10.0.0.5    www.example.org 0
    07-02 10.0.0.5    a.evil.com      0
    07-04 2001:db8::5 www.evil.com    0
    07-05 10.0.0.5    www.evil.com    0
    07-05 10.0.0.5    www.evil.com    0
    07-05 10.0.0.5    b.evil.com      3
    07-05 10.0.0.5    b.evil.com      3
    07-05 10.0.0.5    b.evil.com      3
    07-05 10.0.0.5    c.evil.com      3
    07-05 10.0.0.5    localhost       3
    07-05 10.0.0.5    new.example     3
    07-05 2001:DB8::5 www.evil.com    0
    07-05 10.0.0.7    www.evil.com    0
";

fn texts(all: &[New]) -> Vec<(&str, u64)> {
    all.iter().map(|new| (new.text.as_str(), new.answers)).collect()
}

#[test]
fn what_a_client_asked_for_anew() -> Outcome {
    let anchor = Anchor::Client(Address::new("10.0.0.5"));
    let found = beside("07-01", DAYS, &anchor, &Scope::Exact)?;
    assert_eq!(
        texts(&found.new_names),
        [("b.evil.com", 3), ("c.evil.com", 1), ("localhost", 1), ("new.example", 1)]
    );
    assert_eq!(texts(&found.new_domains), [("new.example", 1)]);
    assert_eq!(
        found.new_names[0].first_seen.map(|at| at.to_string()).as_deref(),
        Some("2016-07-08 09:00:00")
    );
    assert!(found.new_clients.is_empty() && found.new_servers.is_empty());
    // 2 on the first day, 1 on the second; of example.org none today.
    let evil = LaneOf::Domain(Name::new("evil.com"));
    assert_eq!(found.usual.len(), 1);
    assert_eq!(found.usual[0].of, evil);
    assert_eq!(found.usual[0].answers, Usual { today: 6, median: 1, min: 1, max: 2, seen: 2 });
    // On the fourth it asked for nothing, on the third nobody did.
    assert_eq!(found.facts.answers, Usual { today: 8, median: 2, min: 2, max: 2, seen: 2 });
    assert_eq!(found.facts.nxdomain, Usual { today: 6, median: 0, min: 0, max: 0, seen: 2 });
    let days: Vec<_> = found.days.iter().map(|d| (d.scanned, d.answers, d.names, d.new)).collect();
    assert_eq!(days, [(3, 2, 1, 1), (2, 2, 2, 1), (0, 0, 0, 0), (1, 0, 0, 0), (10, 8, 5, 2)]);
    assert_eq!((found.days_before(), found.days_looked_at()), (3, 4));
    Ok(())
}

#[test]
fn who_asked_anew_for_a_name() -> Outcome {
    let anchor = Anchor::Query(Name::new("www.evil.com"));
    let found = beside("07-01", DAYS, &anchor, &Scope::Exact)?;
    assert_eq!(texts(&found.new_clients), [("10.0.0.7", 1)]);
    assert!(found.new_names.is_empty() && found.new_domains.is_empty());
    let usual: Vec<_> = found.usual.iter().map(|lane| (lane.of.as_str(), lane.answers)).collect();
    let one = Usual { today: 1, median: 1, min: 1, max: 1, seen: 1 };
    assert_eq!(
        usual,
        [
            ("10.0.0.5", Usual { today: 2, median: 2, min: 2, max: 2, seen: 1 }),
            ("2001:db8::5", one)
        ]
    );
    let below = beside("07-01", DAYS, &anchor, &Scope::RegisteredDomain)?;
    assert_eq!(texts(&below.new_names), [("b.evil.com", 3), ("c.evil.com", 1)]);
    Ok(())
}

#[test]
fn nothing_is_new_where_there_is_nothing_to_compare_with() -> Outcome {
    let anchor = Anchor::Client(Address::new("10.0.0.5"));
    let found = beside("07-05", DAYS, &anchor, &Scope::Exact)?;
    assert_eq!((found.days.len(), found.days_before()), (1, 0));
    assert!(found.new_names.is_empty() && found.usual.is_empty());
    assert_eq!(found.facts.answers, Usual { today: 8, ..Usual::default() });
    let text = serde_json::to_string(&found)?;
    assert_eq!(serde_json::from_str::<History>(&text)?, found);
    Ok(())
}
