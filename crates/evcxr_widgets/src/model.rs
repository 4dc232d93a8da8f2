//! A widget without its type: state, handlers and the comm that mirrors them in the pages.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value, json};

use crate::dispatch::{Call, Change, Handler, lock};
use crate::link::link;
use crate::registry;
use crate::spec::{LABELS, REFERENCE, Spec};
use crate::widgets::models::{ALL, LAYOUT};

/// Any widget, its type forgotten. A handle: clones are the same widget.
#[derive(Clone)]
pub struct Model(Arc<Inner>);

/// A handle that does not keep its widget.
pub(crate) struct WeakModel(Weak<Inner>);

impl WeakModel {
    pub(crate) fn upgrade(&self) -> Option<Model> {
        self.0.upgrade().map(Model)
    }
}

struct Inner {
    id: String,
    spec: &'static Spec,
    state: Mutex<State>,
    handlers: Mutex<Vec<(Topic, Handler)>>,
    fallback: Mutex<Option<String>>,
}

struct State {
    phase: Phase,
    values: Map<String, Value>,
    /// Traits that travel beside the message, in base64 as the link wants them.
    bytes: BTreeMap<&'static str, String>,
    /// The models that traits refer to (layout, style, children): they must be opened first.
    parts: Vec<(&'static str, Vec<Model>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    /// Nobody has seen it yet: there is no comm, changes are free.
    New,
    /// Its parts are being opened (so a box inside itself ends there).
    Opening,
    Open,
    Closed,
}

/// What a handler waits for.
#[derive(PartialEq)]
pub(crate) enum Topic {
    /// A change of the trait of this name.
    Trait(String),
    /// A custom message with this event.
    Custom(String),
}

/// Held while comms open and while references change: a part is open before anything names it.
static OPENING: Mutex<()> = Mutex::new(());

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}({})", self.0.spec.model.2, self.0.id)
    }
}

impl Model {
    pub(crate) fn new(spec: &'static Spec) -> Model {
        Model::with_id(spec, uuid::Uuid::new_v4().simple().to_string())
    }

    fn with_id(spec: &'static Spec, id: String) -> Model {
        let model = Model(Arc::new(Inner {
            id,
            spec,
            state: Mutex::new(State {
                phase: Phase::New,
                values: spec.defaults(),
                bytes: spec.bytes().map(|name| (name, String::new())).collect(),
                parts: Vec::new(),
            }),
            handlers: Mutex::default(),
            fallback: Mutex::default(),
        }));
        if spec.has_layout {
            model.set_part("layout", &Model::new(&LAYOUT));
        }
        if let Some(style) = spec.style {
            model.set_part("style", &Model::new(style));
        }
        model
    }

    /// A widget of any model of ipywidgets, by its name there: `Model::of("IntSliderModel")`. None where there is
    /// no such model. The types of this crate say more of what values mean.
    pub fn of(name: &str) -> Option<Model> {
        spec_of(name).map(Model::new)
    }

