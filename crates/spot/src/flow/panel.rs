//! The live panel: what was scored high, Search, the peers to go on with, the threat box.

use std::sync::{Arc, Mutex};

use evcxr_widgets::{Button, ButtonKind, Combobox, Dropdown, HBox, Html, Layout, Select, VBox};
use spot_analysis::model::Address;
use spot_store::{Suspect, Workbench};
use spot_view::{format, panel as words};

use super::{SESSION, investigate, save, show};
use crate::panel::{Busy, Stage, ThreatBox, current, lock};
use crate::show::{error, saved};
use crate::{Error, Result};

mod peers;

use peers::Peers;

const HEADING: &str = "Suspicious Connections";
const UNSAVED: &str = "not saved yet";
const ALL: &str = "all";

/// The panel of one notebook, and the outputs below it.
pub(super) struct Panel {
    bench: Mutex<Arc<Workbench>>,
    suspects: Mutex<Vec<Suspect>>,
    /// Addresses of the list's lines.
    listed: Mutex<Vec<Address>>,
    /// Addresses searched before, for the way back.
    trail: Mutex<Vec<Address>>,
    stage: Stage,
    searching: Mutex<()>,
    widgets: Widgets,
}

struct Widgets {
    day: Dropdown,
    filter: Dropdown,
    list: Select,
    other: Combobox,
    back: Button,
    busy: VBox,
    peers: Peers,
    around: VBox,
    shell: VBox,
    threat: VBox,
    form: ThreatBox,
    root: VBox,
}

