//! What the context files say: V2, V3, N-1 to N-8, own ranges, hostile files.

use spot_analysis::model::{Address, ContextName, Place};
use spot_analysis::network::{Classes, ContextRules, Network, OwnRanges, Places, class_of};

/// Rules, address, name (empty: none) and class.
const NAMES: &[(&str, &str, &str, &str)] = &[
    // V2
    (
        "192.0.2.44,Proxy-1\n192.0.2.0/24,Partner.FW.1\n10.0.0.5/24,LAN",
        "192.0.2.44",
        "Proxy-1",
        "Proxy",
    ),
    (
        "192.0.2.44,Proxy-1\n192.0.2.0/24,Partner.FW.1\n10.0.0.5/24,LAN",
        "192.0.2.9",
        "Partner.FW.1",
        "Unknown",
    ),
    ("192.0.2.44,Proxy-1\n192.0.2.0/24,Partner.FW.1\n10.0.0.5/24,LAN", "10.0.1.2", "", "Unknown"),
    ("10.0.0.5/24,LAN", "10.0.0.1", "LAN", "Unknown"),
    // Most specific first, whatever the order; ties by order.
    (
        "10.0.0.0/8,Wide\n10.1.0.0/16,Narrow\n10.1.2.0-10.1.2.9,Few\n10.1.2.3,One",
        "10.1.2.3",
        "One",
        "Unknown",
    ),
    (
        "10.1.2.3,One\n10.1.2.0-10.1.2.9,Few\n10.1.0.0/16,Narrow\n10.0.0.0/8,Wide",
        "10.1.2.4",
        "Few",
        "Unknown",
    ),
    (
        "10.0.0.0/8,Wide\n10.1.0.0/16,Narrow\n10.1.2.0-10.1.2.9,Few",
        "10.1.2.10",
        "Narrow",
        "Unknown",
    ),
    ("10.0.0.0/8,Wide\n10.1.0.0/16,Narrow", "10.255.255.255", "Wide", "Unknown"),
    ("10.0.0.0/24,First\n10.0.0.0-10.0.0.255,Second", "10.0.0.7", "First", "Unknown"),
    // Header or none, blanks, quotes, comments, CRLF, byte order mark.
    ("srcIP,name\n10.0.0.4,DC", "10.0.0.4", "DC", "Unknown"),
    ("IP/CIDR,name\n10.0.0.4,DC", "10.0.0.4", "DC", "Unknown"),
    ("\u{feff}10.0.0.4 , \"dmz, \"\"old\"\"\" \r\n# no\r\n", "10.0.0.4", "dmz, \"old\"", "DMZ"),
    ("0.0.0.0/0,All v4\n::/0,All v6", "255.255.255.255", "All v4", "Unknown"),
    ("0.0.0.0/0,All v4\n::/0,All v6", "2001:db8::1", "All v6", "Unknown"),
    ("2001:db8::/32,Big\n2001:db8::1-2001:db8::f,VPN.small", "2001:db8::f", "VPN.small", "VPN"),
    ("10.0.0.0/8,Ten", "::ffff:10.9.9.9", "Ten", "Unknown"),
    ("::ffff:10.0.0.0/104,Ten", "10.9.9.9", "Ten", "Unknown"),
    ("10.0.0.0/8,Ten", "not-an-ip", "", "Unknown"),
    ("", "10.0.0.1", "", "Unknown"),
];

#[test]
fn v2_the_most_specific_rule_names_an_address() {
    for (rules, address, name, class) in NAMES {
        let found = ContextRules::parse("context.csv", rules).name_of(&Address::new(address));
        let found = found.map(|context| context.name).unwrap_or_default();
        assert_eq!(&found, name, "{rules:?} {address}");
        assert_eq!(&class_of(&found), class, "{name}");
    }
}

