//! What changes something behind a server: saves, scores, resets.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use spot_analysis::dns::{Anchor, Name};
use spot_analysis::{details, dns};

use super::answer::Answer;
use super::client::unsure;
use super::operations as op;
use super::store::{GraphQl, read};
use crate::dns_story::DnsStory;
use crate::error::{Kind, Result, StoreError};
use crate::flow_story::Story;
use crate::layout::Pipeline;
use crate::scoring::{self, DnsFilter, FlowFilter, Score};
use crate::story::{Artefact, Saved};

/// What `spot serve` says of a save.
#[derive(Deserialize)]
struct Told {
    revision: u64,
    artefacts: Vec<Artefact>,
}

impl GraphQl {
    /// Asks for a change, and gives what the server says of it.
    fn changed(
        &self,
        operation: &str,
        variables: &Value,
        path: [&str; 2],
    ) -> Result<(Answer, Value)> {
        let answer = self.client.mutate(operation, variables)?;
        if let Some(error) = answer.first_error() {
            // It may have given up waiting and not working; Spot's own says so of DNS after each save.
            return Err(if error.kind == Kind::Server { unsure(error) } else { error });
        }
        let told = answer.get(&path)?.clone();
        Ok((answer, told))
    }

    fn save(&self, operation: &str, variables: &Value, path: [&str; 2]) -> Result<Saved> {
        let (answer, told) = self.changed(operation, variables, path)?;
        if !succeeded(&told) {
            return Err(answer.wrong("the server did not save it".to_owned()));
        }
        if self.served.is_none() {
            // It does not say what it wrote.
            return Ok(Saved { artefacts: Vec::new(), revision: 0 });
        }
        let Told { revision, artefacts } = read(&answer, &told)?;
        Ok(Saved { artefacts, revision })
    }

    /// Rows of each of `input`, where the server says how many.
    fn rate(
        &self,
        pipeline: Pipeline,
        input: Vec<Value>,
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        let own = self.served.is_some();
        let operation = match pipeline {
            Pipeline::Flow if own => op::FLOW_SCORE_SERVED,
            Pipeline::Dns if own => op::DNS_SCORE_SERVED,
            Pipeline::Flow => op::FLOW_SCORE,
            Pipeline::Dns => op::DNS_SCORE,
        };
        let mut variables = json!({"input": input});
        if own {
            variables["by"] = json!(by);
        }
        let (answer, told) = self.changed(operation, &variables, [pipeline.name(), "score"])?;
        let told = told.as_array().filter(|told| told.len() == input.len()).ok_or_else(|| {
            answer.wrong(format!("the server does not answer to each of {} scores", input.len()))
        })?;
        if own {
            return Ok(told.iter().map(|told| told.get("rows").and_then(Value::as_u64)).collect());
        }
        let refused = told.iter().filter(|told| !succeeded(told)).count();
        match refused {
            0 => Ok(vec![None; input.len()]),
            _ => {
                Err(answer
                    .wrong(format!("the server took not {refused} of {} scores", input.len())))
            }
        }
    }

    pub(super) fn save_flows(&self, story: &Story) -> Result<Saved> {
        let found = &story.investigation;
        let mut variables = json!({"date": found.day, "ip": found.anchor, "title": story.title});
        let path = ["flow", "createStoryboard"];
        if self.served.is_some() {
            variables["text"] = json!(story.text);
            variables["fingerprint"] = json!(found.provenance.fingerprint);
            variables["author"] = json!(story.author);
            return self.save(op::FLOW_SAVE_SERVED, &variables, path);
        }
        variables["text"] = json!(one_line(&story.text));
        variables["threatDetails"] = flow_details(story)?;
        variables["topResults"] = json!(found.top[0].rows.len().max(found.timeline.lanes.len()));
        self.save(op::FLOW_SAVE, &variables, path)
    }

