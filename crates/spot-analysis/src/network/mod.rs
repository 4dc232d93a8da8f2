//! What the context files say of an address: ours or not, what it is called, where it is.
//!
//! Parsers take text and a file name for the notes; reading files is `spot-store`'s. A bad line never
//! fails a search: it is skipped, and a note names file and line.

mod context;
mod intervals;
mod lines;
mod own;
mod places;
mod special;

pub use context::{CLASSES, ContextRules, UNKNOWN_CLASS, class_of};
pub use own::OwnRanges;
pub use places::Places;

use crate::model::{Address, ContextName, Place, Side};

/// The three context files, any of which may be missing (`default()`).
///
/// ```
/// use spot_analysis::model::Address;
/// use spot_analysis::network::Network;
///
/// let network = Network::parse(
///     Some(("ipranges.csv", "10.0.0.0,10.255.255.255,Campus\n")),
///     Some(("networkcontext_1.csv", "ip,name\n192.0.2.0/24,Partner.FW.1\n192.0.2.44,Proxy-1\n")),
///     None,
/// );
/// assert!(network.inside(&Address::new("10.0.0.5")).inside);
/// let name = network.context_of(&Address::new("192.0.2.44")).map(|context| context.name);
/// assert_eq!(name.as_deref(), Some("Proxy-1"));
/// assert!(network.notes().is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// `ipranges.csv`: our own ranges.
    pub own: OwnRanges,
    /// `networkcontext_1.csv`: names.
    pub context: ContextRules,
    /// `iploc.csv`: places.
    pub places: Places,
}

impl Network {
    /// Reads the texts of `ipranges.csv`, `networkcontext_1.csv` and `iploc.csv`, each with the name
    /// under which notes speak of it.
    pub fn parse(
        own: Option<(&str, &str)>,
        context: Option<(&str, &str)>,
        places: Option<(&str, &str)>,
    ) -> Self {
        Self {
            own: own.map(|(file, text)| OwnRanges::parse(file, text)).unwrap_or_default(),
            context: context
                .map(|(file, text)| ContextRules::parse(file, text))
                .unwrap_or_default(),
            places: places.map(|(file, text)| Places::parse(file, text)).unwrap_or_default(),
        }
    }

    /// Ours or not, and by which rule.
    pub fn inside(&self, address: &Address) -> Side {
        self.own.inside(address)
    }

    /// The name by the most specific rule, if any matches.
    pub fn context_of(&self, address: &Address) -> Option<ContextName> {
        self.context.name_of(address)
    }

    /// The place, if a range holds the address and it is one that is routed.
    pub fn place_of(&self, address: &Address) -> Option<Place> {
        self.places.place_of(address)
    }

    /// Skipped and doubtful lines of all three files, for people.
    pub fn notes(&self) -> Vec<String> {
        [self.own.notes(), self.context.notes(), self.places.notes()].concat()
    }
}
