//! Lists of indicators in the forms in which programs exchange them.

use serde_json::{Value, json};
use spot_analysis::dns::Name;
use spot_analysis::model::Address;
use spot_analysis::network::Indicators;

fn stix(objects: Value) -> String {
    json!({"type": "bundle", "id": "bundle--1", "objects": objects}).to_string()
}

fn pattern(pattern: &str) -> Value {
    json!({"type": "indicator", "id": "indicator--7", "name": "C2", "pattern": pattern})
}

/// What a list says of an address or name: its narrowest line.
fn hit(list: &Indicators, what: &str) -> Option<(String, String, String)> {
    let address = list.of_address(&Address::new(what)).into_iter();
    let flag = address.chain(list.of_name(&Name::new(what))).next()?;
    Some((flag.indicator, flag.source, flag.note))
}

#[test]
fn each_alternative_of_a_pattern_is_looked_up_and_nothing_that_needs_more() {
    // A pattern, what it takes in, and what is noted of it.
    let cases: &[(&str, &[&str], &str)] = &[
        ("[ipv4-addr:value = '198.51.100.7']", &["198.51.100.7"], ""),
        ("[ipv4-addr:value='198.51.100.7']", &["198.51.100.7"], ""),
        ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", &["198.51.100.9"], ""),
        ("[ipv6-addr:value = '2001:db8::7']", &["2001:DB8:0::7"], ""),
        ("[domain-name:value = 'evil.example']", &["www.EVIL.example."], ""),
        ("[url:value = 'https://u:p@evil.example:8443/x?y=z']", &["evil.example"], ""),
        ("[url:value = 'http://[2001:db8::8]/']", &["2001:db8::8"], ""),
        (
            "[ipv4-addr:value = '192.0.2.1' OR ipv4-addr:value = '192.0.2.2'] OR [domain-name:value = 'a.example']",
            &["192.0.2.1", "192.0.2.2", "a.example"],
            "",
        ),
        ("[network-traffic:dst_ref.value = '192.0.2.9']", &["192.0.2.9"], ""),
        (
            "[network-traffic:dst_ref.value = '192.0.2.9' AND network-traffic:dst_port = 443]",
            &[],
            "needs several things at once",
        ),
        ("[domain-name:value = 'a'] FOLLOWEDBY [domain-name:value = 'b']", &[], "several"),
        ("[domain-name:value != 'good.example']", &[], "is not understood"),
        ("[domain-name:value LIKE '%.example']", &[], "something else than `=`"),
        ("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", &[], "no flow"),
        ("[domain-name:value = 'it\\'s.example']", &[], "is neither an address"),
        ("[domain-name:value = 'unclosed", &[], "is not understood"),
        ("", &[], "is not understood"),
        ("[", &[], "is not understood"),
        ("[ipv4-addr:value = '999.1.1.1']", &[], "is neither an address"),
    ];
    for (text, taken, note) in cases {
        let list = Indicators::exchanged("list.json", &stix(json!([pattern(text)]))).expect("list");
        for what in *taken {
            let (_, source, name) = hit(&list, what).unwrap_or_else(|| panic!("{text}: {what}"));
            assert_eq!((source.as_str(), name.as_str()), ("STIX indicator--7", "C2"));
        }
        assert_eq!(list.is_empty(), taken.is_empty(), "{text}");
        let notes = list.notes().join("|");
        assert_eq!(notes.is_empty(), note.is_empty(), "{text}: {notes}");
        assert!(notes.contains(note), "{text}: {notes}");
    }
}

#[test]
fn what_is_revoked_or_of_another_kind_is_left_out_and_said() {
    let with = |name: &str, value: Value| {
        let mut object = pattern("[ipv4-addr:value = '192.0.2.1']");
        object[name] = value;
        object
    };
    let objects = json!([
        {"type": "malware", "id": "malware--1"},
        with("revoked", json!(true)),
        with("pattern_type", json!("snort")),
        with("pattern", json!(7)),
        "no object",
    ]);
    let list = Indicators::exchanged("list.json", &stix(objects)).expect("list");
    assert!(list.is_empty());
    let notes = list.notes();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert!(notes[0].starts_with("list.json entry 1: `indicator--7` is revoked"), "{notes:?}");
    assert!(notes[1].contains("the type snort"), "{notes:?}");
}

#[test]
fn attributes_of_misp_count_where_they_are_meant_for_detection() {
    let of = |kind: &str, value: &str| json!({"type": kind, "value": value, "comment": "seen"});
    let mut seen = of("ip-dst", "192.0.2.50");
    seen["to_ids"] = json!(false);
    let mut gone = of("ip-dst", "192.0.2.51");
    gone["deleted"] = json!(true);
    let event = json!({"Event": {
        "info": "Campaign",
        "Attribute": [
            of("ip-dst", "192.0.2.1"), of("ip-src|port", "192.0.2.2|443"), of("domain|ip", "evil.example|192.0.2.3"),
            of("url", "http://c2.example/gate"), seen, gone, of("md5", "d41d8cd98f00b204e9800998ecf8427e"),
        ],
        "Object": [{"name": "x", "Attribute": [of("hostname", "deep.example")]}],
    }});
    // As a program exports one, several, or what its search answers.
    let forms = [event.clone(), json!([event]), json!({"response": [event]})];
    for form in forms {
        let list = Indicators::exchanged("misp.json", &form.to_string()).expect("list");
        for what in
            ["192.0.2.1", "192.0.2.2", "evil.example", "192.0.2.3", "c2.example", "deep.example"]
        {
            let (_, source, note) = hit(&list, what).unwrap_or_else(|| panic!("{what}"));
            assert_eq!((source.as_str(), note.as_str()), ("MISP Campaign", "seen"), "{what}");
        }
        for what in ["192.0.2.50", "192.0.2.51", "443"] {
            assert_eq!(hit(&list, what), None, "{what}");
        }
        assert_eq!(list.notes().len(), 3, "{:?}", list.notes());
    }
}

#[test]
fn lines_are_lines_and_other_json_is_refused() {
    let list =
        Indicators::exchanged("list.txt", "# feed\n192.0.2.1\nevil[.]example\n").expect("lines");
    assert!(hit(&list, "192.0.2.1").is_some() && hit(&list, "a.evil.example").is_some());
    for (text, said) in [
        ("{", "no JSON"),
        ("[1, 2", "no JSON"),
        ("{}", "neither a STIX 2.1 bundle nor events of MISP"),
        ("[]", "neither"),
        (r#"{"type": "bundle"}"#, "neither"),
        (r#"{"Event": 1}"#, "neither"),
    ] {
        let why = Indicators::exchanged("x", text).err().unwrap_or_default();
        assert!(why.contains(said), "{text}: {why}");
    }
    // Nothing of this is deep enough to matter, and nothing panics.
    for text in
        ["[[[[{\"Event\":{\"Attribute\":[null]}}]]]]", "{\"pattern\":null}", "{\"Attribute\":{}}"]
    {
        drop(Indicators::exchanged("x", text));
    }
}
