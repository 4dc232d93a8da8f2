//! Servers as they should not be, and one that has only what Spot's own had.

mod played;

use std::time::Duration;

use played::{Asked, Played, Reply, play, play_tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use serde_json::{Value, json};
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::settings::given;
use spot_store::{DnsWorkbench, FlowFilter, Pipeline, Rating, Score, Settings, Store, Workbench};

const DAY: &str = "2016-07-08";

fn day() -> chrono::NaiveDate {
    DAY.parse().expect("a day")
}

/// A server of Spot's own kind: it refuses fields that Spot had not, and answers these operations.
fn spots(answers: impl Fn(&Asked) -> Value + Send + 'static) -> Played {
    play(move |_, asked| {
        let query = asked.body["query"].as_str().unwrap_or_default();
        let newer = ["served", "days", "rows", "fingerprint", "scope"];
        if let Some(field) = newer.iter().find(|field| query.contains(**field)) {
            let what = format!("Cannot query field \"{field}\".");
            return Reply::Json(json!({"errors": [{"message": what}]}));
        }
        Reply::Json(json!({"data": answers(asked)}))
    })
}

#[test]
fn a_server_that_is_none_is_said() {
    use Reply::{Half, Json, Nothing, Silence, Status};
    let wrong: [(Reply, &[&str]); 11] = [
        (Status("200 OK", "<html><b>It works!</b></html>"), &["no GraphQL", "It works!"]),
        (Status("404 Not Found", "nothing here"), &["no GraphQL", "404"]),
        (Status("500 Oops", ""), &["empty", "500"]),
        (Status("200 OK", ""), &["empty"]),
        (Status("401 Unauthorized", "{}"), &["does not let us in", "SPOT_TOKEN"]),
        (Status("302 Found", ""), &["302"]),
        (Json(json!([])), &["no GraphQL"]),
        // Not a server of Spot's own: one that cannot answer now.
        (Json(json!({"errors": [{"message": "took too long"}]})), &["took too long"]),
        (Nothing, &["cannot be reached"]),
        (Half, &["cannot be reached"]),
        (Silence(Duration::from_secs(3)), &["within 1 seconds", "SPOT_TIMEOUT"]),
    ];
    for (reply, said) in wrong {
        let server = play(move |_, _| reply.clone());
        let error = server.open_error(&[("SPOT_TIMEOUT", "1")]);
        for words in said {
            assert!(error.contains(words), "{words}: {error}");
        }
        assert!(error.contains(&server.url), "{error}");
    }
}

#[test]
fn nobody_listens() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = play(|_, _| Reply::Nothing);
    let closed = listener.local_addr().expect("address");
    drop(listener);
    let error = server.open_error(&[("SPOT_DATA_UNUSED", "")]);
    assert!(error.contains("cannot be reached"), "{error}");
    let cell = spot_store::settings::given([("SPOT_DATA", format!("http://{closed}/graphql"))]);
    let none = spot_store::settings::given::<String, String>([]);
    let settings = spot_store::Settings::resolve(&cell, &none, None).expect("settings");
    let error = spot_store::open(&settings).err().expect("nobody there").to_string();
    assert!(error.contains("refused") && error.contains("SPOT_DATA"), "{error}");
}

#[test]
fn a_question_is_asked_again_and_a_change_is_not() {
    let server = play(|number, asked| {
        let query = asked.body["query"].as_str().unwrap_or_default();
        match number {
            0 | 1 => Reply::Status("503 Busy", ""),
            _ if query.starts_with("mutation") => Reply::Nothing,
            _ if query.contains("details") => {
                Reply::Json(json!({"data": {"flow": {"threat": {"details": [LINE.clone()]}}}}))
            }
            _ if query.contains("list") => {
                Reply::Json(json!({"data": {"flow": {"threats": {"list": []}}}}))
            }
            _ => Reply::Json(json!({"errors": [{"message": "Cannot query field \"served\""}]})),
        }
    });
    let bench = Workbench::open(server.settings(&[("SPOT_DATE", DAY)])).expect("third time");
    assert_eq!(server.asked().len(), 3);
    let found = bench.investigate(&Address::new("10.0.0.5")).expect("finding");
    let error = bench.save(&found, "t", "x").expect_err("not saved").to_string();
    assert!(error.contains("look whether it was saved"), "{error}");
    let changes = server.asked();
    let changes = changes
        .iter()
        .filter(|asked| asked.body["query"].as_str().unwrap_or_default().starts_with("mutation"));
    assert_eq!(changes.count(), 1);
}

