//! The live panel: what was scored high, Search, the rows to go on with, the threat box.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};

use evcxr_widgets::display::Bundle;
use spot_store::Bench;
use spot_view::{format, shorten};

use super::widgets::{ALL, Acts, Widgets};
use super::{Busy, Stage, lock, threat_box};
use crate::calls;
use crate::case::{Case, Further};
use crate::show::{self, error};
use crate::{Error, Result};

/// Characters of an anchor where there is little room.
const SHORT: usize = 40;

/// The panel of one notebook, and the outputs below it.
pub(crate) struct Panel<C: Case> {
    bench: Mutex<Arc<Bench<C>>>,
    suspects: Mutex<Vec<C::Suspect>>,
    /// Anchors of the list's lines, [`Words::select`](crate::case::Words::select) left out.
    listed: Mutex<Vec<C::Anchor>>,
    /// Asked before, for the way back.
    trail: Mutex<Vec<C::Question>>,
    stage: Stage,
    searching: Mutex<()>,
    /// Parts that were taken away for good, from the top.
    removed: [AtomicBool; 3],
    further: C::Further,
    widgets: Widgets,
}

impl<C: Case> Panel<C> {
    pub(crate) fn open(bench: Arc<Bench<C>>, suspects: &[C::Suspect]) -> Arc<Self> {
        let days = day_labels(&bench);
        let panel = Arc::new_cyclic(|panel: &Weak<Self>| {
            let on = |act: fn(&Self)| {
                let panel = panel.clone();
                move || {
                    if let Some(panel) = panel.upgrade() {
                        act(&panel);
                    }
                }
            };
            let row = {
                let panel = panel.clone();
                move |anchor: &C::Anchor| {
                    if let Some(panel) = panel.upgrade() {
                        panel.search(&C::question(anchor.clone(), None), true);
                    }
                }
            };
            let acts = Acts {
                day_changed: on(Self::day_changed),
                refill: on(Self::fill_list),
                find: on(Self::fill_list),
                search: on(Self::search_clicked),
                back: on(Self::go_back),
            };
            let stage = Stage::new();
            Self {
                widgets: Widgets::new(&C::WORDS, &about(&bench), &days, &stage, acts),
                further: C::Further::new(Arc::new(row), bench.settings()),
                bench: Mutex::new(bench.clone()),
                suspects: Mutex::new(suspects.to_vec()),
                listed: Mutex::default(),
                trail: Mutex::default(),
                stage,
                searching: Mutex::default(),
                removed: Default::default(),
            }
        });
        panel.fill_list();
        panel.fill_days();
        panel
    }

    /// Shows what each day of the range has; nothing without one.
    fn fill_days(&self) {
        match show::days(&self.bench()) {
            Ok(days) => {
                let html = days.map(|(html, _)| html.into_string()).unwrap_or_default();
                self.widgets.days.set_value(html);
            }
            Err(error) => self.say_error(&error),
        }
    }

    /// Shows the panel, and keeps a place for results, below the running cell.
    pub(crate) fn show(&self) {
        self.widgets.root.show();
        let cell = format!("{}::start_investigation(&settings)?;", C::PIPELINE.name());
        self.stage.set(&cell, C::WORDS.invitation);
    }

    /// Takes panel and results away; the next run of the cell makes new ones.
    pub(crate) fn close(&self) {
        self.stage.clear();
        self.widgets.root.close_tree();
    }

    /// Takes one part away.
    pub(crate) fn remove(&self, index: usize) -> Result<()> {
        let Widgets { root, rows, threat, .. } = &self.widgets;
        match index {
            0 => root.set_children((self.stage.status(), rows, threat, self.stage.mirror())),
            1 => rows.set_children(()),
            2 => threat.set_children(()),
            _ => {
                let what = format!("The panel has no part {index}: its parts are 0 to 2.");
                return Err(Error::Use(what));
            }
        }
        self.removed[index].store(true, Ordering::SeqCst);
        Ok(())
    }

    fn bench(&self) -> Arc<Bench<C>> {
        lock(&self.bench).clone()
    }

    /// Shows a result.
    pub(super) fn present(&self, bundle: Bundle) {
        self.stage.present(bundle);
    }

    /// Reads the threat list again: after a save, or another day.
    pub(crate) fn refresh(&self) {
        match C::suspects(&self.bench()) {
            Ok(suspects) => {
                *lock(&self.suspects) = suspects;
                self.fill_list();
            }
            Err(error) => self.say_error(&error),
        }
    }

    fn say_error(&self, error: &Error) {
        self.stage.say(&error.to_string(), true);
    }

    /// Fills the list with what the two filters leave; what was chosen stays chosen.
    fn fill_list(&self) {
        let all = self.widgets.filter.value().as_deref() == Some(ALL);
        let find = self.widgets.find.value().trim().to_lowercase();
        let text = |suspect: &C::Suspect| C::suspected(suspect).to_string();
        let chosen = self.chosen();
        let suspects = lock(&self.suspects);
        let unsaved: Vec<_> = suspects.iter().filter(|s| all || !C::is_saved(s)).collect();
        let shown: Vec<_> =
            unsaved.iter().filter(|s| text(s).to_lowercase().contains(&find)).collect();
        let listed: Vec<C::Anchor> = shown.iter().map(|s| C::suspected(s).clone()).collect();
        let first = C::WORDS.select.map(str::to_owned).into_iter();
        self.widgets.list.set_options(first.chain(shown.iter().map(|s| C::label(s))));
        let kept = listed.iter().position(|anchor| Some(anchor) == chosen.as_ref());
        *lock(&self.listed) = listed;
        if let Some(line) = kept {
            self.widgets.list.set_index(Some(line + usize::from(C::WORDS.select.is_some())));
        }
        self.widgets.other.set_options(suspects.iter().map(text));
        let counts = (suspects.len(), suspects.len() - unsaved.len(), shown.len());
        drop(suspects);
        self.stage.say(&self.counted(counts), false);
    }

