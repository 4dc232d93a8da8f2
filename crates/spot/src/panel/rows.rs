//! A table with a "Search this" beside each row.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use evcxr_widgets::{Button, ButtonStyle, HBox, Html, Layout, VBox};
use spot_view::{Markup, tables};

use super::lock;

/// The second click of a double click comes when the row has become another's.
const NO_CLICK: Duration = Duration::from_millis(300);

/// What a click in a row does with what the row is about.
pub(crate) type OnRow<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// The table, and what a click in a row is about.
pub(crate) struct Rows<T> {
    table: Html,
    column: VBox,
    root: HBox,
    buttons: Mutex<Vec<Button>>,
    shown: Arc<Mutex<Shown<T>>>,
    search: OnRow<T>,
    layout: Layout,
    style: ButtonStyle,
}

/// What each row is about, and since when.
struct Shown<T> {
    rows: Vec<T>,
    since: Option<Instant>,
}

impl<T: Clone + Send + 'static> Rows<T> {
    /// An empty table; a click calls `search` with what the row is about.
    pub(crate) fn new(search: OnRow<T>) -> Self {
        let head = format!("{}px 0 0 0", tables::PEER_ROW);
        let column = VBox::new(()).layout(Layout::new().padding(head).min_width("108px"));
        let table = Html::new("").layout(Layout::new().flex("1 1 auto").margin("0").min_width("0"));
        let root = HBox::new((&column, &table));
        let height = format!("{}px", tables::PEER_ROW - 4);
        Self {
            table,
            column,
            root,
            buttons: Mutex::default(),
            shown: Arc::new(Mutex::new(Shown { rows: Vec::new(), since: None })),
            search,
            layout: Layout::new().width("100px").height(height).margin("2px 0"),
            style: ButtonStyle::new(),
        }
    }

    pub(crate) fn root(&self) -> &HBox {
        &self.root
    }

    /// Shows another table, whose rows are [`tables::PEER_ROW`] high, its head among them.
    pub(crate) fn fill(&self, table: Markup, rows: Vec<T>) {
        self.table.set_value(table.into_string());
        self.column.set_children(self.buttons(rows.len()));
        *lock(&self.shown) = Shown { rows, since: Some(Instant::now()) };
    }

    /// A button for each row; those of the table before serve again.
    fn buttons(&self, count: usize) -> Vec<Button> {
        let mut buttons = lock(&self.buttons);
        for row in buttons.len()..count {
            let (shown, search) = (self.shown.clone(), self.search.clone());
            let button = Button::new("Search this")
                .layout(self.layout.clone())
                .style(self.style.clone())
                .on_click(move || {
                    let about = lock(&shown).settled(row);
                    if let Some(about) = about {
                        search(&about);
                    }
                });
            buttons.push(button);
        }
        buttons.iter().take(count).cloned().collect()
    }
}

impl<T: Clone> Shown<T> {
    fn settled(&self, row: usize) -> Option<T> {
        let settled = self.since.is_some_and(|since| since.elapsed() > NO_CLICK);
        settled.then(|| self.rows.get(row).cloned()).flatten()
    }
}
