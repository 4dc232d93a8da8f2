//! Unlikely flows.

use std::sync::{Arc, Mutex};

use spot_analysis::unlikely::UnlikelyFlow;
use spot_store::{Flow, FlowFilter, Workbench};
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
}
