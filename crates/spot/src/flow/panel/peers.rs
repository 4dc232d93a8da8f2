//! The four tables of a search in the panel, a "Search this" beside each row.

use std::sync::Arc;

use evcxr_widgets::Accordion;
use spot_analysis::model::{Address, Investigation, TopTable};
use spot_view::{format, tables};

use crate::panel::Rows;

pub(super) struct Peers {
    accordion: Accordion,
    sections: [Rows<Address>; 4],
}

impl Peers {
    pub(super) fn new(search: impl Fn(&Address) + Send + Sync + 'static) -> Self {
        let search: Arc<dyn Fn(&Address) + Send + Sync> = Arc::new(search);
        let sections: [Rows<Address>; 4] = std::array::from_fn(|_| Rows::new(search.clone()));
        let [a, b, c, d] = &sections;
        let accordion = Accordion::new([""; 4], (a.root(), b.root(), c.root(), d.root()));
        Self { accordion, sections }
    }

    pub(super) fn root(&self) -> &Accordion {
        &self.accordion
    }

    /// Shows another search's tables.
    pub(super) fn fill(&self, found: &Investigation) {
        for (section, table) in self.sections.iter().zip(&found.top) {
            let peers = table.rows.iter().map(|row| row.peer.clone()).collect();
            section.fill(tables::peers(table), peers);
        }
        let title = |table: &TopTable| {
            format!("{} ({})", table.title(), format::of(table.rows.len(), table.of))
        };
        self.accordion.set_titles(found.top.iter().map(title));
    }
}
