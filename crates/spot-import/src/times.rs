//! Times as logs write them.

use chrono::{DateTime, NaiveDateTime};

use crate::rows::{Skip, number};

/// What is added to every time: microseconds since 1970 of the start of the capture, for logs that count from
/// there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Start(pub i64);

const WRONG: Skip = "with a time that is none";

/// Seconds with a fraction (`1588205198.899710`, `1.2e-05`), or a time as ISO 8601 has it, as microseconds.
///
/// # Errors
/// It is no time.
pub fn micros(text: &[u8]) -> Result<i64, Skip> {
    decimal(text).or_else(|| other_time(std::str::from_utf8(text).ok()?)).ok_or(WRONG)
}

fn decimal(text: &[u8]) -> Option<i64> {
    let (sign, text) = match text.strip_prefix(b"-") {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let whole = i64::try_from(number(parts.next()?)?).ok()?;
    let fraction = parts.next().unwrap_or(b"0");
    if fraction.is_empty() || !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut micros = 0;
    for place in 0..6 {
        micros = micros * 10 + i64::from(fraction.get(place).map_or(0, |digit| digit - b'0'));
    }
    // The next digit rounds, as it does where a row's time is made of floating-point seconds.
    micros += i64::from(fraction.get(6).is_some_and(|digit| *digit >= b'5'));
    Some(sign * whole.checked_mul(1_000_000)?.checked_add(micros)?)
}

fn other_time(text: &str) -> Option<i64> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.timestamp_micros());
    }
    // Suricata's zone has no colon.
    if let Ok(at) = DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%z") {
        return Some(at.timestamp_micros());
    }
    let without_zone = text.trim_end_matches('Z').trim_end_matches(" UTC");
    // As ISO 8601, as SQL, and as tshark and Spot write a frame's time.
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%b %e, %Y %H:%M:%S%.f",
        "%b %e %Y %H:%M:%S%.f",
    ] {
        if let Ok(at) = NaiveDateTime::parse_from_str(without_zone, format) {
            return Some(at.and_utc().timestamp_micros());
        }
    }
    let seconds: f64 = text.parse().ok()?;
    let micros = seconds * 1e6;
    // As far as a whole number can say it.
    (micros.abs() < 9e15).then_some(micros.round() as i64)
}

/// Times that a table can tell: years of four digits.
///
/// # Errors
/// It is none of them.
pub fn in_range(micros: i64) -> Result<i64, Skip> {
    const FIRST: i64 = -62_135_596_800_000_000;
    const LAST: i64 = 253_402_300_799_999_999;
    let is_told = (FIRST..=LAST).contains(&micros);
    is_told.then_some(micros).ok_or(WRONG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_way_that_logs_have() {
        let cases: [(&str, Option<i64>); 18] = [
            ("1588205198.899710", Some(1_588_205_198_899_710)),
            ("1588205198.89971", Some(1_588_205_198_899_710)),
            ("1588205198", Some(1_588_205_198_000_000)),
            ("13.184015", Some(13_184_015)),
            ("0.0015780925750732422", Some(1578)),
            ("-1.5", Some(-1_500_000)),
            ("1.2e-05", Some(12)),
            ("2020-04-30T00:06:38.899710Z", Some(1_588_205_198_899_710)),
            ("2020-04-30T02:06:38.899710+02:00", Some(1_588_205_198_899_710)),
            ("2020-04-30T00:06:38", Some(1_588_205_198_000_000)),
            ("2020-04-30T00:06:38.899710+0000", Some(1_588_205_198_899_710)),
            ("2020-04-29T18:06:38.899710-0600", Some(1_588_205_198_899_710)),
            ("2020-04-30 00:06:38.5", Some(1_588_205_198_500_000)),
            ("Apr 30, 2020 00:06:38.899710000 UTC", Some(1_588_205_198_899_710)),
            ("-", None),
            ("", None),
            ("inf", None),
            ("99999999999999999999", None),
        ];
        for (text, expected) in cases {
            assert_eq!(micros(text.as_bytes()).ok(), expected, "{text}");
        }
    }
}
