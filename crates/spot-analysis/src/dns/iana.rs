//! Names of the IANA tables for DNS classes, types and response codes.
//!
//! Source: <https://www.iana.org/assignments/dns-parameters>. What the tables do not name is shown
//! as RFC 3597 writes it: `TYPE65280`, `CLASS7`, `RCODE23`. A row that does not say is an empty text.

/// The response code of a name that does not exist.
pub const NXDOMAIN: i32 = 3;

const TYPES: [(i32, &str); 58] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (10, "NULL"),
    (11, "WKS"),
    (12, "PTR"),
    (13, "HINFO"),
    (14, "MINFO"),
    (15, "MX"),
    (16, "TXT"),
    (17, "RP"),
    (18, "AFSDB"),
    (24, "SIG"),
    (25, "KEY"),
    (28, "AAAA"),
    (29, "LOC"),
    (33, "SRV"),
    (35, "NAPTR"),
    (36, "KX"),
    (37, "CERT"),
    (39, "DNAME"),
    (41, "OPT"),
    (42, "APL"),
    (43, "DS"),
    (44, "SSHFP"),
    (45, "IPSECKEY"),
    (46, "RRSIG"),
    (47, "NSEC"),
    (48, "DNSKEY"),
    (49, "DHCID"),
    (50, "NSEC3"),
    (51, "NSEC3PARAM"),
    (52, "TLSA"),
    (53, "SMIMEA"),
    (55, "HIP"),
    (59, "CDS"),
    (60, "CDNSKEY"),
    (61, "OPENPGPKEY"),
    (62, "CSYNC"),
    (63, "ZONEMD"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (99, "SPF"),
    (104, "NID"),
    (105, "L32"),
    (106, "L64"),
    (107, "LP"),
    (108, "EUI48"),
    (109, "EUI64"),
    (249, "TKEY"),
    (250, "TSIG"),
    (251, "IXFR"),
    (252, "AXFR"),
    (255, "ANY"),
    (256, "URI"),
    (257, "CAA"),
    (32769, "DLV"),
];

const RCODES: [(i32, &str); 20] = [
    (0, "NOERROR"),
    (1, "FORMERR"),
    (2, "SERVFAIL"),
    (3, "NXDOMAIN"),
    (4, "NOTIMP"),
    (5, "REFUSED"),
    (6, "YXDOMAIN"),
    (7, "YXRRSET"),
    (8, "NXRRSET"),
    (9, "NOTAUTH"),
    (10, "NOTZONE"),
    (11, "DSOTYPENI"),
    // 16 is BADVERS and BADSIG: answers of a whole message carry the former.
    (16, "BADVERS"),
    (17, "BADKEY"),
    (18, "BADTIME"),
    (19, "BADMODE"),
    (20, "BADNAME"),
    (21, "BADALG"),
    (22, "BADTRUNC"),
    (23, "BADCOOKIE"),
];

const CLASSES: [(i32, &str); 5] = [(1, "IN"), (3, "CH"), (4, "HS"), (254, "NONE"), (255, "ANY")];

/// `AAAA` of 28, `TYPE65280` of 65280.
pub fn type_name(code: Option<i32>) -> String {
    named(&TYPES, "TYPE", code)
}

/// `NXDOMAIN` of 3, `RCODE24` of 24.
pub fn rcode_name(code: Option<i32>) -> String {
    named(&RCODES, "RCODE", code)
}

/// `IN` of 1, `CLASS7` of 7. See [`class_code`] for the texts of the table.
pub fn class_name(code: Option<i32>) -> String {
    named(&CLASSES, "CLASS", code)
}

/// The number of a type: `A`, `TYPE65280`, `28`. None for any other text.
pub fn type_code(text: &str) -> Option<i32> {
    coded(&TYPES, "TYPE", text)
}

/// The number of a response code: `NXDOMAIN`, `RCODE24`, `3`. None for any other text.
pub fn rcode_code(text: &str) -> Option<i32> {
    coded(&RCODES, "RCODE", text)
}

fn coded(table: &[(i32, &str)], prefix: &str, text: &str) -> Option<i32> {
    let text = text.trim();
    let named = table.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
    named.map(|(code, _)| *code).or_else(|| {
        let digits = text.strip_prefix(prefix).unwrap_or(text);
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    })
}

/// The number of a class as Spot's table writes it, `0x00000001`; also `1` and `IN`. None for any
/// other text.
pub fn class_code(text: &str) -> Option<i32> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // `from_str_radix` would take a sign.
        Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
            i32::from_str_radix(hex, 16).ok()
        }
        Some(_) => None,
        None if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
        None => {
            let named = CLASSES.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
            named.map(|(code, _)| *code)
        }
    }
}

fn named(table: &[(i32, &str)], prefix: &str, code: Option<i32>) -> String {
    let Some(code) = code else { return String::new() };
    match table.iter().find(|(known, _)| *known == code) {
        Some((_, name)) => (*name).to_owned(),
        None => format!("{prefix}{code}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tables_do_not_name_is_a_number_as_in_rfc_3597() {
        let types = [(1, "A"), (28, "AAAA"), (255, "ANY"), (65280, "TYPE65280"), (-1, "TYPE-1")];
        for (code, name) in types {
            assert_eq!(type_name(Some(code)), name);
        }
        for (code, name) in [(0, "NOERROR"), (3, "NXDOMAIN"), (24, "RCODE24")] {
            assert_eq!(rcode_name(Some(code)), name);
        }
        for (code, name) in [(1, "IN"), (3, "CH"), (7, "CLASS7")] {
            assert_eq!(class_name(Some(code)), name);
        }
        assert_eq!(type_name(None), "");
    }

    #[test]
    fn a_class_is_hex_text_or_a_number_or_a_name() {
        let cases = [
            ("0x00000001", Some(1)),
            ("0X00000003", Some(3)),
            ("0x0000ff", Some(255)),
            ("1", Some(1)),
            (" IN ", Some(1)),
            ("ch", Some(3)),
            ("0x", None),
            ("0x+1", None),
            ("-1", None),
            ("0xffffffffff", None),
            ("", None),
            ("<b>", None),
        ];
        for (text, code) in cases {
            assert_eq!(class_code(text), code, "{text}");
        }
    }

    #[test]
    fn names_lead_back_to_their_numbers() {
        for (code, _) in TYPES {
            assert_eq!(type_code(&type_name(Some(code))), Some(code));
        }
        for code in [0, 3, 11, 16, 24, 4000] {
            assert_eq!(rcode_code(&rcode_name(Some(code))), Some(code));
        }
        let cases = [
            ("65", Some(65)),
            ("aaaa", Some(28)),
            ("TYPE65280", Some(65280)),
            ("", None),
            ("TYPE", None),
            ("-1", None),
        ];
        for (text, code) in cases {
            assert_eq!(type_code(text), code, "{text}");
        }
    }

    #[test]
    fn tables_are_in_order_and_name_nothing_twice() {
        for table in [&TYPES[..], &RCODES, &CLASSES] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
    }
}