impl Panel {
    pub(super) fn open(bench: Arc<Workbench>, suspects: &[Suspect]) -> Arc<Self> {
        let days: Vec<String> = day_labels(&bench);
        let panel = Arc::new_cyclic(|panel: &std::sync::Weak<Self>| {
            let on = |act: fn(&Arc<Self>)| {
                let panel = panel.clone();
                move || {
                    if let Some(panel) = panel.upgrade() {
                        act(&panel);
                    }
                }
            };
            let peers = {
                let panel = panel.clone();
                Peers::new(move |peer| {
                    if let Some(panel) = panel.upgrade() {
                        panel.search(peer, true);
                    }
                })
            };
            let stage = Stage::new();
            let widgets = Widgets::new(&bench, &days, &stage, peers, &on);
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
        panel.fill_list();
        panel
    }

    /// Shows the panel, and keeps a place for results, below the running cell.
    pub(super) fn show(&self) {
        self.widgets.root.show();
        self.stage.set(
            "flow::start_investigation(&settings)?;",
            "Choose an address and press Search: its day appears here.",
        );
    }

    /// Takes panel and results away; the next run of the cell makes new ones.
    pub(super) fn close(&self) {
        self.stage.clear();
        self.widgets.root.close_tree();
    }

    pub(super) fn remove(&self, index: usize) -> Result<()> {
        let parts = 3;
        match index {
            0 => self.widgets.root.set_children((
                self.stage.status(),
                &self.widgets.around,
                &self.widgets.threat,
                self.stage.mirror(),
            )),
            1 => self.widgets.around.set_children(()),
            2 => self.widgets.threat.set_children(()),
            _ => {
                return Err(Error::Use(format!(
                    "The panel has no part {index}: its parts are 0 to {}.",
                    parts - 1
                )));
            }
        }
        Ok(())
    }

    fn bench(&self) -> Arc<Workbench> {
        lock(&self.bench).clone()
    }

    /// Reads the threat list again: after a save, or another day.
    pub(super) fn refresh(&self) {
        match self.bench().suspects() {
            Ok(suspects) => {
                *lock(&self.suspects) = suspects;
                self.fill_list();
            }
            Err(error) => self.say(&Error::from(error).to_string(), true),
        }
    }

    fn fill_list(&self) {
        let all = self.widgets.filter.value().as_deref() == Some(ALL);
        let suspects = lock(&self.suspects);
        let shown: Vec<&Suspect> = suspects.iter().filter(|s| all || !s.saved).collect();
        let labels: Vec<String> = shown.iter().map(|suspect| show::label(suspect)).collect();
        let chosen = self.chosen();
        *lock(&self.listed) = shown.iter().map(|suspect| suspect.address.clone()).collect();
        self.widgets.list.set_options(labels);
        let kept = lock(&self.listed).iter().position(|address| Some(address) == chosen.as_ref());
        if let Some(index) = kept {
            self.widgets.list.set_index(Some(index));
        }
        self.widgets.other.set_options(suspects.iter().map(|s| s.address.to_string()));
        let hidden = suspects.len() - shown.len();
        let text = match (suspects.len(), shown.len()) {
            (0, _) => format!(
                "No connection is scored high on {}. Search any address, or choose another day.",
                self.bench().day()
            ),
            (_, 0) => format!("All {hidden} addresses have a story; show all to see them."),
            _ if hidden > 0 => {
                format!("{} of {} shown; {hidden} saved already.", shown.len(), suspects.len())
            }
            _ => format!(
                "{} scored high.",
                format::counted(suspects.len() as u64, "address", "addresses")
            ),
        };
        drop(suspects);
        self.say(&text, false);
    }

    fn say(&self, text: &str, is_error: bool) {
        self.stage.say(text, is_error);
    }

    fn chosen(&self) -> Option<Address> {
        let index = self.widgets.list.index()?;
        lock(&self.listed).get(index).cloned()
    }

    fn search_clicked(self: &Arc<Self>) {
        let typed = self.widgets.other.value();
        let typed = typed.trim();
        let wanted = if typed.is_empty() { self.chosen() } else { Some(Address::new(typed)) };
        match wanted {
            Some(address) => self.search(&address, true),
            None => self.say("Choose an address in the list, or type one.", true),
        }
    }

    fn go_back(self: &Arc<Self>) {
        let before = {
            let mut trail = lock(&self.trail);
            trail.pop();
            trail.last().cloned()
        };
        if let Some(address) = before {
            self.search(&address, false);
        }
    }

    /// One search; a second click waits for the first.
    fn search(self: &Arc<Self>, address: &Address, forward: bool) {
        let _one_at_a_time = lock(&self.searching);
        let bench = self.bench();
        let busy = Busy::start(&self.widgets.busy);
        let outcome = investigate(&bench, address.as_str())
            .and_then(|found| Ok((show::bundle(&bench, &found)?, found)));
        drop(busy);
        match outcome {
            Ok((bundle, found)) => {
                self.stage.present(bundle);
                self.widgets.peers.fill(&found);
                self.widgets.show_tables(found.facts.peers > 0);
                // Without flows there is nothing to save.
                match fill(&self.widgets.form, &bench, &found.anchor) {
                    Ok(()) if found.facts.connections > 0 => {
                        self.widgets.threat.set_children((self.widgets.form.root(),));
                    }
                    Ok(()) => self.widgets.threat.set_children(()),
                    Err(error) => self.say(&error.to_string(), true),
                }
                if forward {
                    let mut trail = lock(&self.trail);
                    if trail.last() != Some(&found.anchor) {
                        trail.push(found.anchor.clone());
                    }
                }
                self.name_way_back();
                self.say(&format!("Shown: {} on {}.", found.anchor, found.day), false);
            }
            Err(why) => {
                self.stage.present(error(&why));
                self.say(&why.to_string(), true);
            }
        }
    }

    fn name_way_back(&self) {
        let trail = lock(&self.trail);
        let before = trail.len().checked_sub(2).map(|at| trail[at].to_string());
        self.widgets.back.set_disabled(before.is_none());
        self.widgets.back.set_description(match before {
            Some(address) => format!("Back to {address}"),
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
            Err(error) => self.say(&Error::from(error).to_string(), true),
        }
    }
}

/// Turns the form to an address. What it saves is shown in the panel's result, too.
pub(super) fn fill(form: &ThreatBox, bench: &Arc<Workbench>, address: &Address) -> Result<()> {
    let story = bench.story(address)?.map(|story| (story.title, story.text));
    let (bench, about) = (bench.clone(), address.clone());
    let save = move |title: &str, text: &str| {
        let found = investigate(&bench, about.as_str())?;
        let written = save(&bench, &found, title, text)?;
        if let Some(panel) = SESSION.panel() {
            panel.stage.present(show::bundle(&bench, &found)?);
        }
        Ok(saved(about.as_str(), &written))
    };
    form.fill(address.as_str(), story, Arc::new(save));
    Ok(())
}

/// The data folder by its own name: where it lies is the author's affair, not the reader's.
fn data_name(bench: &Workbench) -> String {
    let name = bench.settings().data.file_name();
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The panel's day first, then the others with flows, latest first.
fn day_labels(bench: &Workbench) -> Vec<String> {
    let mut days = bench.days().unwrap_or_default();
    days.sort_by_key(|info| (info.day != bench.day(), std::cmp::Reverse(info.day)));
    let label = |info: &spot_store::DayInfo| format!("{} ({} high)", info.day, info.high_rows);
    days.iter().map(label).collect()
}

impl Widgets {
    fn new<F: FnMut() + Send + 'static>(
        bench: &Workbench,
        days: &[String],
        stage: &Stage,
        peers: Peers,
        on: &impl Fn(fn(&Arc<Panel>)) -> F,
    ) -> Self {
        let look = current();
        let day = Dropdown::new(days.to_vec()).description("Day (UTC)");
        let mut day_changed = on(Panel::day_changed);
        let day = day.on_change(move |_, _| day_changed());
        let mut refill = on(|panel| panel.fill_list());
        let filter =
            Dropdown::new([UNSAVED, ALL]).description("Show").on_change(move |_, _| refill());
        let other = Combobox::new(Vec::<String>::new())
            .placeholder("Other address")
            .tooltip("Any IPv4 or IPv6 address; empty: the one chosen in the list");
        let clear = other.clone();
        let list = Select::new(Vec::<String>::new())
            .rows(look.list_rows)
            .layout(Layout::new().width(look.list_width.clone()))
            .on_change(move |_, _| clear.set_value(""));
        let search =
            Button::new("Search").kind(ButtonKind::Primary).on_click(on(Panel::search_clicked));
        let back = Button::new("Back")
            .disabled(true)
            .layout(Layout::new().width("auto"))
            .on_click(on(Panel::go_back));
        let around = VBox::new((peers.root(),));
        let (busy, threat) = (VBox::new(()), VBox::new(()));
        let heading = words::heading(look.heading.as_deref().unwrap_or(HEADING), &data_name(bench));
        let shell = VBox::new(());
        let root = VBox::new((
            &Html::new(heading.into_string()),
            &HBox::new((&day, &filter)),
            &list,
            &HBox::new((&other, &search, &back)),
            &busy,
            stage.status(),
            &shell,
            &threat,
            stage.mirror(),
        ))
        .fallback("Suspicious connections: this list is live; run the cell again to use it.");
        Self {
            day,
            filter,
            list,
            other,
            back,
            busy,
            peers,
            around,
            shell,
            threat,
            form: ThreatBox::new(),
            root,
        }
    }

    fn show_tables(&self, any: bool) {
        match any {
            true => self.shell.set_children((&self.around,)),
            false => self.shell.set_children(()),
        }
    }
}
