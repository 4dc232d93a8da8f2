//! What the protocol asks of a cell evaluator: one trait and its data types.

use std::sync::Arc;

use serde_json::{Map, Value};

/// What a cell evaluator can do. Called on one thread of its own, one call at a time.
///
/// What a cell prints does not pass here: it comes over the [link](crate::LinkServer).
pub trait Evaluator: Send {
    /// Runs one cell. `input` asks the user for one line and waits; it gives an empty text when
    /// the client takes no input.
    fn execute(&mut self, code: &str, input: &dyn Fn(InputPrompt) -> String) -> Outcome;

    /// What could stand at `cursor`, a byte offset into `code` on a character boundary.
    fn complete(&mut self, code: &str, cursor: usize) -> Completion;

    /// Help on what stands at `cursor` (byte offset), as a MIME bundle; `None` when nothing is known.
    fn inspect(&mut self, code: &str, cursor: usize) -> Option<Bundle>;

    /// Whether a console should run `code` when the user presses Enter.
    fn is_complete(&mut self, code: &str) -> Completeness;

    /// Stops what runs; true if something was stopped. The function may be called from any thread
    /// while [`execute`](Self::execute) runs; the kernel calls it only while a cell runs. Asked for
    /// once, before the first cell.
    fn interrupter(&self) -> Arc<dyn Fn(Force) -> bool + Send + Sync>;

    /// How many times the user process was started again so far: comms of an earlier one are dead.
    fn generation(&self) -> u64;

    /// Names of the variables that went with the last user process that ended.
    fn lost(&self) -> Vec<String> {
        Vec::new()
    }

    /// Does one step of what the first cells would have to wait for; true if there are more steps.
    /// Called while nobody has asked for anything yet.
    fn warm_up(&mut self) -> bool {
        false
    }
}

/// What an interrupt may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Nothing: a compilation is stopped, a process that runs is not.
    Gentle,
    /// The user process, with all variables.
    Hard,
}

/// A question to the user while a cell runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputPrompt {
    /// Text before the input field.
    pub prompt: String,
    /// Whether the client hides what is typed.
    pub password: bool,
}

/// A MIME bundle: type to content, text as a JSON string, JSON types as JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bundle(pub Map<String, Value>);

/// Why a cell failed, as the front end shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellError {
    /// Kind of error, for example `Panic` or an error code of the compiler.
    pub ename: String,
    /// One line.
    pub evalue: String,
    /// All of it, line by line; may contain ANSI colours.
    pub traceback: Vec<String>,
}

/// How a cell ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It ran to its end.
    Done {
        /// The cell's value, when it did not come over the link as `content` blocks.
        result: Option<Bundle>,
    },
    /// It did not compile, was interrupted, or its process ended.
    Failed(CellError),
}

/// What could stand at the cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Completion {
    /// Best first.
    pub items: Vec<CompletionItem>,
    /// Byte offsets of the text that an item replaces.
    pub start: usize,
    /// End of that text (exclusive).
    pub end: usize,
}

/// One proposal of a [`Completion`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionItem {
    /// Text to insert.
    pub text: String,
    /// `function`, `module`, `keyword` ..; empty when unknown.
    pub kind: String,
}

/// Whether a piece of code is a whole cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// Run it.
    Complete,
    /// Wait for more; the next line starts with `indent`.
    Incomplete {
        /// White space for the next line.
        indent: String,
    },
    /// It can never become right.
    Invalid,
    /// The evaluator cannot tell.
    Unknown,
}

/// What the kernel says of itself. The language is always Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KernelInfo {
    /// Shown when a console starts.
    pub banner: String,
    /// Name of the kernel, for example `spot`.
    pub implementation: String,
    /// Its version.
    pub implementation_version: String,
    /// Version of rustc.
    pub language_version: String,
    /// Entries of the client's help menu.
    pub help_links: Vec<HelpLink>,
}

/// An entry of the client's help menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpLink {
    /// What the menu shows.
    pub text: String,
    /// Where it leads.
    pub url: String,
}
