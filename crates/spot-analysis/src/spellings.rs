//! The texts under which tables may hold one address.

use std::net::{IpAddr, Ipv6Addr};

use crate::model::Address;

/// All spellings of `anchor` that tables are known to hold, the canonical one first, none twice.
///
/// For IPv6: RFC 5952, all eight groups (as Java prints them), all 32 digits, each in both cases.
/// For IPv4 the same of the mapped `::ffff:` address. A text that is no address: itself.
pub fn spellings(anchor: &Address) -> Vec<String> {
    let mut all = vec![anchor.as_str().to_owned()];
    let v6 = match anchor.ip() {
        None => return all,
        Some(IpAddr::V4(v4)) => {
            all.push(format!("0:0:0:0:0:ffff:{v4}"));
            let mapped = v4.to_ipv6_mapped();
            let [.., high, low] = mapped.segments();
            all.push(format!("::ffff:{high:x}:{low:x}"));
            mapped
        }
        Some(IpAddr::V6(v6)) => v6,
    };
    all.extend([v6.to_string(), groups(v6, false), groups(v6, true)]);
    for text in all.clone() {
        all.push(text.to_ascii_uppercase());
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|text| seen.insert(text.clone()));
    all
}

fn groups(address: Ipv6Addr, padded: bool) -> String {
    let group = |n: u16| if padded { format!("{n:04x}") } else { format!("{n:x}") };
    address.segments().map(group).join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_the_same_address_and_none_is_there_twice() {
        for text in ["10.0.0.5", "2001:db8::5", "::1", "fe80::1:2:3:4"] {
            let anchor = Address::new(text);
            let all = spellings(&anchor);
            assert_eq!(all[0], text);
            for spelling in &all {
                assert_eq!(Address::new(spelling), anchor, "{spelling}");
            }
            let distinct: std::collections::BTreeSet<_> = all.iter().collect();
            assert_eq!(distinct.len(), all.len());
        }
        assert!(spellings(&Address::new("10.0.0.5")).contains(&"::ffff:a00:5".to_owned()));
        assert!(
            spellings(&Address::new("2001:db8::5"))
                .contains(&"2001:0DB8:0000:0000:0000:0000:0000:0005".to_owned())
        );
        assert_eq!(spellings(&Address::new("no address")), ["no address"]);
    }
}
