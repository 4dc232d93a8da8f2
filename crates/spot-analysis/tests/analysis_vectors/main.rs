//! The acceptance vectors of the analysis, as tables.

mod context;
mod conversations;
mod dns;
mod evidence;
mod exchanged;
mod given;
mod history;
mod indicators;
mod invariants;
mod lists;
mod mmdb;
mod pairing;
mod storyboard;
mod vectors;
