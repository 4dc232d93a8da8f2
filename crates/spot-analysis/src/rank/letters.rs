//! How much a label looks like no word or name that somebody chose: the mean surprise of its letters.

use std::sync::LazyLock;

/// Rows: the letter before; columns: the letter after. The file says where the numbers are from.
const FILE: &str = include_str!("letters.csv");

/// Start, 26 letters, anything else, end.
const KINDS: usize = 29;
const OTHER: usize = 27;
const END: usize = 28;

/// What a pair costs that the file does not have.
const UNKNOWN: f64 = 12.0;

static TABLE: LazyLock<Vec<f64>> = LazyLock::new(|| {
    let mut table = vec![UNKNOWN; KINDS * KINDS];
    let lines = FILE.lines().filter(|line| !line.starts_with('#')).skip(1);
    for line in lines {
        let mut fields = line.split(',');
        let before = match fields.next() {
            Some("^") => 0,
            Some(letter) => letter.chars().next().map_or(OTHER, kind),
            None => continue,
        };
        for (after, bits) in (1..KINDS).zip(fields) {
            table[before * KINDS + after] = bits.parse().unwrap_or(UNKNOWN);
        }
    }
    table
});

fn kind(c: char) -> usize {
    match c.to_ascii_lowercase() {
        c @ 'a'..='z' => 1 + (c as usize - 'a' as usize),
        _ => OTHER,
    }
}

/// Bits a letter, by how often letters follow each other in English words and in the labels of well
/// known sites; some 3 to 4.8 for what a person chose, more for letters drawn by chance. 0 for an
/// empty label.
///
/// ```
/// use spot_analysis::rank::surprise;
///
/// assert!(surprise("windowsupdate") < 4.5);
/// assert!(surprise("xkqzvjwpth") > 6.0);
/// ```
pub fn surprise(label: &str) -> f64 {
    let (mut bits, mut pairs) = (0.0, 0.0);
    // `open-library` is two words.
    for word in label.split('-').filter(|word| !word.is_empty()) {
        let mut before = 0;
        for after in word.chars().map(kind).chain([END]) {
            bits += TABLE[before * KINDS + after];
            pairs += 1.0;
            before = after;
        }
    }
    if pairs > 0.0 { bits / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_tells_chosen_names_from_drawn_ones() {
        assert!(TABLE.iter().filter(|bits| **bits < UNKNOWN).count() > 700);
        let chosen = [
            "microsoft",
            "windowsupdate",
            "googleusercontent",
            "cloudfront",
            "akamaiedge",
            "dropboxusercontent",
            "gstatic",
            "facebook",
            "wikipedia",
            "amazonaws",
            "nytimes",
            "doubleclick",
            "salesforce",
            "stackoverflow",
            "letsencrypt",
        ];
        for label in chosen {
            assert!(surprise(label) < 4.9, "{label}: {}", surprise(label));
        }
        for label in ["xkqzvjwpth", "qwzrtpxvk", "mzxkfhqjwv", "vtqkxjpzwm"] {
            assert!(surprise(label) > 6.0, "{label}: {}", surprise(label));
        }
        assert_eq!((surprise(""), surprise("--")), (0.0, 0.0));
        assert!(surprise("\u{202e}=\\x00").is_finite());
    }
}
