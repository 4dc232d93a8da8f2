//! What an import left in a folder.

#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::*;
use spot_import::{Directions, Done, Input, Options, Start, Tool, import};

/// Columns of `flow` that an import fills.
pub const FLOW: &str = "treceived tdur sip sport dip dport proto flag ipkt ibyt opkt obyt";
/// Columns of `dns` that an import fills.
pub const DNS: &str = "frame_time frame_len ip_dst ip_src dns_qry_name dns_qry_class dns_qry_type dns_qry_rcode dns_a";

/// Imports one log with nothing unusual.
pub fn import_one(tool: &Tool, input: Input, data: &Path) -> Done {
    import_as(tool, input, data, Directions::One)
}

/// As [`import_one`], one row a connection or one a direction.
pub fn import_as(tool: &Tool, input: Input, data: &Path, directions: Directions) -> Done {
    let options = Options { data: data.to_path_buf(), start: Start(0), directions, again: false };
    import(tool, &[input], &options, &|_| ()).expect("imported")
}

/// What is told first of a log that gave nothing.
pub fn said(done: &Done) -> String {
    let log = &done.logs[0];
    let fault = log.fault.as_ref().map(ToString::to_string);
    fault.or(log.skipped.first().map(|skipped| skipped.why.to_owned())).unwrap_or_default()
}

/// Real captures, or nothing, which is said.
pub fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if shared.is_dir() {
        return Some(shared);
    }
    eprintln!("skipped: there is no ../shared/data beside this checkout");
    None
}

/// The Parquet files below a folder, in order.
pub fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|end| end == "parquet") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The chosen columns of all rows of a table, as lines, sorted.
pub fn rows(data: &Path, table: &str, columns: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for path in files(&data.join(table)) {
        let file = fs::File::open(path).expect("file");
        let frame = ParquetReader::new(file).finish().expect("frame");
        let texts: Vec<Column> = columns
            .split(' ')
            .map(|name| frame.column(name).and_then(|c| c.cast(&DataType::String)).expect("column"))
            .collect();
        let cell =
            |column: &Column, row| column.str().expect("text").get(row).unwrap_or("-").to_owned();
        lines.extend(
            (0..frame.height()).map(|row| {
                texts.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join(" ")
            }),
        );
    }
    lines.sort();
    lines
}
