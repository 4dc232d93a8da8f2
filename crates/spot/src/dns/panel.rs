//! The live panel: what was scored high, Search, the rows to go on with, the threat box.

use std::sync::{Arc, Mutex};

use evcxr_widgets::{Button, ButtonKind, Combobox, Dropdown, HBox, Html, Layout, Select};
use evcxr_widgets::{Text, VBox};
use spot_store::DnsWorkbench;
use spot_store::settings::dns_anchor;
use spot_view::{format, panel as words};

use super::{Anchor, Investigation, SELECT, SESSION, Scope, Suspect};
use super::{fill_list, investigate, save, show};
use crate::panel::{Busy, Rows, Stage, ThreatBox, current, lock};
use crate::show::{error, saved};
use crate::{Error, Result};

mod pages;

use pages::Pages;

const HEADING: &str = "Suspicious DNS";
const UNSAVED: &str = "not saved yet";
const ALL: &str = "all";
const EXACT: &str = "exactly this";
const DOMAIN: &str = "its whole registered domain";
const CONTAINS: &str = "all names that contain it";

/// The panel of one notebook, and the outputs below it.
pub(super) struct Panel {
    bench: Mutex<Arc<DnsWorkbench>>,
    suspects: Mutex<Vec<Suspect>>,
    /// Anchors of the list's lines, the first of which is nobody's.
    listed: Mutex<Vec<Anchor>>,
    /// Searched before, for the way back.
    trail: Mutex<Vec<(Anchor, Scope)>>,
    stage: Stage,
    searching: Mutex<()>,
    widgets: Widgets,
}

struct Widgets {
    day: Dropdown,
    filter: Dropdown,
    find: Text,
    list: Select,
    other: Combobox,
    scope: Dropdown,
    back: Button,
    busy: VBox,
    pages: Pages,
    shell: VBox,
    threat: VBox,
    form: ThreatBox,
    root: VBox,
}

impl Panel {
    pub(super) fn open(bench: Arc<DnsWorkbench>, suspects: &[Suspect]) -> Arc<Self> {
        let days = day_labels(&bench);
        let panel = Arc::new_cyclic(|panel: &std::sync::Weak<Self>| {
            let on = |act: fn(&Arc<Self>)| {
                let panel = panel.clone();
                move || {
                    if let Some(panel) = panel.upgrade() {
                        act(&panel);
                    }
                }
            };
            let row = {
                let panel = panel.clone();
                move |anchor: &Anchor| {
                    if let Some(panel) = panel.upgrade() {
                        panel.search(anchor, Scope::Exact, true);
                    }
                }
            };
            let stage = Stage::new();
            let pages = Pages::new(Rows::new(Arc::new(row)), bench.settings());
            let widgets = Widgets::new(&bench, &days, &stage, pages, &on);
            Self {
                bench: Mutex::new(bench.clone()),
                suspects: Mutex::new(suspects.to_vec()),
                listed: Mutex::default(),
                trail: Mutex::default(),
                stage,
                searching: Mutex::default(),
                widgets,
            }
        });
        panel.fill();
        panel
    }

    /// Shows the panel, and keeps a place for results, below the running cell.
    pub(super) fn show(&self) {
        self.widgets.root.show();
        self.stage.set(
            "dns::start_investigation(&settings)?;",
            "Choose a client or a name and press Search: its day appears here.",
        );
    }

    /// Takes panel and results away; the next run of the cell makes new ones.
    pub(super) fn close(&self) {
        self.stage.clear();
        self.widgets.root.close_tree();
    }

    pub(super) fn remove(&self, index: usize) -> Result<()> {
        match index {
            0 => self.widgets.root.set_children((
                self.stage.status(),
                &self.widgets.shell,
                &self.widgets.threat,
                self.stage.mirror(),
            )),
            1 => self.widgets.shell.set_children(()),
            2 => self.widgets.threat.set_children(()),
            _ => {
                return Err(Error::Use(format!(
                    "The panel has no part {index}: its parts are 0 to 2."
                )));
            }
        }
        Ok(())
    }

    fn bench(&self) -> Arc<DnsWorkbench> {
        lock(&self.bench).clone()
    }

    /// Reads the threat list again: after a save, or another day.
    pub(super) fn refresh(&self) {
        match self.bench().suspects() {
            Ok(suspects) => {
                *lock(&self.suspects) = suspects;
                self.fill();
            }
            Err(error) => self.stage.say(&Error::from(error).to_string(), true),
        }
    }

