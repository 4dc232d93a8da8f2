//! The evaluator on the `evcxr` crate: cells are compiled and run in a child process.

use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use evcxr::{CommandContext, CompilationError, Error, EvalCallbacks, Theme};
use serde_json::{Map, Value};

use crate::library::Library;
use crate::processes;
use crate::{
    Bundle, CellError, Completeness, Completion, CompletionItem, Evaluator, Force, InputPrompt,
    Outcome,
};

mod completeness;

/// Cells by evcxr, linked to the notebook library where there is one.
pub struct EvcxrEvaluator {
    context: CommandContext,
    library: Option<Library>,
    child: Arc<Mutex<Child>>,
    last_child: Option<u32>,
    generation: u64,
    /// Variables that the last process took with it.
    lost: Vec<String>,
    cells: u64,
    /// What is still to be inferred before the first cell, the last one first.
    cold: Vec<&'static str>,
}

/// The first `let` of a session makes rust-analyzer resolve the names of the standard library, and the
/// first polars frame those of polars. It learns the same from a question what could follow.
const COLD: [&str; 2] = [
    "let frame = polars::df![\"a\" => [1i64]].unwrap();\nframe.",
    "let text = String::new();\ntext.",
];

impl EvcxrEvaluator {
    /// Starts evcxr and its child process. `build_env` are `KEY=VALUE` for compilations.
    ///
    /// The child is this very program: its `main` calls [`crate::shim::install_if_user_process`] and
    /// `evcxr::runtime_hook` first. Fails when cargo or rustc cannot be started.
    pub fn start(library: Option<Library>, build_env: &[String]) -> Result<Self> {
        let (mut context, outputs) = CommandContext::new()
            .map_err(|error| anyhow::anyhow!("{error}"))
            .context("evcxr cannot start; it needs cargo, rustc and the component rust-src")?;
        // The shim takes all output out before evcxr sees it; what is left (from a process that
        // died half way) must be read, or evcxr waits.
        for lines in [outputs.stdout, outputs.stderr] {
            std::thread::Builder::new()
                .name("evcxr output".into())
                .spawn(move || lines.iter().for_each(|line| eprintln!("{line}")))?;
        }
        let mut settings: Vec<String> = build_env.to_vec();
        if let Some(library) = &library {
            // The encoded form takes paths with blanks.
            settings.push(format!("CARGO_ENCODED_RUSTFLAGS={}", library.rustflags().join("\x1f")));
        }
        for setting in settings {
            context
                .execute(&format!(":build_env {setting}"))
                .map_err(|error| anyhow::anyhow!("{error}"))?;
        }
        if let Some(library) = &library {
            // Named in every cell: what the dylib contains is then taken from there, and is there
            // once. Otherwise each cell that names only widgets would get widgets of its own.
            for name in library.dylibs() {
                context
                    .execute(&format!("use {name} as _;"))
                    .map_err(|error| anyhow::anyhow!("{error}"))?;
            }
        }
        let child = context.process_handle();
        let cold = if library.is_some() { COLD.to_vec() } else { Vec::new() };
        let mut evaluator = Self {
            context,
            library,
            child,
            last_child: None,
            generation: 0,
            lost: Vec::new(),
            cells: 0,
            cold,
        };
        evaluator.last_child = evaluator.child_id();
        Ok(evaluator)
    }

    fn child_id(&self) -> Option<u32> {
        self.child.lock().ok().map(|child| child.id())
    }

    fn known(&self, code: &str) -> String {
        match &self.library {
            Some(library) => library.without_known_deps(code),
            None => code.to_owned(),
        }
    }
}

impl Evaluator for EvcxrEvaluator {
    fn execute(&mut self, code: &str, input: &dyn Fn(InputPrompt) -> String) -> Outcome {
        self.cells += 1;
        let code = self.known(code);
        // evcxr does not export the request's type: it is inferred from the field.
        let mut callbacks = EvalCallbacks {
            input_reader: &|request| {
                input(InputPrompt { prompt: request.prompt, password: request.is_password })
            },
        };
        let mut before: Vec<String> =
            self.context.variables_and_types().map(|(name, _)| name.to_owned()).collect();
        let result = self.context.execute_with_callbacks(&code, &mut callbacks);
        let child = self.child_id();
        if child != self.last_child {
            self.last_child = child;
            self.generation += 1;
            before.sort_unstable();
            self.lost = before;
        }
        match result {
            Ok(outputs) => {
                let bundle: Map<String, Value> = outputs
                    .content_by_mime_type
                    .into_iter()
                    .map(|(mime, content)| (mime, Value::String(content)))
                    .collect();
                Outcome::Done { result: (!bundle.is_empty()).then_some(Bundle(bundle)) }
            }
            Err(error) => Outcome::Failed(self.explain(error, &code)),
        }
    }

