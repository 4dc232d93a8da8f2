//! The panel of the Edge Investigation: what a machine found unlikely, and what the analyst says of it.

use std::sync::{Arc, Mutex, Weak};

use evcxr_widgets::display;
use evcxr_widgets::{
    Button, ButtonKind, Dropdown, HBox, Html, Layout, SelectMultiple, Text, VBox, Widget,
};
use spot_analysis::rank::{Hidden, Subject};
use spot_analysis::unlikely::Ratings;
use spot_store::{Bench, Rating, Score};
use spot_view::{Markup, format, panel as words, unlikely};

use super::listing::{Listing, nothing};
use super::{Busy, Stage, current, lock};
use crate::cancel::cancellable;
use crate::case::Case;
use crate::show::note;
use crate::{Error, Result};

/// Rows that are listed; as many as Spot's own page has.
pub(crate) const MOST: usize = 250;

const UNRATED: &str = "not rated yet";
const ALL: &str = "all";

/// What flows and DNS bring to this panel.
pub(crate) trait Edge: Case {
    /// A row that a machine found unlikely.
    type Row: Clone + Send + Sync;

    /// What of a row a score can be about; the first is chosen at first. One alone is not asked for.
    const ENDS: &'static [&'static str];

    /// The panel of this notebook.
    fn open() -> &'static Mutex<Option<Arc<EdgePanel<Self>>>>;
    /// The day's least likely rows.
    fn unlikely(bench: &Bench<Self>, most: usize) -> Result<Vec<Self::Row>>;
    /// A row as a line of the list.
    fn row_line(row: &Self::Row) -> String;
    /// Whether anything was said of it.
    fn is_rated(row: &Self::Row) -> bool;
    /// What a score of the row is about; `end` is one of [`Edge::ENDS`].
    fn of(row: &Self::Row, end: &str) -> Self::Filter;
    /// The rows as a table.
    fn rows_table(rows: &[Self::Row], top: usize) -> Markup;

    /// Whom to look at first on a day without such rows.
    fn rank(bench: &Bench<Self>) -> Result<Hidden>;
    /// What was said of subjects of a ranking.
    fn ratings(bench: &Bench<Self>) -> Result<Ratings>;
    /// What a score of such a subject is about.
    fn of_subject(bench: &Bench<Self>, subject: &Subject) -> Result<Vec<Self::Filter>>;
}

/// The panel, and the table below it.
pub(crate) struct EdgePanel<C: Edge> {
    bench: Mutex<Arc<Bench<C>>>,
    rows: Mutex<Arc<Listing<C>>>,
    /// Numbers of the rows that are lines of the list.
    listed: Mutex<Vec<usize>>,
    /// One change at a time.
    changing: Mutex<()>,
    stage: Stage,
    widgets: Widgets,
}

struct Widgets {
    day: Dropdown,
    show: Dropdown,
    find: Text,
    list: SelectMultiple,
    ends: Option<Dropdown>,
    why: Text,
    /// The question before a reset; empty while nobody asks.
    question: VBox,
    sure: HBox,
    asked: Html,
    root: VBox,
}

impl<C: Edge> EdgePanel<C> {
    pub(crate) fn new(bench: Arc<Bench<C>>, rows: Listing<C>) -> Arc<Self> {
        let panel = Arc::new_cyclic(|panel: &Weak<Self>| {
            let stage = Stage::new();
            Self {
                widgets: Widgets::new(&bench, &stage, panel),
                bench: Mutex::new(bench),
                rows: Mutex::new(Arc::new(rows)),
                listed: Mutex::default(),
                changing: Mutex::default(),
                stage,
            }
        });
        panel.fill_list();
        panel
    }

    /// Shows the panel, and keeps a place for the table, below the running cell.
    pub(crate) fn show(&self) {
        self.widgets.root.show();
        let cell = format!("{}::start_edge_investigation(&settings)?;", C::PIPELINE.name());
        self.stage.set(&cell, "");
        self.present();
    }

    /// Takes panel and table away.
    pub(crate) fn close(&self) {
        self.stage.clear();
        self.widgets.root.close_tree();
    }

    fn bench(&self) -> Arc<Bench<C>> {
        lock(&self.bench).clone()
    }

    fn present(&self) {
        let rows = lock(&self.rows).clone();
        self.stage.present(rows.bundle(&self.bench()));
    }

    fn say_error(&self, why: &Error) {
        self.stage.say(&why.to_string(), true);
    }

    /// Shows what there is to say now: after a score, or of another day.
    fn show_rows(&self, rows: Listing<C>) {
        *lock(&self.rows) = Arc::new(rows);
        self.fill_list();
        self.present();
    }

