//! Values of JSON lines. Numbers stay text: `1588205198.89971` is not what a float makes of it.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// A text, as far as it could be borrowed.
pub type Text<'a> = Option<Cow<'a, str>>;

/// A number as it stands there, a text without its quotes; nothing of null and of what is neither.
pub fn plain<'a>(value: Option<&'a RawValue>) -> Text<'a> {
    let text = value?.get();
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str::<Cow<'a, str>>(text).ok().filter(|text| text != "-"),
        b'-' | b'0'..=b'9' => Some(text.into()),
        _ => None,
    }
}

/// Its bytes.
pub fn bytes<'a>(text: &'a Text<'_>) -> Option<&'a [u8]> {
    text.as_deref().map(str::as_bytes)
}
