//! Pictures, sounds, films, files; and HTML with formulas.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::model::{Model, Topic};
use crate::widgets::models::{AUDIO, FILE_UPLOAD, HTML_MATH, IMAGE, VIDEO};
use crate::widgets::{Audio, FileUpload, HtmlMath, Image, Video};

macro_rules! media {
    ($name:ident, $spec:ident) => {
        impl $name {
            /// Makes one of the bytes of a file; say what they are with `format`.
            pub fn new(bytes: impl AsRef<[u8]>) -> Self {
                let widget = Self { model: Model::new(&$spec) };
                widget.set_value(bytes);
                widget
            }

            /// The bytes.
            pub fn value(&self) -> Vec<u8> {
                self.model.bytes("value")
            }

            /// Replaces the bytes.
            pub fn set_value(&self, bytes: impl AsRef<[u8]>) {
                self.model.set_bytes("value", bytes.as_ref());
            }
        }
    };
}
media!(Image, IMAGE);
media!(Audio, AUDIO);
media!(Video, VIDEO);

macro_rules! looped {
    ($($name:ident)*) => {
        $(impl $name {
            /// Whether it begins again at its end (`true` at first).
            pub fn looped(self, looped: bool) -> Self {
                self.model.set("loop", looped);
                self
            }
        })*
    };
}
looped!(Audio Video);

/// A file that a user chose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Upload {
    /// Its name on the user's machine, as the page tells it.
    pub name: String,
    /// Its type, as the page tells it: `text/csv`.
    pub kind: String,
    /// When it was changed there: milliseconds since 1970.
    pub last_modified: i64,
    /// What is in it.
    pub content: Vec<u8>,
}

fn uploads(value: &Value) -> Vec<Upload> {
    let one = |file: &Value| {
        let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        Some(Upload {
            name: text("name"),
            kind: text("type"),
            last_modified: file["last_modified"].as_i64().unwrap_or_default(),
            content: BASE64.decode(file["content"].as_str()?).ok()?,
        })
    };
    value.as_array().into_iter().flatten().filter_map(one).collect()
}

impl Default for FileUpload {
    fn default() -> Self {
        Self::new()
    }
}

impl FileUpload {
    /// Makes one that takes a file; see `accept` and `multiple`.
    pub fn new() -> Self {
        // As ipywidgets labels it.
        Self { model: Model::new(&FILE_UPLOAD) }.description("Upload")
    }

    /// The files that were chosen last.
    pub fn value(&self) -> Vec<Upload> {
        uploads(&self.model.get("value"))
    }

    /// Forgets the files.
    pub fn clear(&self) {
        self.model.set("value", json!([]));
    }

    /// Calls `handler` with the files when the user chooses some.
    pub fn on_change(self, mut handler: impl FnMut(&[Upload]) + Send + 'static) -> Self {
        self.model
            .on(Topic::Trait("value".to_owned()), move |change| handler(&uploads(&change.new)));
        self
    }
}

impl HtmlMath {
    /// Makes one of this HTML, as it is.
    pub fn new(html: impl Into<String>) -> Self {
        let widget = Self { model: Model::new(&HTML_MATH) };
        widget.set_value(html);
        widget
    }

    /// The HTML.
    pub fn value(&self) -> String {
        self.model.text("value")
    }

    /// Replaces the HTML.
    pub fn set_value(&self, html: impl Into<String>) {
        self.model.set("value", html.into());
    }
}
