//! A match with the list of indicators.

use serde::{Deserialize, Serialize};

/// An address or name of a finding that is on the list of indicators, and what the list says of it.
///
/// All four are texts of the data or of a file: show them escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Flag {
    /// What is flagged: an address, or a name as it is compared.
    pub of: String,
    /// The indicator, as written in the file (`203.0.113.64/28`, `*.evil.example`).
    pub indicator: String,
    /// Who lists it; may be empty.
    pub source: String,
    /// Why; may be empty.
    pub note: String,
}