    /// Fills the list with what the two filters leave.
    fn fill_list(&self) {
        if let Some(ends) = &self.widgets.ends {
            ends.set_disabled(lock(&self.rows).is_ranked());
        }
        let all = self.widgets.show.value().as_deref() == Some(ALL);
        let find = self.widgets.find.value().trim().to_lowercase();
        let labels = lock(&self.rows).labels();
        let (count, rated) = (labels.len(), labels.iter().filter(|(_, rated)| *rated).count());
        let lines = labels.into_iter().enumerate().filter(|(_, (_, rated))| all || !rated);
        let lines = lines.map(|(number, (line, _))| (number, line));
        let lines: Vec<_> = lines.filter(|(_, line)| line.to_lowercase().contains(&find)).collect();
        let shown = lines.len();
        let (numbers, labels): (Vec<usize>, Vec<String>) = lines.into_iter().unzip();
        *lock(&self.listed) = numbers;
        self.widgets.list.set_options(labels);
        let text = match (count, shown) {
            (0, _) => nothing(&self.bench()),
            (_, 0) if find.is_empty() => format!("All {count} are rated; show all to see them."),
            _ => {
                let rows = format::counted(count as u64, "row", "rows");
                format!(
                    "{shown} of {rows} shown, {rated} rated. Choose some, then say what they are."
                )
            }
        };
        self.stage.say(&text, false);
    }

    /// Scores what is chosen.
    fn rate(&self, rating: Rating) {
        let _one_at_a_time = lock(&self.changing);
        let (listed, rows) = (lock(&self.listed).clone(), lock(&self.rows).clone());
        let end = self.widgets.ends.as_ref().and_then(|ends| ends.value());
        let end = end.as_deref().or(C::ENDS.first().copied()).unwrap_or_default();
        let typed = Some(self.widgets.why.value().trim().to_owned()).filter(|why| !why.is_empty());
        let bench = self.bench();
        let mut scores = Vec::new();
        let chosen = self.widgets.list.indices().into_iter();
        for line in chosen.filter_map(|line| listed.get(line).copied()) {
            let reason = typed.clone().or_else(|| rows.why(line));
            match rows.of(&bench, line, end) {
                Ok(of) => {
                    let score = |of| Score { of, rating, reason: reason.clone() };
                    scores.extend(of.into_iter().map(score));
                }
                Err(why) => return self.say_error(&why),
            }
        }
        if scores.is_empty() {
            let text = "Choose rows first: click one, others with Ctrl or Shift held.";
            self.stage.say(text, true);
            return;
        }
        let by = bench.settings().author.clone();
        let done = bench.score(&scores, by.as_deref()).map_err(Error::from);
        match done.and_then(|found| Ok((found, rows.again(&bench)?))) {
            Ok((found, rows)) => {
                self.show_rows(rows);
                self.widgets.why.set_value("");
                let rows: u64 = found.into_iter().flatten().sum();
                let rows = format::counted(rows, "row", "rows");
                let word = unlikely::risk(rating as i64);
                self.stage.say(&format!("Scored {word}: {rows} of {}.", bench.day()), false);
            }
            Err(why) => self.say_error(&why),
        }
    }

    fn ask_reset(&self) {
        let day = self.bench().day();
        let text = format!(
            "Forget all scores of {day} and take its stories from the list? What was written stays \
             in the stories' own files."
        );
        self.widgets.asked.set_value(words::note(&text).into_string());
        self.widgets.question.set_children((&self.widgets.sure,));
    }

    fn dismiss(&self) {
        self.widgets.question.set_children(());
    }

    fn reset(&self) {
        let _one_at_a_time = lock(&self.changing);
        self.dismiss();
        let bench = self.bench();
        let rows = lock(&self.rows).clone();
        let done = bench.reset_scores().map_err(Error::from);
        match done.and_then(|()| rows.again(&bench)) {
            Ok(rows) => {
                self.show_rows(rows);
                self.stage.say(&format!("The scores of {} are forgotten.", bench.day()), false)
            }
            Err(why) => self.say_error(&why),
        }
    }

    fn day_changed(&self) {
        self.dismiss();
        let day = self.widgets.day.value().unwrap_or_default();
        let busy = Busy::start(&self.widgets.question, "Reading");
        let bench = self.bench();
        let turned = cancellable(move || {
            let bench = bench.on_day(&day)?;
            Ok((Listing::read(&bench)?, bench))
        });
        drop(busy);
        match turned {
            Ok((rows, bench)) => {
                *lock(&self.bench) = Arc::new(bench);
                self.show_rows(rows);
            }
            Err(why) => self.say_error(&why),
        }
    }
}