#[test]
fn bad_rules_are_skipped_and_named_by_their_line() {
    let text = "ip,name\n10.0.0.0/33,x\n\n10.0.0.9-10.0.0.1,x\n10.0.0.1\n10.0.0.5/24,LAN\n10.0.0.1-::1,x\nhost,x\n";
    let rules = ContextRules::parse("context.csv", text);
    assert_eq!(
        rules.notes(),
        [
            "context.csv line 2: `10.0.0.0/33` is neither an address, a range a-b nor a network a/n; skipped",
            "context.csv line 4: `10.0.0.9-10.0.0.1` ends before it starts; skipped",
            "context.csv line 5: `10.0.0.1` has no name; skipped",
            "context.csv line 6: `10.0.0.5/24` was taken as the network that starts at 10.0.0.0",
            "context.csv line 7: `10.0.0.1-::1` ends before it starts; skipped",
            "context.csv line 8: `host` is neither an address, a range a-b nor a network a/n; skipped",
        ]
    );
    let many = ContextRules::parse("context.csv", &"broken.\n".repeat(1000)).notes();
    assert_eq!(
        (many.len(), many.last().map(String::as_str)),
        (11, Some("context.csv: 990 more lines like these"))
    );
}

#[test]
fn overlapping_rules_are_named_by_both_lines() {
    let of = |text: &str| ContextRules::parse("context.csv", text).notes();
    assert_eq!(
        of("ip,name\n192.0.2.44,Proxy-1\n192.0.2.0/24,Partner.FW.1\n10.0.0.0/8,LAN\n"),
        ["context.csv line 3: `192.0.2.0/24` overlaps `192.0.2.44` of line 2, the narrower wins"]
    );
    assert_eq!(
        of("10.0.0.0-10.0.0.9,A\n10.0.0.5-10.0.0.30,B\n10.0.0.5-10.0.0.30,C\n2001:db8::/32,D"),
        [
            "context.csv line 2: `10.0.0.5-10.0.0.30` overlaps `10.0.0.0-10.0.0.9` of line 1, the narrower wins",
            "context.csv line 3: `10.0.0.5-10.0.0.30` overlaps `10.0.0.5-10.0.0.30` of line 2, the first wins",
        ]
    );
    // Neighbours do not overlap; nor do 10.0.0.0 and the IPv6 address of the same number.
    assert!(of("10.0.0.0/25,A\n10.0.0.128/25,B\n::a00:0/120,C").is_empty());
    // One general rule above many does not drown what is broken.
    let many = (0..100).map(|n| format!("10.0.0.{n},Host{n}\n")).collect::<String>();
    let notes = of(&format!("10.0.0.0/8,LAN\n{many}nonsense.,x\n"));
    assert!(notes[0].contains("line 102: `nonsense.`"), "{notes:?}");
    assert_eq!((notes.len(), notes[4].as_str()), (5, "context.csv: 97 more lines like these"));
}

/// `classes.csv`, name, class.
const CLASSES_OF: &[(&str, &str, &str)] = &[
    // Without a usable line the built-in table, as in Spot.
    ("", "VPN.users", "VPN"),
    ("# none\nbroken\n", "corp-dmz.1", "DMZ"),
    ("part,class\n", "Proxy-1", "Proxy"),
    ("", "Partner.FW.1", "Unknown"),
    // A file replaces it; the first line that fits wins; only the first part of a name counts.
    ("vpn,Remote", "VPN.users", "Remote"),
    ("vpn,Remote", "DMZ.mail", "Unknown"),
    ("part,class\nserver,Servers\nserv,Other", "Servers.dc", "Servers"),
    (" \"OFFICE\" , \"Desks, all\" \r\nfw,FW", "Head-Office.pcs", "Desks, all"),
    ("corp,Corp", "Partner.corp", "Unknown"),
    ("straße,Road", "STRASSE.x", "Unknown"),
    ("büro,Desk", "BÜRO.x", "Desk"),
];

