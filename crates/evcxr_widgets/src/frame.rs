//! A polars frame as a table to page through and sort.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use polars::prelude::*;

use crate::dispatch::lock;
use crate::display::{self, Bundle, escape};
use crate::link::is_live;
use crate::widgets::{
    AlignItems, Button, Dropdown, HBox, Html, Label, Layout, ToggleButton, VBox, px,
};

/// Rows of a page, columns that are shown, characters of a value.
const ROWS: usize = 20;
const COLUMNS: usize = 60;
const CHARACTERS: usize = 200;
/// The entry of the list of columns that sorts by none.
const AS_IT_IS: &str = "(as it is)";

/// Shows a frame: a page of its rows, to be turned and sorted. Without widgets: the first page, and how many rows
/// there are.
///
/// ```
/// use polars::prelude::*;
/// let frame = df!["peer" => ["10.0.0.1", "10.0.0.2"], "bytes" => [7, 4]]?;
/// evcxr_widgets::frame(&frame).rows(10) // as the last expression of a cell
/// # .show();
/// # Ok::<(), PolarsError>(())
/// ```
pub fn frame(frame: &DataFrame) -> Frame {
    Frame { frame: frame.clone(), rows: ROWS }
}

/// A frame to be shown: made by [`frame`].
#[derive(Clone, Debug)]
pub struct Frame {
    frame: DataFrame,
    rows: usize,
}

impl Frame {
    /// Sets how many rows a page has (20 at first, 1000 at most).
    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows.clamp(1, 1000);
        self
    }

    /// Shows it here.
    pub fn show(&self) {
        match is_live() {
            true => self.panel().show(),
            false => display::show(self.still()),
        }
    }

    /// Shows it when it is a cell's last expression.
    pub fn evcxr_display(&self) {
        self.show();
    }

    /// The first page, for readers without a kernel.
    pub fn still(&self) -> Bundle {
        let view = View::new(self);
        let words = view.place();
        Bundle::html(format!("{}<p>{}</p>", view.table(), escape(&words)))
            .with("text/plain", format!("{}\n{words}", view.page()))
    }

    /// The table with its controls, to be put into a panel.
    pub fn panel(&self) -> VBox {
        let columns: Vec<&str> = self.frame.columns().iter().map(|c| c.name().as_str()).collect();
        let sort_by = Dropdown::new([AS_IT_IS].into_iter().chain(columns)).description("Sort by");
        let falling = ToggleButton::new("Largest first");
        let narrow = || Layout::new().width(px(44));
        let [first, back, on, last] =
            ["«", "‹", "›", "»"].map(|sign| Button::new(sign).layout(narrow()));
        let panel = Panel {
            view: Arc::new(Mutex::new(View::new(self))),
            table: Html::new(""),
            place: Label::new(""),
            back: [first, back],
            on: [on, last],
        };
        panel.draw();
        let turn = |to: fn(&View) -> usize| {
            let panel = panel.clone();
            move || panel.turn(to)
        };
        let [first, back] = panel.back.clone();
        let [on, last] = panel.on.clone();
        let first = first.tooltip("First page").on_click(turn(|_| 0));
        let back = back.tooltip("Page before").on_click(turn(|view| view.at.saturating_sub(1)));
        let on = on.tooltip("Next page").on_click(turn(|view| view.at + 1));
        let last = last.tooltip("Last page").on_click(turn(View::last));
        let sort = {
            let (panel, sort_by, falling) = (panel.clone(), sort_by.clone(), falling.clone());
            move || panel.sort(sort_by.index(), falling.value())
        };
        let sort_by = sort_by.observe("index", {
            let sort = sort.clone();
            move |_| sort()
        });
        let falling = falling.observe("value", move |_| sort());
        let row = Layout::new().align_items(AlignItems::Center);
        let controls =
            HBox::new((&first, &back, &panel.place, &on, &last, &sort_by, &falling)).layout(row);
        // Who has no kernel reads the first page's rows in words.
        VBox::new((&controls, &panel.table)).fallback(View::new(self).place())
    }
}

