//! A Jupyter kernel for Rust notebooks with widgets.
//!
//! The front half speaks the Jupyter protocol and does not know which evaluator it has:
//!
//! - [`ConnectionInfo`] says where the five sockets are and which key signs their messages.
//! - [`Evaluator`] is what runs cells; it lives on a thread of its own.
//! - [`LinkServer`] is the local socket over which a cell's output and its widgets come
//!   (`docs/cell-link.md`).
//! - [`serve`] puts the three together and returns when a client asked for shutdown.
//!
//! The back half (feature `evcxr`) is the evaluator on the `evcxr` crate and what its child process needs.

mod cell;
mod code_points;
mod comms;
pub mod connection;
mod control;
pub mod dropped;
pub mod evaluator;
mod heartbeat;
mod history;
mod iopub;
mod kernel;
pub mod link;
mod links;
#[doc(hidden)]
pub mod mock;
mod output;
mod serve;
mod shell;
mod sockets;
mod stdin;
mod tokens;
mod widgets;
#[doc(hidden)]
pub mod wire;
mod worker;

#[cfg(feature = "evcxr")]
pub mod cargo_standin;
#[cfg(feature = "evcxr")]
pub mod evcxr_evaluator;
#[cfg(feature = "evcxr")]
pub mod install;
#[cfg(feature = "evcxr")]
pub mod library;
#[cfg(feature = "evcxr")]
pub mod processes;
#[cfg(feature = "evcxr")]
pub mod shim;

pub use connection::ConnectionInfo;
pub use evaluator::{
    Bundle, CellError, Completeness, Completion, CompletionItem, Evaluator, Force, HelpLink,
    InputPrompt, KernelInfo, Outcome,
};
pub use link::LinkServer;
pub use serve::serve;