    fn counted(&self, (all, saved, shown): (usize, usize, usize)) -> String {
        let (one, many) = C::WORDS.counted;
        match shown {
            _ if all == 0 => format!(
                "There are no high risk results on {}. Search any {one}, or choose another day.",
                self.bench().day()
            ),
            0 if saved == all => format!("All {all} have a story; show all to see them."),
            _ if shown < all => format!("{shown} of {all} shown; {saved} saved already."),
            _ => format!("{} scored high.", format::counted(all as u64, one, many)),
        }
    }

    /// What the list's chosen line is about.
    fn chosen(&self) -> Option<C::Anchor> {
        let line = self.widgets.list.index()?;
        let line = line.checked_sub(usize::from(C::WORDS.select.is_some()))?;
        lock(&self.listed).get(line).cloned()
    }

    fn search_clicked(&self) {
        let typed = self.widgets.other.value();
        let wanted = match typed.trim() {
            "" => self.chosen().ok_or_else(|| {
                let (one, _) = C::WORDS.counted;
                Error::Use(format!("Choose a line of the list, or type another {one}."))
            }),
            typed => C::anchor(typed),
        };
        match wanted {
            Ok(anchor) => {
                let scope = self.widgets.scope.as_ref().and_then(|scope| scope.value());
                self.search(&C::question(anchor, scope.as_deref()), true);
            }
            Err(error) => self.say_error(&error),
        }
    }

    fn go_back(&self) {
        let before = {
            let mut trail = lock(&self.trail);
            trail.pop();
            trail.last().cloned()
        };
        if let Some(question) = before {
            self.search(&question, false);
        }
    }

    /// One search; a second click waits for the first.
    fn search(&self, question: &C::Question, forward: bool) {
        let _one_at_a_time = lock(&self.searching);
        let bench = self.bench();
        let busy = Busy::start(&self.widgets.busy, "Searching");
        let outcome =
            calls::find(&bench, question).and_then(|found| Ok((C::bundle(&bench, &found)?, found)));
        drop(busy);
        let (bundle, found) = match outcome {
            Ok(outcome) => outcome,
            Err(why) => {
                self.stage.present(error(&why));
                self.say_error(&why);
                return;
            }
        };
        self.stage.present(bundle);
        // Whoever searched once searches again.
        bench.hold();
        self.further.fill(&found);
        let is_there = |part: usize| !self.removed[part].load(Ordering::SeqCst);
        if is_there(1) {
            self.further.place(&found, &self.widgets.rows);
        }
        let asked = C::asked(&found);
        let filled = threat_box::fill(&self.widgets.form, &bench, &asked);
        // Without rows there is nothing to save.
        match filled.is_ok() && C::rows(&found) > 0 && is_there(2) {
            true => self.widgets.threat.set_children((self.widgets.form.root(),)),
            false => self.widgets.threat.set_children(()),
        }
        let shown = shorten(&C::about(&asked).to_string(), SHORT);
        if forward {
            let mut trail = lock(&self.trail);
            if trail.last() != Some(&asked) {
                trail.push(asked);
            }
        }
        self.name_way_back();
        match filled {
            Ok(()) => self.stage.say(&format!("Shown: {shown} on {}.", C::day(&found)), false),
            Err(error) => self.say_error(&error),
        }
    }

    fn name_way_back(&self) {
        let trail = lock(&self.trail);
        let before = trail.len().checked_sub(2).map(|at| C::about(&trail[at]).to_string());
        self.widgets.back.set_disabled(before.is_none());
        self.widgets.back.set_description(match before {
            Some(anchor) => format!("Back to {}", shorten(&anchor, SHORT)),
            None => "Back".into(),
        });
    }

    fn day_changed(&self) {
        let label = self.widgets.day.value().unwrap_or_default();
        let day = label.split(' ').next().unwrap_or_default();
        match self.bench().on_day(day) {
            Ok(bench) => {
                let bench = Arc::new(bench);
                *lock(&self.bench) = bench.clone();
                C::session().turn_to(bench);
                self.refresh();
                self.fill_days();
            }
            Err(error) => self.say_error(&Error::from(error)),
        }
    }
}

/// The data, and the range that was asked for.
fn about<C: Case>(bench: &Bench<C>) -> String {
    let data = bench.settings().data.name();
    match bench.dates() {
        Some(dates) => format!("{data}, {dates}"),
        None => data,
    }
}

/// The panel's day first, then the others with rows, latest first.
fn day_labels<C: Case>(bench: &Bench<C>) -> Vec<String> {
    let mut days = bench.days().unwrap_or_default();
    days.sort_by_key(|info| (info.day != bench.day(), std::cmp::Reverse(info.day)));
    days.iter().map(|info| format!("{} ({} high)", info.day, info.high_rows)).collect()
}
