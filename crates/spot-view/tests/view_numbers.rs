//! Frames as tables, and numbers as people read them.

mod days;
mod reading;

use chrono::NaiveDateTime;
use polars::prelude::{DataType, IntoColumn, NamedFrom, Series, TimeUnit, df};
use reading::{assert_survives, decoded, read, words};
use spot_view::{format, tables, text};

#[test]
fn a_frame_is_shown_in_the_order_asked_for() {
    let times =
        Series::new("treceived".into(), [1_655_164_800_000_000_i64, 1_655_164_861_000_000, 0])
            .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
            .expect("a time");
    let mut frame = df!(
        "sip" => [Some("10.0.0.5"), Some("<b>x</b>"), None],
        "ibyt" => [Some(3_000_000_000_i64), None, Some(-7)],
        "dport" => [53_341_i64, 443, 80],
        "avg" => [12.5, f64::NAN, 1_234.0],
    )
    .expect("a frame");
    frame.with_column(times.into_column()).expect("a column");
    let html = tables::frame(&frame, &["dport", "sip", "ibyt", "avg", "treceived"], 2)
        .expect("known columns");
    assert_survives(html.as_str());
    let tags = read(html.as_str()).expect("well formed");
    let cells = |name: &str| -> Vec<String> {
        tags.iter().filter(|t| t.name == name).map(|t| decoded(&t.text)).collect()
    };
    assert_eq!(cells("th"), ["dport", "sip", "ibyt", "avg", "treceived"]);
    assert_eq!(
        cells("td"),
        [
            "53341",
            "10.0.0.5",
            "3,000,000,000",
            "12.5",
            "2022-06-14 00:00:00", //
            "443",
            "<b>x</b>",
            "–",
            "NaN",
            "2022-06-14 00:01:01",
        ]
    );
    assert!(words(html.as_str()).contains("2 of 3 rows"));
    let right: Vec<bool> = tags
        .iter()
        .filter(|t| t.name == "th")
        .map(|t| t.attribute("style").contains("right"))
        .collect();
    assert_eq!(right, [true, false, true, true, false]);

    let told = text::frame(&frame, &["dport", "sip", "ibyt"], 2).expect("known columns");
    assert_eq!(
        told,
        "  dport  sip                ibyt\n  53341  10.0.0.5  3,000,000,000\n    443  <b>x</b>              –\n2 of 3 rows\n"
    );
    assert!(text::frame(&frame, &["none"], 2).is_err());

    let error = tables::frame(&frame, &["sip", "srcIP<"], 2).expect_err("unknown");
    assert_eq!(error.name, "srcIP<");
    assert_survives(error.markup().as_str());
    let told = words(error.markup().as_str());
    assert!(
        told.contains("no column \"srcIP<\"") && told.contains("sip, ibyt, dport, avg, treceived"),
        "{told}"
    );
    let none = tables::frame(&frame.head(Some(0)), &["sip"], 2).expect("known columns");
    assert!(words(none.as_str()).contains("No rows."));
}

#[test]
fn numbers_read_well() {
    let bytes = [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (44_949, "44.9 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (3_000_000_000, "3.0 GB"),
        (u64::MAX, "18.4 EB"),
    ];
    for (n, expected) in bytes {
        assert_eq!(format::bytes(n), expected);
    }
    for (n, expected) in
        [(0, "0"), (999, "999"), (1_000, "1,000"), (u64::MAX, "18,446,744,073,709,551,615")]
    {
        assert_eq!(format::count(n), expected);
    }
    let ports: [(&[u16], u64, &str); 5] = [
        (&[53341, 2069, 17170], 96, "53341, 2069 +94"),
        (&[443], 1, "443"),
        (&[0], 1, "0"),
        (&[], 0, "–"),
        (&[80, 443], 2, "80, 443"),
    ];
    for (listed, all, expected) in ports {
        assert_eq!(format::ports(listed, all, 2), expected);
    }
    let at = |text: &str| NaiveDateTime::parse_from_str(text, "%F %T").expect("a time");
    assert_eq!(format::time(days::day(), at("2022-06-13 15:20:07")), "15:20");
    assert_eq!(format::time(days::day(), at("2022-06-12 23:59:59")), "06-12 23:59");
    assert_eq!(format::share(1, 1_000), "<1 %");
    assert_eq!(format::share(u64::MAX, u64::MAX), "100 %");
}
