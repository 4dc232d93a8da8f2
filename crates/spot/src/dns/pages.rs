//! The rows of a finding, a page at a time, a "Search this" beside each.

use std::sync::{Arc, Mutex};

use evcxr_widgets::{Button, HBox, Label, Layout, VBox};
use spot_store::{Dns, Settings};
use spot_view::{dns as view, format};

use super::{Anchor, Investigation};
use crate::case::Further;
use crate::panel::{OnRow, Rows, lock};

/// The table and its two buttons.
pub(crate) struct Pages {
    state: Arc<State>,
    root: VBox,
}

struct State {
    rows: Rows<Anchor>,
    place: Label,
    earlier: Button,
    later: Button,
    /// Rows of a page, and rows that can be paged through.
    page: usize,
    most: usize,
    shown: Mutex<(Option<Arc<Investigation>>, usize)>,
}

impl Further<Dns> for Pages {
    fn new(search: OnRow<Anchor>, settings: &Settings) -> Self {
        let narrow = || Layout::new().width("auto");
        let state = Arc::new_cyclic(|state: &std::sync::Weak<State>| {
            let turn = |forward: bool| {
                let state = state.clone();
                move || {
                    if let Some(state) = state.upgrade() {
                        state.turn(forward);
                    }
                }
            };
            State {
                rows: Rows::new(search),
                place: Label::new(""),
                earlier: Button::new("Previous").layout(narrow()).on_click(turn(false)),
                later: Button::new("Next").layout(narrow()).on_click(turn(true)),
                page: settings.top_results.max(1),
                most: settings.details_limit.max(1),
                shown: Mutex::default(),
            }
        });
        let bar = HBox::new((&state.earlier, &state.place, &state.later));
        let root = VBox::new((state.rows.root(), &bar));
        Self { state, root }
    }

    fn fill(&self, found: &Arc<Investigation>) {
        *lock(&self.state.shown) = (Some(found.clone()), 0);
        self.state.show();
    }

    fn place(&self, found: &Investigation, home: &VBox) {
        match found.rows.is_empty() {
            true => home.set_children(()),
            false => home.set_children((&self.root,)),
        }
    }
}

impl State {
    fn turn(&self, forward: bool) {
        {
            let mut shown = lock(&self.shown);
            let rows = shown.0.as_ref().map_or(0, |found| found.rows.len()).min(self.most);
            let from = match forward {
                true => shown.1 + self.page,
                false => shown.1.saturating_sub(self.page),
            };
            if from >= rows {
                return;
            }
            shown.1 = from;
        }
        self.show();
    }

    fn show(&self) {
        let (found, from) = lock(&self.shown).clone();
        let Some(found) = found else { return };
        let all = found.rows.len();
        let pageable = all.min(self.most);
        let to = (from + self.page).min(pageable);
        let page = &found.rows[from.min(to)..to];
        // A client's rows differ in their names, a name's in their clients.
        let about = page.iter().map(|row| match found.anchor {
            Anchor::Client(_) => Anchor::Query(row.name.clone()),
            Anchor::Query(_) => Anchor::Client(row.client.clone()),
        });
        self.rows.fill(view::page(&found.rows, found.day, from, to), about.collect());
        self.earlier.set_disabled(from == 0);
        self.later.set_disabled(to >= pageable);
        let mut place = format!(
            "{} to {} of {}",
            format::count(from as u64 + 1),
            format::count(to as u64),
            format::count(all as u64)
        );
        if pageable < all {
            let most = format::count(pageable as u64);
            place.push_str(&format!("; the first {most} can be paged through, a story keeps all"));
        }
        self.place.set_value(place);
    }
}