static LINE: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| {
    json!({
        "srcIp": "10.0.0.5", "dstIp": "203.0.113.9", "srcPort": 50002, "dstPort": 443,
        "connections": 3, "maxPkts": 20, "avgPkts": 12, "maxBytes": 3_000_000_000_u64,
        "avgBytes": 1_000_001_833, "firstSeen": "2016-07-08 09:00:00",
        "lastSeen": "2016-07-08 10:00:00",
    })
});

#[test]
fn wrong_lists_are_said() {
    let lists = [
        (json!({"flow": {"threats": {"list": null}}}), "`flow.threats.list` is null"),
        (json!({"flow": {"threats": null}}), "`flow.threats` is null"),
        (json!({"flow": {"threats": {}}}), "`flow.threats.list` is missing"),
        (json!({"flow": {"threats": {"list": [{"dstIp": "1.2.3.4"}]}}}), "no field `srcIp`"),
        (
            json!({"flow": {"threats": {"list": [{
                "srcIp": 7, "dstIp": "", "srcPort": 0, "dstPort": 0, "score": 1
            }]}}}),
            "`srcIp` in an item of `flow.threats.list` is no text",
        ),
    ];
    for (data, said) in lists {
        let server = spots(move |_| data.clone());
        let store = server.open().expect("open");
        let error = store.threats(Pipeline::Flow, day()).expect_err("wrong").to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
}

#[test]
fn who_asks_is_said_and_nothing_else_is() {
    let server = spots(|_| json!({"flow": {"threats": {"list": []}}}));
    let more = [
        ("SPOT_TOKEN", "t0p"),
        ("SPOT_HEADERS", "X-Team: blue; X-Trace: 1"),
        ("SPOT_USER", "unused"),
    ];
    let store = spot_store::open(&server.settings(&more)).expect("open");
    assert_eq!(store.threats(Pipeline::Flow, day()).expect("list").height(), 0);
    let asked = server.asked();
    for one in &asked {
        let headers = one.headers.to_ascii_lowercase();
        for header in
            ["authorization: bearer t0p", "x-team: blue", "x-trace: 1", "accept: application/json"]
        {
            assert!(headers.contains(header), "{header}: {headers}");
        }
    }
    let last = asked.last().expect("asked");
    assert_eq!(last.body["variables"], json!({"date": DAY}));
    let basic = [("SPOT_USER", "ann"), ("SPOT_PASSWORD", "p:w")];
    spot_store::open(&server.settings(&basic)).expect("open");
    let headers = server.asked().last().expect("asked").headers.to_ascii_lowercase();
    assert!(
        headers.contains("authorization: basic yw5uonA6dw==".to_lowercase().as_str()),
        "{headers}"
    );
}

/// What Spot's own server says of a day.
fn a_day(asked: &Asked) -> Value {
    let query = asked.body["query"].as_str().unwrap_or_default();
    let has = |word: &str| query.contains(word);
    if has("score(input") {
        return json!({"flow": {"score": [{"success": true}, {"success": true}]}});
    }
    if has("resetScoredConnections") {
        return json!({"dns": {"resetScoredConnections": {"success": true}}});
    }
    match (has("dns{"), has("createStoryboard"), has("comments"), has("details(")) {
        (false, true, ..) => json!({"flow": {"createStoryboard": {"success": true}}}),
        (true, true, ..) => json!({"dns": {"createStoryboard": {"success": true}}}),
        (false, _, true, _) => json!({"flow": {"threats": {"comments": [
            {"ip": "10.0.0.5", "title": "Beacon", "text": "one\\ntwo"},
            {"ip": "203.0.113.9", "title": null, "text": null},
        ]}}}),
        (true, _, true, _) => json!({"dns": {"threats": {"comments": [
            {"title": "T", "text": "x", "dnsQuery": "a.evil.com"},
            {"title": "C", "text": "y", "clientIp": "10.0.0.5"},
        ]}}}),
        (false, _, _, true) => json!({"flow": {"threat": {"details": [LINE.clone(), {
            "srcIp": "198.51.100.7", "dstIp": "10.0.0.5", "srcPort": 40000, "dstPort": 22,
            "connections": 1, "maxPkts": 3, "avgPkts": 3, "maxBytes": "180", "avgBytes": 180.0,
            "firstSeen": "2016-07-08 09:05:00", "lastSeen": "2016-07-08 09:05:00",
        }]}}}),
        (true, _, _, true) => json!({"dns": {"threat": {"details": [
            {"total": 7, "clientIp": "10.0.0.5", "dnsQuery": "a.evil.com"},
            {"total": 2, "clientIp": "10.0.0.6", "dnsQuery": "a.evil.com"},
        ]}}}),
        (false, ..) => json!({"flow": {"threats": {"list": [
            {"srcIp": "10.0.0.5", "dstIp": "203.0.113.9", "srcPort": 0, "dstPort": 443, "score": 1},
            null,
        ]}}}),
        (true, ..) => json!({"dns": {"threats": {"list": [
            {"dnsScore": 1, "clientIpScore": 0, "clientIp": "10.0.0.5", "dnsQuery": "a.evil.com"},
        ]}}}),
    }
}

#[test]
fn flows_of_spots_own_server_are_partial() {
    let server = spots(a_day);
    let bench = Workbench::open(server.settings(&[("SPOT_DATE", DAY)])).expect("open");
    let suspects = bench.suspects().expect("suspects");
    let suspects: Vec<_> = suspects.iter().map(|s| (s.address.as_str(), s.saved)).collect();
    assert_eq!(suspects, [("10.0.0.5", true), ("203.0.113.9", true)]);
    let anchor = Address::new("10.0.0.5");
    let story = bench.story(&anchor).expect("stories").expect("a story");
    assert_eq!((story.title.as_str(), story.text.as_str()), ("Beacon", "one\ntwo"));

    let found = bench.investigate(&anchor).expect("finding");
    let notes = found.notes.join("\n");
    assert!(found.provenance.partial.is_some(), "{:?}", found.provenance);
    assert!(notes.contains("1 rows have no time of their own"), "{notes}");
    let peers: Vec<_> =
        found.peers.iter().map(|p| (p.address.as_str(), p.connections, p.bytes())).collect();
    assert_eq!(peers, [("203.0.113.9", 3, 3_000_005_499), ("198.51.100.7", 1, 180)]);
    let biggest = &found.peers[0];
    assert_eq!(biggest.max_bytes, 3_000_000_000);
    assert_eq!(biggest.first_seen.to_string(), "2016-07-08 09:00:00");
    assert_eq!(biggest.last_seen.to_string(), "2016-07-08 10:00:00");
    assert!(bench.resolved_to(&[anchor]).expect("nothing to cross").is_empty());

    bench.save(&found, "O'Brien's \"C2\"; DROP", "one\ntwo").expect("saved");
    let asked = server.asked();
    let saved = &asked.last().expect("asked").body;
    let variables = &saved["variables"];
    assert_eq!(variables["title"], "O'Brien's \"C2\"; DROP");
    assert_eq!(variables["text"], "one\\ntwo");
    assert_eq!(variables["threatDetails"][0]["maxBytes"], json!(3_000_000_000_u64));
    assert_eq!(variables["threatDetails"][0]["avgBytes"], json!(1_000_001_833));
    assert!(!saved["query"].as_str().expect("text").contains("O'Brien"));
}

#[test]
fn dns_of_spots_own_server_is_partial() {
    let server = spots(a_day);
    let bench = DnsWorkbench::open(server.settings(&[("SPOT_DATE", DAY)])).expect("open");
    assert_eq!(bench.suspects().expect("suspects").len(), 1);
    let stories = bench.stories().expect("stories");
    assert_eq!(stories.len(), 2);
    let anchor = Anchor::Query(Name::new("a.evil.com"));
    let found = bench.investigate(&anchor, &Scope::Exact).expect("finding");
    assert!(found.provenance.partial.is_some(), "{:?}", found.provenance);
    let rows: Vec<_> = found.rows.iter().map(|r| (r.client.as_str(), r.total)).collect();
    assert_eq!(rows, [("10.0.0.5", 7), ("10.0.0.6", 2)]);
    let error = bench.investigate(&anchor, &Scope::RegisteredDomain).expect_err("not there");
    assert!(error.to_string().contains("one client or one name"), "{error}");
    bench.save(&found, "t", "x").expect("saved");
    let asked = server.asked();
    let variables = &asked.last().expect("asked").body["variables"];
    assert_eq!(variables["threatDetails"].as_array().map(Vec::len), Some(2));
    // Spot sends twenty lines to those who do not say how many.
    let details = asked.iter().find(|asked| asked.body["query"].to_string().contains("details("));
    assert_eq!(details.expect("asked").body["variables"]["first"], json!(i32::MAX));
}

#[test]
fn scores_go_to_spots_own_server_without_what_is_not_given() {
    let server = spots(a_day);
    let bench = Workbench::open(server.settings(&[("SPOT_DATE", DAY)])).expect("open");
    let of = |src: Option<&str>, port| FlowFilter {
        src: src.map(Address::new),
        dst_port: port,
        ..FlowFilter::default()
    };
    let scores = [
        Score::new(of(Some("10.0.0.5"), None), Rating::High),
        Score::new(of(None, Some(443)), Rating::Low),
    ];
    let rows = bench.store().score_flows(day(), &scores, Some("ana")).expect("scored");
    assert_eq!(rows, [None, None]);
    bench.store().reset_scores(Pipeline::Dns, day()).expect("reset");
    // One that answers to one of two has not said what it did with the other.
    let error = bench.store().score_flows(day(), &scores[..1], None).expect_err("two answers");
    assert!(error.to_string().contains("each of 1 scores"), "{error}");
    let asked = server.asked();
    let input = asked.iter().find(|asked| asked.body["query"].to_string().contains("score("));
    assert_eq!(
        input.expect("asked").body["variables"],
        json!({"input": [
            {"date": DAY, "score": 1, "srcIp": "10.0.0.5"},
            {"date": DAY, "score": 3, "dstPort": 443},
        ]})
    );
    // It would leave that part out and score all of the address.
    let zero = [Score::new(of(Some("10.0.0.5"), Some(0)), Rating::High)];
    let before = server.asked().len();
    let error = bench.store().score_flows(day(), &zero, None).expect_err("port 0");
    assert!(error.to_string().contains("port 0"), "{error}");
    assert_eq!(server.asked().len(), before);
}

/// Not a test by itself: its environment names a proxy.
#[test]
#[ignore = "run by the next test, in a process of its own"]
fn asks_through_a_proxy() {
    if std::env::var_os("SPOT_TEST_PROXY").is_none() {
        return;
    }
    let cell = given([("SPOT_DATA", "http://spot.invalid:8889/graphql"), ("SPOT_TOKEN", "t0p")]);
    let settings = Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings");
    let store = spot_store::open(&settings).expect("opens");
    assert!(store.describe().contains("spot.invalid"));
    let own = std::env::var("SPOT_TEST_OWN").expect("a server of this machine");
    let cell = given([("SPOT_DATA", own)]);
    let settings = Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings");
    spot_store::open(&settings).expect("opens");
}

#[test]
fn a_proxy_of_the_environment_stands_between_but_not_to_this_machine() {
    let (server, own) = (spots(a_day), spots(a_day));
    let proxy = server.url.trim_end_matches("/graphql");
    let output = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["asks_through_a_proxy", "--exact", "--ignored", "--nocapture"])
        .env("SPOT_TEST_PROXY", "1")
        .env("SPOT_TEST_OWN", &own.url)
        .env("HTTP_PROXY", proxy)
        .env("http_proxy", proxy)
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .output()
        .expect("process");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = server.asked();
    let first = asked[0].headers.lines().next().expect("a line");
    assert_eq!(first, "POST http://spot.invalid:8889/graphql HTTP/1.1");
    assert_eq!((asked.len(), own.asked().len()), (1, 1), "the second went there directly");
}

