//! Pictures inside a page: a document of its own becomes a part of another.

use super::Markup;
use crate::figure::Svg;

impl Markup {
    /// The picture as an element of the page, and the style that it brought, for that picture only.
    ///
    /// `name` is unique on the page: the picture's own names (of gradients, clips) begin with it, and
    /// its rules apply below the element `figure-{name}`.
    pub(crate) fn inlined(svg: &Svg, name: &'static str) -> (Self, Self) {
        let source = svg.source();
        let mut out = String::with_capacity(source.len() + 256);
        let mut style = String::new();
        let mut rest = source;
        // In markup of this crate `<` and `>` are nowhere but around tags.
        while let Some((text, after)) = rest.split_once('<') {
            out.push_str(text);
            let (tag, after) = after.split_once('>').unwrap_or((after, ""));
            rest = after;
            if tag == "style" {
                let (css, after) = rest.split_once("</style>").unwrap_or((rest, ""));
                scope(&mut style, css, name);
                rest = after;
                continue;
            }
            out.push('<');
            own_names(&mut out, tag, name);
            out.push('>');
        }
        out.push_str(rest);
        (Self(out), Self(style))
    }
}

/// Puts `name-` before the names that a tag gives or points to.
fn own_names(out: &mut String, tag: &str, name: &str) {
    const GIVEN: [&str; 4] = [" id=\"", "url(#", "href=\"#", "aria-labelledby=\""];
    let mut rest = tag;
    while let Some((at, found)) =
        GIVEN.iter().filter_map(|found| Some((rest.find(found)?, *found))).min()
    {
        let (before, after) = rest.split_at(at + found.len());
        out.push_str(before);
        out.push_str(name);
        out.push('-');
        rest = after;
    }
    out.push_str(rest);
}

/// The rules of `css`, for one figure only; those for a dark screen are for screens, not for paper.
fn scope(out: &mut String, css: &str, name: &str) {
    let mut rest = css;
    while let Some((head, after)) = rest.split_once('{') {
        let head = head.trim();
        if let Some(media) = head.strip_prefix("@media") {
            out.push_str("@media screen and ");
            out.push_str(media.trim().trim_start_matches("screen and "));
            out.push('{');
            let end = after.find("}}").map_or(after.len(), |at| at + 1);
            let (inner, more) = after.split_at(end);
            scope(out, inner, name);
            out.push('}');
            rest = more.strip_prefix('}').unwrap_or(more);
            continue;
        }
        for (i, selector) in head.split(',').enumerate() {
            if i > 0 {
                out.push(',');
            }
            out.push_str("#figure-");
            out.push_str(name);
            out.push(' ');
            out.push_str(selector.trim());
        }
        let (body, more) = after.split_once('}').unwrap_or((after, ""));
        out.push('{');
        out.push_str(body);
        out.push('}');
        rest = more;
    }
}

#[cfg(test)]
mod tests {
    use super::{own_names, scope};

    #[test]
    fn a_pictures_names_are_its_own() {
        let cases = [
            (r#"clipPath id="land""#, r#"clipPath id="map-land""#),
            (r##"use href="#land" class="x""##, r##"use href="#map-land" class="x""##),
            (
                r#"g clip-path="url(#land)" fill="url(#sea)""#,
                r#"g clip-path="url(#map-land)" fill="url(#map-sea)""#,
            ),
            (r#"path class="h" d="M0 0""#, r#"path class="h" d="M0 0""#),
            ("/g", "/g"),
        ];
        for (tag, expected) in cases {
            let mut out = String::new();
            own_names(&mut out, tag, "map");
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn a_pictures_rules_are_for_it_only_and_dark_ones_for_screens() {
        let cases = [
            (
                "text{fill:#656d76}.l,.g{stroke:red}",
                "#figure-map text{fill:#656d76}#figure-map .l,#figure-map .g{stroke:red}",
            ),
            (
                ".in{fill:red}@media (prefers-color-scheme:dark){text{fill:#fff}.in{fill:pink}}.out{fill:blue}",
                "#figure-map .in{fill:red}@media screen and (prefers-color-scheme:dark){#figure-map text{fill:#fff}\
#figure-map .in{fill:pink}}#figure-map .out{fill:blue}",
            ),
            ("", ""),
        ];
        for (css, expected) in cases {
            let mut out = String::new();
            scope(&mut out, css, "map");
            assert_eq!(out, expected);
        }
    }
}
