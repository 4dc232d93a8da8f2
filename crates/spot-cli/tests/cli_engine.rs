//! The store of a Spark server beside the folder and the server of `spot serve`: the same questions, the
//! same answers. The Spark server is a real one, started and ended here; `cargo xtask test --engine` says
//! where it is, and without that these tests say that they skip.

mod common;

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use common::empty;
use common::stores::{Served, folder, hostile, same_dns, same_flows};
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::cancel::{self, Token};
use spot_store::settings::given;
use spot_store::{
    DnsFilter, DnsWorkbench, FlowFilter, Rating, Score, Settings, StoreError, Workbench,
};

/// How long a server may take to begin.
const PATIENCE: Duration = Duration::from_secs(180);

/// A Spark Connect server; ends with this.
struct Engine {
    child: Child,
    port: u16,
    driver: String,
    folder: PathBuf,
}

/// The one that tests share while any of them runs.
static SHARED: Mutex<Weak<Engine>> = Mutex::new(Weak::new());

impl Engine {
    /// The server that others use already, or a new one; `None` where there is no Spark.
    fn shared() -> Option<Arc<Self>> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = shared.upgrade() {
            return Some(engine);
        }
        let engine = Arc::new(Self::start(&[])?);
        *shared = Arc::downgrade(&engine);
        Some(engine)
    }

    fn start(more: &[&str]) -> Option<Self> {
        let (Ok(home), Ok(driver)) =
            (std::env::var("ENGINE_SPARK"), std::env::var("ENGINE_DRIVER"))
        else {
            eprintln!("skipped: `cargo xtask test --engine` installs Spark and names it");
            return None;
        };
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
        let folder = empty(&format!("engine-{port}"));
        std::fs::create_dir_all(&folder).expect("folder");
        let mut command = Command::new("bash");
        command
            .arg(Path::new(&home).join("bin/spark-submit"))
            .args(["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"])
            .args([
                "--name",
                "Spark Connect server",
                "--master",
                "local[2]",
                "--driver-memory",
                "1g",
            ]);
        let warehouse = format!("spark.sql.warehouse.dir={}", folder.join("warehouse").display());
        let port_is = format!("spark.connect.grpc.binding.port={port}");
        for conf in [
            "spark.ui.enabled=false",
            "spark.connect.grpc.binding.address=127.0.0.1",
            "spark.sql.shuffle.partitions=2",
            "spark.sql.session.timeZone=UTC",
            "spark.sql.catalogImplementation=in-memory",
            &warehouse,
            &port_is,
        ]
        .iter()
        .chain(more)
        {
            command.args(["--conf", conf]);
        }
        let log = std::fs::File::create(folder.join("log")).expect("log");
        let child = command
            .env("SPARK_HOME", &home)
            .env("SPARK_LOCAL_IP", "127.0.0.1")
            .env("SPARK_NO_DAEMONIZE", "1")
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("log"))
            .stderr(log)
            // What it starts ends with it.
            .process_group(0)
            .spawn()
            .expect("bash");
        let mut engine = Self { child, port, driver, folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = engine.child.try_wait().expect("a child");
            assert!(
                ended.is_none() && began.elapsed() < PATIENCE,
                "Spark did not begin: {}",
                engine.log()
            );
            std::thread::sleep(Duration::from_millis(200));
        }
        Some(engine)
    }

    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        log.lines()
            .rev()
            .take(40)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect::<Vec<_>>()
            .join("\n")
    }

    fn settings(&self, data: &Path, more: &[(&str, &str)]) -> Settings {
        let url = format!("sc://127.0.0.1:{}", self.port);
        let data = data.canonicalize().expect("a folder");
        let own = [
            ("SPOT_DATA", url.as_str()),
            ("SPOT_SPARK_FOLDER", data.to_str().expect("UTF-8")),
            ("SPOT_ADBC_DRIVER", &self.driver),
        ];
        // The later of two counts.
        let cell = given(own.into_iter().chain(more.iter().copied()));
        Settings::resolve(&cell, &given::<String, String>([]), None).expect("settings")
    }

    fn flow(&self, data: &Path, more: &[(&str, &str)]) -> Workbench {
        Workbench::open(self.settings(data, more)).expect("flows of Spark")
    }

    fn dns(&self, data: &Path, more: &[(&str, &str)]) -> DnsWorkbench {
        DnsWorkbench::open(self.settings(data, more)).expect("DNS of Spark")
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The process became the server's own: `exec` all the way.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn text(error: Result<impl Sized, StoreError>) -> String {
    error.err().expect("an error").to_string()
}

