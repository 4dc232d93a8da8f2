//! From the DNS answers of one client, or for one name, on one day to a finding: what was asked, how
//! often, when, and what came of it.

pub mod iana;
pub mod model;
mod name;

pub use model::*;
pub use name::Name;