impl Widgets {
    fn new<C: Edge>(bench: &Bench<C>, stage: &Stage, panel: &Weak<EdgePanel<C>>) -> Self {
        let look = current();
        let on = |act: fn(&EdgePanel<C>)| {
            let panel = panel.clone();
            move || {
                if let Some(panel) = panel.upgrade() {
                    act(&panel);
                }
            }
        };
        let mut days: Vec<String> =
            bench.days().unwrap_or_default().iter().map(|d| d.day.to_string()).collect();
        days.sort_by_key(|day| (*day != bench.day().to_string(), std::cmp::Reverse(day.clone())));
        let changed = on(EdgePanel::day_changed);
        let day = Dropdown::new(days).description("Day (UTC)").on_change(move |_, _| changed());
        let refill = on(EdgePanel::fill_list);
        let show =
            Dropdown::new([UNRATED, ALL]).description("Show").on_change(move |_, _| refill());
        let refill = on(EdgePanel::fill_list);
        let find = Text::new("")
            .placeholder("Address, port or name")
            .tooltip("Only lines that contain this text stay in the list")
            .on_change(move |_, _| refill());
        let list = SelectMultiple::new(Vec::<String>::new())
            .rows(look.list_rows)
            .layout(Layout::new().width(look.list_width.clone()));
        let ends = (C::ENDS.len() > 1)
            .then(|| Dropdown::new(C::ENDS.to_vec()).tooltip("What the score is about"));
        let why = Text::new("")
            .placeholder("Why (may stay empty)")
            .tooltip("Kept beside the score, with who and when");
        let rate = |name: &str, act: fn(&EdgePanel<C>)| {
            Button::new(name).layout(Layout::new().width("auto")).on_click(on(act))
        };
        let high = rate("High", |panel| panel.rate(Rating::High)).kind(ButtonKind::Danger);
        let medium = rate("Medium", |panel| panel.rate(Rating::Medium)).kind(ButtonKind::Warning);
        let low = rate("Low", |panel| panel.rate(Rating::Low)).kind(ButtonKind::Success);
        let reset = rate("Reset the day …", EdgePanel::ask_reset);
        let (yes, no) =
            (rate("Forget them", EdgePanel::reset), rate("Keep them", EdgePanel::dismiss));
        let asked = Html::new("");
        let sure = HBox::new((&asked, &yes.kind(ButtonKind::Danger), &no));
        let question = VBox::new(());
        let mut bar = Vec::new();
        bar.extend(ends.iter().map(|ends| ends.model().clone()));
        bar.extend([&why].map(|why| why.model().clone()));
        bar.extend([&high, &medium, &low, &reset].map(|button| button.model().clone()));
        let data = bench.settings().data.name();
        let heading = words::heading("Edge Investigation", &data);
        let root = VBox::new((
            &Html::new(heading.into_string()),
            &HBox::new((&day, &show, &find)),
            &list,
            &HBox::new(bar),
            &question,
            stage.status(),
            stage.mirror(),
        ))
        .fallback("Least likely rows: this list is live; run the cell again to use it.");
        Self { day, show, find, list, ends, why, question, sure, asked, root }
    }
}

/// Opens the day: shows the panel, or the table alone where nothing is live.
pub(crate) fn start<C: Edge>(bench: Bench<C>) -> Result<()> {
    let bench = Arc::new(bench);
    // A run of the night has nobody who rates.
    if !evcxr_widgets::is_live() || C::anchors(bench.settings()).is_some() {
        display::show(Listing::read(&bench)?.bundle(&bench));
        return Ok(());
    }
    let home = VBox::new(());
    home.show();
    let busy = Busy::start(&home, "Reading");
    let read = bench.clone();
    let rows = cancellable(move || Listing::read(&read));
    drop(busy);
    home.close_tree();
    let rows = rows?;
    let panel = EdgePanel::new(bench, rows);
    if let Some(old) = lock(C::open()).replace(panel.clone()) {
        old.close();
    }
    panel.show();
    Ok(())
}

/// Scores rows and shows how many.
pub(crate) fn score<C: Edge>(
    settings: &crate::Settings,
    of: C::Filter,
    rating: Rating,
    why: &str,
) -> Result<u64> {
    let bench = Bench::<C>::open(settings.resolve(C::PIPELINE)?)?;
    let score = Score::new(of, rating);
    let score = if why.is_empty() { score } else { score.because(why) };
    let by = bench.settings().author.clone();
    let rows = bench.score(&[score], by.as_deref())?.into_iter().flatten().sum();
    let counted = format::counted(rows, "row", "rows");
    let word = unlikely::risk(rating as i64);
    display::show(note(&format!("Scored {word}: {counted} of {}.", bench.day())));
    Ok(rows)
}
