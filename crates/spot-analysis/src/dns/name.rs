//! Query names: as the data spell them, and as they are compared.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A query name as it is compared: ASCII letters in lower case, one final dot stripped.
///
/// Nothing else is changed, so a tunnel's bytes stay what they are; the text that was given is kept
/// where it differs. Never fails: an empty name (a row without one) is a name too, the root is `.`, and
/// a name that ends in several dots, which is none of the DNS, keeps them.
/// Two names are equal when their normalised texts are. **Hostile**: anybody on the network chooses
/// these texts; show them escaped, never make markup, SQL or a pattern of them.
///
/// ```
/// use spot_analysis::dns::Name;
///
/// let name = Name::new("WWW.Evil.CO.uk.");
/// assert_eq!(name.as_str(), "www.evil.co.uk");
/// assert_eq!(name.raw(), "WWW.Evil.CO.uk.");
/// assert_eq!(name.registered_domain(), Some(Name::new("evil.co.uk")));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub struct Name {
    text: String,
    /// The text as given, if `text` differs from it.
    raw: Option<String>,
}

impl Name {
    /// Normalises `raw`. Blanks are part of a name and stay.
    pub fn new(raw: impl AsRef<str>) -> Self {
        let raw = raw.as_ref();
        let text = without_final_dot(raw).to_ascii_lowercase();
        let raw = (text != raw).then(|| raw.to_owned());
        Self { text, raw }
    }

    /// The normalised text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text as it was given.
    pub fn raw(&self) -> &str {
        self.raw.as_deref().unwrap_or(&self.text)
    }

    /// True for a row that had no name.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The domain that somebody registered (`evil.co.uk` of `a.b.evil.co.uk`), by the public-suffix
    /// list, private suffixes such as `duckdns.org` included.
    ///
    /// None for a public suffix itself, a single label, an IP address and a name without labels.
    pub fn registered_domain(&self) -> Option<Self> {
        registered(&self.text).map(|text| Self { text: text.to_owned(), raw: None })
    }

    /// What stands before the registered domain, without the dot between (`a.b` of
    /// `a.b.evil.co.uk`); empty for the registered domain itself, all of a name that has none.
    pub fn below_domain(&self) -> &str {
        match registered(&self.text) {
            None => &self.text,
            Some(domain) => {
                let below = &self.text[..self.text.len() - domain.len()];
                below.strip_suffix('.').unwrap_or(below)
            }
        }
    }

    /// Characters of the normalised text.
    pub fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// Shannon entropy, in bits a character, of the labels below the registered domain, dots left
    /// out; of a name with nothing below it, of its first label (which is all that a generated
    /// `gacyhis.com` has). 0 for an empty name.
    pub fn entropy(&self) -> f64 {
        match self.below_domain() {
            "" => entropy(self.text.split('.').next().unwrap_or_default()),
            below => entropy(below),
        }
    }
}

/// `raw` as it is compared, but for case. Of the root `.`, and of a name that ends in several dots,
/// none is lost: what was normalised once stays as it is when it is read again.
pub(crate) fn without_final_dot(raw: &str) -> &str {
    raw.strip_suffix('.').filter(|rest| !rest.is_empty() && !rest.ends_with('.')).unwrap_or(raw)
}

fn registered(text: &str) -> Option<&str> {
    // The list would take `0.5` for the domain of 10.0.0.5.
    if text.parse::<IpAddr>().is_ok() {
        return None;
    }
    let domain = psl::domain_str(text)?;
    // Only what ends the text, and begins with a label, can be cut off from it.
    let whole = domain.len() == text.len() || text[..text.len() - domain.len()].ends_with('.');
    (whole && text.ends_with(domain) && !domain.starts_with('.')).then_some(domain)
}

fn entropy(text: &str) -> f64 {
    let mut characters: Vec<char> = text.chars().filter(|&c| c != '.').collect();
    characters.sort_unstable();
    let all = characters.len() as f64;
    let bits = |run: &[char]| {
        let share = run.len() as f64 / all;
        -share * share.log2()
    };
    // `+ 0.0`: one character that fills the text would give -0.
    characters.chunk_by(|a, b| a == b).map(bits).sum::<f64>() + 0.0
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl From<String> for Name {
    fn from(raw: String) -> Self {
        Self::new(raw)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.text
    }
}