/// What is seen of a frame.
struct View {
    whole: DataFrame,
    sorted: DataFrame,
    rows: usize,
    /// Number of the page, from 0.
    at: usize,
}

impl View {
    fn new(frame: &Frame) -> Self {
        let whole = frame.frame.clone();
        Self { sorted: whole.clone(), whole, rows: frame.rows, at: 0 }
    }

    fn last(&self) -> usize {
        self.sorted.height().saturating_sub(1) / self.rows
    }

    fn page(&self) -> DataFrame {
        self.sorted.slice((self.at * self.rows) as i64, self.rows)
    }

    fn place(&self) -> String {
        let (rows, columns) = self.sorted.shape();
        let from = self.at * self.rows;
        let place = match rows {
            0 => "no rows".to_owned(),
            _ => format!("rows {} to {} of {rows}", from + 1, rows.min(from + self.rows)),
        };
        match columns > COLUMNS {
            true => format!("{place}, {COLUMNS} of {columns} columns"),
            false => place,
        }
    }

    fn sort(&mut self, by: Option<&str>, falling: bool) -> PolarsResult<()> {
        let options = SortMultipleOptions::new()
            .with_order_descending(falling)
            .with_nulls_last(true)
            .with_maintain_order(true);
        self.sorted = match by {
            Some(column) => self.whole.sort([column], options)?,
            None => self.whole.clone(),
        };
        self.at = 0;
        Ok(())
    }

    fn table(&self) -> String {
        let page = self.page();
        let columns = || page.columns().iter().take(COLUMNS);
        let mut html = String::from("<table><thead><tr>");
        for column in columns() {
            let (name, kind) = (escape(&short(column.name())), escape(&column.dtype().to_string()));
            let _ = write!(html, "<th title=\"{kind}\">{name}</th>");
        }
        html.push_str("</tr></thead><tbody>");
        for row in 0..page.height() {
            html.push_str("<tr>");
            for column in columns() {
                let style = match column.dtype().is_primitive_numeric() {
                    true => "text-align:right",
                    false => "text-align:left",
                };
                let value = column.get(row).map_or_else(|error| error.to_string(), |v| told(&v));
                let _ = write!(html, "<td style=\"{style}\">{}</td>", escape(&short(&value)));
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
        html
    }
}

/// Nothing for null.
fn told(value: &AnyValue<'_>) -> String {
    match value {
        AnyValue::Null => String::new(),
        AnyValue::String(text) => (*text).to_owned(),
        AnyValue::StringOwned(text) => text.to_string(),
        value => value.to_string(),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[derive(Clone)]
struct Panel {
    view: Arc<Mutex<View>>,
    table: Html,
    place: Label,
    back: [Button; 2],
    on: [Button; 2],
}

impl Panel {
    fn draw(&self) {
        let view = lock(&self.view);
        self.table.set_value(view.table());
        self.place.set_value(view.place());
        self.back.iter().for_each(|button| button.set_disabled(view.at == 0));
        self.on.iter().for_each(|button| button.set_disabled(view.at >= view.last()));
    }

    fn turn(&self, to: fn(&View) -> usize) {
        {
            let mut view = lock(&self.view);
            view.at = to(&view).min(view.last());
        }
        self.draw();
    }

    /// `index`: of the list, whose first entry is none.
    fn sort(&self, index: Option<usize>, falling: bool) {
        let sorted = {
            let mut view = lock(&self.view);
            let column = index.and_then(|index| index.checked_sub(1));
            let name = column.and_then(|at| Some(view.whole.columns().get(at)?.name().to_string()));
            view.sort(name.as_deref(), falling)
        };
        self.draw();
        if let Err(error) = sorted {
            self.place.set_value(format!("cannot be sorted: {error}"));
        }
    }
}
