//! A place in a panel for outputs of any kind.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::display::Bundle;
use crate::model::Model;
use crate::widgets::handle;
use crate::widgets::models::OUTPUT;

handle! {
    /// Outputs inside a panel.
    ///
    /// Its outputs are state that is sent as a whole, so they are there after a page was reloaded.
    Output, visible
}

impl Default for Output {
    fn default() -> Self {
        Output::new()
    }
}

impl Output {
    /// Makes an empty one.
    pub fn new() -> Self {
        let model = Model::new(&OUTPUT);
        Output { model }
    }

    /// Runs `work`; what [`display`](crate::display) shows meanwhile on this thread is added here.
    /// (`println!` is not: it has no widget.)
    pub fn capture<T>(&self, work: impl FnOnce() -> T) -> T {
        /// Ends the capture, also when `work` panics.
        struct Restore;
        impl Drop for Restore {
            fn drop(&mut self) {
                CAPTURES.with_borrow_mut(|captures| captures.pop());
            }
        }
        let capture = Capture { output: self.clone(), clear_with_next: false };
        CAPTURES.with_borrow_mut(|captures| captures.push(capture));
        let _restore = Restore;
        work()
    }

    /// Adds HTML, as it is; see [`crate::display::Bundle::html`].
    pub fn append_html(&self, html: impl Into<String>) {
        self.append(Bundle::html(html));
    }

    /// Adds plain text.
    pub fn append_text(&self, text: impl Into<String>) {
        self.append(Bundle::text(text));
    }

    /// Adds a bundle.
    pub fn append(&self, bundle: Bundle) {
        self.put(bundle, None, false);
    }

    /// Takes all outputs away.
    pub fn clear(&self) {
        self.model.set("outputs", json!([]));
    }

    /// The outputs, as a notebook file has them.
    pub fn outputs(&self) -> Vec<Value> {
        let outputs = self.model.get("outputs");
        outputs.as_array().cloned().unwrap_or_default()
    }

    /// Replaces all outputs.
    pub(crate) fn set_outputs(&self, outputs: Vec<Value>) {
        self.model.set("outputs", outputs);
    }

    /// Replaces the output with this display id.
    pub(crate) fn replace(&self, id: &str, bundle: Bundle) {
        self.change(|outputs| {
            for place in outputs.iter_mut().filter(|place| place["metadata"][ID] == id) {
                *place = output(&bundle, Some(id));
            }
        });
    }

    fn put(&self, bundle: Bundle, id: Option<&str>, clear: bool) {
        self.change(|outputs| {
            if clear {
                outputs.clear();
            }
            outputs.push(output(&bundle, id));
        });
    }

    fn change(&self, edit: impl FnOnce(&mut Vec<Value>)) {
        self.model.change(|values| {
            let outputs = values.get("outputs").and_then(Value::as_array);
            let mut outputs = outputs.cloned().unwrap_or_default();
            edit(&mut outputs);
            vec![("outputs", Value::Array(outputs))]
        });
    }
}

/// Where an output that can be changed later keeps its display id: a notebook's metadata is free.
const ID: &str = "display_id";

fn output(bundle: &Bundle, id: Option<&str>) -> Value {
    let metadata = id.map_or_else(|| json!({}), |id| json!({ ID: id }));
    json!({ "output_type": "display_data", "data": bundle.0, "metadata": metadata })
}

struct Capture {
    output: Output,
    clear_with_next: bool,
}

thread_local! {
    static CAPTURES: RefCell<Vec<Capture>> = const { RefCell::new(Vec::new()) };
}

/// Whether a widget captures on this thread.
pub(crate) fn is_capturing() -> bool {
    CAPTURES.with_borrow(|captures| !captures.is_empty())
}

/// Adds `bundle` to the widget that captures on this thread, and returns that widget.
pub(crate) fn captured(bundle: &Bundle, id: Option<&str>) -> Option<Output> {
    let (output, clear) = CAPTURES.with_borrow_mut(|captures| {
        let capture = captures.last_mut()?;
        let clear = std::mem::take(&mut capture.clear_with_next);
        Some((capture.output.clone(), clear))
    })?;
    output.put(bundle.clone(), id, clear);
    Some(output)
}

/// Clears the widget that captures on this thread, if one does.
pub(crate) fn captured_clear(wait: bool) -> bool {
    let output = CAPTURES.with_borrow_mut(|captures| {
        let capture = captures.last_mut()?;
        capture.clear_with_next = wait;
        Some(capture.output.clone())
    });
    match output {
        Some(output) if !wait => output.clear(),
        found => return found.is_some(),
    }
    true
}
