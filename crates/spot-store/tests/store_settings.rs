//! Which of several values counts, and how a spot.conf is read.

use std::fs;

use chrono_tz::Tz;
use spot_analysis::model::Address;
use spot_store::error::Kind;
use spot_store::settings::{Anchors, Vars, given};
use spot_store::{Settings, conf};

fn resolve(cell: &[(&str, &str)], env: &[(&str, &str)]) -> spot_store::Result<Settings> {
    Settings::resolve(&given(cell.iter().copied()), &given(env.iter().copied()), None)
}

fn folder(path: impl Into<std::path::PathBuf>) -> spot_store::settings::Data {
    spot_store::settings::Data::Folder(path.into())
}

#[test]
fn spot_conf_is_read_as_a_shell_would() {
    let cases: [(&str, &[(&str, &str)]); 16] = [
        ("", &[]),
        ("# comment\n\n   # another\nA=1\n", &[("A", "1")]),
        ("A='one two'\nB=\"three four\"", &[("A", "one two"), ("B", "three four")]),
        ("DBENGINE=\"\" # hive, impala or beeline\nC=c#d # e", &[("DBENGINE", ""), ("C", "c#d")]),
        ("export HUSER=/user/spot\r\nB=2\r\n", &[("HUSER", "/user/spot"), ("B", "2")]),
        (
            "A=/a\nB=${A}/b\nC=\"$A-$B\"\nD='${A}'",
            &[("A", "/a"), ("B", "/a/b"), ("C", "/a-/a/b"), ("D", "${A}")],
        ),
        (
            "A=${NONE}/$NEITHER/x\nB=$\nC=$5",
            &[("A", "${NONE}/$NEITHER/x"), ("B", "$"), ("C", "$5")],
        ),
        ("NAME='Größe'\nN2=日本", &[("NAME", "Größe"), ("N2", "日本")]),
        ("\u{feff}A=1", &[("A", "1")]),
        ("A=1\nA=2", &[("A", "2")]),
        ("A=\"two\nlines\"\nB=1", &[("A", "two\nlines"), ("B", "1")]),
        (
            "A=a\\ b\nB=\"\\\"q\\\" \\x\"\nC=long\\\nline",
            &[("A", "a b"), ("B", "\"q\" \\x"), ("C", "longline")],
        ),
        ("A=1; B=2\nif [ -z $A ]; then\nC=3", &[("A", "1"), ("B", "2"), ("C", "3")]),
        ("KEY = value\nA= b", &[("KEY", "value"), ("A", "b")]),
        ("A='never closed\nB=1", &[("A", "never closed\nB=1")]),
        ("A=\nB=it's' fine\n=x\n1A=no", &[("A", ""), ("B", "its")]),
    ];
    for (text, expected) in cases {
        let expected: Vars = given(expected.iter().copied());
        assert_eq!(conf::parse(text), expected, "{text:?}");
    }
}

#[test]
fn a_cell_beats_the_environment_and_that_beats_spot_conf() {
    let home = tempfile::tempdir().expect("folder");
    let file = home.path().join("spot.conf");
    let text =
        "SPOT_DATA=/conf\nSPOT_DATE=2016-01-01\nSPOT_TOP_RESULTS=1\nSPOT_TITLE='from conf'\n";
    fs::write(&file, text).expect("file");
    let conf = ("SPOT_CONF", file.to_str().expect("UTF-8"));
    let env = [conf, ("SPOT_DATE", "20160202"), ("SPOT_TOP_RESULTS", "2"), ("SPOT_TEXT", "")];
    let settings = resolve(&[("SPOT_TOP_RESULTS", "3")], &env).expect("settings");
    assert_eq!(settings.data, folder("/conf"));
    assert_eq!(settings.date.map(|d| d.to_string()).as_deref(), Some("2016-02-02"));
    assert_eq!(settings.top_results, 3);
    assert_eq!((settings.title.as_deref(), settings.text), (Some("from conf"), None));
    // A wrong value that nobody asks for does no harm.
    resolve(&[("SPOT_DATE", "2016-07-08")], &[conf, ("SPOT_DATE", "soon")]).expect("settings");
}

