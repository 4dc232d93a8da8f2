//! The one place where text becomes markup.
//!
//! [`Markup`] is made by [`el`] (tags and attribute names are written in this program), by
//! [`Markup::text`] (any text, escaped) and by [`Markup::trusted`] (a literal of this program); a page's
//! data and pictures pass through the two modules below. There is no other way from a text to markup, so a page holds no tag that its data brought.

mod inline;
mod json;

use std::fmt;

pub(crate) use json::Json;

use crate::visible::{Piece, is_right_to_left, number, pieces};

/// Longest text in characters that is shown in one line; the rest is counted.
const LONGEST_LINE: usize = 4_000;
/// Longest text in characters that is shown as lines (comments of stories).
const LONGEST_TEXT: usize = 60_000;
/// How a character without a shape is boxed.
const BOX: &str = "<span style=\"border:1px solid rgba(127,127,127,0.6);border-radius:3px;padding:0 2px;\
font-size:0.8em;font-family:monospace\">U+";

/// HTML (or SVG) that is safe to show: every text in it was escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Nothing.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Markup that is written in this program.
    pub fn trusted(literal: &'static str) -> Self {
        Self(literal.to_owned())
    }

    /// Text from anywhere, in one line. Characters without a shape are boxed by number.
    pub fn text(untrusted: &str) -> Self {
        let mut out = String::with_capacity(untrusted.len());
        escape(&mut out, untrusted, Place::Line);
        Self(out)
    }

    /// Text from anywhere whose line breaks are kept.
    pub fn lines(untrusted: &str) -> Self {
        let mut out = String::with_capacity(untrusted.len());
        escape(&mut out, untrusted, Place::Lines);
        Self(out)
    }

    /// Appends.
    pub fn push(&mut self, more: impl Into<Self>) {
        self.0.push_str(&more.into().0);
    }

    /// All parts, with ` · ` between; empty ones are left out.
    pub fn dotted(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut out = Self::empty();
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            if !out.is_empty() {
                out.push(Self::trusted(" · "));
            }
            out.push(part);
        }
        out
    }

    /// True when there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The markup as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The markup as text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromIterator<Markup> for Markup {
    fn from_iter<I: IntoIterator<Item = Markup>>(parts: I) -> Self {
        let mut out = Self::empty();
        for part in parts {
            out.push(part);
        }
        out
    }
}

/// An element that is being built; see [`el`].
#[derive(Clone, Debug)]
pub struct Element {
    tag: &'static str,
    attributes: String,
    children: String,
}

/// Starts an element: `el("td").style("text-align:right").text("7")`.
pub fn el(tag: &'static str) -> Element {
    Element { tag, attributes: String::new(), children: String::new() }
}

impl Element {
    /// Adds an attribute; its value may come from anywhere, so it is not for `style`, `src` or `href`.
    pub fn attr(self, name: &'static str, untrusted: &str) -> Self {
        self.written(name, untrusted, Place::Attribute)
    }

    /// Adds an inline style that this program wrote.
    pub(crate) fn style(self, css: &str) -> Self {
        self.written("style", css, Place::Own)
    }

    /// Adds an attribute that this program wrote, of any length (data URIs, paths).
    pub(crate) fn own(self, name: &'static str, value: &str) -> Self {
        self.written(name, value, Place::Own)
    }

    fn written(mut self, name: &'static str, value: &str, place: Place) -> Self {
        self.attributes.push(' ');
        self.attributes.push_str(name);
        self.attributes.push_str("=\"");
        escape(&mut self.attributes, value, place);
        self.attributes.push('"');
        self
    }

    /// Adds text from anywhere, in one line.
    pub fn text(mut self, untrusted: &str) -> Self {
        escape(&mut self.children, untrusted, Place::Line);
        self
    }

    /// Adds text from anywhere without any element in it, for SVG and `title`.
    pub fn flat(mut self, untrusted: &str) -> Self {
        escape(&mut self.children, untrusted, Place::Attribute);
        self
    }

    /// Adds markup.
    pub fn child(mut self, child: impl Into<Markup>) -> Self {
        self.children.push_str(&child.into().0);
        self
    }

    /// Adds several.
    pub fn children<M: Into<Markup>>(self, children: impl IntoIterator<Item = M>) -> Self {
        children.into_iter().fold(self, Self::child)
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        let Element { tag, attributes, children } = element;
        Self(match tag {
            "br" | "img" | "meta" | "hr" => format!("<{tag}{attributes}>"),
            _ => format!("<{tag}{attributes}>{children}</{tag}>"),
        })
    }
}

/// Where an escaped text goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Into an element, one line.
    Line,
    /// Into an element, lines kept.
    Lines,
    /// Where no element may be.
    Attribute,
    /// As `Attribute`, of any length.
    Own,
}

/// The only escape there is. Its output has no line break, no control character and no `<`, `>`,
/// `"`, `'` or bare `&` from the text.
fn escape(out: &mut String, text: &str, place: Place) {
    let most = match place {
        Place::Line | Place::Attribute => LONGEST_LINE,
        Place::Lines => LONGEST_TEXT,
        Place::Own => usize::MAX,
    };
    let inside_element = matches!(place, Place::Line | Place::Lines);
    let isolate = inside_element && text.chars().any(is_right_to_left);
    if isolate {
        // In one line the order of the letters is evidence: only a right-to-left word turns, not
        // the line. A comment follows its own language.
        out.push_str(if place == Place::Line { "<bdi dir=\"ltr\">" } else { "<bdi>" });
    }
    let mut shown = 0;
    for piece in pieces(text).take(most) {
        shown += 1;
        match piece {
            Piece::Plain('&') => out.push_str("&amp;"),
            Piece::Plain('<') => out.push_str("&lt;"),
            Piece::Plain('>') => out.push_str("&gt;"),
            Piece::Plain('"') => out.push_str("&quot;"),
            Piece::Plain('\'') => out.push_str("&#39;"),
            Piece::Plain(c) => out.push(c),
            Piece::Break if place == Place::Lines => out.push_str("<br>"),
            Piece::Hidden('\t') if place == Place::Lines => out.push_str("&#160;&#160;&#160; "),
            Piece::Break => hidden(out, '\n', inside_element),
            Piece::Hidden(c) => hidden(out, c, inside_element),
        }
        // The stock kernel ends a rich output where a line reads EVCXR_END_CONTENT.
        if matches!(piece, Piece::Plain('_')) && out.ends_with("EVCXR_") {
            out.truncate(out.len() - "EVCXR_".len());
            out.push_str("&#69;VCXR_");
        }
    }
    if shown == most {
        let more = pieces(text).count() - shown;
        if more > 0 {
            out.push_str(&format!(" … {more} characters more"));
        }
    }
    if isolate {
        out.push_str("</bdi>");
    }
}

fn hidden(out: &mut String, c: char, inside_element: bool) {
    if inside_element {
        out.push_str(BOX);
        out.push_str(&format!("{:04X}</span>", u32::from(c)));
    } else {
        number(out, c);
    }
}
