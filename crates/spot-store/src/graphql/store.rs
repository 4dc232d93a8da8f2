//! The questions of [`Store`], asked over GraphQL.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use polars::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use spot_analysis::dns::{Anchor, Asked, Name, Selection};
use spot_analysis::history::DayRows;
use spot_analysis::model::{Address, Provenance, SourceFile};

use super::answer::{Answer, Item};
use super::client::{Client, MOST, ROWS_MOST};
use super::operations::{self as op, ROWS};
use super::partial;
use super::server::Server;
use crate::context::Texts;
use crate::dates::Dates;
use crate::dns_story::DnsStory;
use crate::error::{Result, StoreError};
use crate::flow_story::Story;
use crate::layout::Pipeline;
use crate::parquet::engine;
use crate::scoring::{DnsFilter, FlowFilter, Score};
use crate::source::{DnsRows, FlowRows, Rows, sha256};
use crate::store::{DayInfo, Named, Store};
use crate::story::{Comment, Saved};
use crate::wire;

/// Tables behind a GraphQL server.
pub struct GraphQl {
    pub(super) client: Client,
    /// `None` of a server that knows what Spot's own knew, and nothing else.
    pub(super) served: Option<Served>,
}

/// What `spot serve` says of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Served {
    flow: bool,
    dns: bool,
    data: String,
}

/// [`op::ROWS`].
#[derive(Deserialize)]
struct WireRows {
    table: String,
    filter: String,
    rows: u64,
    scanned: u64,
    fingerprint: String,
    files: Vec<SourceFile>,
    notes: Vec<String>,
    parquet: String,
}

impl GraphQl {
    /// Asks the server which of the two kinds it is.
    ///
    /// # Errors
    /// A server that cannot be reached, does not let us in, or is no GraphQL server.
    pub fn open(server: &Server) -> Result<Self> {
        let client = Client::new(server)?;
        let answer = client.query(op::SERVED, &json!({}), MOST)?;
        let served = match answer.get(&["served"]) {
            Ok(served) => Some(read(&answer, served)?),
            // Spot's own server does not know one of these fields, and names it.
            Err(error) if ["served", "days"].iter().any(|field| error.what.contains(field)) => None,
            Err(error) => return Err(error),
        };
        Ok(Self { client, served })
    }