    /// The names of all models.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|spec| spec.model.2)
    }

    /// The value of a trait, by its name in ipywidgets; null where there is no such trait.
    pub fn trait_value(&self, name: &str) -> Value {
        self.get(name)
    }

    /// Whether it is made of this.
    pub(crate) fn is(&self, spec: &'static Spec) -> bool {
        std::ptr::eq(self.0.spec, spec)
    }

    /// The comm's id, fixed from the beginning: 32 hex digits where no page chose it.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// An end that does not keep the widget: for handlers that need their own widget.
    pub(crate) fn downgrade(&self) -> WeakModel {
        WeakModel(Arc::downgrade(&self.0))
    }

    /// How messages name it: `Button "Search"`.
    pub(crate) fn name(&self) -> String {
        let kind = self.0.spec.model.2.trim_end_matches("Model");
        match self.text("description") {
            text if text.is_empty() => kind.to_owned(),
            text => format!("{kind} {text:?}"),
        }
    }

    pub(crate) fn set_fallback(&self, sentence: String) {
        *lock(&self.0.fallback) = Some(sentence);
    }

    pub(crate) fn fallback(&self) -> Option<String> {
        lock(&self.0.fallback).clone()
    }

    // --- state ---

    pub(crate) fn get(&self, name: &str) -> Value {
        lock(&self.0.state).values.get(name).cloned().unwrap_or_default()
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn read<T>(&self, look: impl FnOnce(&Map<String, Value>) -> T) -> T {
        look(&lock(&self.0.state).values)
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        self.read(|values| texts(values, name))
    }

    pub(crate) fn set(&self, name: &'static str, value: impl Into<Value>) {
        let value = value.into();
        self.change(|_| vec![(name, value)]);
    }

    /// Stores what `choose` picks, seeing the present state, and sends one update with what is new.
    pub(crate) fn change(
        &self,
        choose: impl FnOnce(&Map<String, Value>) -> Vec<(&'static str, Value)>,
    ) {
        let mut state = lock(&self.0.state);
        let mut changed = choose(&state.values);
        changed.retain(|(name, value)| state.values.get(*name) != Some(value));
        self.store(&mut state, changed);
    }

    /// Like [`Model::change`], for traits that must travel together: all are sent if any is new.
    pub(crate) fn change_together(&self, values: Vec<(&'static str, Value)>) {
        let mut state = lock(&self.0.state);
        let new = |(name, value): &(&str, Value)| state.values.get(*name) != Some(value);
        if values.iter().any(new) {
            self.store(&mut state, values);
        }
    }

    /// The lock is kept while the update is sent, so that two threads' updates leave in the order in
    /// which they were stored.
    fn store(&self, state: &mut State, changed: Vec<(&'static str, Value)>) {
        if changed.is_empty() {
            return;
        }
        let mut update = Map::new();
        for (name, value) in changed {
            state.values.insert(name.to_owned(), value.clone());
            update.insert(name.to_owned(), value);
        }
        if let (Phase::Open, Some(link)) = (state.phase, link()) {
            let data = json!({ "method": "update", "state": update, "buffer_paths": [] });
            link.send(json!({ "type": "comm_msg", "comm_id": self.id(), "data": data }));
        }
    }

    /// The bytes of a trait that travels beside the messages.
    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let state = lock(&self.0.state);
        let bytes = state.bytes.get(name).and_then(|text| BASE64.decode(text).ok());
        bytes.unwrap_or_default()
    }

    pub(crate) fn set_bytes(&self, name: &'static str, bytes: &[u8]) {
        let text = BASE64.encode(bytes);
        let mut state = lock(&self.0.state);
        if state.bytes.get(name) == Some(&text) {
            return;
        }
        if let (Phase::Open, Some(link)) = (state.phase, link()) {
            let data = json!({ "method": "update", "state": {}, "buffer_paths": [[name]] });
            link.send(json!({ "type": "comm_msg", "comm_id": self.id(), "data": data, "buffers": [text] }));
        }
        state.bytes.insert(name, text);
    }

    /// Sets a trait that names a model's trait (`source`, `target`).
    pub(crate) fn set_end(&self, name: &'static str, of: &Model, of_trait: &str) {
        self.refer(name, vec![of.clone()], json!([of.reference(), of_trait]));
    }

    /// Whether a page could set the trait to this value.
    pub(crate) fn accepts(&self, name: &str, value: &Value) -> bool {
        self.read(|values| self.0.spec.accepts(name, value, values))
    }

    /// Sets a trait by its name in ipywidgets; `false` where it has none of this name, or takes no such value, as
    /// it takes none from a page.
    pub fn set_trait(&self, name: &str, value: &Value) -> bool {
        let known = self.0.spec.traits.iter().find(|(known, _)| *known == name);
        let Some((name, _)) = known.filter(|_| self.accepts(name, value)) else { return false };
        self.set(name, value.clone());
        true
    }

    /// Sets a trait that names one model (`layout`, `style`).
    pub(crate) fn set_part(&self, name: &'static str, part: &Model) {
        self.refer(name, vec![part.clone()], json!(part.reference()));
    }

    /// Sets a trait that names a list of models (`children`).
    pub(crate) fn set_parts(&self, name: &'static str, parts: Vec<Model>) {
        let ids: Vec<_> = parts.iter().map(Model::reference).collect();
        self.refer(name, parts, json!(ids));
    }

    fn refer(&self, name: &'static str, parts: Vec<Model>, value: Value) {
        let _order = lock(&OPENING);
        if self.phase() == Phase::Open {
            parts.iter().for_each(Model::open_tree);
        }
        let mut state = lock(&self.0.state);
        state.parts.retain(|(other, _)| *other != name);
        state.parts.push((name, parts));
        if state.values.get(name) != Some(&value) {
            self.store(&mut state, vec![(name, value)]);
        }
    }

    fn reference(&self) -> String {
        format!("{REFERENCE}{}", self.id())
    }

    /// The open models that the trait `name` refers to, where a page chose them.
    pub(crate) fn referred(&self, name: &str) -> Vec<Model> {
        let ids = self.texts(name);
        let ids = ids.iter().filter_map(|text| text.strip_prefix(REFERENCE));
        ids.filter_map(registry::find).collect()
    }

    /// The models that the trait `name` refers to.
    pub(crate) fn parts(&self, name: &str) -> Vec<Model> {
        let state = lock(&self.0.state);
        let parts = state.parts.iter().find(|(other, _)| *other == name);
        parts.map(|(_, parts)| parts.clone()).unwrap_or_default()
    }

    // --- the comm ---

    pub(crate) fn is_open(&self) -> bool {
        self.phase() == Phase::Open
    }

    fn phase(&self) -> Phase {
        lock(&self.0.state).phase
    }

    /// Opens the comm unless that was done before. What it refers to comes first, for a front end
    /// that reads a reference to an unknown model shows an error for good.
    pub(crate) fn open(&self) {
        let _order = lock(&OPENING);
        self.open_tree();
    }

    fn open_tree(&self) {
        let Some(link) = link() else { return };
        let parts: Vec<Model> = {
            let mut state = lock(&self.0.state);
            if state.phase != Phase::New {
                return;
            }
            state.phase = Phase::Opening;
            let parts = state.parts.iter().flat_map(|(_, parts)| parts);
            parts.cloned().collect()
        };
        parts.iter().for_each(Model::open_tree);
        link.connect();
        registry::add(self.clone());
        let mut state = lock(&self.0.state);
        if state.phase == Phase::Opening {
            state.phase = Phase::Open;
            let paths: Vec<_> = state.bytes.keys().map(|name| json!([name])).collect();
            let mut message = json!({
                "type": "comm_open",
                "comm_id": self.id(),
                "target_name": "jupyter.widget",
                "data": { "state": state.values, "buffer_paths": paths },
                "metadata": { "version": "2.1.0" },
            });
            if !state.bytes.is_empty() {
                message["buffers"] = state.bytes.values().cloned().collect();
            }
            link.send(message);
        }
    }

    /// A page opened a comm of its own: makes the widget that it names, with the state that it gives, and
    /// tells the page of the parts that it did not name. The comm of an unknown model is closed.
    pub(crate) fn opened_by_front_end(id: &str, data: &Value, buffers: &Value) {
        let Some(link) = link() else { return };
        let Some(spec) = data["state"]["_model_name"].as_str().and_then(spec_of) else {
            return link.send(json!({ "type": "comm_close", "comm_id": id, "data": {} }));
        };
        let model = Model::with_id(spec, id.to_owned());
        registry::add(model.clone());
        let _order = lock(&OPENING);
        let (names, parts): (Vec<_>, Vec<_>) = lock(&model.0.state).parts.iter().cloned().unzip();
        parts.iter().flatten().for_each(Model::open_tree);
        model.receive_update(&joined(data, buffers));
        let mut state = lock(&model.0.state);
        state.phase = Phase::Open;
        let parts = names.into_iter().map(|name| (name, state.values[name].clone())).collect();
        model.store(&mut state, parts);
    }

    /// Closes the comm: the widget disappears from all pages and hears nothing any more.
    pub fn close(&self) {
        self.close_comm();
    }

    /// Closes it and all that it refers to: layout, style, children and theirs.
    pub fn close_tree(&self) {
        if self.close_comm() == Phase::Closed {
            return;
        }
        let parts = {
            let state = lock(&self.0.state);
            let parts = state.parts.iter().flat_map(|(_, parts)| parts);
            parts.cloned().collect::<Vec<Model>>()
        };
        parts.iter().for_each(Model::close_tree);
    }

    /// Returns the phase before.
    fn close_comm(&self) -> Phase {
        registry::remove(self.id());
        let before = self.end();
        if let (Phase::Open, Some(link)) = (before, link()) {
            link.send(json!({ "type": "comm_close", "comm_id": self.id(), "data": {} }));
        }
        before
    }

    /// Makes it deaf and mute; returns the phase before.
    fn end(&self) -> Phase {
        std::mem::replace(&mut lock(&self.0.state).phase, Phase::Closed)
    }

    /// A page closed it.
    pub(crate) fn closed_by_front_end(&self) {
        self.end();
    }

    // --- events ---

    pub(crate) fn on(&self, topic: Topic, handler: impl FnMut(&Change) + Send + 'static) {
        lock(&self.0.handlers).push((topic, Arc::new(Mutex::new(handler))));
    }

    /// Takes a message of the front end: stores what it may set, and returns the handlers to call.
    ///
    /// Bytes come beside the message, in base64, and stand in the state as that.
    pub(crate) fn receive(&self, data: &Value, buffers: &Value) -> Vec<Call> {
        match data["method"].as_str() {
            Some("update") if buffers.as_array().is_some_and(|buffers| !buffers.is_empty()) => {
                self.receive_update(&joined(data, buffers))
            }
            Some("update") => self.receive_update(&data["state"]),
            Some("custom") => {
                let content = &data["content"];
                let event = content["event"].as_str().unwrap_or_default();
                self.calls(Topic::Custom(event.to_owned()), Value::Null, content.clone())
            }
            _ => Vec::new(),
        }
    }

    fn receive_update(&self, update: &Value) -> Vec<Call> {
        let mut changes = Vec::new();
        let mut state = lock(&self.0.state);
        for (name, new) in update.as_object().into_iter().flatten() {
            let known = self.0.spec.accepts(name, new, &state.values);
            if !known || state.values.get(name) == Some(new) {
                continue;
            }
            let old = state.values.insert(name.clone(), new.clone());
            let old = old.unwrap_or_default();
            changes.push((name.clone(), old.clone(), new.clone()));
            // Pages know numbers only; the value of a selection is the label with that number.
            if name == "index" {
                let label = |index: &Value| label_at(&state.values, index).into();
                changes.push(("value".to_owned(), label(&old), label(new)));
            }
        }
        drop(state);
        let calls = changes.into_iter();
        calls.flat_map(|(name, old, new)| self.calls(Topic::Trait(name), old, new)).collect()
    }

    /// The handlers that wait for `topic`, with what they are to be told.
    fn calls(&self, topic: Topic, old: Value, new: Value) -> Vec<Call> {
        let (Topic::Trait(name) | Topic::Custom(name)) = &topic;
        let name = name.clone();
        let change = Change { name, old, new };
        let handlers = lock(&self.0.handlers);
        let heard = handlers.iter().filter(|(waits_for, _)| *waits_for == topic);
        heard.map(|(_, handler)| (handler.clone(), change.clone())).collect()
    }
}

/// What a widget of the model of this name is made of.
fn spec_of(name: &str) -> Option<&'static Spec> {
    ALL.iter().copied().find(|spec| spec.model.2 == name)
}

/// The state of an update with its buffers in their places; what does not fit is left out.
fn joined(data: &Value, buffers: &Value) -> Value {
    let mut state = data["state"].clone();
    let paths = data["buffer_paths"].as_array().into_iter().flatten();
    for (path, buffer) in paths.zip(buffers.as_array().into_iter().flatten()) {
        let Some((last, before)) = path.as_array().and_then(|path| path.split_last()) else {
            continue;
        };
        let place = before.iter().try_fold(&mut state, |at, step| match step {
            Value::String(name) => at.get_mut(name.as_str()),
            step => at.get_mut(usize::try_from(step.as_u64()?).ok()?),
        });
        match (place, last) {
            (Some(Value::Object(place)), Value::String(name)) => {
                place.insert(name.clone(), buffer.clone());
            }
            (Some(Value::Array(place)), step) => {
                let at = step.as_u64().and_then(|at| usize::try_from(at).ok());
                if let Some(place) = at.and_then(|at| place.get_mut(at)) {
                    *place = buffer.clone();
                }
            }
            _ => {}
        }
    }
    state
}

/// The strings of a trait that is a list of strings.
pub(crate) fn texts(values: &Map<String, Value>, name: &str) -> Vec<String> {
    let list = values.get(name).and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

/// The label of a selection's entry `index`.
pub(crate) fn label_at(values: &Map<String, Value>, index: &Value) -> Option<String> {
    let index = usize::try_from(index.as_u64()?).ok()?;
    let label = values.get(LABELS)?.get(index)?;
    label.as_str().map(str::to_owned)
}