/// An authority, and certificates that it signs.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    /// A certificate for `name`, and its key.
    fn signs(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        (params.signed_by(&key, &self.0).expect("a certificate"), key)
    }

    /// How a server of `127.0.0.1` shows itself; whether it wants to see us.
    fn server(&self, wants_us: bool) -> rustls::ServerConfig {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let (certificate, key) = self.signs("127.0.0.1");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let builder = rustls::ServerConfig::builder_with_provider(provider.clone());
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let builder = if wants_us {
            let mut roots = RootCertStore::empty();
            roots.add(self.0.der().clone()).expect("an authority");
            let roots = std::sync::Arc::new(roots);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
            builder.with_client_cert_verifier(verifier.expect("a verifier"))
        } else {
            builder.with_no_client_auth()
        };
        builder.with_single_cert(vec![certificate.der().clone()], key).expect("a server")
    }
}

#[test]
fn certificates_are_checked_and_shown() {
    let files = tempfile::tempdir().expect("temporary folder");
    let file = |name: &str, text: String| {
        let path = files.path().join(name);
        std::fs::write(&path, text).expect("file");
        path.to_str().expect("UTF-8").to_owned()
    };
    let authority = Authority::new();
    let (certificate, key) = authority.signs("analyst");
    let ca = file("ca.pem", authority.0.pem());
    let us = file("us.pem", certificate.pem() + &key.serialize_pem());
    let nobody = |_: usize, _: &Asked| {
        Reply::Json(json!({"errors": [{"message": "Cannot query field \"served\""}]}))
    };

    let server = play_tls(authority.server(false), nobody);
    let error = server.open_error(&[]);
    assert!(error.contains("UnknownIssuer") && error.contains("set SPOT_CA"), "{error}");
    let trusting = server.settings(&[("SPOT_CA", &ca)]);
    assert!(spot_store::open(&trusting).is_ok());
    let stranger = file("stranger.pem", Authority::new().0.pem());
    assert!(server.open_error(&[("SPOT_CA", &stranger)]).contains("certificate"));

    let server = play_tls(authority.server(true), nobody);
    assert!(server.open_error(&[("SPOT_CA", &ca)]).contains("cannot be reached"));
    let known = server.settings(&[("SPOT_CA", &ca), ("SPOT_CLIENT_CERT", &us)]);
    assert!(spot_store::open(&known).is_ok());

    let none = file("none.pem", "no PEM".to_owned());
    for setting in ["SPOT_CA", "SPOT_CLIENT_CERT"] {
        let error = server.open_error(&[(setting, "/nowhere/file.pem")]);
        assert!(error.contains(setting) && error.contains("cannot read"), "{error}");
        let error = server.open_error(&[(setting, &none)]);
        assert!(error.contains(setting) && error.contains("PEM"), "{error}");
    }
}