#[test]
fn engine_answers_for_captures_as_the_folder_does() {
    let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/captures");
    let Ok(sets) = std::fs::read_dir(&captures) else {
        eprintln!("skipped: {} is not there", captures.display());
        return;
    };
    let Some(engine) = Engine::shared() else { return };
    let context = captures.join("context");
    let context = [("SPOT_CONTEXT", context.to_str().expect("UTF-8"))];
    let long = std::env::var_os("LONG_TESTS").is_some();
    let mut seen = (0, 0);
    for set in sets.map(|set| set.expect("entry").path()) {
        let (has_flow, has_dns) = (set.join("flow").is_dir(), set.join("dns").is_dir());
        if has_flow {
            let ours = Workbench::open(folder(&set, &context)).expect("folder");
            let theirs = engine.flow(&set, &context);
            assert_eq!(ours.days().expect("folder"), theirs.days().expect("Spark"));
            for info in ours.days().expect("days") {
                let day = info.day.to_string();
                let on = |bench: &Workbench| bench.on_day(&day).expect("day");
                seen.0 += same_flows(&on(&ours), &on(&theirs), if long { 1 } else { 150 });
            }
        }
        if has_dns {
            let ours = DnsWorkbench::open(folder(&set, &context)).expect("folder");
            let theirs = engine.dns(&set, &context);
            assert_eq!(ours.days().expect("folder"), theirs.days().expect("Spark"));
            for info in ours.days().expect("days") {
                let day = info.day.to_string();
                let on = |bench: &DnsWorkbench| bench.on_day(&day).expect("day");
                seen.1 += same_dns(&on(&ours), &on(&theirs), if long { 1 } else { 400 });
            }
        }
    }
    assert!(seen.0 > 500 && seen.1 > 1000, "{seen:?}");
}

#[test]
fn engine_answers_for_hostile_data_as_the_folder_does() {
    let Some(engine) = Engine::shared() else { return };
    let data = hostile("engine-hostile");
    let ours = Workbench::open(folder(&data, &[])).expect("folder");
    let own_context = data.join("context");
    let context = [("SPOT_CONTEXT", own_context.to_str().expect("UTF-8"))];
    assert_eq!(same_flows(&ours, &engine.flow(&data, &context), 1), 3);
    let ours = DnsWorkbench::open(folder(&data, &[])).expect("folder");
    assert_eq!(same_dns(&ours, &engine.dns(&data, &context), 1), 5);
    let named = |bench: &Workbench| {
        let store = bench.store();
        [spot_store::Pipeline::Flow, spot_store::Pipeline::Dns]
            .map(|pipeline| store.named(pipeline, bench.day()).expect("names"))
    };
    let ours = Workbench::open(folder(&data, &[])).expect("folder");
    assert_eq!(named(&ours), named(&engine.flow(&data, &context)));
}

