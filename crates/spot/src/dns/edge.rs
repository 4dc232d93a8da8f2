//! Unlikely answers.

use std::sync::{Arc, Mutex};

use chrono::Utc;
use spot_analysis::rank::{Hidden, Subject};
use spot_analysis::unlikely::{Ratings, UnlikelyAnswer};
use spot_store::{Dns, DnsFilter, DnsWorkbench, Pipeline};
use spot_view::{Markup, unlikely};

use crate::Result;
use crate::panel::{Edge, EdgePanel};

static OPEN: Mutex<Option<Arc<EdgePanel<Dns>>>> = Mutex::new(None);

const BOTH: &str = "client and name";
const CLIENT: &str = "client";
const NAME: &str = "name";

/// Names of a domain that are scored.
const NAMES: usize = 200;

impl Edge for Dns {
    type Row = UnlikelyAnswer;

    const ENDS: &'static [&'static str] = &[NAME, CLIENT, BOTH];

    fn open() -> &'static Mutex<Option<Arc<EdgePanel<Self>>>> {
        &OPEN
    }

    fn unlikely(bench: &DnsWorkbench, most: usize) -> Result<Vec<UnlikelyAnswer>> {
        Ok(bench.unlikely(most)?)
    }

    fn row_line(row: &UnlikelyAnswer) -> String {
        unlikely::answer_label(row)
    }

    fn is_rated(row: &UnlikelyAnswer) -> bool {
        row.client_rated.is_some() || row.name_rated.is_some()
    }

    fn of(row: &UnlikelyAnswer, end: &str) -> DnsFilter {
        DnsFilter {
            client: (end != NAME).then(|| row.client.clone()),
            name: (end != CLIENT).then(|| row.name.clone()),
        }
    }

    fn rows_table(rows: &[UnlikelyAnswer], top: usize) -> Markup {
        unlikely::answers(rows, top)
    }

    fn rank(bench: &DnsWorkbench) -> Result<Hidden> {
        Ok(bench.rank(0, Utc::now().date_naive())?)
    }

    fn ratings(bench: &DnsWorkbench) -> Result<Ratings> {
        Ok(Ratings::of_answers(&bench.store().threats(Pipeline::Dns, bench.day())?)?)
    }

    fn of_subject(bench: &DnsWorkbench, subject: &Subject) -> Result<Vec<DnsFilter>> {
        let domain = match subject {
            Subject::Domain { name } => name,
            Subject::Client { address } | Subject::Host { address } => {
                return Ok(vec![DnsFilter { client: Some(address.clone()), name: None }]);
            }
            Subject::Pair { .. } => return Ok(Vec::new()),
        };
        // A tunnel has as many names as it sent parcels: some of them stand for all.
        let names = bench.store().named(Pipeline::Dns, bench.day())?.names.into_iter();
        let below = names
            .filter(|name| name == domain || name.registered_domain().as_ref() == Some(domain));
        let of = |name| DnsFilter { client: None, name: Some(name) };
        Ok(below.take(NAMES).map(of).collect())
    }
}
