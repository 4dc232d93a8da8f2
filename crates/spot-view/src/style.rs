//! Colours and inline styles of a result.
//!
//! A reader's JupyterLab drops style sheets, `var()` and inline SVG from a notebook that somebody
//! else made, so everything is an inline style with plain values. Text inherits the page's colour
//! and is muted by opacity; accents are mid-tones; both read on white and on black.

use spot_analysis::model::Direction;

pub(crate) const MUTED: &str = "opacity:0.7";
pub(crate) const MONO: &str = "font-family:monospace";
pub(crate) const RED: &str = "#c8503c";
/// Bars that say nothing but how much.
pub(crate) const LANE: &str = "#2f7fc2";
/// Lines between rows.
pub(crate) const LINE: &str = "rgba(127,127,127,0.3)";
/// A result's frame.
pub(crate) const ROOT: &str = "font-size:13px;line-height:1.45;max-width:1180px;padding:2px 0 4px";
/// A section's title.
pub(crate) const SECTION: &str = "font-weight:600;padding:4px 0;cursor:pointer";

/// The colour of a class.
pub(crate) fn colour(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => RED,
        Direction::Outbound => "#2f7fc2",
        Direction::TwoWay => "#8a6cc9",
    }
}

/// The class as an arrow, seen from our network at the left: it tells without colour.
pub(crate) fn mark(direction: Direction) -> &'static str {
    match direction {
        Direction::Inbound => "←",
        Direction::Outbound => "→",
        Direction::TwoWay => "↔",
    }
}

/// A filled area of the class: colour and, for print in black and white, a pattern.
pub(crate) fn fill(direction: Direction) -> String {
    let pattern = match direction {
        Direction::Inbound => "",
        Direction::Outbound => {
            ";background-image:linear-gradient(135deg, rgba(255,255,255,0.5) 25%, transparent 25%, \
transparent 50%, rgba(255,255,255,0.5) 50%, rgba(255,255,255,0.5) 75%, transparent 75%, transparent 100%);\
background-size:8px 8px"
        }
        Direction::TwoWay => {
            ";background-image:linear-gradient(90deg, rgba(255,255,255,0.45) 25%, transparent 25%, \
transparent 100%);background-size:6px 6px"
        }
    };
    format!("background-color:{}{pattern}", colour(direction))
}
