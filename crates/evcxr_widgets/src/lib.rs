//! Jupyter widgets for Rust notebooks: the controls of ipywidgets 8 (lists, buttons, fields, boxes),
//! whose handlers are Rust closures, and results that appear in the middle of a cell.
//!
//! Three things to know:
//!
//! - A **widget** ([`Select`], [`Button`], [`Html`] ..) is a cheap handle. Clones are the same widget,
//!   handles may go to any thread, and a widget that was shown lives until it is closed. What the
//!   program sets is sent to the pages; what a user does is stored first, then handlers are called.
//!   Handlers hear users only, not the program's own changes. Those of one widget run one after the
//!   other; while one is busy, the other widgets answer.
//! - **[`display`]** shows HTML, text, pictures and widgets at once. A [`display::Handle`] changes
//!   later what was shown; [`display::in_cell_of`] lets a handler leave a result in the notebook.
//! - The **link** to the kernel is made by itself when the kernel has one (`docs/cell-link.md`).
//!   When it has none (the stock evcxr_jupyter, a program, a test) nothing fails: widgets keep their
//!   values in memory and everything shown becomes static output. [`is_live`] tells which it is.
//!
//! ```
//! use evcxr_widgets::{Button, HBox, Html, Layout, Select, VBox, display};
//!
//! let animals = Select::new(["ant", "bee", "cat"]).rows(3).description("Animal");
//! let answer = Html::new("");
//! let search = Button::new("Search").layout(Layout::new().width("150px")).on_click({
//!     let (animals, answer) = (animals.clone(), answer.clone());
//!     move || {
//!         let Some(name) = animals.value() else { return };
//!         // In the widget: seen in every page, gone when the kernel is.
//!         answer.set_value(format!("<b>{name}</b> has {} letters", name.len()));
//!         // In the notebook: saved with it.
//!         display::in_cell_of(&answer, || display::text(format!("looked up {name}")));
//!     }
//! });
//! let panel = VBox::new((HBox::new((&animals, &search)), &answer))
//!     .fallback("Run this cell to look up an animal.");
//! panel.show(); // or `panel` as the last expression of a cell
//!
//! animals.set_options(["dog", "eel"]);
//! assert_eq!(animals.value().as_deref(), Some("dog"));
//! animals.set_value("eel");
//! assert_eq!(animals.index(), Some(1));
//! ```
//!
//! Statics hold what a process has open, so all cells must share one copy of this crate: link them
//! to a `dylib` that contains it. With a `:dep` of its own on the stock kernel each cell
//! has a copy, which is enough for static output.

mod dispatch;
pub mod display;
#[cfg(feature = "polars")]
mod frame;
mod interact;
mod link;
mod model;
mod registry;
mod spec;
mod still;
mod stock;
mod widgets;

pub use dispatch::Change;
#[cfg(feature = "polars")]
pub use frame::{Frame, frame};
#[doc(hidden)]
pub use interact::interact_panel;
pub use interact::{Argument, Knob, Shown};
pub use link::{interrupted, is_live, on_restored, reset_interrupt};
pub use model::Model;
pub use registry::close_all;
pub use stock::defuse;
pub use widgets::*;