#[test]
fn classes_are_a_table_that_users_edit() {
    for (file, name, class) in CLASSES_OF {
        let rules = format!("192.0.2.1,\"{name}\"\n");
        let network = Network::parse(None, Some(("context.csv", &rules)), None);
        let network = network.with_classes("classes.csv", file);
        let found = network.context_of(&Address::new("192.0.2.1")).expect("a name");
        assert_eq!((found.class.as_str(), found.class()), (*class, *class), "{file:?} {name}");
    }
    let notes = Classes::parse("classes.csv", "vpn\n,DMZ\nfw,FW\n").notes();
    assert_eq!(
        notes,
        [
            "classes.csv line 1: `vpn`, `` are not a part of a name and its class; skipped",
            "classes.csv line 2: ``, `DMZ` are not a part of a name and its class; skipped",
        ]
    );
    // A finding of before there were classes has them all the same.
    let old: ContextName = serde_json::from_str(r#"{"name":"DMZ.www","rule":"x"}"#).expect("read");
    assert_eq!(old.class(), "DMZ");
}

/// `ipranges.csv`, address, inside, rule.
const SIDES: &[(&str, &str, bool, &str)] = &[
    ("10.20.0.0,10.20.255.255,Campus", "10.20.0.5", true, "10.20.0.0 to 10.20.255.255, Campus"),
    ("10.20.0.0,10.20.255.255,Campus", "10.21.0.5", false, "in no range of ipranges.csv"),
    ("start,end,name\n10.20.0.0,10.20.0.9", "10.20.0.9", true, "10.20.0.0 to 10.20.0.9"),
    ("2001:db8::,2001:db8::ff,Lab", "2001:db8::ff", true, "2001:db8:: to 2001:db8::ff, Lab"),
    ("", "10.0.0.5", true, "private range 10.0.0.0/8"),
    ("", "172.31.255.255", true, "private range 172.16.0.0/12"),
    ("", "172.32.0.0", false, "in no private range"),
    ("", "100.64.0.1", true, "shared range of carriers 100.64.0.0/10"),
    ("", "169.254.1.1", true, "link-local range 169.254.0.0/16"),
    ("", "127.0.0.1", true, "loopback range 127.0.0.0/8"),
    ("", "fd00::1", true, "private range fc00::/7"),
    ("", "::ffff:192.168.1.1", true, "private range 192.168.0.0/16"),
    ("", "8.8.8.8", false, "in no private range"),
    ("", "x", false, "not an address"),
    ("nonsense,here,x", "10.0.0.5", true, "private range 10.0.0.0/8"),
];

#[test]
fn own_ranges_or_private_ranges_tell_the_side_and_say_why() {
    for (text, address, inside, rule) in SIDES {
        let side = OwnRanges::parse("ipranges.csv", text).inside(&Address::new(address));
        assert_eq!((side.inside, side.rule.as_str()), (*inside, *rule), "{text:?} {address}");
    }
}

/// 192.0.2.0/24 and 203.0.113.0/24, the last one narrower inside, IPv6, and lines that must not win.
const PLACES: &str = r#""3221225984","3221226239","AA","A-land","A-state","A-town","1.5","-2.5","Owner A","a.example"
"3405803776","3405804031","BB","B, land","-","-","91","NaN","-","-"
"3405803777","3405803777","CC","C-land","","C-town","","","Owner C","-"
"0","16777215","ZZ","Nowhere","-","-","0","0","-","-"
"42540766411282592856903984951653826560","42540766411282592856903984951653892095","DD","D-land","-","-","3","4","-","-"
"281471983567616","281471983567871","EE","E-land","-","-","5","6","-","-"
9.9.9.0,9.9.9.255,FF,F-land,-,-,7,8,-,-
"134744064","134744319","-","-","-","-","0.000000","0.000000","-","-"
"167772160","184549375","GG","Private","-","-","1","1","-","-"
"x","16777215","HH","broken"
"5","4","HH","backwards"
"#;

/// Address, then `country|city|latitude|longitude|owner`; empty: no place.
const AT: &[(&str, &str)] = &[
    ("192.0.2.44", "A-land|A-town|Some(1.5)|Some(-2.5)|Owner A"),
    // V3: between two ranges is nowhere; private is nowhere, whatever the file says.
    ("198.51.100.7", ""),
    ("10.0.0.5", ""),
    ("203.0.113.9", "B, land||None|None|"),
    ("203.0.113.1", "C-land|C-town|None|None|Owner C"),
    ("2001:db8::1", "D-land||Some(3.0)|Some(4.0)|"),
    ("77.152.67.9", "E-land||Some(5.0)|Some(6.0)|"),
    ("9.9.9.9", "F-land||Some(7.0)|Some(8.0)|"),
    ("8.8.8.8", ""),
    ("0.0.0.1", ""),
    ("127.0.0.1", ""),
    ("255.255.255.255", ""),
    ("not-an-ip", ""),
];

#[test]
fn v3_a_place_only_where_the_range_holds_the_address() {
    let places = Places::parse("iploc.csv", PLACES);
    let show = |place: Place| {
        format!(
            "{}|{}|{:?}|{:?}|{}",
            place.country, place.city, place.latitude, place.longitude, place.owner
        )
    };
    for (address, expected) in AT {
        let found = places.place_of(&Address::new(address)).map(show).unwrap_or_default();
        assert_eq!(&found, expected, "{address}");
    }
    assert_eq!(
        places.notes(),
        [
            "iploc.csv line 10: `x`, `16777215` are not the two ends of a range; skipped",
            "iploc.csv line 11: `5`, `4` are not the two ends of a range; skipped",
        ]
    );
    assert!(Places::default().place_of(&Address::new("192.0.2.44")).is_none());
}

#[test]
fn v3_exactly_as_it_is_written() {
    let text = "3221225984,3221226239,AA,A-land,,A-town,1,2,A,\n3405803776,3405804031,BB,B-land,,,3,4,B,\n";
    let network = Network::parse(None, None, Some(("iploc.csv", text)));
    let at = |address: &str| network.place_of(&Address::new(address));
    assert_eq!(at("198.51.100.7"), None);
    assert_eq!(at("10.0.0.5"), None);
    // N-6: below the first range, N-7: IPv6, and what both ranges do hold.
    assert_eq!(at("1.1.1.1"), None);
    assert_eq!(at("2001:db8::1"), None);
    assert_eq!(at("192.0.2.255").map(|place| place.owner).as_deref(), Some("A"));
    assert_eq!(at("203.0.113.0").map(|place| place.owner).as_deref(), Some("B"));
    // N-8: city, country and owner are told apart.
    let place = at("192.0.2.0").expect("a place");
    assert_eq!([place.city, place.country, place.owner], ["A-town", "A-land", "A"]);
}

#[test]
fn n1_a_peer_named_by_its_exact_address_is_a_peer_like_others() {
    // Outbound only and named exactly: Spot's save failed on it. Two columns are enough.
    let network = Network::parse(None, Some(("context.csv", "203.0.113.9,DMZ.partner\n")), None);
    let rows = "09:00 0 10.0.0.5 50001 203.0.113.9 443 TCP - 1 60\n";
    let frame = crate::given::frame(&crate::given::parse(rows).expect("rows")).expect("frame");
    let found = crate::given::search(&frame, "10.0.0.5", &network).expect("finding");
    let name = found.peers[0].context.clone().expect("a name");
    assert_eq!((name.name.as_str(), name.class()), ("DMZ.partner", "DMZ"));
    assert_eq!(
        spot_analysis::spot_json::stats(&found)["children"][1],
        serde_json::json!({
            "name": "Outbound Only", "size": 1, "children": [{ "name": "DMZ", "size": 1 }]
        })
    );
    // By an edited table the class is another; what fits no line is Unknown, never DMZ.
    for (classes, class) in [("partner,Partner\ndmz,Edge", "Edge"), ("vpn,VPN", "Unknown")] {
        let network = network.clone().with_classes("classes.csv", classes);
        let found = crate::given::search(&frame, "10.0.0.5", &network).expect("finding");
        let stats = spot_analysis::spot_json::stats(&found);
        assert_eq!(stats["children"][1]["children"][0]["name"], class);
    }
}

#[test]
fn files_of_garbage_are_notes_and_no_more() {
    let mut lcg = crate::given::Lcg(3);
    for _ in 0..200 {
        let text: String = (0..lcg.below(300))
            .map(|_| {
                ["\"", ",", "\n", "-", "/", ".", ":", "1", "255", "x", "é", "\r", "#", "f", "0"]
                    [lcg.below(15) as usize]
            })
            .collect();
        let network = Network::parse(Some(("a", &text)), Some(("b", &text)), Some(("c", &text)));
        for address in ["1.1.1.1", "::f", "x", ""] {
            let address = Address::new(address);
            assert_eq!(network.context_of(&address), network.context_of(&address));
            assert_eq!(network.place_of(&address), network.place_of(&address));
            assert!(!network.inside(&address).rule.is_empty());
        }
        let network = network.with_classes("d", &text).with_indicators("e", &text);
        let network = network.with_database("f", text.clone().into_bytes());
        assert_eq!(network.flags_of(&Address::new("1.1.1.1")).is_empty(), {
            network.flags_of(&Address::new("::ffff:1.1.1.1")).is_empty()
        });
        // At most eleven of each of five files, four of overlaps, one database.
        assert!(network.notes().len() <= 60);
    }
}