    fn list<T>(
        &self,
        operation: &str,
        variables: &Value,
        path: &[&str],
        each: impl Fn(&Item<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let answer = self.client.query(operation, variables, MOST)?;
        let (items, _) = answer.list(path)?;
        items.iter().map(each).collect()
    }

    /// Rows that `spot serve` sends.
    fn rows(&self, operation: &str, variables: &Value, path: &[&str]) -> Result<Rows> {
        let answer = self.client.query(&format!("{operation}{ROWS}"), variables, ROWS_MOST)?;
        let wire: WireRows = read(&answer, answer.get(path)?)?;
        let frame = frame(&answer, &wire.parquet)?;
        if frame.height() as u64 != wire.rows {
            return Err(answer.wrong(format!("{} rows came, not {}", frame.height(), wire.rows)));
        }
        let WireRows { table, filter, rows, scanned, fingerprint, files, notes, .. } = wire;
        let provenance =
            Provenance { table, filter, rows, scanned, files, fingerprint, partial: None };
        Ok(Rows { frame, provenance, notes })
    }

    /// Rows made of the sums that Spot's own server sends.
    fn partial(
        &self,
        (operation, variables, path): (&str, &Value, &[&str]),
        (table, filter): (&str, String),
        read: impl Fn(&[Item<'_>]) -> Result<(DataFrame, Vec<String>)>,
    ) -> Result<Rows> {
        let answer = self.client.query(operation, variables, MOST)?;
        let (items, said) = answer.list(path)?;
        let (frame, more) = read(&items)?;
        let mut notes = said;
        notes.extend(more);
        let provenance = Provenance {
            table: table.to_owned(),
            filter,
            rows: frame.height() as u64,
            // What it read is its secret.
            scanned: frame.height() as u64,
            files: Vec::new(),
            fingerprint: fingerprint(answer.get(path)?),
            partial: Some(partial::NOTE.to_owned()),
        };
        Ok(Rows { frame, provenance, notes })
    }

    /// Rows of each of `dates` that has any.
    fn ingested(&self, pipeline: Pipeline, dates: Dates) -> Result<BTreeMap<NaiveDate, u64>> {
        let operation = match pipeline {
            Pipeline::Flow => op::FLOW_INGESTED,
            Pipeline::Dns => op::DNS_INGESTED,
        };
        let path = [pipeline.name(), "ingestSummary"];
        let line = |item: &Item<'_>| {
            let at = item.time("datetime")?.ok_or_else(|| item.no("datetime", "time"))?;
            let rows = item.whole("total")?.and_then(|rows| u64::try_from(rows).ok());
            Ok((at.date(), rows.unwrap_or(0)))
        };
        let days: Vec<NaiveDate> = dates.days().collect();
        let mut rows: BTreeMap<NaiveDate, u64> = BTreeMap::new();
        // A month at a time: Spot's own server compares years, months and days of DNS each on its own,
        // and finds nothing from 25 January to 5 February.
        for month in days.chunk_by(|a, b| (a.year(), a.month()) == (b.year(), b.month())) {
            let variables = json!({"first": month.first(), "last": month.last()});
            for (day, more) in self.list(operation, &variables, &path, line)? {
                if dates.contains(day) {
                    let sum = rows.entry(day).or_default();
                    *sum = sum.saturating_add(more);
                }
            }
        }
        Ok(rows)
    }

    fn needs_rows(&self, what: &str) -> StoreError {
        let fix = "ask a server of `spot serve`, or open the folder";
        let what = format!("this server has only what Apache Spot's own had: {what}");
        StoreError::usage(what, fix).at(self.client.server().shown())
    }

    fn stays(&self, what: &str) -> StoreError {
        let fix = "open the folder, or ask about one address";
        let what = format!("{what}: a server is not asked for that");
        StoreError::usage(what, fix).at(self.client.server().shown())
    }
}

/// Of the lines of an answer, whose order Spot's own server leaves open.
fn fingerprint(lines: &Value) -> String {
    let mut lines: Vec<String> =
        lines.as_array().into_iter().flatten().map(Value::to_string).collect();
    lines.sort_unstable();
    sha256(lines.join("\n").as_bytes())
}

pub(super) fn read<T: DeserializeOwned>(answer: &Answer, value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|e| answer.wrong(format!("the answer has another shape: {e}")))
}

fn frame(answer: &Answer, parquet: &str) -> Result<DataFrame> {
    wire::from_text(parquet).map_err(|e| answer.wrong(format!("the rows cannot be read: {e}")))
}

fn texts(items: &[Item<'_>], field: &str) -> Result<StringChunked> {
    items.iter().map(|item| item.text(field)).collect()
}

fn codes(items: &[Item<'_>], field: &str) -> Result<Int32Chunked> {
    let code = |item: &Item<'_>| Ok(item.whole(field)?.and_then(|n| i32::try_from(n).ok()));
    items.iter().map(code).collect()
}

impl Store for GraphQl {
    fn has(&self, pipeline: Pipeline) -> bool {
        let has = |served: &Served| match pipeline {
            Pipeline::Flow => served.flow,
            Pipeline::Dns => served.dns,
        };
        self.served.as_ref().is_some_and(has)
    }

    fn context(&self) -> Result<Option<Texts>> {
        if self.served.is_none() {
            return Ok(None);
        }
        let answer = self.client.query(op::CONTEXT, &json!({}), ROWS_MOST)?;
        read(&answer, answer.get(&["served", "context"])?).map(Some)
    }

    fn days(&self, pipeline: Pipeline) -> Result<Vec<DayInfo>> {
        if self.served.is_none() {
            // Nobody can ask Spot's own server which days it has.
            return Ok(Vec::new());
        }
        self.list(op::SERVED, &json!({}), &[pipeline.name(), "days"], |item| {
            let day = item.text("date")?.and_then(|day| day.parse().ok());
            let high = item.whole("highRows")?.and_then(|rows| u64::try_from(rows).ok());
            Ok(DayInfo {
                day: day.ok_or_else(|| item.no("date", "day"))?,
                high_rows: high.unwrap_or(0),
            })
        })
    }

    fn days_in(&self, pipeline: Pipeline, dates: Dates) -> Result<Vec<DayRows>> {
        let high = self.days(pipeline)?;
        let high = |day| high.iter().find(|info| info.day == day).map_or(0, |info| info.high_rows);
        let rows = self.ingested(pipeline, dates)?;
        let one = |day| DayRows {
            day,
            rows: rows.get(&day).copied().unwrap_or(0),
            high_rows: self.served.is_some().then(|| high(day)),
            files: None,
        };
        Ok(dates.days().map(one).collect())
    }

    fn threats(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        let own = self.served.is_some();
        let operation = match pipeline {
            Pipeline::Flow if own => op::FLOW_LIST_SERVED,
            Pipeline::Dns if own => op::DNS_LIST_SERVED,
            Pipeline::Flow => op::FLOW_LIST,
            Pipeline::Dns => op::DNS_LIST,
        };
        let answer = self.client.query(operation, &json!({"date": day}), MOST)?;
        let (items, _) = answer.list(&[pipeline.name(), "threats", "list"])?;
        let frame = match pipeline {
            Pipeline::Flow => df!(
                "tstart" => if own {
                    texts(&items, "tstart")?
                } else {
                    StringChunked::full_null("".into(), items.len())
                }.into_series(),
                "srcip" => texts(&items, "srcIp")?.into_series(),
                "dstip" => texts(&items, "dstIp")?.into_series(),
                "srcport" => codes(&items, "srcPort")?.into_series(),
                "dstport" => codes(&items, "dstPort")?.into_series(),
                "score" => codes(&items, "score")?.into_series(),
            ),
            Pipeline::Dns => df!(
                "unix_tstamp" => if own {
                    items.iter().map(|i| i.whole("unixTimestamp")).collect::<Result<_>>()?
                } else {
                    Int64Chunked::full_null("".into(), items.len())
                }.into_series(),
                "ip_dst" => texts(&items, "clientIp")?.into_series(),
                "dns_qry_name" => texts(&items, "dnsQuery")?.into_series(),
                "ip_sev" => codes(&items, "clientIpScore")?.into_series(),
                "dns_sev" => codes(&items, "dnsScore")?.into_series(),
            ),
        };
        frame.map_err(|e| engine(&e))
    }

    fn scores(&self, _: Pipeline, _: NaiveDate) -> Result<DataFrame> {
        Err(self.stays("the scores of a day"))
    }

    fn rows_of(&self, _: Pipeline, _: NaiveDate) -> Result<u64> {
        Err(self.stays("the number of a day's rows"))
    }

    fn flow_rows(&self, day: NaiveDate, anchor: &Address) -> Result<FlowRows> {
        let variables = json!({"date": day, "ip": anchor});
        if self.served.is_some() {
            return self.rows(op::FLOW_ROWS, &variables, &["flow", "threat", "rows"]);
        }
        let path = ["flow", "threat", "details"];
        let filter = format!("sip = {anchor} or dip = {anchor}");
        self.partial((op::FLOW_DETAILS, &variables, &path), ("flow", filter), partial::flows)
    }

    fn flow_rows_between(
        &self,
        day: NaiveDate,
        ones: &[Address],
        others: &[Address],
    ) -> Result<FlowRows> {
        if self.served.is_none() {
            return Err(self.needs_rows("it cannot look for flows between many addresses"));
        }
        let variables = json!({"date": day, "ones": ones, "others": others});
        self.rows(op::FLOW_BETWEEN, &variables, &["flow", "rowsBetween"])
    }

    fn dns_rows(&self, day: NaiveDate, selection: &Selection) -> Result<DnsRows> {
        let (client, name, scope) = match selection.asked() {
            Asked::Client(client) => (Some(client.as_str()), None, "EXACT"),
            // Spot's own server compares names as they are written.
            Asked::Exact(name) => (None, Some(selection.raw().unwrap_or(name)), "EXACT"),
            Asked::Below(domain) => (None, Some(domain.as_str()), "DOMAIN"),
            Asked::Containing(text) => (None, Some(text.as_str()), "SUBSTRING"),
        };
        let mut variables = json!({"date": day, "clientIp": client, "dnsQuery": name});
        if self.served.is_some() {
            variables["scope"] = json!(scope);
            return self.rows(op::DNS_ROWS, &variables, &["dns", "threat", "rows"]);
        }
        if scope != "EXACT" {
            return Err(self.needs_rows("it looks for one client or one name"));
        }
        variables["first"] = json!(i32::MAX);
        let path = ["dns", "threat", "details"];
        let read = |items: &[Item<'_>]| Ok((partial::answers(items)?, Vec::new()));
        self.partial((op::DNS_DETAILS, &variables, &path), ("dns", selection.to_string()), read)
    }

    fn dns_answering(&self, day: NaiveDate, addresses: &[Address]) -> Result<DataFrame> {
        if self.served.is_none() {
            return Err(self.needs_rows("it cannot look for names that led to addresses"));
        }
        let variables = json!({"date": day, "addresses": addresses});
        let answer = self.client.query(op::DNS_ANSWERING, &variables, ROWS_MOST)?;
        let text = answer.get(&["dns", "answering", "parquet"])?.as_str();
        frame(&answer, text.unwrap_or_default())
    }

    fn comments(&self, day: NaiveDate) -> Result<Vec<Comment>> {
        let path = ["flow", "threats", "comments"];
        let own = self.served.is_some();
        let comments = self.list(op::FLOW_COMMENTS, &json!({"date": day}), &path, |item| {
            let Some(ip) = item.text("ip")? else { return Ok(None) };
            comment(item, own, Address::new(ip)).map(Some)
        })?;
        let mut comments: Vec<Comment> = comments.into_iter().flatten().collect();
        comments.sort_by(|a, b| a.anchor.cmp(&b.anchor));
        Ok(comments)
    }

    fn dns_comments(&self, day: NaiveDate) -> Result<Vec<Comment<Anchor>>> {
        let path = ["dns", "threats", "comments"];
        let own = self.served.is_some();
        let comments = self.list(op::DNS_COMMENTS, &json!({"date": day}), &path, |item| {
            let name = item.text_if_any("dnsQuery").map(|name| Anchor::Query(Name::new(name)));
            let client = || {
                let client = item.text_if_any("clientIp")?;
                Some(Anchor::Client(Address::new(client)))
            };
            let Some(anchor) = name.or_else(client) else { return Ok(None) };
            comment(item, own, anchor).map(Some)
        })?;
        let mut comments: Vec<_> = comments.into_iter().flatten().collect();
        comments.sort_by(|a, b| a.anchor.cmp(&b.anchor));
        Ok(comments)
    }

    fn save_story(&self, story: &Story) -> Result<Saved> {
        self.save_flows(story)
    }

    fn save_dns_story(&self, story: &DnsStory) -> Result<Saved> {
        self.save_answers(story)
    }

    fn score_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        self.rate_flows(day, scores, by)
    }

    fn score_dns(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        self.rate_answers(day, scores, by)
    }

    fn named(&self, _: Pipeline, _: NaiveDate) -> Result<Named> {
        Err(self.stays("the addresses and names of a day"))
    }

    fn reset_scores(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
        self.reset(pipeline, day)
    }

    fn describe(&self) -> String {
        match &self.served {
            Some(served) => format!("{} (GraphQL, {})", self.client.server().shown(), served.data),
            None => format!("{} (GraphQL, Spot's own fields)", self.client.server().shown()),
        }
    }

    fn frame(&self, pipeline: Pipeline, day: NaiveDate) -> Result<DataFrame> {
        Err(self.stays(&format!("all rows of `{}` of {day}", pipeline.name())))
    }
}

fn comment<A>(item: &Item<'_>, own: bool, anchor: A) -> Result<Comment<A>> {
    let text = |name| Ok::<_, StoreError>(item.text(name)?.unwrap_or_default().to_owned());
    let (title, text) = (text("title")?, text("text")?);
    // Spot's own server gives a line's end as these two characters, since its notebook sends them.
    let text = if own { text } else { text.replace("\\n", "\n") };
    Ok(Comment { anchor, title, text })
}
