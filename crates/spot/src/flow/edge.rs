//! Unlikely flows.

use std::sync::{Arc, Mutex};

use chrono::Utc;
use spot_analysis::model::Address;
use spot_analysis::rank::{Hidden, Subject};
use spot_analysis::unlikely::{Ratings, UnlikelyFlow};
use spot_store::{Flow, FlowFilter, Pipeline, Workbench};
use spot_view::{Markup, unlikely};

use crate::Result;
use crate::panel::{Edge, EdgePanel};

static OPEN: Mutex<Option<Arc<EdgePanel<Flow>>>> = Mutex::new(None);

impl Edge for Flow {
    type Row = UnlikelyFlow;

    const ENDS: &'static [&'static str] = &["connection"];

    fn open() -> &'static Mutex<Option<Arc<EdgePanel<Self>>>> {
        &OPEN
    }

    fn unlikely(bench: &Workbench, most: usize) -> Result<Vec<UnlikelyFlow>> {
        Ok(bench.unlikely(most)?)
    }

    fn row_line(row: &UnlikelyFlow) -> String {
        unlikely::flow_label(row)
    }

    fn is_rated(row: &UnlikelyFlow) -> bool {
        row.rated.is_some()
    }

    fn of(row: &UnlikelyFlow, _: &str) -> FlowFilter {
        FlowFilter {
            src: Some(row.src.clone()),
            dst: Some(row.dst.clone()),
            src_port: Some(row.src_port),
            dst_port: Some(row.dst_port),
        }
    }

    fn rows_table(rows: &[UnlikelyFlow], top: usize) -> Markup {
        unlikely::flows(rows, top)
    }

    fn rank(bench: &Workbench) -> Result<Hidden> {
        Ok(bench.rank(0, Utc::now().date_naive())?)
    }

    fn ratings(bench: &Workbench) -> Result<Ratings> {
        Ok(Ratings::of_flows(&bench.store().threats(Pipeline::Flow, bench.day())?)?)
    }

    fn of_subject(_: &Workbench, subject: &Subject) -> Result<Vec<FlowFilter>> {
        let between = |src: Option<&Address>, dst: Option<&Address>| FlowFilter {
            src: src.cloned(),
            dst: dst.cloned(),
            ..FlowFilter::default()
        };
        Ok(match subject {
            Subject::Pair { client, server } => {
                vec![between(Some(client), Some(server)), between(Some(server), Some(client))]
            }
            Subject::Host { address } | Subject::Client { address } => {
                vec![between(Some(address), None), between(None, Some(address))]
            }
            Subject::Domain { .. } => Vec::new(),
        })
    }
}