/// What an analyst does in a day, on any store: what is there after each deed.
fn a_day(flow: &Workbench, dns: &DnsWorkbench) -> Vec<String> {
    let mut seen = Vec::new();
    let mut note = |what: &str| {
        let flows = flow.stories().expect("stories");
        let names = dns.stories().expect("stories");
        let suspects = (flow.suspects().expect("suspects"), dns.suspects().expect("suspects"));
        seen.push(format!("{what}: {flows:?} {names:?} {suspects:?}"));
    };
    note("before");
    let texts = [
        ("O'Brien's \"C2\"; DROP", "one\ntwo\r\n\u{1f980} <script>alert(1)</script> \\n ? %s"),
        ("=cmd|' /C calc'!A0", "'); DELETE FROM flow_storyboard; --"),
        ("=cmd|' /C calc'!A0", "'); DELETE FROM flow_storyboard; --"),
    ];
    for (title, text) in texts {
        for anchor in ["2001:db8::5", "203.0.113.9"].map(Address::new) {
            let found = flow.investigate(&anchor).expect("finding");
            let saved = flow.save(&found, title, text).expect("saved");
            note(&format!("{anchor} {}", saved.revision));
        }
        for anchor in
            [Anchor::Query(Name::new("A.evil.com.")), Anchor::Client(Address::new("10.0.0.5"))]
        {
            let found = dns.investigate(&anchor, &Scope::Exact).expect("finding");
            let saved = dns.save(&found, title, text).expect("saved");
            note(&format!("{anchor} {}", saved.revision));
        }
    }
    let of = FlowFilter { src: Some(Address::new("10.0.0.5")), ..FlowFilter::default() };
    for rating in [Rating::Low, Rating::High] {
        let rows = flow.score(&[Score::new(of.clone(), rating).because("it's")], Some("ada"));
        note(&format!("{rating:?} {:?}", rows.expect("scored")));
    }
    let of = DnsFilter { client: None, name: Some(Name::new("a.evil.com")) };
    let rows = dns.score(&[Score::new(of, Rating::Medium)], None).expect("scored");
    note(&format!("{rows:?}"));
    flow.reset_scores().expect("reset");
    note("reset of flows");
    dns.reset_scores().expect("reset");
    note("reset of DNS");
    let found = flow.investigate(&Address::new("203.0.113.9")).expect("finding");
    note(&format!("again {}", flow.save(&found, "t", "x").expect("saved").revision));
    seen
}

#[test]
fn engine_keeps_what_is_written_as_the_folder_does() {
    let Some(engine) = Engine::shared() else { return };
    let (one, other) = (hostile("engine-day-folder"), hostile("engine-day-spark"));
    let ours = a_day(
        &Workbench::open(folder(&one, &[])).expect("folder"),
        &DnsWorkbench::open(folder(&one, &[])).expect("folder"),
    );
    let context = other.join("context");
    let context = [("SPOT_CONTEXT", context.to_str().expect("UTF-8"))];
    let theirs = a_day(&engine.flow(&other, &context), &engine.dns(&other, &context));
    for (ours, theirs) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs);
    }
    let served = hostile("engine-day-served");
    let served = Served::start(&served, &[]);
    let third =
        a_day(&served.flow(&[]), &DnsWorkbench::open(served.settings(&[])).expect("server"));
    assert_eq!(ours, third);
    // Who comes later sees it, too.
    let again = engine.flow(&other, &context).stories().expect("stories");
    assert_eq!(again.len(), 1);
}

#[test]
fn engine_compacts_a_day_and_it_reads_the_same() {
    let Some(engine) = Engine::shared() else { return };
    let data = hostile("engine-compact");
    let out = empty("engine-compact-out");
    let out = [("SPOT_OUT", out.to_str().expect("UTF-8"))];
    let (flow, dns) = (engine.flow(&data, &out), engine.dns(&data, &out));
    a_day(&flow, &dns);
    let anchors = ["2001:db8::5", "203.0.113.9"].map(Address::new);
    let save = |title: &str| {
        for anchor in &anchors {
            let found = flow.investigate(anchor).expect("finding");
            flow.save(&found, title, "x").expect("saved");
        }
        let of = FlowFilter { src: Some(anchors[0].clone()), ..FlowFilter::default() };
        flow.score(&[Score::new(of, Rating::High)], None).expect("scored");
    };
    save("one");
    save("two");
    let told = || {
        let threats = flow.store().threats(spot_store::Pipeline::Flow, flow.day()).expect("list");
        (flow.stories().expect("stories"), dns.stories().expect("stories"), format!("{threats}"))
    };
    let before = told();
    let settings = engine.settings(&data, &out);
    let spot_store::settings::Data::Spark(spark) = &settings.data else { panic!("Spark") };
    let store = spot_store::SparkStore::open(spark).expect("Spark");
    for (pipeline, day) in
        [(spot_store::Pipeline::Flow, flow.day()), (spot_store::Pipeline::Dns, dns.day())]
    {
        let done = store.compact(pipeline, day).expect("compacted");
        assert!(done.before > 6 && done.after == 3, "{done:?}");
        assert_eq!(told(), before);
        let again = store.compact(pipeline, day).expect("compacted");
        assert_eq!((again.before, again.after), (3, 3));
    }
    // The number of a story goes on.
    let found = flow.investigate(&anchors[0]).expect("finding");
    assert_eq!(flow.save(&found, "two", "x").expect("saved").revision, 4);
    assert_eq!(flow.save(&found, "three", "x").expect("saved").revision, 5);
}