#[test]
fn huser_stands_in_for_the_data_folder_if_it_is_one_here() {
    let home = tempfile::tempdir().expect("folder");
    let file = home.path().join("spot.conf");
    let conf = ("SPOT_CONF", file.to_str().expect("UTF-8"));
    fs::write(&file, format!("HUSER='{}'\n", home.path().display())).expect("file");
    assert_eq!(resolve(&[], &[conf]).expect("settings").data, folder(home.path()));
    assert_eq!(resolve(&[], &[conf, ("SPOT_DATA", "/x")]).expect("settings").data, folder("/x"));
    fs::write(&file, "HUSER='/user/spot-on-hdfs'\n").expect("file");
    assert_eq!(resolve(&[], &[conf]).expect_err("an error").at.as_deref(), Some("SPOT_DATA"));
}

#[test]
fn a_zone_is_a_name_of_the_iana_list_and_utc_else() {
    for (text, expected) in [
        ("", Tz::UTC),
        ("UTC", Tz::UTC),
        ("Europe/Prague", Tz::Europe__Prague),
        (" Asia/Kolkata ", Tz::Asia__Kolkata),
        ("America/New_York", Tz::America__New_York),
    ] {
        let settings = resolve(&[], &[("SPOT_DATA", "/x"), ("SPOT_ZONE", text)]);
        assert_eq!(settings.expect("settings").zone, expected, "{text:?}");
    }
    let env = [("SPOT_DATA", "/x"), ("SPOT_ZONE", "Europe/Prague")];
    let cell = resolve(&[("SPOT_ZONE", "Asia/Kolkata")], &env).expect("settings");
    assert_eq!(cell.zone, Tz::Asia__Kolkata, "a cell beats the environment");
    let home = tempfile::tempdir().expect("folder");
    let file = home.path().join("spot.conf");
    fs::write(&file, "SPOT_ZONE='Europe/Prague'\n").expect("file");
    let conf = ("SPOT_CONF", file.to_str().expect("UTF-8"));
    let settings = resolve(&[], &[("SPOT_DATA", "/x"), conf]).expect("settings");
    assert_eq!(settings.zone, Tz::Europe__Prague, "from spot.conf");
}

#[test]
fn anchors_are_one_several_or_all() {
    for (text, expected) in [
        ("10.0.0.5", Some(Anchors::These(vec![Address::new("10.0.0.5")]))),
        (
            " 10.0.0.5, 2001:DB8::5 ,",
            Some(Anchors::These(vec![Address::new("10.0.0.5"), Address::new("2001:db8::5")])),
        ),
        ("all", Some(Anchors::All)),
        ("ALL", Some(Anchors::All)),
        ("", None),
        (" , ", None),
    ] {
        let settings =
            resolve(&[], &[("SPOT_DATA", "/x"), ("SPOT_ANCHOR", text)]).expect("settings");
        assert_eq!(settings.anchors, expected, "{text:?}");
    }
}

#[test]
fn a_wrong_value_is_named_with_its_variable_and_a_way_out() {
    for (name, value, fix) in [
        ("SPOT_DATE", "8.7.2016", "2016-07-08"),
        ("SPOT_DATE", "20160231", "2016-07-08"),
        ("SPOT_DATE", "2016-7", "20160708"),
        ("SPOT_ANCHOR", "10.0.0.5,host", "10.0.0.5"),
        ("SPOT_ANCHOR", "1", "10.0.0.5"),
        ("SPOT_TOP_RESULTS", "0", "1 to"),
        ("SPOT_TOP_RESULTS", "many", "1 to"),
        ("SPOT_ZONE", "Mars/Phobos", "Europe/Prague"),
        ("SPOT_ZONE", "CEST", "Europe/Prague"),
        ("SPOT_ZONE", "+05:30", "Asia/Kolkata"),
        ("SPOT_CONF", "/no/such/spot.conf", "SPOT_CONF"),
        ("SPOT_DATA", "hdfs://host/x", "local folder"),
        ("SPOT_DATA", "sc://", "sc://HOST"),
        ("SPOT_DATA", "ftp://ann:hush@host/x", "HOST:PORT"),
        ("SPOT_DATA", "", "folder"),
    ] {
        let error = resolve(
            &[(name, value)],
            &[("SPOT_DATA", if name == "SPOT_DATA" { "" } else { "/x" })],
        );
        let error = error.expect_err(value);
        assert_eq!((error.kind, error.at.as_deref()), (Kind::Usage, Some(name)), "{value}");
        if name == "SPOT_ZONE" {
            assert!(error.what.contains(value), "{error}");
        }
        assert!(error.fix.contains(fix) && !error.to_string().contains("hush"), "{error}");
        let lines: Vec<_> = error.to_string().lines().map(str::to_owned).collect();
        assert!(
            lines.len() == 3 && lines[1].contains(name) && lines[2].contains("what to do"),
            "{lines:?}"
        );
    }
}
