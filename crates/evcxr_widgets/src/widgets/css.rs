//! Lengths and colours, as CSS has them.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

/// A length of CSS.
///
/// ```
/// use evcxr_widgets::{Length, percent, px};
/// assert_eq!(px(150).to_string(), "150px");
/// assert_eq!(percent(33.3).to_string(), "33.3%");
/// assert_eq!(Length::from("1.5em"), Length::Em(1.5));
/// assert_eq!(Length::from("calc(100% - 8px)").to_string(), "calc(100% - 8px)");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Length {
    /// So many points of the screen.
    Px(f64),
    /// A part of the box around it.
    Percent(f64),
    /// So many times the size of the type.
    Em(f64),
    /// So many times the size of the page's type.
    Rem(f64),
    /// A part of the page's width.
    Vw(f64),
    /// A part of the page's height.
    Vh(f64),
    /// As the page sees fit.
    Auto,
    /// What else CSS has: `min-content`, `calc(..)`.
    Css(String),
}

/// So many points of the screen.
pub fn px(points: impl Into<f64>) -> Length {
    Length::Px(points.into())
}

/// A part of the box around it, of 100.
pub fn percent(part: impl Into<f64>) -> Length {
    Length::Percent(part.into())
}

/// So many times the size of the type.
pub fn em(times: impl Into<f64>) -> Length {
    Length::Em(times.into())
}

type Unit = (&'static str, fn(f64) -> Length);

const UNITS: [Unit; 6] = [
    ("px", Length::Px),
    ("%", Length::Percent),
    ("rem", Length::Rem),
    ("em", Length::Em),
    ("vw", Length::Vw),
    ("vh", Length::Vh),
];

impl From<&str> for Length {
    fn from(text: &str) -> Self {
        let text = text.trim();
        if text == "auto" {
            return Self::Auto;
        }
        let number = |unit: &str| -> Option<f64> {
            let number = text.strip_suffix(unit)?.parse().ok()?;
            f64::is_finite(number).then_some(number)
        };
        let known = UNITS.iter().find_map(|(unit, of)| number(unit).map(of));
        known.unwrap_or_else(|| Self::Css(text.to_owned()))
    }
}

impl From<String> for Length {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Px(number) => write!(f, "{number}px"),
            Self::Percent(number) => write!(f, "{number}%"),
            Self::Em(number) => write!(f, "{number}em"),
            Self::Rem(number) => write!(f, "{number}rem"),
            Self::Vw(number) => write!(f, "{number}vw"),
            Self::Vh(number) => write!(f, "{number}vh"),
            Self::Auto => f.write_str("auto"),
            Self::Css(text) => f.write_str(text),
        }
    }
}

impl From<Length> for Value {
    fn from(length: Length) -> Self {
        length.to_string().into()
    }
}

/// Lengths of the four sides of a box: one for all, `[vertical, horizontal]`, or
/// `[top, right, bottom, left]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sides(Vec<Length>);

impl<L: Into<Length>> From<L> for Sides {
    fn from(all: L) -> Self {
        Self(vec![all.into()])
    }
}

impl From<[Length; 2]> for Sides {
    fn from(sides: [Length; 2]) -> Self {
        Self(sides.into())
    }
}

impl From<[Length; 4]> for Sides {
    fn from(sides: [Length; 4]) -> Self {
        Self(sides.into())
    }
}

impl From<Sides> for Value {
    fn from(Sides(sides): Sides) -> Self {
        sides.iter().map(Length::to_string).collect::<Vec<_>>().join(" ").into()
    }
}

/// A colour of CSS: one of its names, `#rgb`, `#rgba`, `#rrggbb`, `#rrggbbaa`, or numbers.
///
/// ```
/// use evcxr_widgets::Color;
/// assert_eq!(Color::rgb(255, 136, 0).to_string(), "#ff8800");
/// assert_eq!("SteelBlue".parse::<Color>().unwrap(), Color::STEELBLUE);
/// assert!("#ff880".parse::<Color>().is_err());
/// ```
#[derive(Clone, Debug, Eq, PartialEq, Hash)]
pub struct Color(std::borrow::Cow<'static, str>);

impl Color {
    /// Red, green and blue.
    pub fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self(format!("#{red:02x}{green:02x}{blue:02x}").into())
    }

    /// Red, green, blue, and how much of what is behind it is hidden: 0 none, 255 all.
    pub fn rgba(red: u8, green: u8, blue: u8, alpha: u8) -> Self {
        Self(format!("#{red:02x}{green:02x}{blue:02x}{alpha:02x}").into())
    }

    /// As CSS has it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoColor(String);

impl fmt::Display for NoColor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.0.chars().take(40).collect();
        write!(f, "{text:?} is no colour: write a name of CSS such as `steelblue`, or `#rrggbb`")
    }
}