#[test]
fn two_writers_lose_nothing() {
    let Some(engine) = Engine::shared() else { return };
    let data = hostile("engine-writers");
    let tries = if std::env::var_os("LONG_TESTS").is_some() { 100 } else { 8 };
    let benches = ["2001:db8::5", "203.0.113.9"]
        .map(|anchor| (Address::new(anchor), engine.flow(&data, &[])));
    for number in 0..tries {
        std::thread::scope(|scope| {
            for (anchor, bench) in &benches {
                scope.spawn(move || {
                    let found = bench.investigate(anchor).expect("finding");
                    let saved = bench.save(&found, &format!("try {number}"), "x").expect("saved");
                    assert_eq!(saved.revision, number + 1);
                });
            }
        });
        let stories = benches[0].1.stories().expect("stories");
        let titles: Vec<_> = stories.iter().map(|story| story.title.as_str()).collect();
        assert_eq!(titles, [format!("try {number}"), format!("try {number}")]);
    }
}

#[test]
fn what_goes_wrong_with_an_engine_is_said() {
    let Some(engine) = Engine::shared() else { return };
    let data = hostile("engine-wrong");
    let open = |more: &[(&str, &str)]| Workbench::open(engine.settings(&data, more));
    let error = text(open(&[("SPOT_ADBC_DRIVER", "/nowhere/driver.so")]));
    assert!(error.contains("/nowhere/driver.so") && error.contains("pip install"), "{error}");
    let error = text(open(&[("SPOT_ADBC_DRIVER", "")]));
    assert!(error.contains("SPOT_ADBC_DRIVER"), "{error}");
    let error = text(open(&[("SPOT_SPARK_FOLDER", "/nowhere")]));
    assert!(error.contains("/nowhere") && error.contains("SPOT_SPARK_FOLDER"), "{error}");
    let error = text(open(&[("SPOT_DATA", "sc://127.0.0.1:1")]));
    assert!(error.contains("cannot be reached") && error.contains("127.0.0.1:1"), "{error}");
    let few = open(&[("SPOT_SPARK_ROWS", "2")]).expect("opens");
    let error = text(few.investigate(&Address::new("203.0.113.9")));
    assert!(error.contains("more than 2 rows") && error.contains("SPOT_SPARK_ROWS"), "{error}");

    // Who cancels waits no longer, and the next question is answered.
    let bench = open(&[]).expect("opens");
    let token = Token::default();
    let other = token.clone();
    let canceller = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(60));
        other.cancel();
    });
    let error = text(cancel::with(&token, || {
        loop {
            bench.investigate(&Address::new("203.0.113.9"))?;
        }
        #[allow(unreachable_code)]
        Ok::<(), StoreError>(())
    }));
    assert!(error.starts_with("cancelled"), "{error}");
    canceller.join().expect("a thread");
    assert_eq!(
        bench.investigate(&Address::new("203.0.113.9")).expect("finding").facts.connections,
        3
    );

    // A server that wants a token, and one that ends.
    let secret =
        Engine::start(&["spark.connect.authenticate.token=secret"]).expect("a second server");
    for wrong in ["", "wrong"] {
        let error = text(Workbench::open(secret.settings(&data, &[("SPOT_TOKEN", wrong)])));
        assert!(error.contains("does not let us in") && error.contains("SPOT_TOKEN"), "{error}");
        assert!(!error.contains("wrong"), "{error}");
    }
    let bench = secret.flow(&data, &[("SPOT_TOKEN", "secret")]);
    drop(secret);
    let error = text(bench.investigate(&Address::new("203.0.113.9")));
    assert!(error.contains("cannot be reached"), "{error}");
}
