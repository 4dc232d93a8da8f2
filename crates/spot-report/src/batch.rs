//! All of a day's suspects, or some, from one pass over the day.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use spot_store::settings::Anchors;
use spot_store::{Bench, Comment, Pipeline, Result, StoreError, cancel, side_by_side};

use crate::folder::{Finished, Folder, report_folder};
use crate::kind::{Line, Reported};

/// Suspects whose rows are in memory at once.
const AT_ONCE: usize = 128;

/// Moves on when a page of the same inputs would say something else; its script and styles do so
/// themselves.
const PAGE: u32 = 2;

/// Suspects in a row that fail for the same reason: the others would, too.
const HOPELESS: usize = 3;

const INDEX: &str = "index.html";

/// Where reports go, and which.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder; the reports are below it by pipeline and day.
    pub out: PathBuf,
    /// Whether pages that are finished are made again.
    pub again: bool,
}

impl Options {
    /// Reports below `out`; finished ones are kept.
    pub fn new(out: impl Into<PathBuf>) -> Self {
        Self { out: out.into(), again: false }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Suspects that are done with.
    pub done: usize,
    /// All suspects.
    pub of: usize,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The day, UTC.
    pub day: NaiveDate,
    /// All that were asked for.
    pub suspects: usize,
    /// Pages that were written.
    pub written: usize,
    /// Pages that were finished before, and are kept.
    pub kept: usize,
    /// What could not be reported, and why.
    pub failed: Vec<(String, String)>,
    /// Rows of the threat list that name nothing that could be searched.
    pub refused: Vec<(String, String)>,
    /// Bytes of the pages that were written.
    pub bytes: u64,
    /// The index; where not all were asked for, the page, of several their folder.
    pub page: PathBuf,
    /// The lines of the index, those with most evidence first, each with its page's file name.
    pub lines: Vec<(Line, String)>,
}

/// A suspect and what its page will be called.
struct Suspect<A> {
    anchor: A,
    stem: String,
    key: String,
}

/// Makes a report for each anchor, and of [`Anchors::All`] the index.
///
/// One that cannot be made is in [`Done::failed`] and in the index; the others are made all the same.
/// Where several in a row cannot be read for the same reason, the rest is not asked for.
/// `progress` is called from several threads.
///
/// # Errors
/// A threat list or storyboard that cannot be read; a day of which nothing could be read now or before; a
/// folder that cannot be written, or into which another run writes.
pub fn run<K: Reported>(
    bench: &Bench<K>,
    anchors: &Anchors<K::Anchor>,
    options: &Options,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<Done> {
    let scored = K::scored(bench)?;
    let mut wanted: Vec<K::Anchor> = match anchors {
        Anchors::All => scored.iter().map(|(anchor, _)| anchor.clone()).collect(),
        Anchors::These(these) => these.clone(),
    };
    let mut seen = HashSet::new();
    wanted.retain(|anchor| seen.insert(K::stem(anchor)));
    let folder = Folder::open(report_folder(&options.out, K::PIPELINE, bench.day()))?;
    // The index is of all suspects: some of them do not take its place.
    let is_all = matches!(anchors, Anchors::All);
    let up = (is_all || folder.file(INDEX).is_file()).then_some(INDEX);

    let stories = bench.stories()?;
    let story = |anchor: &K::Anchor| stories.iter().find(|story| story.anchor == *anchor);
    let all = inputs(bench, up)?;
    let mut refused = Vec::new();
    let mut suspects = Vec::new();
    for anchor in wanted {
        if let Some(why) = K::refused(&anchor) {
            refused.push((anchor.to_string(), why));
            continue;
        }
        let high = scored.iter().find(|(known, _)| *known == anchor).map_or(0, |(_, rows)| *rows);
        let key = all.as_deref().map(|all| key::<K>(all, &anchor, high, story(&anchor)));
        // Nothing has an empty key: what nobody knows to be the same is made again.
        suspects.push(Suspect { stem: K::stem(&anchor), key: key.unwrap_or_default(), anchor });
    }

    let (mut lines, mut todo) = (Vec::new(), Vec::new());
    for suspect in &suspects {
        let finished = folder.finished(&suspect.stem, &suspect.key);
        match finished.filter(|_| !options.again && !suspect.key.is_empty()) {
            Some(finished) => lines.push((finished.line, format!("{}.html", suspect.stem))),
            None => todo.push(suspect),
        }
    }
    let kept = lines.len();
    let (of, done, bytes) = (suspects.len(), AtomicUsize::new(kept), AtomicU64::new(0));
    progress(Progress { done: kept, of });

    let mut failed = Vec::new();
    let mut unread = None;
    let mut rest = todo.as_slice();
    let token = cancel::current();
    while !rest.is_empty() {
        token.check()?;
        let (some, later) = rest.split_at(rest.len().min(AT_ONCE));
        let find = |some: &[&Suspect<K::Anchor>]| {
            let anchors: Vec<K::Anchor> = some.iter().map(|one| one.anchor.clone()).collect();
            K::find(bench, &anchors)
        };
        let Read { some, found, broken, hopeless } = read(some, later, find);
        rest = if hopeless { &[] } else { later };
        for (one, why) in broken {
            failed.push((one.anchor.to_string(), why.to_string()));
            unread.get_or_insert(why);
            progress(Progress { done: 1 + done.fetch_add(1, Ordering::Relaxed), of });
        }
        let write = |(suspect, found): &(&&Suspect<K::Anchor>, &K::Material)| {
            let story = story(&suspect.anchor);
            let line = K::line(found, story);
            let page = token.check().and_then(|()| K::page(bench, found, story, up));
            let written = page.and_then(|page| {
                let size = page.len() as u64;
                bytes.fetch_add(size, Ordering::Relaxed);
                let finished = Finished { key: suspect.key.clone(), size, line: line.clone() };
                folder.finish(&suspect.stem, &page, &finished)
            });
            progress(Progress { done: 1 + done.fetch_add(1, Ordering::Relaxed), of });
            (suspect.anchor.to_string(), line, format!("{}.html", suspect.stem), written)
        };
        let both: Vec<_> = some.iter().zip(&found).collect();
        for (about, line, file, written) in side_by_side(&both, write) {
            match written {
                Ok(()) => lines.push((line, file)),
                Err(why) => failed.push((about, why.to_string())),
            }
        }
    }
    // What was cut off is in no index.
    token.check()?;
    if let Some(why) = unread.filter(|_| lines.is_empty()) {
        return Err(why);
    }
    lines.sort_by(|(a, _), (b, _)| {
        let order = |line: &Line| (u64::MAX - line.score(), u64::MAX - line.high_rows);
        order(a).cmp(&order(b)).then(b.rows.cmp(&a.rows)).then(a.about.cmp(&b.about))
    });
    if is_all {
        let index = index::<K>(bench, &lines, &failed, &refused);
        folder.put(INDEX, index.as_bytes())?;
    }
    let page = match lines.as_slice() {
        _ if is_all => folder.file(INDEX),
        [(_, file)] => folder.file(file),
        _ => folder.path().to_path_buf(),
    };
    Ok(Done {
        day: bench.day(),
        suspects: suspects.len() + refused.len(),
        written: lines.len() - kept,
        kept,
        failed,
        refused,
        bytes: bytes.into_inner(),
        page,
        lines,
    })
}

/// What became of a part of the suspects.
struct Read<A, M, E> {
    /// Those that could be read, and what was found of each.
    some: Vec<A>,
    found: Vec<M>,
    /// Those that could not.
    broken: Vec<(A, E)>,
    /// Whether the suspects after these are among the broken, for nobody could read them either.
    hopeless: bool,
}

/// Reads `some` at once; where that fails, one by one, until [`HOPELESS`] in a row fail for the same
/// reason. What is left of `some` and `later` is broken for that reason then.
fn read<A: Copy, M, E: Clone + PartialEq>(
    some: &[A],
    later: &[A],
    find: impl Fn(&[A]) -> Result<Vec<M>, E>,
) -> Read<A, M, E> {
    if let Ok(found) = find(some) {
        return Read { some: some.to_vec(), found, broken: Vec::new(), hopeless: false };
    }
    let mut read = Read { some: vec![], found: vec![], broken: vec![], hopeless: false };
    let mut alike = 0;
    for (number, one) in some.iter().enumerate() {
        match find(std::slice::from_ref(one)) {
            Ok(found) => {
                read.some.push(*one);
                read.found.extend(found);
                alike = 0;
            }
            Err(why) => {
                let again = alike > 0 && read.broken.last().is_some_and(|(_, last)| *last == why);
                alike = if again { alike + 1 } else { 1 };
                read.broken.push((*one, why.clone()));
                if alike == HOPELESS {
                    let left = some[number + 1..].iter().chain(later);
                    read.broken.extend(left.map(|one| (*one, why.clone())));
                    read.hopeless = true;
                    break;
                }
            }
        }
    }
    read
}

fn index<K: Reported>(
    bench: &Bench<K>,
    lines: &[(Line, String)],
    failed: &[(String, String)],
    refused: &[(String, String)],
) -> String {
    let mut drawn: Vec<_> =
        lines.iter().map(|(line, file)| line.drawn(file.clone(), None)).collect();
    let empty = |about: &String| Line {
        about: about.clone(),
        kind: String::new(),
        high_rows: 0,
        rows: 0,
        peers: 0,
        bytes: None,
        reasons: Vec::new(),
        story: None,
        flags: 0,
    };
    drawn.extend(failed.iter().map(|(about, why)| {
        // Only the fact: where and what to do is for who runs it.
        let why = why.lines().next().unwrap_or_default().to_owned();
        empty(about).drawn(String::new(), Some(why))
    }));
    // Rows that name nothing which could be searched are no suspects without a page.
    let mut notes = bench.network().notes();
    notes.extend(refused.iter().map(|(about, why)| format!("No report about {about}: {why}.")));
    spot_view::report::index(K::PIPELINE.name(), bench.day(), &drawn, &notes)
}

/// What all pages of the day are made of; `None` when that cannot be known without asking for it.
fn inputs<K: Reported>(bench: &Bench<K>, up: Option<&str>) -> Result<Option<String>> {
    let store = bench.store();
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    add(env!("CARGO_PKG_VERSION"));
    add(&PAGE.to_string());
    add(&spot_view::report::look());
    add(&store.describe());
    add(&bench.settings().top_results.to_string());
    add(bench.settings().zone.name());
    add(up.unwrap_or_default());
    for pipeline in [Pipeline::Flow, Pipeline::Dns] {
        add(if store.has(pipeline) { pipeline.name() } else { "" });
        if store.has(pipeline) {
            let Some(stamp) = store.stamp(pipeline, bench.day())? else { return Ok(None) };
            add(&stamp);
        }
    }
    if let Some(dates) = bench.dates() {
        add(&dates.to_string());
        for day in bench.days_in(dates)? {
            add(&store.stamp(K::PIPELINE, day.day)?.unwrap_or_default());
        }
    }
    for file in bench.context_files()? {
        add(&file.name);
        add(&file.sha256);
    }
    Ok(Some(format!("{:x?}", hash.finalize().as_slice())))
}

fn key<K: Reported>(
    all: &str,
    anchor: &K::Anchor,
    high: u64,
    story: Option<&Comment<K::Anchor>>,
) -> String {
    let story = story.map(|story| (&story.title, &story.text));
    let text = format!("{all} {anchor:?} {high} {story:?}");
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Done {
    /// The run in one line: `suspects: 50, written: 48, kept: 2, failed: 0`.
    pub fn summary(&self) -> String {
        let mut text = format!(
            "suspects: {}, written: {}, kept: {}, failed: {}",
            self.suspects,
            self.written,
            self.kept,
            self.failed.len()
        );
        if !self.refused.is_empty() {
            text.push_str(&format!(", without an address: {}", self.refused.len()));
        }
        text
    }

    /// The first failure, as an error for who asked.
    pub fn first_failure(&self) -> Option<StoreError> {
        let (about, why) = self.failed.first()?;
        let what = format!("no report about {about}: {}", why.lines().next().unwrap_or_default());
        Some(StoreError::data(what, "see the index for all of them, mend, and run again"))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Suspects of which `'x'` cannot be read for a reason that all share, a digit for one of its own.
    fn told(some: &str, later: &str) -> (String, String, bool, usize) {
        let asked = Cell::new(0);
        let find = |some: &[char]| {
            asked.set(asked.get() + 1);
            match some.iter().find(|one| !one.is_ascii_lowercase() || **one == 'x') {
                Some(one) => Err(one.to_string()),
                None => Ok(some.to_vec()),
            }
        };
        let [some, later] = [some, later].map(|text| text.chars().collect::<Vec<_>>());
        let read = read(&some, &later, find);
        assert_eq!(read.some, read.found, "in the same order");
        let broken = read.broken.iter().map(|(one, _)| *one).collect();
        (read.found.iter().collect(), broken, read.hopeless, asked.get())
    }

    #[test]
    fn what_cannot_be_read_costs_the_others_nothing_but_a_question() {
        let cases = [
            // One question for all.
            ("abc", "d", ("abc", "", false, 1)),
            // One for all, then one each.
            ("axb", "d", ("ab", "x", false, 4)),
            ("xxaxxb", "d", ("ab", "xxxx", false, 7)),
            ("12345a", "d", ("a", "12345", false, 7)),
            // The third for the same reason is the last that is asked.
            ("axxxxb", "cd", ("a", "xxxxbcd", true, 5)),
            ("xxx", "", ("", "xxx", true, 4)),
            ("1xxx", "", ("", "1xxx", true, 5)),
            ("xx", "ab", ("", "xx", false, 3)),
        ];
        for (some, later, (found, broken, hopeless, asked)) in cases {
            let expected = (found.to_owned(), broken.to_owned(), hopeless, asked);
            assert_eq!(told(some, later), expected, "{some} {later}");
        }
    }
}
