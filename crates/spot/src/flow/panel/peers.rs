//! The four tables of a search in the panel, a "Search this" beside each row.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use evcxr_widgets::{Accordion, Button, ButtonStyle, HBox, Html, Layout, VBox};
use spot_analysis::model::{Address, Investigation};
use spot_view::{format, tables};

use crate::panel::lock;

/// The second click of a double click comes when the row has become another's.
const NO_CLICK: Duration = Duration::from_millis(300);

/// What a click calls.
type Search = Arc<dyn Fn(&Address) + Send + Sync>;

pub(super) struct Peers {
    accordion: Accordion,
    sections: [Section; 4],
    search: Search,
    layout: Layout,
    style: ButtonStyle,
}

struct Section {
    table: Html,
    column: VBox,
    rows: HBox,
    buttons: Mutex<Vec<Button>>,
    /// The peer of each row, and since when.
    shown: Arc<Mutex<(Vec<Address>, Option<Instant>)>>,
}

impl Peers {
    pub(super) fn new(search: impl Fn(&Address) + Send + Sync + 'static) -> Self {
        let sections = std::array::from_fn(|_| Section::new());
        let [a, b, c, d] = &sections;
        let accordion = Accordion::new([""; 4], (&a.rows, &b.rows, &c.rows, &d.rows));
        let height = tables::PEER_ROW - 4;
        Self {
            accordion,
            sections,
            search: Arc::new(search),
            layout: Layout::new().width("100px").height(format!("{height}px")).margin("2px 0"),
            style: ButtonStyle::new(),
        }
    }

    pub(super) fn root(&self) -> &Accordion {
        &self.accordion
    }

    /// Shows another search's tables.
    pub(super) fn fill(&self, found: &Investigation) {
        for (section, table) in self.sections.iter().zip(&found.top) {
            section.table.set_value(tables::peers(table).into_string());
            let peers: Vec<Address> = table.rows.iter().map(|row| row.peer.clone()).collect();
            section.column.set_children(self.buttons(section, &peers));
            *lock(&section.shown) = (peers, Some(Instant::now()));
        }
        let title = |table: &spot_analysis::model::TopTable| {
            format!("{} ({})", table.title(), format::of(table.rows.len(), table.of))
        };
        self.accordion.set_titles(found.top.iter().map(title));
    }

    /// A button for each row; those of the search before serve again.
    fn buttons(&self, section: &Section, peers: &[Address]) -> Vec<Button> {
        let mut buttons = lock(&section.buttons);
        for row in buttons.len()..peers.len() {
            let (shown, search) = (section.shown.clone(), self.search.clone());
            let button = Button::new("Search this")
                .layout(self.layout.clone())
                .style(self.style.clone())
                .on_click(move || {
                    let peer = {
                        let shown = lock(&shown);
                        let settled = shown.1.is_some_and(|since| since.elapsed() > NO_CLICK);
                        settled.then(|| shown.0.get(row).cloned()).flatten()
                    };
                    if let Some(peer) = peer {
                        search(&peer);
                    }
                });
            buttons.push(button);
        }
        buttons.iter().take(peers.len()).cloned().collect()
    }
}

impl Section {
    fn new() -> Self {
        let head = format!("{}px 0 0 0", tables::PEER_ROW);
        let column = VBox::new(()).layout(Layout::new().padding(head).min_width("108px"));
        let table = Html::new("").layout(Layout::new().flex("1 1 auto").margin("0").min_width("0"));
        let rows = HBox::new((&column, &table));
        Self { table, column, rows, buttons: Mutex::default(), shown: Arc::default() }
    }
}
