//! What searches cost: the first of a process, and those after the day was held in memory.
//!
//! `search_times flow DATA 10.0.0.5 10.0.0.9` searches the first address, holds the day, and searches
//! all addresses again. For DNS: `search_times dns DATA client:10.0.0.5 name:evil.com domain:evil.com
//! contains:evil`. Prints JSON; seconds are of the search alone, the folder is open.

use std::time::Instant;

use serde_json::{Value, json};
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{DnsWorkbench, Pipeline, Settings, Store, Workbench};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [pipeline, data, asked @ ..] = words.as_slice() else {
        return Err("give `flow` or `dns`, the data folder, and whom to search".into());
    };
    let given = given([("SPOT_DATA", data)]);
    let found = match pipeline.as_str() {
        "flow" => {
            let bench = Workbench::open(Settings::from_env_for(Pipeline::Flow, &given)?)?;
            let search = |asked: &str| -> Outcome<u64> {
                Ok(bench.investigate(&Address::new(asked))?.facts.connections)
            };
            measured(asked, &search, &|| bench.hold(), bench.store())?
        }
        "dns" => {
            let bench = DnsWorkbench::open(Settings::from_env_for(Pipeline::Dns, &given)?)?;
            let search = |asked: &str| -> Outcome<u64> {
                let (anchor, scope) = question(asked)?;
                Ok(bench.investigate(&anchor, &scope)?.facts.answers)
            };
            measured(asked, &search, &|| bench.hold(), bench.store())?
        }
        _ => return Err("there are `flow` and `dns`".into()),
    };
    println!("{found}");
    Ok(())
}

fn question(asked: &str) -> Outcome<(Anchor, Scope)> {
    let (kind, text) = asked.split_once(':').ok_or("give client:, name:, domain: or contains:")?;
    Ok(match kind {
        "client" => (Anchor::Client(Address::new(text)), Scope::Exact),
        "name" => (Anchor::Query(Name::new(text)), Scope::Exact),
        "domain" => (Anchor::Query(Name::new(text)), Scope::RegisteredDomain),
        "contains" => (Anchor::Query(Name::new(text)), Scope::Substring(text.to_owned())),
        _ => return Err(format!("`{kind}` is no kind of search").into()),
    })
}

type Thread = std::thread::JoinHandle<()>;

/// The first search; then the day is held, and all are searched.
fn measured(
    asked: &[String],
    search: &dyn Fn(&str) -> Outcome<u64>,
    hold: &dyn Fn() -> Option<Thread>,
    store: &dyn Store,
) -> Outcome<Value> {
    let timed = |asked: &String| -> Outcome<Value> {
        let begin = Instant::now();
        let rows = search(asked)?;
        Ok(json!({"asked": asked, "seconds": begin.elapsed().as_secs_f64(), "rows": rows}))
    };
    let first = timed(asked.first().ok_or("give whom to search")?)?;
    let (mut again, mut hold_seconds) = (Vec::new(), 0.0);
    if asked.len() > 1 {
        let begin = Instant::now();
        if let Some(thread) = hold() {
            thread.join().map_err(|_| "the day cannot be held")?;
        }
        hold_seconds = begin.elapsed().as_secs_f64();
        again = asked.iter().map(timed).collect::<Outcome<_>>()?;
    }
    let held = store.held();
    Ok(json!({
        "first": first,
        "again": again,
        "held": {"rows": held.rows, "bytes": held.bytes, "seconds": hold_seconds},
    }))
}
