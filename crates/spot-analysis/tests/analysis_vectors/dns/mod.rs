//! DNS: answers written as text, so that tests read as tables.

mod crossed;
mod history;
mod invariants;
mod names;
mod searches;
mod suspects;

use chrono::NaiveDateTime;
use polars::prelude::*;
use spot_analysis::dns::{
    Anchor, InvestigateInput, Investigation, Name, Scope, Selection, investigate, rows,
};
use spot_analysis::model::Address;
use spot_analysis::network::Network;

use crate::given::{Outcome, column, day, provenance, times};

/// An answer; `None` is a null.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    pub time: Option<NaiveDateTime>,
    pub client: Option<String>,
    pub server: Option<String>,
    pub name: Option<String>,
    pub class: Option<String>,
    pub kind: Option<i32>,
    pub rcode: Option<i32>,
    pub answers: Option<String>,
}

/// Lines of `time client name type rcode answers`; time is `HH:MM:SS`, `-` is a null. The server is
/// 10.0.0.1 and the class IN.
pub fn parse(table: &str) -> Outcome<Vec<Answer>> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| answer(line).map_err(|error| format!("{line}: {error}").into())).collect()
}

fn answer(line: &str) -> Outcome<Answer> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [time, client, name, kind, rcode, answers] = fields[..] else {
        return Err("not six fields".into());
    };
    let given = |text: &str| (text != "-").then(|| text.to_owned());
    let time = given(time).map(|time| {
        NaiveDateTime::parse_from_str(&format!("{} {time}", day()), "%Y-%m-%d %H:%M:%S")
    });
    Ok(Answer {
        time: time.transpose()?,
        client: given(client),
        server: Some("10.0.0.1".to_owned()),
        name: given(name),
        class: Some("0x00000001".to_owned()),
        kind: given(kind).map(|text| text.parse()).transpose()?,
        rcode: given(rcode).map(|text| text.parse()).transpose()?,
        answers: given(answers),
    })
}

/// The answers as the frame that the crate takes.
pub fn frame(all: &[Answer]) -> Outcome<DataFrame> {
    let frame = df!(
        rows::CLIENT => column!(all, client),
        rows::SERVER => column!(all, server),
        rows::NAME => column!(all, name),
        rows::CLASS => column!(all, class),
        rows::TYPE => column!(all, kind),
        rows::RCODE => column!(all, rcode),
        rows::ANSWERS => column!(all, answers),
    )?;
    let time = times(all.iter().map(|row| row.time))?;
    Ok(DataFrame::new(all.len(), [vec![time], frame.into_columns()].concat())?)
}

/// Filters a day's answers and investigates them, 20 lanes.
pub fn search(all: &[Answer], anchor: Anchor, scope: Scope) -> Outcome<Investigation> {
    search_with(all, anchor, scope, &Network::default())
}

/// The same with context files.
pub fn search_with(
    all: &[Answer],
    anchor: Anchor,
    scope: Scope,
    network: &Network,
) -> Outcome<Investigation> {
    let selection = Selection::new(&anchor, &scope)?;
    let keep = selection.filter(col(rows::CLIENT), col(rows::NAME));
    let taken_in = frame(all)?.lazy().filter(keep).collect()?;
    Ok(investigate(InvestigateInput {
        rows: &taken_in,
        anchor,
        scope,
        day: day(),
        network,
        high_rows: 0,
        top_results: 20,
        provenance: provenance("dns", selection.to_string(), taken_in.height(), all.len()),
        notes: vec![],
    })?)
}

pub fn client(text: &str) -> Anchor {
    Anchor::Client(Address::new(text))
}

pub fn query(text: &str) -> Anchor {
    Anchor::Query(Name::new(text))
}

/// Rows as `total client name`.
pub fn lines(found: &Investigation) -> Vec<String> {
    found.rows.iter().map(|row| format!("{} {} {}", row.total, row.client, row.name)).collect()
}
