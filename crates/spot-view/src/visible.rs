//! What hostile text looks like: every character that a reader could not see is named.
//!
//! Addresses, names and comments come from the network or from other people. A right-to-left mark
//! can turn `gpj.exe` into `exe.jpg`, a zero-width space can make two names look like one. All
//! ways out of this crate (HTML, attributes, SVG, plain text) read text through [`pieces`].

use std::fmt::Write;

/// One character of a text as it is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// To be shown as it is (after escaping).
    Plain(char),
    /// Would not be seen or would move others: to be shown by its number.
    Hidden(char),
    /// A line break (`\n`, `\r\n` or `\r`).
    Break,
}

/// Splits a text into what is to be shown.
pub(crate) fn pieces(text: &str) -> impl Iterator<Item = Piece> + '_ {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        let c = chars.next()?;
        Some(match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                Piece::Break
            }
            '\n' => Piece::Break,
            c if is_hidden(c) => Piece::Hidden(c),
            c => Piece::Plain(c),
        })
    })
}

/// Controls, direction marks, zero-width and filler characters, and what XML forbids.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{fffe}' | '\u{ffff}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// True for letters that are written from right to left and so could reorder their neighbours.
pub(crate) fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// One line of plain text without control characters: hidden characters become `⟨U+202E⟩`.
///
/// The markers between which the stock kernel reads rich output do not survive either.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Plain(c) => out.push(c),
            Piece::Hidden(c) => number(&mut out, c),
            Piece::Break => number(&mut out, '\n'),
        }
    }
    if out.contains("EVCXR_") {
        out = out.replace("EVCXR_", "EVCXR⟨U+005F⟩");
    }
    out
}

/// Several lines of plain text; each line as [`plain`].
pub fn plain_lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n")
        .split(['\n', '\r'])
        .map(|line| plain(&line.replace('\t', "    ")))
        .collect()
}

/// Appends `⟨U+202E⟩`.
pub(crate) fn number(out: &mut String, c: char) {
    // Writing to a String cannot fail.
    let _ = write!(out, "⟨U+{:04X}⟩", u32::from(c));
}

/// At most `most` characters: the middle of a longer text is left out, as both ends of an address
/// or a name tell more than its middle.
pub fn shorten(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let kept = most.saturating_sub(1);
    let head = kept.div_ceil(2);
    let start: String = text.chars().take(head).collect();
    let end: String = text.chars().skip(length - (kept - head)).collect();
    format!("{start}…{end}")
}
