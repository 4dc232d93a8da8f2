//! Unlikely answers.

use std::sync::{Arc, Mutex};

use spot_analysis::unlikely::UnlikelyAnswer;
use spot_store::{Dns, DnsFilter, DnsWorkbench};
use spot_view::{Markup, unlikely};

use crate::Result;
use crate::panel::{Edge, EdgePanel};

static OPEN: Mutex<Option<Arc<EdgePanel<Dns>>>> = Mutex::new(None);

const BOTH: &str = "client and name";
const CLIENT: &str = "client";
const NAME: &str = "name";

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
}
