//! The four tables of a search in the panel, a "Search this" beside each row.

use std::sync::Arc;

use evcxr_widgets::{Accordion, VBox};
use spot_analysis::model::{Address, Investigation, TopTable};
use spot_store::{Flow, Settings};
use spot_view::{format, tables};

use crate::case::Further;
use crate::panel::{OnRow, Rows};

pub(crate) struct Peers {
    accordion: Accordion,
    sections: [Rows<Address>; 4],
}

impl Further<Flow> for Peers {
    fn new(search: OnRow<Address>, _: &Settings) -> Self {
        let sections: [Rows<Address>; 4] = std::array::from_fn(|_| Rows::new(search.clone()));
        let [a, b, c, d] = &sections;
        let accordion = Accordion::new([""; 4], (a.root(), b.root(), c.root(), d.root()));
        Self { accordion, sections }
    }

    fn fill(&self, found: &Arc<Investigation>) {
        for (section, table) in self.sections.iter().zip(&found.top) {
            let peers = table.rows.iter().map(|row| row.peer.clone()).collect();
            section.fill(tables::peers(table), peers);
        }
        let title = |table: &TopTable| {
            format!("{} ({})", table.title(), format::of(table.rows.len(), table.of))
        };
        self.accordion.set_titles(found.top.iter().map(title));
    }

    fn place(&self, found: &Investigation, home: &VBox) {
        match found.facts.peers {
            0 => home.set_children(()),
            _ => home.set_children((&self.accordion,)),
        }
    }
}
