//! A process that dies at any step of a save leaves the old or the new; writers never lose each
//! other's work.

mod common;

use std::collections::BTreeSet;

use common::{
    bench, bench_with_out, comments, dies_at, dns, dying_store, plain, save, settings, tree,
};
use spot_analysis::model::Address;
use spot_store::{DnsWorkbench, Embedded, Workbench};

const SAVE_AND_DIE: &str = "save_and_die";
const SAVE_DNS_AND_DIE: &str = "save_dns_and_die";

/// Not a test by itself: saves, and dies before the step that DIE_AT names.
#[test]
#[ignore = "run by the tests below, in a process of its own"]
fn save_and_die() {
    let Some((data, store)) = dying_store() else { return };
    let bench = Workbench::with_store(settings(&data), store).expect("workbench");
    save(&bench, "10.0.0.5", "New", "new");
}

/// As above, for DNS.
#[test]
#[ignore = "run by the last test, in a process of its own"]
fn save_dns_and_die() {
    let Some((data, store)) = dying_store() else { return };
    let bench = DnsWorkbench::with_store(settings(&data), store).expect("workbench");
    dns::save(&bench, &dns::client("10.0.0.5"), "New", "new");
}

/// Runs a save that dies at each step in turn, over a folder that `prepare` filled.
fn at_every_step(prepare: impl Fn(&Workbench), old: &[(&str, &str)], new: &[(&str, &str)]) {
    let mut seen = BTreeSet::new();
    // What an undisturbed save of the same leaves.
    let whole = plain();
    prepare(&bench(whole.path()));
    let before = tree(whole.path());
    save(&bench(whole.path()), "10.0.0.5", "New", "new");
    let after: Vec<_> = tree(whole.path()).into_iter().map(|(path, _)| path).collect();

    for step in 0.. {
        let root = plain();
        prepare(&bench(root.path()));
        if !dies_at(SAVE_AND_DIE, root.path(), step) {
            break;
        }
        // Opening finishes what was committed.
        let stories = {
            let reader = Embedded::open(root.path(), None).expect("store");
            let day = chrono::NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
            spot_store::Store::comments(&reader, day).expect("comments")
        };
        let stories: Vec<_> =
            stories.iter().map(|s| (s.anchor.as_str(), s.title.as_str())).collect();
        assert!(stories == old || stories == new, "step {step}: {stories:?}");
        let is_new = stories == new;
        seen.insert(is_new);
        // All files of the save are there, or none.
        let files: Vec<_> = tree(root.path()).into_iter().map(|(path, _)| path).collect();
        let expected: Vec<_> = match is_new {
            true => after.clone(),
            false => before.iter().map(|(path, _)| path.clone()).collect(),
        };
        assert_eq!(files, expected, "step {step}");
        // The next save is as if nothing had happened.
        save(&bench(root.path()), "10.0.0.5", "Next", "next");
        assert_eq!(comments(&bench(root.path())).len(), new.len(), "step {step}");
        assert!(!root.path().join(".spot-journal.json").exists());
        assert!(step < 100, "the save never ends");
    }
    assert_eq!(seen.len(), 2, "some steps leave the old, some the new");
}

#[test]
fn a_first_save_is_all_or_nothing() {
    at_every_step(|_| {}, &[], &[("10.0.0.5", "New")]);
}

#[test]
fn a_replacing_save_is_all_or_nothing_and_others_stay() {
    let prepare = |bench: &Workbench| {
        save(bench, "10.0.0.5", "Old", "old");
        save(bench, "192.0.2.44", "Other", "other");
    };
    let other = ("192.0.2.44", "Other");
    at_every_step(prepare, &[("10.0.0.5", "Old"), other], &[("10.0.0.5", "New"), other]);
}

#[test]
fn a_reader_that_may_not_write_reads_through_the_journal() {
    let day = chrono::NaiveDate::from_ymd_opt(2016, 7, 8).expect("day");
    let mut titles = BTreeSet::new();
    for step in 0.. {
        let root = plain();
        save(&bench(root.path()), "10.0.0.5", "Old", "old");
        // Opened before the crash, so that opening repairs nothing.
        let reader = Embedded::open(root.path(), None).expect("store");
        if !dies_at(SAVE_AND_DIE, root.path(), step) {
            break;
        }
        let journal = root.path().join(".spot-journal.json").exists();
        let stories = spot_store::Store::comments(&reader, day).expect("comments");
        assert_eq!(stories.len(), 1, "step {step}");
        titles.insert((journal, stories[0].title.clone()));
    }
    assert_eq!(titles, BTreeSet::from([(false, "Old".to_owned()), (true, "New".to_owned())]));
}

#[test]
fn two_writers_never_lose_each_others_work() {
    let root = plain();
    let (anchors, tries) = (["10.0.0.5", "203.0.113.9", "198.51.100.7"], 20);
    std::thread::scope(|scope| {
        for anchor in anchors {
            let data = root.path();
            scope.spawn(move || {
                // A workbench each, as two notebooks have.
                let bench = bench(data);
                for number in 0..tries {
                    save(&bench, anchor, &format!("{anchor} {number}"), "text");
                    let mine = bench.story(&Address::new(anchor)).expect("read").expect("there");
                    assert_eq!(mine.title, format!("{anchor} {number}"));
                }
            });
        }
    });
    let titles: Vec<_> = comments(&bench(root.path())).into_iter().map(|c| c.1).collect();
    assert_eq!(titles, ["10.0.0.5 19", "198.51.100.7 19", "203.0.113.9 19"]);
}

#[test]
fn writers_in_different_processes_wait_for_each_other() {
    let (data, out) = (plain(), tempfile::tempdir().expect("folder"));
    let bench = bench_with_out(data.path(), out.path());
    let children: Vec<_> = (0..4)
        .map(|_| {
            std::process::Command::new(std::env::current_exe().expect("this test"))
                .args(["save_and_die", "--exact", "--ignored"])
                .env("CRASH_DATA", data.path())
                .env("DIE_AT", usize::MAX.to_string())
                .spawn()
                .expect("process")
        })
        .collect();
    for number in 0..10 {
        save(&bench, "203.0.113.9", &number.to_string(), "text");
    }
    for mut child in children {
        assert!(child.wait().expect("ended").success());
    }
    let titles: Vec<_> = comments(&bench).into_iter().map(|c| (c.0, c.1)).collect();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(titles, [pair("10.0.0.5", "New"), pair("203.0.113.9", "9")]);
}

/// DNS: table rows, list and story are the old or the new together.
#[test]
fn a_crash_leaves_all_of_a_dns_story_old_or_new() {
    let mut seen = BTreeSet::new();
    for step in 0.. {
        let root = dns::folder(dns::PLAIN);
        dns::save(&dns::bench(root.path()), &dns::client("10.0.0.5"), "Old", "old");
        dns::save(&dns::bench(root.path()), &dns::query("evil.com"), "Other", "stays");
        let rows = dns::dendro(root.path());
        let died = dies_at(SAVE_DNS_AND_DIE, root.path(), step);
        // Opening finishes what was committed.
        let told = dns::stories(&dns::bench(root.path()));
        let list = root.path().join("dns/oa/storyboard/2016/7/8/threats.csv");
        let list = std::fs::read_to_string(list).expect("list");
        assert_eq!(told.len(), 2);
        assert_eq!(told[1].1, "Other");
        assert!(list.contains(&format!("10.0.0.5,client,{}", told[0].1)), "step {step}: {list}");
        assert_eq!(dns::dendro(root.path()), rows);
        seen.insert(told[0].1.clone());
        if !died {
            break;
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["New", "Old"]);
}