    fn complete(&mut self, code: &str, cursor: usize) -> Completion {
        let found = self.context.completions(&self.known(code), cursor).unwrap_or_default();
        Completion {
            start: found.start_offset,
            end: found.end_offset,
            items: found
                .completions
                .into_iter()
                .map(|item| CompletionItem { text: item.code, kind: item.kind.to_owned() })
                .collect(),
        }
    }

    fn inspect(&mut self, code: &str, cursor: usize) -> Option<Bundle> {
        let end = end_of_word(code, cursor);
        let (plain, html) = self.context.hover_at(&self.known(code), end).ok()?;
        if plain.trim().is_empty() || plain == "No documentation found" {
            return None;
        }
        let bundle = [("text/plain", plain), ("text/html", html)];
        Some(Bundle(
            bundle.into_iter().map(|(mime, text)| (mime.to_owned(), Value::String(text))).collect(),
        ))
    }

    fn is_complete(&mut self, code: &str) -> Completeness {
        completeness::of(code)
    }

    fn interrupter(&self) -> Arc<dyn Fn(Force) -> bool + Send + Sync> {
        let child = self.child.clone();
        Arc::new(move |force| {
            // While a cell is compiled its process has nothing to do with it, and keeps what the
            // user has worked for.
            if processes::end_compilations() > 0 {
                return true;
            }
            // evcxr starts a new process when this one is gone.
            force == Force::Hard && child.lock().is_ok_and(|mut child| child.kill().is_ok())
        })
    }

    fn lost(&self) -> Vec<String> {
        self.lost.clone()
    }

    fn generation(&self) -> u64 {
        self.generation
    }

    fn warm_up(&mut self) -> bool {
        if let Some(code) = self.cold.pop() {
            // The answer is nobody's.
            let _ = self.context.completions(code, code.len());
        }
        !self.cold.is_empty()
    }
}

impl Drop for EvcxrEvaluator {
    /// evcxr waits for its child to end by itself, which a busy one never does.
    fn drop(&mut self) {
        if let Ok(mut child) = self.child.lock() {
            let _ = child.kill();
        }
    }
}

impl EvcxrEvaluator {
    fn explain(&self, error: Error, code: &str) -> CellError {
        match error {
            Error::CompilationErrors(errors) => {
                let first = errors.first();
                let ename = first.and_then(CompilationError::code).unwrap_or("CompileError");
                CellError {
                    ename: ename.to_owned(),
                    evalue: first.map(CompilationError::message).unwrap_or_default(),
                    traceback: errors.iter().flat_map(|e| report(e, code, self.cells)).collect(),
                }
            }
            Error::SubprocessTerminated(message) => {
                let lost = "The process that ran the cell has ended: all variables and widgets are \
                            lost, run the cells again.";
                failed("ProcessEnded", lost, &message)
            }
            other => failed("Error", &other.to_string(), ""),
        }
    }
}

fn failed(ename: &str, evalue: &str, more: &str) -> CellError {
    let traceback = evalue.lines().chain(more.lines()).map(str::to_owned).collect();
    let evalue = evalue.lines().next().unwrap_or_default().to_owned();
    CellError { ename: ename.to_owned(), evalue, traceback }
}

/// The compiler's message with the lines of the cell that it is about.
fn report(error: &CompilationError, code: &str, cell: u64) -> Vec<String> {
    let file = format!("cell {cell}");
    let mut text = Vec::new();
    let drawn = error.is_from_user_code()
        && error.build_report(file.clone(), code.to_owned(), Theme::Light).is_some_and(|report| {
            report.write(ariadne::sources([(file, code)]), &mut text).is_ok()
        });
    if drawn {
        return String::from_utf8_lossy(&text).lines().map(str::to_owned).collect();
    }
    let mut lines = vec![error.message()];
    for message in error.spanned_messages() {
        lines.extend(message.lines.iter().cloned());
        if let Some(span) = &message.span {
            let indent = " ".repeat(span.start_column.saturating_sub(1));
            let marks = "^".repeat(span.end_column.saturating_sub(span.start_column).max(1));
            lines.push(format!("{indent}{marks} {}", message.label));
        }
    }
    lines.extend(error.help().into_iter().map(|help| format!("help: {help}")));
    lines
}

/// evcxr explains what ends at the position, a client asks about what it stands in.
fn end_of_word(code: &str, cursor: usize) -> usize {
    let rest = code.get(cursor..).unwrap_or_default();
    let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    (cursor + word).min(code.len())
}

/// Sets the environment that the child process reads. Call before the evaluator is started.
///
/// # Safety
/// No other thread may read or write the environment meanwhile.
pub unsafe fn announce_link(socket: &Path, nonce: &str, tmpdir: &Path) {
    // SAFETY: see above.
    unsafe {
        std::env::set_var(crate::shim::SOCKET_VAR, socket);
        std::env::set_var(crate::shim::NONCE_VAR, nonce);
        std::env::set_var("EVCXR_TMPDIR", tmpdir);
    }
}