    /// Fills the list with what the two filters leave.
    fn fill(&self) {
        let all = self.widgets.filter.value().as_deref() == Some(ALL);
        let find = self.widgets.find.value().trim().to_lowercase();
        let suspects = lock(&self.suspects);
        let unsaved: Vec<&Suspect> = suspects.iter().filter(|s| all || !s.saved).collect();
        let shown: Vec<Suspect> = unsaved
            .iter()
            .filter(|suspect| suspect.anchor.as_str().to_lowercase().contains(&find))
            .map(|suspect| (*suspect).clone())
            .collect();
        *lock(&self.listed) = shown.iter().map(|suspect| suspect.anchor.clone()).collect();
        fill_list(&self.widgets.list, &shown);
        self.widgets.other.set_options(suspects.iter().map(|s| s.anchor.to_string()));
        let (all, saved) = (suspects.len(), suspects.len() - unsaved.len());
        drop(suspects);
        self.stage.say(&self.counted(all, saved, shown.len()), false);
    }

    fn counted(&self, all: usize, saved: usize, shown: usize) -> String {
        match (all, shown) {
            (0, _) => format!(
                "There are no high risk results on {}. Search any client or name, or choose \
                 another day.",
                self.bench().day()
            ),
            (_, 0) if saved == all => format!("All {all} have a story; show all to see them."),
            _ if shown < all => format!("{shown} of {all} shown; {saved} saved already."),
            _ => format!(
                "{} scored high.",
                format::counted(all as u64, "client or name", "clients and names")
            ),
        }
    }

    /// What the list's chosen line is about; nothing for [`SELECT`].
    fn chosen(&self) -> Option<Anchor> {
        let line = self.widgets.list.index()?.checked_sub(1)?;
        lock(&self.listed).get(line).cloned()
    }

    fn search_clicked(self: &Arc<Self>) {
        let typed = self.widgets.other.value();
        let typed = typed.trim();
        let wanted = if typed.is_empty() { self.chosen() } else { dns_anchor(typed).ok() };
        let Some(wanted) = wanted else {
            let what = format!("Choose a line below {SELECT}, or type an address or a name.");
            self.stage.say(&what, true);
            return;
        };
        let scope = match (&wanted, self.widgets.scope.value().as_deref()) {
            (Anchor::Query(_), Some(DOMAIN)) => Scope::RegisteredDomain,
            (Anchor::Query(name), Some(CONTAINS)) => Scope::Substring(name.raw().to_owned()),
            _ => Scope::Exact,
        };
        self.search(&wanted, scope, true);
    }

    fn go_back(self: &Arc<Self>) {
        let before = {
            let mut trail = lock(&self.trail);
            trail.pop();
            trail.last().cloned()
        };
        if let Some((anchor, scope)) = before {
            self.search(&anchor, scope, false);
        }
    }

    /// One search; a second click waits for the first.
    fn search(self: &Arc<Self>, anchor: &Anchor, scope: Scope, forward: bool) {
        let _one_at_a_time = lock(&self.searching);
        let bench = self.bench();
        let busy = Busy::start(&self.widgets.busy);
        let outcome = investigate(&bench, anchor, scope)
            .and_then(|found| Ok((show::bundle(&bench, &found)?, found)));
        drop(busy);
        let (bundle, found) = match outcome {
            Ok(outcome) => outcome,
            Err(why) => {
                self.stage.present(error(&why));
                self.stage.say(&why.to_string(), true);
                return;
            }
        };
        self.stage.present(bundle);
        self.offer(&found);
        match fill(&self.widgets.form, &bench, &found.anchor, found.scope.clone()) {
            // Without answers there is nothing to save.
            Ok(()) if found.facts.answers > 0 => {
                self.widgets.threat.set_children((self.widgets.form.root(),));
            }
            Ok(()) => self.widgets.threat.set_children(()),
            Err(error) => self.stage.say(&error.to_string(), true),
        }
        if forward {
            let step = (found.anchor.clone(), found.scope.clone());
            let mut trail = lock(&self.trail);
            if trail.last() != Some(&step) {
                trail.push(step);
            }
        }
        self.name_way_back();
        self.stage.say(&format!("Shown: {} on {}.", short(&found.anchor), found.day), false);
    }

    fn offer(&self, found: &Arc<Investigation>) {
        self.widgets.pages.fill(found.clone());
        match found.rows.is_empty() {
            true => self.widgets.shell.set_children(()),
            false => self.widgets.shell.set_children((self.widgets.pages.root(),)),
        }
    }