impl std::error::Error for NoColor {}

impl FromStr for Color {
    type Err = NoColor;

    fn from_str(text: &str) -> Result<Self, NoColor> {
        let text = text.trim();
        if let Some(digits) = text.strip_prefix('#') {
            let known = [3, 4, 6, 8].contains(&digits.len());
            if known && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Ok(Self(text.to_ascii_lowercase().into()));
            }
        }
        let name = NAMES.iter().find(|name| name.eq_ignore_ascii_case(text));
        name.map(|name| Self((*name).into())).ok_or_else(|| NoColor(text.to_owned()))
    }
}

impl From<(u8, u8, u8)> for Color {
    fn from((red, green, blue): (u8, u8, u8)) -> Self {
        Self::rgb(red, green, blue)
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Color> for Value {
    fn from(color: Color) -> Self {
        color.0.into_owned().into()
    }
}

impl From<Color> for String {
    fn from(color: Color) -> Self {
        color.0.into_owned()
    }
}

/// Whether a text is a colour.
pub(crate) fn is_color(text: &str) -> bool {
    text.parse::<Color>().is_ok()
}

macro_rules! names {
    ($($constant:ident $name:literal)*) => {
        const NAMES: &[&str] = &[$($name),*];

        impl Color {
            $(
                #[doc = concat!("`", $name, "`")]
                pub const $constant: Self = Self(std::borrow::Cow::Borrowed($name));
            )*
        }
    };
}
names! {
    ALICEBLUE "aliceblue" ANTIQUEWHITE "antiquewhite" AQUA "aqua" AQUAMARINE "aquamarine" AZURE "azure"
    BEIGE "beige" BISQUE "bisque" BLACK "black" BLANCHEDALMOND "blanchedalmond" BLUE "blue"
    BLUEVIOLET "blueviolet" BROWN "brown" BURLYWOOD "burlywood" CADETBLUE "cadetblue" CHARTREUSE "chartreuse"
    CHOCOLATE "chocolate" CORAL "coral" CORNFLOWERBLUE "cornflowerblue" CORNSILK "cornsilk" CRIMSON "crimson"
    CYAN "cyan" DARKBLUE "darkblue" DARKCYAN "darkcyan" DARKGOLDENROD "darkgoldenrod" DARKGRAY "darkgray"
    DARKGREEN "darkgreen" DARKGREY "darkgrey" DARKKHAKI "darkkhaki" DARKMAGENTA "darkmagenta"
    DARKOLIVEGREEN "darkolivegreen" DARKORANGE "darkorange" DARKORCHID "darkorchid" DARKRED "darkred"
    DARKSALMON "darksalmon" DARKSEAGREEN "darkseagreen" DARKSLATEBLUE "darkslateblue"
    DARKSLATEGRAY "darkslategray" DARKSLATEGREY "darkslategrey" DARKTURQUOISE "darkturquoise"
    DARKVIOLET "darkviolet" DEEPPINK "deeppink" DEEPSKYBLUE "deepskyblue" DIMGRAY "dimgray" DIMGREY "dimgrey"
    DODGERBLUE "dodgerblue" FIREBRICK "firebrick" FLORALWHITE "floralwhite" FORESTGREEN "forestgreen"
    FUCHSIA "fuchsia" GAINSBORO "gainsboro" GHOSTWHITE "ghostwhite" GOLD "gold" GOLDENROD "goldenrod"
    GRAY "gray" GREEN "green" GREENYELLOW "greenyellow" GREY "grey" HONEYDEW "honeydew" HOTPINK "hotpink"
    INDIANRED "indianred" INDIGO "indigo" IVORY "ivory" KHAKI "khaki" LAVENDER "lavender"
    LAVENDERBLUSH "lavenderblush" LAWNGREEN "lawngreen" LEMONCHIFFON "lemonchiffon" LIGHTBLUE "lightblue"
    LIGHTCORAL "lightcoral" LIGHTCYAN "lightcyan" LIGHTGOLDENRODYELLOW "lightgoldenrodyellow"
    LIGHTGRAY "lightgray" LIGHTGREEN "lightgreen" LIGHTGREY "lightgrey" LIGHTPINK "lightpink"
    LIGHTSALMON "lightsalmon" LIGHTSEAGREEN "lightseagreen" LIGHTSKYBLUE "lightskyblue"
    LIGHTSLATEGRAY "lightslategray" LIGHTSLATEGREY "lightslategrey" LIGHTSTEELBLUE "lightsteelblue"
    LIGHTYELLOW "lightyellow" LIME "lime" LIMEGREEN "limegreen" LINEN "linen" MAGENTA "magenta"
    MAROON "maroon" MEDIUMAQUAMARINE "mediumaquamarine" MEDIUMBLUE "mediumblue" MEDIUMORCHID "mediumorchid"
    MEDIUMPURPLE "mediumpurple" MEDIUMSEAGREEN "mediumseagreen" MEDIUMSLATEBLUE "mediumslateblue"
    MEDIUMSPRINGGREEN "mediumspringgreen" MEDIUMTURQUOISE "mediumturquoise" MEDIUMVIOLETRED "mediumvioletred"
    MIDNIGHTBLUE "midnightblue" MINTCREAM "mintcream" MISTYROSE "mistyrose" MOCCASIN "moccasin"
    NAVAJOWHITE "navajowhite" NAVY "navy" OLDLACE "oldlace" OLIVE "olive" OLIVEDRAB "olivedrab"
    ORANGE "orange" ORANGERED "orangered" ORCHID "orchid" PALEGOLDENROD "palegoldenrod" PALEGREEN "palegreen"
    PALETURQUOISE "paleturquoise" PALEVIOLETRED "palevioletred" PAPAYAWHIP "papayawhip" PEACHPUFF "peachpuff"
    PERU "peru" PINK "pink" PLUM "plum" POWDERBLUE "powderblue" PURPLE "purple" REBECCAPURPLE "rebeccapurple"
    RED "red" ROSYBROWN "rosybrown" ROYALBLUE "royalblue" SADDLEBROWN "saddlebrown" SALMON "salmon"
    SANDYBROWN "sandybrown" SEAGREEN "seagreen" SEASHELL "seashell" SIENNA "sienna" SILVER "silver"
    SKYBLUE "skyblue" SLATEBLUE "slateblue" SLATEGRAY "slategray" SLATEGREY "slategrey" SNOW "snow"
    SPRINGGREEN "springgreen" STEELBLUE "steelblue" TAN "tan" TEAL "teal" THISTLE "thistle" TOMATO "tomato"
    TRANSPARENT "transparent" TURQUOISE "turquoise" VIOLET "violet" WHEAT "wheat" WHITE "white"
    WHITESMOKE "whitesmoke" YELLOW "yellow" YELLOWGREEN "yellowgreen"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_css() {
        for (text, want) in [
            ("red", Some("red")),
            (" RebeccaPurple ", Some("rebeccapurple")),
            ("transparent", Some("transparent")),
            ("#FFF", Some("#fff")),
            ("#0a0b0c80", Some("#0a0b0c80")),
            ("", None),
            ("#", None),
            ("#12345", None),
            ("#ggg", None),
            ("#äb", None),
            ("rde", None),
            ("red; background: url(//x)", None),
        ] {
            let color = text.parse::<Color>().ok();
            assert_eq!(color.as_ref().map(Color::as_str), want, "{text}");
        }
        assert_eq!(NAMES.len(), 149);
    }

    #[test]
    fn lengths_are_read_and_written() {
        for (text, want) in [
            ("150px", Length::Px(150.0)),
            (" 1.5rem", Length::Rem(1.5)),
            ("-2vh", Length::Vh(-2.0)),
            ("auto", Length::Auto),
            ("0", Length::Css("0".into())),
            ("infpx", Length::Css("infpx".into())),
            ("1px solid", Length::Css("1px solid".into())),
        ] {
            assert_eq!(Length::from(text), want, "{text}");
            assert_eq!(Length::from(text).to_string(), text.trim());
        }
        assert_eq!(Value::from(Sides::from([px(1), Length::Auto])), "1px auto");
        assert_eq!(Value::from(Sides::from("0 8px")), "0 8px");
    }
}
