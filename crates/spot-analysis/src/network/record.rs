//! A record of a database as far as it is used: GeoLite2 and GeoIP2 City, Country, ASN, ISP and
//! Domain, and the flat records of others.
//!
//! A field of another type than expected is a missing field: one odd field must not cost the place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::model::Place;

/// Longest text of a record that is kept, in characters.
const LONGEST: usize = 200;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Record {
    city: Named,
    country: Named,
    registered_country: Named,
    subdivisions: Named,
    location: Location,
    autonomous_system_organization: Named,
    organization: Named,
    isp: Named,
    domain: Named,
    // Flat records.
    country_code: Named,
    country_name: Named,
    region: Named,
    as_name: Named,
    as_domain: Named,
}

impl Record {
    /// None when it says neither where nor whose.
    pub fn place(self) -> Option<Place> {
        // A network that is in no country is still registered in one.
        let country = if self.country.is_empty() { self.registered_country } else { self.country };
        let place = Place {
            country_code: first([country.code, self.country_code.name]),
            country: first([country.name, self.country_name.name]),
            state: first([self.subdivisions.name, self.region.name]),
            city: self.city.name,
            latitude: degrees(self.location.latitude, 90.0),
            longitude: degrees(self.location.longitude, 180.0),
            owner: first([
                self.autonomous_system_organization.name,
                self.as_name.name,
                self.organization.name,
                self.isp.name,
            ]),
            domain: first([self.domain.name, self.as_domain.name]),
        };
        let texts = [&place.country_code, &place.country, &place.state, &place.city, &place.owner];
        let said = !texts.iter().all(|text| text.is_empty())
            || !place.domain.is_empty()
            || place.latitude.is_some();
        said.then_some(place)
    }
}

fn first<const N: usize>(texts: [String; N]) -> String {
    texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
}

fn degrees(number: Number, limit: f64) -> Option<f64> {
    number.0.filter(|degrees| degrees.is_finite() && degrees.abs() <= limit)
}

fn kept(text: &str) -> String {
    text.trim().chars().take(LONGEST).collect()
}

/// Something with a name in several languages; the English one, else the first. Of a list its first.
#[derive(Debug, Default)]
struct Named {
    code: String,
    name: String,
}

impl Named {
    fn is_empty(&self) -> bool {
        self.code.is_empty() && self.name.is_empty()
    }
}

#[derive(Debug, Default)]
struct Location {
    latitude: Number,
    longitude: Number,
}

/// A number, whatever its type.
#[derive(Debug, Default)]
struct Number(Option<f64>);

/// Visits of what is not wanted there: a missing field.
macro_rules! anything_else_is_missing {
    () => {
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("anything")
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_bytes<E>(self, _: &[u8]) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_u128<E>(self, _: u128) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

macro_rules! numbers_are_missing {
    () => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Self::Value::default())
        }
    };
}

/// A list is its first entry.
macro_rules! first_of_a_list {
    () => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let first = list.next_element()?.unwrap_or_default();
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    };
}

struct NamedVisitor;

impl<'de> Visitor<'de> for NamedVisitor {
    type Value = Named;

    anything_else_is_missing!();
    numbers_are_missing!();
    first_of_a_list!();

    fn visit_str<E>(self, name: &str) -> Result<Named, E> {
        Ok(Named { code: String::new(), name: kept(name) })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named, A::Error> {
        let mut out = Named::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "iso_code" => out.code = map.next_value::<Text>()?.0,
                "names" | "name" => out.name = map.next_value::<Text>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(out)
    }
}

/// A text, or texts by language.
#[derive(Debug, Default)]
struct Text(String);

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    anything_else_is_missing!();
    numbers_are_missing!();
    first_of_a_list!();

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(kept(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
        let mut out = Text::default();
        while let Some(language) = map.next_key::<String>()? {
            if language == "en" || out.0.is_empty() {
                out = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(out)
    }
}

struct LocationVisitor;

impl<'de> Visitor<'de> for LocationVisitor {
    type Value = Location;

    anything_else_is_missing!();
    numbers_are_missing!();
    first_of_a_list!();

    fn visit_str<E>(self, _: &str) -> Result<Location, E> {
        Ok(Location::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Location, A::Error> {
        let mut out = Location::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "latitude" => out.latitude = map.next_value()?,
                "longitude" => out.longitude = map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(out)
    }
}

struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    anything_else_is_missing!();
    first_of_a_list!();

    fn visit_str<E>(self, text: &str) -> Result<Number, E> {
        Ok(Number(text.parse().ok()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
        Ok(Number(Some(number as f64)))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Some(number as f64)))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
        Ok(Number(Some(number)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Number, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Number::default())
    }
}

macro_rules! read_by {
    ($($of:ident: $visitor:ident),*) => {$(
        impl<'de> Deserialize<'de> for $of {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any($visitor)
            }
        }
    )*};
}

read_by!(Named: NamedVisitor, Text: TextVisitor, Location: LocationVisitor, Number: NumberVisitor);
