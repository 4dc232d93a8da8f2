//! The acceptance vectors of the analysis, as tables.

mod context;
mod dns;
mod given;
mod invariants;
mod lists;
mod pairing;
mod storyboard;
mod vectors;
