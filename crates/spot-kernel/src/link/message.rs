//! The lines of the cell link as types; `docs/cell-link.md` says what each means.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::iopub::StreamName;

/// First line of a connection.
#[derive(Debug, Deserialize)]
pub struct Hello {
    /// The nonce.
    pub hello: String,
    /// What the connection is for.
    pub role: Role,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the user process writes.
    Output,
    /// What the front end does.
    Events,
}

/// A line of the "output" connection.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum OutputLine {
    Stdout { text: String },
    Stderr { text: String },
    Message { payload: Box<FromLibrary> },
    Content { mime: String, text: String },
    Panic { message: String },
    ErrorReturn { message: String },
    Complete,
}

/// An object of the widget library, with whose output it is.
#[derive(Debug, PartialEq, Deserialize)]
pub struct FromLibrary {
    /// `None`: the running cell, or the last one.
    #[serde(default)]
    pub parent: Option<ParentRef>,
    /// What it says.
    #[serde(flatten)]
    pub message: LibraryMessage,
}

/// Whose output a library object is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParentRef {
    /// The front end's message that came with this token.
    Token(u64),
    /// The execute_request during which that comm was opened.
    CellOf(String),
}

/// What the widget library says.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LibraryMessage {
    DisplayData {
        data: Map<String, Value>,
        #[serde(default)]
        metadata: Map<String, Value>,
        #[serde(default)]
        display_id: Option<String>,
    },
    UpdateDisplayData {
        data: Map<String, Value>,
        #[serde(default)]
        metadata: Map<String, Value>,
        display_id: String,
    },
    ClearOutput {
        #[serde(default)]
        wait: bool,
    },
    Stream {
        #[serde(deserialize_with = "stream_name")]
        name: StreamName,
        text: String,
    },
    CommOpen {
        comm_id: String,
        target_name: String,
        #[serde(default)]
        data: Map<String, Value>,
        #[serde(default)]
        metadata: Map<String, Value>,
        #[serde(default)]
        buffers: Buffers,
    },
    CommMsg {
        comm_id: String,
        #[serde(default)]
        data: Map<String, Value>,
        #[serde(default)]
        buffers: Buffers,
    },
    CommClose {
        comm_id: String,
    },
    Handled {
        token: u64,
    },
    Page {
        data: Map<String, Value>,
        #[serde(default)]
        start: u64,
    },
}

/// A line of the "events" connection.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToLibrary<'a> {
    CommOpen { comm_id: &'a str, data: &'a Value, buffers: &'a Buffers, token: u64 },
    CommMsg { comm_id: &'a str, data: &'a Value, buffers: &'a Buffers, token: u64 },
    CommClose { comm_id: &'a str },
    Restored,
    Cell,
    Interrupt,
}

impl ToLibrary<'_> {
    /// The object and its line break.
    pub fn line(&self) -> String {
        let mut line = serde_json::to_string(self).unwrap_or_default();
        line.push('\n');
        line
    }
}

/// Binary values, in base64 on the link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buffers(pub Vec<Vec<u8>>);

impl Serialize for Buffers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|bytes| STANDARD.encode(bytes)))
    }
}

impl<'de> Deserialize<'de> for Buffers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<String>::deserialize(deserializer)?
            .into_iter()
            .map(|text| STANDARD.decode(text).map_err(D::Error::custom))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn stream_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StreamName, D::Error> {
    match String::deserialize(deserializer)?.as_str() {
        "stdout" => Ok(StreamName::Stdout),
        "stderr" => Ok(StreamName::Stderr),
        other => Err(D::Error::custom(format!("no stream is named `{other}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Option<OutputLine> {
        serde_json::from_str(line).ok()
    }

    #[test]
    fn lines_of_the_page() {
        let message = |parent, message| {
            Some(OutputLine::Message { payload: Box::new(FromLibrary { parent, message }) })
        };
        let handled = LibraryMessage::Handled { token: 7 };
        let comm_msg = LibraryMessage::CommMsg {
            comm_id: "c".into(),
            data: Map::new(),
            buffers: Buffers(vec![vec![1, 2, 3]]),
        };
        for (line, want) in [
            (r#"{"type":"stdout","text":"a\n"}"#, Some(OutputLine::Stdout { text: "a\n".into() })),
            (r#"{"type":"complete"}"#, Some(OutputLine::Complete)),
            (
                r#"{"type":"message","payload":{"type":"handled","token":7}}"#,
                message(None, handled),
            ),
            (
                r#"{"type":"message","payload":{"type":"clear_output","wait":true,"parent":{"token":3}}}"#,
                message(Some(ParentRef::Token(3)), LibraryMessage::ClearOutput { wait: true }),
            ),
            (
                r#"{"type":"message","payload":{"parent":{"cell_of":"x"},"type":"comm_msg","comm_id":"c","data":{},"buffers":["AQID"]}}"#,
                message(Some(ParentRef::CellOf("x".into())), comm_msg),
            ),
            (
                r#"{"type":"message","payload":{"type":"comm_msg","comm_id":"c","buffers":["%"]}}"#,
                None,
            ),
            (r#"{"type":"message","payload":{"type":"stream","name":"x","text":""}}"#, None),
            (r#"{"type":"later"}"#, None),
            (r#"{"type":"stdout"}"#, None),
            ("", None),
        ] {
            assert_eq!(parse(line), want, "{line}");
        }
    }

    #[test]
    fn lines_for_the_library() {
        let data = serde_json::json!({"method": "custom", "content": {"event": "click\n"}});
        let line = ToLibrary::CommMsg {
            comm_id: "c",
            data: &data,
            buffers: &Buffers(vec![vec![1, 2, 3]]),
            token: 9,
        }
        .line();
        assert_eq!(
            line,
            "{\"type\":\"comm_msg\",\"comm_id\":\"c\",\"data\":{\"method\":\"custom\",\
             \"content\":{\"event\":\"click\\n\"}},\"buffers\":[\"AQID\"],\"token\":9}\n"
        );
        assert_eq!(ToLibrary::Restored.line(), "{\"type\":\"restored\"}\n");
    }
}