    fn name_way_back(&self) {
        let trail = lock(&self.trail);
        let before = trail.len().checked_sub(2).map(|at| short(&trail[at].0));
        self.widgets.back.set_disabled(before.is_none());
        self.widgets.back.set_description(match before {
            Some(anchor) => format!("Back to {anchor}"),
            None => "Back".into(),
        });
    }

    fn day_changed(self: &Arc<Self>) {
        let label = self.widgets.day.value().unwrap_or_default();
        let day = label.split(' ').next().unwrap_or_default();
        match self.bench().on_day(day) {
            Ok(bench) => {
                let bench = Arc::new(bench);
                *lock(&self.bench) = bench.clone();
                SESSION.turn_to(bench);
                self.refresh();
            }
            Err(error) => self.stage.say(&Error::from(error).to_string(), true),
        }
    }
}

/// Turns the form to an anchor. What it saves is shown in the panel's result, too.
pub(super) fn fill(
    form: &ThreatBox,
    bench: &Arc<DnsWorkbench>,
    anchor: &Anchor,
    scope: Scope,
) -> Result<()> {
    let story = bench.story(anchor)?.map(|story| (story.title, story.text));
    let (bench, about) = (bench.clone(), anchor.clone());
    let save = move |title: &str, text: &str| {
        let found = investigate(&bench, &about, scope.clone())?;
        let written = save(&bench, &found, title, text)?;
        if let Some(panel) = SESSION.panel() {
            panel.stage.present(show::bundle(&bench, &found)?);
        }
        Ok(saved(about.as_str(), &written))
    };
    form.fill(anchor.as_str(), story, Arc::new(save));
    Ok(())
}

/// An anchor where there is little room.
fn short(anchor: &Anchor) -> String {
    spot_view::shorten(anchor.as_str(), 40)
}

/// The panel's day first, then the others with answers, latest first.
fn day_labels(bench: &DnsWorkbench) -> Vec<String> {
    let mut days = bench.days().unwrap_or_default();
    days.sort_by_key(|info| (info.day != bench.day(), std::cmp::Reverse(info.day)));
    days.iter().map(|info| format!("{} ({} high)", info.day, info.high_rows)).collect()
}

impl Widgets {
    fn new<F: FnMut() + Send + 'static>(
        bench: &DnsWorkbench,
        days: &[String],
        stage: &Stage,
        pages: Pages,
        on: &impl Fn(fn(&Arc<Panel>)) -> F,
    ) -> Self {
        let look = current();
        let mut day_changed = on(Panel::day_changed);
        let day = Dropdown::new(days.to_vec())
            .description("Day (UTC)")
            .on_change(move |_, _| day_changed());
        let (mut refill, mut narrow) = (on(|panel| panel.fill()), on(|panel| panel.fill()));
        let filter =
            Dropdown::new([UNSAVED, ALL]).description("Show").on_change(move |_, _| refill());
        let find = Text::new("")
            .placeholder("Find in the list")
            .tooltip("Only lines that contain this text stay in the list")
            .on_change(move |_, _| narrow());
        let other = Combobox::new(Vec::<String>::new())
            .placeholder("Other address or name")
            .tooltip("Any client's address or query name; empty: the one chosen in the list");
        let clear = other.clone();
        let list = Select::new([SELECT])
            .rows(look.list_rows)
            .layout(Layout::new().width(look.list_width.clone()))
            .on_change(move |_, _| clear.set_value(""));
        let scope =
            Dropdown::new([EXACT, DOMAIN, CONTAINS]).tooltip("For names: what to search with them");
        let search =
            Button::new("Search").kind(ButtonKind::Primary).on_click(on(Panel::search_clicked));
        let back = Button::new("Back")
            .disabled(true)
            .layout(Layout::new().width("auto"))
            .on_click(on(Panel::go_back));
        let (busy, threat, shell) = (VBox::new(()), VBox::new(()), VBox::new(()));
        let data = bench.settings().data.file_name();
        let data = data.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let heading = words::heading(look.heading.as_deref().unwrap_or(HEADING), &data);
        let root = VBox::new((
            &Html::new(heading.into_string()),
            &HBox::new((&day, &filter, &find)),
            &list,
            &HBox::new((&other, &scope, &search, &back)),
            &busy,
            stage.status(),
            &shell,
            &threat,
            stage.mirror(),
        ))
        .fallback("Suspicious DNS: this list is live; run the cell again to use it.");
        let form = ThreatBox::new();
        Self { day, filter, find, list, other, scope, back, busy, pages, shell, threat, form, root }
    }
}
