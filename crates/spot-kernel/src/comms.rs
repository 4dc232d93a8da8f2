//! The comm table: every open comm, whose it is, and the whole state of its widget.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::wire::Header;

/// Target of widgets.
pub const WIDGET: &str = "jupyter.widget";
/// Target of the comm on which a page asks for the state of all widgets.
pub const CONTROL: &str = "jupyter.widget.control";

/// A value that was taken out of a state: the path where it belongs, and its bytes.
type Binary = (Vec<Value>, Vec<u8>);

/// State of a widget, as both sides know it. Binary values stay beside the JSON, as on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WidgetState {
    values: Map<String, Value>,
    binaries: Vec<Binary>,
}

impl WidgetState {
    /// Takes over what an `update` (or the data of comm_open) says: members `state` and
    /// `buffer_paths` of `data`, and the buffers of the message. What is not well formed is ignored.
    pub fn merge(&mut self, data: &Map<String, Value>, buffers: &[Vec<u8>]) {
        let Some(Value::Object(state)) = data.get("state") else {
            return;
        };
        let paths: Vec<&Vec<Value>> = match data.get("buffer_paths") {
            Some(Value::Array(paths)) => paths.iter().filter_map(Value::as_array).collect(),
            _ => Vec::new(),
        };
        let binaries: Vec<Binary> = paths
            .into_iter()
            .zip(buffers)
            .filter(|(path, _)| path.first().is_some_and(Value::is_string))
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect();
        let replaced =
            |key: &str| state.contains_key(key) || binaries.iter().any(|(path, _)| path[0] == key);
        self.binaries.retain(|(path, _)| !path[0].as_str().is_some_and(replaced));
        for (path, _) in &binaries {
            if let Some(key) = path[0].as_str()
                && !state.contains_key(key)
            {
                self.values.shift_remove(key);
            }
        }
        for (key, value) in state {
            self.values.insert(key.clone(), value.clone());
        }
        self.binaries.extend(binaries);
    }

    /// A member of the state as text; empty when it is none.
    fn text(&self, key: &str) -> &str {
        self.values.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// The data of an `update` with all of it, and its buffers.
    pub fn update(&self) -> (Value, Vec<Vec<u8>>) {
        let paths: Vec<&Vec<Value>> = self.binaries.iter().map(|(path, _)| path).collect();
        let data = json!({"method": "update", "state": self.values, "buffer_paths": paths});
        (data, self.buffers().collect())
    }

    fn buffers(&self) -> impl Iterator<Item = Vec<u8>> + '_ {
        self.binaries.iter().map(|(_, bytes)| bytes.clone())
    }
}

/// An open comm.
#[derive(Debug, Clone)]
pub struct Comm {
    /// `target_name` of its comm_open.
    pub target: String,
    /// The execute_request during which it was opened.
    pub cell: Header,
    /// The number of that cell.
    pub number: u64,
    /// The output connection of the user process that opened it; 0: the front end did.
    pub connection: u64,
    /// State of its widget; empty for other comms.
    pub state: WidgetState,
}

impl Comm {
    /// What a person would call it: its kind and what is written beside it. `None`: nothing to see.
    pub fn name(&self) -> Option<String> {
        let model = self.state.text("_model_name");
        let hidden = ["LayoutModel", "StyleModel"].iter().any(|end| model.ends_with(end));
        if self.target != WIDGET || model.is_empty() || hidden {
            return None;
        }
        let kind = model.trim_end_matches("Model");
        Some(match self.state.text("description") {
            "" => kind.to_owned(),
            text => format!("{kind} {text:?}"),
        })
    }

    /// Whether a front end expects its own updates back. File uploads are not echoed: they are
    /// large, and no other page can show them.
    pub fn echoes(&self) -> bool {
        self.target == WIDGET && self.state.text("_model_name") != "FileUploadModel"
    }
}

/// Every open comm by id.
#[derive(Debug, Default)]
pub struct CommTable {
    comms: BTreeMap<String, Comm>,
}

impl CommTable {
    /// A comm was opened; one of the same id is replaced.
    pub fn open(&mut self, id: String, comm: Comm) {
        self.comms.insert(id, comm);
    }

    /// A comm was closed; `None` when it was not open.
    pub fn close(&mut self, id: &str) -> Option<Comm> {
        self.comms.remove(id)
    }

    /// An open comm.
    pub fn get(&self, id: &str) -> Option<&Comm> {
        self.comms.get(id)
    }

