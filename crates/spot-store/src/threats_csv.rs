//! `threats.csv`, the list of a day's DNS stories that Spot's document names.
//!
//! It lies beside the day's manifests, `dns/oa/storyboard/2016/7/8/threats.csv`, and not in a partition:
//! Hive, Impala and Spark take every file in there for Parquet. Columns: `anchor`, `type` (`client` or
//! `query`), `title`, `text`, `rows` (clients and names in `dns_threat_dendro`); RFC 4180, UTF-8, lines
//! end with a line feed. Titles and texts are byte for byte what was typed, line breaks and leading `=`
//! included, so that they can be read back: a spreadsheet must be told to import them as text. What is
//! meant for spreadsheets is [`Stories::export`](crate::Stories::export), which lets no cell be a formula.

use std::fs;
use std::path::{Path, PathBuf};

use spot_analysis::dns::{Anchor, Name};
use spot_analysis::model::Address;

use crate::dns_story::DnsStory;
use crate::error::{Result, StoreError};
use crate::story::Target;

pub(crate) const NAME: &str = "threats.csv";

const HEADER: [&str; 5] = ["anchor", "type", "title", "text", "rows"];

/// Path and bytes of the list in `folder` with the line of `story` replaced, or added at the end.
pub(crate) fn with(
    story: &DnsStory,
    target: &Target<'_>,
    folder: &Path,
) -> Result<(PathBuf, Vec<u8>)> {
    let path = folder.join(NAME);
    let mut lines = lines(target, &path)?.unwrap_or_default();
    let found = &story.investigation;
    let line = [
        found.anchor.as_str(),
        found.anchor.kind(),
        &story.title,
        &story.text,
        &found.rows.len().to_string(),
    ]
    .map(str::to_owned);
    let mut line = Some(line);
    // In place of the first, and of those that somebody doubled.
    lines.retain_mut(|earlier| match anchor_of(earlier).as_ref() == Some(&found.anchor) {
        true => line.take().map(|line| *earlier = line).is_some(),
        false => true,
    });
    lines.extend(line);
    Ok((path, written(&lines)?))
}

/// The list in `folder` without the line of `anchor`; `None` if there is no list.
pub(crate) fn without(
    anchor: &Anchor,
    target: &Target<'_>,
    folder: &Path,
) -> Result<Option<(PathBuf, Vec<u8>)>> {
    let path = folder.join(NAME);
    let Some(mut lines) = lines(target, &path)? else { return Ok(None) };
    lines.retain(|line| anchor_of(line).as_ref() != Some(anchor));
    Ok(Some((path, written(&lines)?)))
}

/// Title, text and number of rows of the lines of `anchor`.
pub(crate) fn of(anchor: &Anchor, target: &Target<'_>, folder: &Path) -> Result<Vec<[String; 3]>> {
    let lines = lines(target, &folder.join(NAME))?.unwrap_or_default().into_iter();
    let own = lines.filter(|line| anchor_of(line).as_ref() == Some(anchor));
    Ok(own.map(|[_, _, title, text, rows]| [title, text, rows]).collect())
}

fn lines(target: &Target<'_>, path: &Path) -> Result<Option<Vec<Line>>> {
    let Some(now) = target.view.locate(path) else { return Ok(None) };
    let bytes = fs::read(&now).map_err(|e| StoreError::io("read the file", &now, &e))?;
    let lines = read(&bytes).map_err(|what| {
        let fix = "nothing was saved: move this file away, or write it again with the columns \
                   anchor,type,title,text,rows";
        StoreError::data(what, fix).at(now.display())
    })?;
    Ok(Some(lines))
}

fn written(lines: &[Line]) -> Result<Vec<u8>> {
    write(lines).map_err(|e| StoreError::data(format!("cannot write {NAME}: {e}"), "report this"))
}

type Line = [String; 5];

fn anchor_of([anchor, kind, ..]: &Line) -> Option<Anchor> {
    match kind.as_str() {
        "client" => Some(Anchor::Client(Address::new(anchor))),
        "query" => Some(Anchor::Query(Name::new(anchor))),
        _ => None,
    }
}

fn read(bytes: &[u8]) -> Result<Vec<Line>, String> {
    // Spreadsheets put a mark in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut lines = Vec::new();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|e| format!("not a readable list: {e}"))?;
        let line = Line::try_from(record.iter().map(str::to_owned).collect::<Vec<_>>());
        let line =
            line.map_err(|line| format!("line {number} has {} columns, not 5", line.len()))?;
        lines.push(line);
    }
    if lines.first().is_some_and(|first| *first != HEADER.map(str::to_owned)) {
        return Err("the first line is not anchor,type,title,text,rows".to_owned());
    }
    Ok(lines.into_iter().skip(1).collect())
}

fn write(lines: &[Line]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for line in lines {
        writer.write_record(line)?;
    }
    writer.into_inner().map_err(|e| e.into_error().into())
}
