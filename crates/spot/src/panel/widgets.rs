//! The controls of a panel.

use evcxr_widgets::{Button, ButtonKind, Combobox, Dropdown, HBox, Html, Layout, Select};
use evcxr_widgets::{Text, VBox, Widget};
use spot_view::panel as words;

use super::{Stage, ThreatBox, current};
use crate::case::Words;

const UNSAVED: &str = "not saved yet";
pub(super) const ALL: &str = "all";

pub(super) struct Widgets {
    pub day: Dropdown,
    pub filter: Dropdown,
    pub find: Text,
    pub list: Select,
    /// Rows per day of a range; empty without one.
    pub days: Html,
    pub other: Combobox,
    pub scope: Option<Dropdown>,
    pub back: Button,
    pub busy: VBox,
    pub rows: VBox,
    pub threat: VBox,
    pub form: ThreatBox,
    pub root: VBox,
}

/// What the panel does when something is clicked or chosen.
pub(super) struct Acts<F> {
    pub day_changed: F,
    pub refill: F,
    pub find: F,
    pub search: F,
    pub back: F,
}

impl Widgets {
    pub(super) fn new<F: FnMut() + Send + 'static>(
        words: &Words,
        data: &str,
        days: &[String],
        stage: &Stage,
        acts: Acts<F>,
    ) -> Self {
        let look = current();
        let Acts { mut day_changed, mut refill, mut find, search, back } = acts;
        let day = Dropdown::new(days.to_vec())
            .description("Day (UTC)")
            .on_change(move |_, _| day_changed());
        let filter =
            Dropdown::new([UNSAVED, ALL]).description("Show").on_change(move |_, _| refill());
        let find = Text::new("")
            .placeholder("Find in the list")
            .tooltip("Only lines that contain this text stay in the list")
            .on_change(move |_, _| find());
        let (placeholder, tooltip) = words.other;
        let other = Combobox::new(Vec::<String>::new()).placeholder(placeholder).tooltip(tooltip);
        let clear = other.clone();
        let list = Select::new(words.select)
            .rows(look.list_rows)
            .layout(Layout::new().width(look.list_width.clone()))
            .on_change(move |_, _| clear.set_value(""));
        let scope = (!words.scopes.is_empty()).then(|| {
            Dropdown::new(words.scopes.to_vec()).tooltip("For names: what to search with them")
        });
        let search = Button::new("Search").kind(ButtonKind::Primary).on_click(search);
        let back =
            Button::new("Back").disabled(true).layout(Layout::new().width("auto")).on_click(back);
        let rows_per_day = Html::new("");
        let (busy, threat, rows) = (VBox::new(()), VBox::new(()), VBox::new(()));
        let heading = words::heading(look.heading.as_deref().unwrap_or(words.heading), data);
        let mut bar = vec![other.model().clone()];
        bar.extend(scope.iter().map(|scope| scope.model().clone()));
        bar.extend([search.model().clone(), back.model().clone()]);
        let root = VBox::new((
            &Html::new(heading.into_string()),
            &HBox::new((&day, &filter, &find)),
            &list,
            &HBox::new(bar),
            &rows_per_day,
            &busy,
            stage.status(),
            &rows,
            &threat,
            stage.mirror(),
        ))
        .fallback(words.without);
        let form = ThreatBox::new();
        let days = rows_per_day;
        Self { day, filter, find, list, days, other, scope, back, busy, rows, threat, form, root }
    }
}
