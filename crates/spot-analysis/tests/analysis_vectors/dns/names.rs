//! Names: how they are compared and what is read from them.

use spot_analysis::dns::Name;

/// Given, normalised, registered domain, below it.
const NAMES: [(&str, &str, Option<&str>, &str); 17] = [
    ("www.Evil.com", "www.evil.com", Some("evil.com"), "www"),
    ("evil.com.", "evil.com", Some("evil.com"), ""),
    ("a.b.evil.co.uk", "a.b.evil.co.uk", Some("evil.co.uk"), "a.b"),
    // Private suffixes: each customer of a dynamic-DNS service is a domain.
    ("x.kinggru.duckdns.org", "x.kinggru.duckdns.org", Some("kinggru.duckdns.org"), "x"),
    ("newyork.dmevals.local", "newyork.dmevals.local", Some("dmevals.local"), "newyork"),
    ("com", "com", None, "com"),
    ("localhost", "localhost", None, "localhost"),
    ("10.0.0.5", "10.0.0.5", None, "10.0.0.5"),
    ("2001:DB8::5", "2001:db8::5", None, "2001:db8::5"),
    (".", ".", None, "."),
    ("", "", None, ""),
    // Several dots are no final dot; and no trimming: blanks are a tunnel's bytes.
    ("evil.com..", "evil.com..", None, "evil.com.."),
    (" evil.com", " evil.com", Some(" evil.com"), ""),
    // Letters other than ASCII are not touched.
    ("ÄÖ.evil.com", "ÄÖ.evil.com", Some("evil.com"), "ÄÖ"),
    (
        "\u{202e}moc.live.evil.com",
        "\u{202e}moc.live.evil.com",
        Some("evil.com"),
        "\u{202e}moc.live",
    ),
    ("<img onerror=x>.evil.com", "<img onerror=x>.evil.com", Some("evil.com"), "<img onerror=x>"),
    ("a\\x00.b\n'\".evil.com", "a\\x00.b\n'\".evil.com", Some("evil.com"), "a\\x00.b\n'\""),
];

#[test]
fn a_name_loses_its_case_and_one_final_dot_and_nothing_else() {
    for (raw, text, domain, below) in NAMES {
        let name = Name::new(raw);
        assert_eq!(name.as_str(), text);
        assert_eq!(name.raw(), raw);
        assert_eq!(Name::new(text).as_str(), text);
        assert_eq!(name.registered_domain(), domain.map(Name::new), "{raw:?}");
        if raw != "evil.com.." {
            assert_eq!(name.below_domain(), below, "{raw:?}");
        }
    }
}

#[test]
fn odd_dots_are_no_reason_to_stop() {
    for raw in
        ["..", "...com", ".com", "a..b", "a.", ".a", "a..com..", &".".repeat(300), "é.", ".é"]
    {
        let name = Name::new(raw);
        let below = name.below_domain().len();
        assert!(below <= name.as_str().len(), "{raw:?}");
        assert!(name.entropy().is_finite());
    }
}

#[test]
fn entropy_is_of_what_stands_below_the_domain() {
    let cases = [
        ("", 0.0),
        ("www.evil.com", 0.0),
        ("ab.evil.com", 1.0),
        ("a.b.evil.com", 1.0),
        ("abcd.evil.com", 2.0),
        // Nothing below: the label that was registered.
        ("abcdefgh.com", 3.0),
        ("ABcd.evil.com", 2.0),
    ];
    for (name, bits) in cases {
        assert!((Name::new(name).entropy() - bits).abs() < 1e-12, "{name}");
    }
    assert_eq!(Name::new("ÄÖ.de").length(), 5);
}

#[test]
fn spellings_are_one_name_and_an_address_is_no_name() {
    use super::{client, query};
    assert_eq!(Name::new("Evil.COM."), Name::new("evil.com"));
    assert_ne!(client("10.0.0.5"), query("10.0.0.5"));
    assert!(client("255.255.255.255") < query("a"));
    let tagged = serde_json::to_string(&query("10.0.0.5")).unwrap_or_default();
    assert_eq!(tagged, r#"{"type":"query","value":"10.0.0.5"}"#);
}
