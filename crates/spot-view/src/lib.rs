//! Findings to what people see: HTML for notebooks and reports, SVG figures, plain text.
//!
//! This is the only room in which text becomes markup. Three types fit together: [`Markup`] is
//! HTML that is safe to show; [`figure::Svg`] is a picture, shown as an image; [`result`],
//! [`tables`] and [`states`] turn the findings of `spot-analysis` into markup, [`dns`] those of its DNS
//! half, [`page`] puts markup into a file and [`report`] makes the file
//! that is mailed. [`text`] and [`dns::text`] say the same without markup.
//!
//! What comes from outside (addresses, names, comments, paths) is escaped at one place, in
//! [`markup`], and characters that nobody could see are shown by their number. There is no way
//! from a text to a tag:
//!
//! ```
//! use spot_view::Markup;
//! assert_eq!(Markup::text("<script>&").as_str(), "&lt;script&gt;&amp;");
//! ```
//!
//! A result in a notebook has inline styles only, and no `var()`, no style sheet, no inline SVG,
//! no script: these do not survive in a notebook that somebody else made.
//!
//! ```
//! use spot_analysis::model::Address;
//! use spot_view::tables::{SuspectLine, suspects};
//!
//! let line = SuspectLine {
//!     address: Address::new("10.0.0.5"),
//!     role: "source".into(),
//!     high_rows: 25,
//!     inside: true,
//!     saved: false,
//!     flags: vec![],
//! };
//! let html = suspects(&[line], 20).into_string();
//! assert!(html.contains("10.0.0.5") && html.contains("1 of 1"));
//! ```

pub mod days;
pub mod dns;
pub mod evidence;
pub mod figure;
mod flags;
pub mod format;
mod frame;
mod history;
pub mod markup;
pub mod page;
pub mod panel;
pub mod report;
pub mod result;
pub mod states;
mod style;
pub mod tables;
pub mod text;
pub mod unlikely;
mod visible;

pub use markup::{Markup, el};
pub use visible::{plain, plain_lines, shorten};
