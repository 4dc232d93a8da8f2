//! A strict reader of markup: what it does not know is an error, so that no test overlooks a tag.
#![allow(dead_code, missing_docs)]

/// An element: its attributes (decoded) and the text directly in it (not decoded).
#[derive(Clone, Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
    }

    pub fn number(&self, name: &str) -> f64 {
        self.attribute(name).parse().expect("a number")
    }
}

/// All elements in order; fails where tags do not nest or a text holds `<`, `>` or quotes that
/// could be markup.
pub fn read(html: &str) -> Result<Vec<Tag>, String> {
    let mut tags: Vec<Tag> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let Some(inside) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let (text, after) = rest.split_at(end);
            if text.contains('>') {
                return Err(format!("bare > in {text:?}"));
            }
            if let Some(&at) = open.last() {
                tags[at].text.push_str(text);
            }
            rest = after;
            continue;
        };
        let (tag, after) = inside.split_once('>').ok_or("a tag without end")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let at = open.pop().ok_or_else(|| format!("</{name}> closes nothing"))?;
            if tags[at].name != name {
                return Err(format!("</{name}> closes <{}>", tags[at].name));
            }
            continue;
        }
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(format!("no tag: <{tag}>"));
        }
        let mut read = Vec::new();
        while !attributes.is_empty() {
            let (key, value) = attributes
                .split_once("=\"")
                .ok_or_else(|| format!("no attribute: {attributes}"))?;
            let (value, after) =
                value.split_once('"').ok_or_else(|| format!("open quote in {tag}"))?;
            if value.contains(['<', '\''])
                || !key.chars().all(|c| c.is_ascii_alphabetic() || c == '-')
            {
                return Err(format!("bad attribute {key}={value:?}"));
            }
            read.push((key.to_owned(), decoded(value)));
            attributes = after.trim_start_matches(' ');
        }
        if !["br", "img", "meta", "hr"].contains(&name) {
            open.push(tags.len());
        }
        tags.push(Tag { name: name.to_owned(), attributes: read, text: String::new() });
    }
    match open.last() {
        Some(&at) => Err(format!("<{}> stays open", tags[at].name)),
        None => Ok(tags),
    }
}

/// The text that a reader sees, without tags.
pub fn words(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((text, tag)) = rest.split_once('<') {
        out.push_str(text);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    decoded(&out)
}

/// Character references back to characters.
pub fn decoded(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#69;", "E"),
        ("&#160;", "\u{a0}"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Tags, attributes and style properties that JupyterLab 4 keeps in an untrusted notebook.
const TAGS: &[&str] = &[
    "b", "bdi", "br", "code", "details", "div", "h3", "img", "span", "summary", "table", "tbody",
    "td", "th", "thead", "tr",
];
const ATTRIBUTES: &[&str] = &["alt", "dir", "open", "role", "scope", "src", "style", "title"];
const PROPERTIES: &[&str] = &[
    "background-color",
    "background-image",
    "background-size",
    "border",
    "border-bottom",
    "border-collapse",
    "border-left",
    "border-radius",
    "border-right",
    "border-top",
    "color",
    "cursor",
    "display",
    "font-family",
    "font-size",
    "font-weight",
    "height",
    "line-height",
    "margin",
    "margin-right",
    "margin-top",
    "max-width",
    "min-width",
    "opacity",
    "overflow-wrap",
    "overflow-x",
    "padding",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    // May be dropped; the tables then stand in one column.
    "grid-template-columns",
];

/// Fails for anything that a reader of an untrusted notebook would not see as it is here.
pub fn assert_survives(html: &str) {
    assert!(!html.chars().any(char::is_control), "a control character or line break in {html:?}");
    for tag in read(html).expect("well formed") {
        let Tag { name, attributes, .. } = &tag;
        assert!(TAGS.contains(&name.as_str()), "tag {tag:?}");
        for (attribute, value) in attributes {
            assert!(ATTRIBUTES.contains(&attribute.as_str()), "attribute {tag:?}");
            match attribute.as_str() {
                "src" => assert!(value.starts_with("data:image/svg+xml;base64,"), "{value}"),
                "style" => {
                    assert!(!value.contains("var(") && !value.contains("url("), "{value}");
                    for declaration in value.split(';') {
                        let property = declaration.split(':').next().unwrap_or_default().trim();
                        assert!(
                            PROPERTIES.contains(&property),
                            "property {property:?} in {value:?}"
                        );
                    }
                }
                _ => {}
            }
        }
    }
}
