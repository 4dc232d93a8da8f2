//! What the context files say of an address: ours or not, what it is called, where it is.
//!
//! Parsers take text and a file name for the notes; reading files is `spot-store`'s. A bad line never
//! fails a search: it is skipped, and a note names file and line.

mod classes;
mod context;
mod exchanged;
mod indicators;
mod intervals;
pub(crate) mod lines;
mod mmdb;
mod own;
mod places;
mod record;
mod special;

pub use classes::{CLASSES, Classes, UNKNOWN_CLASS, class_of};
pub use context::ContextRules;
pub(crate) use context::ends;
pub use indicators::Indicators;
pub(crate) use indicators::name as listed_name;
pub use mmdb::Databases;
pub use own::OwnRanges;
pub use places::Places;

use crate::dns::Name;
use crate::flag::Flag;
use crate::model::{Address, ContextName, Place, Side};

/// The context files, any of which may be missing (`default()`).
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
/// assert_eq!(network.notes().len(), 1); // two rules hold that address
/// ```
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// `ipranges.csv`: our own ranges.
    pub own: OwnRanges,
    /// `networkcontext_1.csv`: names.
    pub context: ContextRules,
    /// `iploc.csv`: places.
    pub places: Places,
    /// `*.mmdb`: places and owners that `iploc.csv` lacks.
    pub databases: Databases,
    /// `classes.csv`: classes of names.
    pub classes: Classes,
    /// `indicators.csv`: what somebody warns of.
    pub indicators: Indicators,
    /// What else the reader should know of the files; [`Network::notes`] gives it too.
    pub remarks: Vec<String>,
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
            ..Self::default()
        }
    }

    /// With the text of `classes.csv`, and the name under which notes speak of it.
    pub fn with_classes(mut self, file: &str, text: &str) -> Self {
        self.classes = Classes::parse(file, text);
        self
    }

    /// With the text of `indicators.csv`.
    pub fn with_indicators(mut self, file: &str, text: &str) -> Self {
        self.indicators = Indicators::parse(file, text);
        self
    }

    /// With the bytes of one more `.mmdb` file, which is asked after those before it.
    pub fn with_database(mut self, file: &str, bytes: Vec<u8>) -> Self {
        self.databases.add(file, bytes);
        self
    }

    /// Ours or not, and by which rule.
    pub fn inside(&self, address: &Address) -> Side {
        self.own.inside(address)
    }

    /// The name by the most specific rule, if any matches, and its class by the table of classes.
    pub fn context_of(&self, address: &Address) -> Option<ContextName> {
        let mut name = self.context.name_of(address)?;
        name.class = self.classes.class_of(&name.name).to_owned();
        Some(name)
    }

    /// The place, if a range or a database holds the address and it is one that is routed:
    /// `iploc.csv` first, then the databases for what that lacks.
    pub fn place_of(&self, address: &Address) -> Option<Place> {
        self.databases.place_of(address, self.places.place_of(address))
    }

    /// What the list of indicators says of an address.
    pub fn flags_of(&self, address: &Address) -> Vec<Flag> {
        self.indicators.of_address(address)
    }

    /// What the list of indicators says of a name.
    pub fn flags_of_name(&self, name: &Name) -> Vec<Flag> {
        self.indicators.of_name(name)
    }

    /// Skipped and doubtful lines of all files, for people.
    pub fn notes(&self) -> Vec<String> {
        [
            self.own.notes(),
            self.context.notes(),
            self.places.notes(),
            self.databases.notes(),
            self.classes.notes(),
            self.indicators.notes(),
            self.remarks.clone(),
        ]
        .concat()
    }
}