    pub(super) fn save_answers(&self, story: &DnsStory) -> Result<Saved> {
        let found = &story.investigation;
        let (client, name) = match &found.anchor {
            Anchor::Client(client) => (Some(client.as_str()), None),
            Anchor::Query(name) => (None, Some(name.raw())),
        };
        let mut variables = json!({
            "date": found.day, "clientIp": client, "dnsQuery": name, "title": story.title,
        });
        let path = ["dns", "createStoryboard"];
        if self.served.is_some() {
            variables["text"] = json!(story.text);
            variables["fingerprint"] = json!(found.provenance.fingerprint);
            let (scope, text) = match &found.scope {
                dns::Scope::Exact => ("EXACT", None),
                dns::Scope::RegisteredDomain => ("DOMAIN", None),
                dns::Scope::Substring(text) => ("SUBSTRING", Some(text.as_str())),
            };
            variables["scope"] = json!(scope);
            variables["substring"] = json!(text);
            variables["author"] = json!(story.author);
            return self.save(op::DNS_SAVE_SERVED, &variables, path);
        }
        variables["text"] = json!(one_line(&story.text));
        let line = |row: &dns::Row| json!({"total": row.total, "dnsQuery": row.name.raw(), "clientIp": row.client});
        variables["threatDetails"] = found.rows.iter().map(line).collect();
        self.save(op::DNS_SAVE, &variables, path)
    }

    pub(super) fn rate_flows(
        &self,
        day: NaiveDate,
        scores: &[Score<FlowFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        scoring::check_flows(scores)?;
        let is_zero = |of: &FlowFilter| of.src_port == Some(0) || of.dst_port == Some(0);
        if self.served.is_none() && scores.iter().any(|score| is_zero(&score.of)) {
            let fix = "score its addresses, or ask a server of `spot serve`";
            let what = "Spot's own server takes port 0 for none and would score far more";
            return Err(StoreError::usage(what, fix).at(self.client.server().shown()));
        }
        let own = self.served.is_some();
        let input = scores.iter().map(|Score { of, rating, reason }| {
            given([
                ("date", json!(day)),
                ("score", json!(*rating as i32)),
                ("srcIp", json!(of.src)),
                ("dstIp", json!(of.dst)),
                ("srcPort", json!(of.src_port)),
                ("dstPort", json!(of.dst_port)),
                // Spot's own server knows of none.
                ("reason", json!(reason.as_ref().filter(|_| own))),
            ])
        });
        self.rate(Pipeline::Flow, input.collect(), by)
    }

    pub(super) fn rate_answers(
        &self,
        day: NaiveDate,
        scores: &[Score<DnsFilter>],
        by: Option<&str>,
    ) -> Result<Vec<Option<u64>>> {
        scoring::check_dns(scores)?;
        let own = self.served.is_some();
        let input = scores.iter().map(|Score { of, rating, reason }| {
            given([
                ("date", json!(day)),
                ("score", json!(*rating as i32)),
                ("clientIp", json!(of.client)),
                ("dnsQuery", json!(of.name.as_ref().map(Name::raw))),
                ("reason", json!(reason.as_ref().filter(|_| own))),
            ])
        });
        self.rate(Pipeline::Dns, input.collect(), by)
    }

    pub(super) fn reset(&self, pipeline: Pipeline, day: NaiveDate) -> Result<()> {
        let operation = match pipeline {
            Pipeline::Flow => op::FLOW_RESET,
            Pipeline::Dns => op::DNS_RESET,
        };
        let path = [pipeline.name(), "resetScoredConnections"];
        let (answer, told) = self.changed(operation, &json!({"date": day}), path)?;
        match succeeded(&told) {
            true => Ok(()),
            false => Err(answer.wrong("the server did not reset the day".to_owned())),
        }
    }
}

fn succeeded(told: &Value) -> bool {
    told.get("success").and_then(Value::as_bool) == Some(true)
}

/// An input without what is not given: Spot's own server takes a null for a value.
fn given<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let given = fields.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(Map::from_iter(given.map(|(name, value)| (name.to_owned(), value))))
}

fn one_line(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\n', "\\n")
}

/// The lines of the search, which Spot's own server makes its story of; its averages are whole.
fn flow_details(story: &Story) -> Result<Value> {
    let mut lines = details::objects(&story.rows)?;
    for line in &mut lines {
        for name in ["avgPkts", "avgBytes"] {
            let average = line.get(name).and_then(Value::as_f64);
            line[name] = json!(average.map(|average| average as i64));
        }
    }
    Ok(Value::Array(lines))
}