    /// An open comm.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut Comm> {
        self.comms.get_mut(id)
    }

    /// The number of the cell with this request, if it has opened a comm.
    pub fn number_of(&self, cell: &Header) -> Option<u64> {
        self.comms.values().find(|comm| comm.cell == *cell).map(|comm| comm.number)
    }

    /// Removes the comms whose user process is `dead` and gives them. Those that the front end
    /// opened stay.
    pub fn take_dead(&mut self, dead: impl Fn(u64) -> bool) -> Vec<(String, Comm)> {
        let ids: Vec<String> = self
            .comms
            .iter()
            .filter(|(_, comm)| comm.connection != 0 && dead(comm.connection))
            .map(|(id, _)| id.clone())
            .collect();
        let taken = |id: String| self.comms.remove(&id).map(|comm| (id, comm));
        ids.into_iter().filter_map(taken).collect()
    }

    /// Content of a comm_info_reply; `target` picks the comms of one target.
    pub fn info(&self, target: Option<&str>) -> Value {
        let comms: Map<String, Value> = self
            .comms
            .iter()
            .filter(|(_, comm)| target.is_none_or(|target| comm.target == target))
            .map(|(id, comm)| (id.clone(), json!({"target_name": comm.target})))
            .collect();
        json!({"status": "ok", "comms": comms})
    }

    /// Data and buffers of the `update_states` that a reloaded page asks for.
    pub fn states(&self) -> (Value, Vec<Vec<u8>>) {
        let mut states = Map::new();
        let mut paths = Vec::new();
        let mut buffers = Vec::new();
        for (id, comm) in &self.comms {
            // A page cannot make a model without a name, and would show none of the others.
            if comm.target != WIDGET || comm.state.text("_model_name").is_empty() {
                continue;
            }
            let state = &comm.state;
            let model = json!({
                "model_name": state.text("_model_name"),
                "model_module": state.text("_model_module"),
                "model_module_version": state.text("_model_module_version"),
                "state": state.values,
            });
            states.insert(id.clone(), model);
            for (path, _) in &state.binaries {
                let mut whole = vec![json!(id), json!("state")];
                whole.extend(path.iter().cloned());
                paths.push(Value::Array(whole));
            }
            buffers.extend(state.buffers());
        }
        let data = json!({"method": "update_states", "states": states, "buffer_paths": paths});
        (data, buffers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(updates: &[(Value, &[&[u8]])]) -> (Value, Vec<Vec<u8>>) {
        let mut state = WidgetState::default();
        for (data, buffers) in updates {
            let buffers: Vec<Vec<u8>> = buffers.iter().map(|b| b.to_vec()).collect();
            state.merge(data.as_object().unwrap(), &buffers);
        }
        let (mut data, buffers) = state.update();
        data.as_object_mut().unwrap().remove("method");
        (data, buffers)
    }

    #[test]
    fn states_merge() {
        let image: &[u8] = b"png";
        let other: &[u8] = b"jpeg";
        for (updates, want, want_buffers) in [
            (
                vec![
                    (json!({"state": {"a": 1, "b": 2}}), &[][..]),
                    (json!({"state": {"b": 3}, "buffer_paths": []}), &[]),
                ],
                json!({"state": {"a": 1, "b": 3}, "buffer_paths": []}),
                vec![],
            ),
            (
                vec![
                    (json!({"state": {"value": null}}), &[][..]),
                    (json!({"state": {}, "buffer_paths": [["value"]]}), &[image]),
                    (json!({"state": {}, "buffer_paths": [["value"]]}), &[other]),
                ],
                json!({"state": {}, "buffer_paths": [["value"]]}),
                vec![other.to_vec()],
            ),
            (
                vec![
                    (
                        json!({"state": {"list": [null, 1]}, "buffer_paths": [["list", 0]]}),
                        &[image][..],
                    ),
                    (json!({"state": {"x": 1}}), &[]),
                ],
                json!({"state": {"list": [null, 1], "x": 1}, "buffer_paths": [["list", 0]]}),
                vec![image.to_vec()],
            ),
            (
                vec![
                    (json!({"state": {"v": null}, "buffer_paths": [["v"]]}), &[image][..]),
                    (json!({"state": {"v": "text"}}), &[]),
                ],
                json!({"state": {"v": "text"}, "buffer_paths": []}),
                vec![],
            ),
            // Nonsense: a path without buffer, one that does not start with a key, no state.
            (
                vec![
                    (json!({"state": {"a": 1}, "buffer_paths": [["a"], [0], "x", []]}), &[][..]),
                    (json!({"state": {}, "buffer_paths": [[0]]}), &[image]),
                    (json!({"state": 5}), &[image]),
                    (json!({"buffer_paths": [["a"]]}), &[image]),
                ],
                json!({"state": {"a": 1}, "buffer_paths": []}),
                vec![],
            ),
        ] {
            assert_eq!(merged(&updates), (want, want_buffers), "{updates:?}");
        }
    }

    fn comm(target: &str, connection: u64, data: Value) -> Comm {
        let mut state = WidgetState::default();
        state.merge(data.as_object().unwrap(), &[b"bytes".to_vec()]);
        Comm { target: target.into(), cell: Header::default(), number: 0, connection, state }
    }

    #[test]
    fn a_page_gets_all_widgets() {
        let image = json!({
            "state": {"_model_name": "ImageModel", "_model_module": "m", "_model_module_version": "2"},
            "buffer_paths": [["value"]],
        });
        let mut table = CommTable::default();
        table.open("b".into(), comm(WIDGET, 1, image.clone()));
        table.open("a".into(), comm(CONTROL, 0, json!({})));
        table.open("nameless".into(), comm(WIDGET, 1, json!({"state": {}})));
        let (data, buffers) = table.states();
        assert_eq!(
            data,
            json!({
                "method": "update_states",
                "states": {"b": {
                    "model_name": "ImageModel", "model_module": "m", "model_module_version": "2",
                    "state": image["state"],
                }},
                "buffer_paths": [["b", "state", "value"]],
            })
        );
        assert_eq!(buffers, [b"bytes".to_vec()]);
        assert_eq!(
            table.info(Some(CONTROL)),
            json!({"status": "ok", "comms": {"a": {"target_name": CONTROL}}})
        );
        assert_eq!(table.info(None)["comms"].as_object().unwrap().len(), 3);
    }

    #[test]
    fn comms_die_with_their_process() {
        let mut table = CommTable::default();
        for (id, connection) in [("old", 1), ("page", 0), ("new", 2)] {
            table.open(id.into(), comm(WIDGET, connection, json!({})));
        }
        let dead = table.take_dead(|connection| connection != 2);
        assert_eq!(dead.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>(), ["old"]);
        assert!(table.get("old").is_none());
        assert!(table.get("page").is_some() && table.get("new").is_some());
    }
}
