//! `classes.csv`: which class of the impact analysis a context name stands for.

use super::lines::{Notes, fields, lines};

/// The classes without a file, as Spot has them: a text that the first part of a name contains (in
/// any case), and the class it stands for; the first that fits is taken.
pub const CLASSES: [(&str, &str); 4] =
    [("vpn", "VPN"), ("dmz", "DMZ"), ("proxy", "Proxy"), ("fw", "FW")];

/// The class of all others, and of addresses without a name.
pub const UNKNOWN_CLASS: &str = "Unknown";

/// The class of a context name by the built-in [`CLASSES`]: only the part before its first dot
/// counts, so `Partner.FW.1` is [`UNKNOWN_CLASS`].
///
/// ```
/// use spot_analysis::network::class_of;
///
/// assert_eq!(class_of("Proxy-1"), "Proxy");
/// assert_eq!(class_of("Partner.FW.1"), "Unknown");
/// ```
pub fn class_of(name: &str) -> &'static str {
    find(name, CLASSES.into_iter())
}

fn find<'a>(name: &str, mut rows: impl Iterator<Item = (&'a str, &'a str)>) -> &'a str {
    let first = name.split('.').next().unwrap_or_default().to_lowercase();
    rows.find(|(part, _)| first.contains(part)).map_or(UNKNOWN_CLASS, |(_, class)| class)
}

/// The table of classes: lines of part, class. Without a single line, [`CLASSES`].
#[derive(Clone, Debug, Default)]
pub struct Classes {
    /// The part in lower case, and the class as written.
    rows: Vec<(String, String)>,
    notes: Notes,
}

impl Classes {
    /// Reads the file's text; a header (`part,class`) is recognised and skipped, a line without a
    /// part or a class noted.
    ///
    /// ```
    /// use spot_analysis::network::Classes;
    ///
    /// let classes = Classes::parse("classes.csv", "part,class\nserver,Servers\nvpn,VPN\n");
    /// assert_eq!(classes.class_of("Servers.dc"), "Servers");
    /// assert_eq!(classes.class_of("DMZ.mail"), "Unknown"); // the file replaces the built-in table
    /// ```
    pub fn parse(file: &str, text: &str) -> Self {
        let mut notes = Notes::of(file);
        let mut rows = Vec::new();
        for (index, line) in lines(text).enumerate() {
            let mut fields = fields(line.text);
            let part = fields.next().unwrap_or_default();
            let class = fields.next().unwrap_or_default();
            if index == 0 && class.eq_ignore_ascii_case("class") {
                continue;
            }
            if part.is_empty() || class.is_empty() {
                let what = format!("`{part}`, `{class}` are not a part of a name and its class");
                notes.add(line.number, format!("{what}; skipped"));
                continue;
            }
            rows.push((part.to_lowercase(), class.into_owned()));
        }
        Self { rows, notes }
    }

    /// The class of a context name; the first line that fits. Only the part before the name's first
    /// dot counts.
    pub fn class_of(&self, name: &str) -> &str {
        if self.rows.is_empty() {
            return class_of(name);
        }
        find(name, self.rows.iter().map(|(part, class)| (part.as_str(), class.as_str())))
    }

    /// Lines that were skipped, for people.
    pub fn notes(&self) -> Vec<String> {
        self.notes.texts()
    }
}
