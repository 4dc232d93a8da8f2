//! Reads tables from Parquet files that other programs wrote: checks and casts what they hold, and
//! says which file and column is wrong when they do not.

use std::collections::HashMap;
use std::fs::{self, File};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use polars::prelude::*;

use crate::cancel;
use crate::error::{Result, StoreError};

/// What a column may be, and what it is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// String, also dictionary-encoded or (as Impala writes it) bytes without annotation.
    Text,
    /// An integer of any width, read as Int32.
    Int,
    /// An integer of any width, read as Int64.
    Big,
    /// A number of any width, read as Float64.
    Float,
}

impl Type {
    pub(crate) fn accepts(self, found: &DataType) -> bool {
        let text = matches!(
            found,
            DataType::String | DataType::Binary | DataType::Categorical(..) | DataType::Enum(..)
        );
        // A column of nulls only has no type of its own.
        *found == DataType::Null
            || match self {
                Self::Text => text,
                Self::Int | Self::Big => found.is_integer(),
                Self::Float => found.is_integer() || found.is_float(),
            }
    }

    pub(crate) fn read_as(self) -> DataType {
        match self {
            Self::Text => DataType::String,
            Self::Int => DataType::Int32,
            Self::Big => DataType::Int64,
            Self::Float => DataType::Float64,
        }
    }

    fn wanted(self) -> &'static str {
        match self {
            Self::Text => "STRING",
            Self::Int => "INT",
            Self::Big => "BIGINT",
            Self::Float => "FLOAT or DOUBLE",
        }
    }
}

/// Name and type of a column.
pub(crate) type Column = (&'static str, Type);

/// A column as [`Type::read_as`].
pub(crate) fn cast((name, kind): Column, found: &DataType) -> Expr {
    match *found == kind.read_as() {
        true => col(name),
        false => col(name).strict_cast(kind.read_as()),
    }
}

/// As [`cast`]; bytes that are no UTF-8 become `\xNN` instead of an error.
pub(crate) fn cast_or_escape(column: Column, found: &DataType) -> Expr {
    if (column.1, found) != (Type::Text, &DataType::Binary) {
        return cast(column, found);
    }
    let shown = |bytes: polars::prelude::Column| {
        let texts = bytes.binary()?.iter().map(|bytes| bytes.map(escaped));
        let texts: StringChunked = texts.collect_ca(bytes.name().clone());
        Ok(texts.into_column())
    };
    col(column.0).map(shown, |_, field| Ok(Field::new(field.name().clone(), DataType::String)))
}

fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text
}

/// What is known of a file without reading its rows.
#[derive(Debug)]
pub(crate) struct FileInfo {
    pub path: PathBuf,
    pub size: u64,
    pub modified: SystemTime,
    pub rows: u64,
    pub schema: SchemaRef,
}

/// Remembers what was learnt of files, as long as size and time stay the same.
#[derive(Default)]
pub(crate) struct Inspector {
    known: Mutex<HashMap<PathBuf, Arc<FileInfo>>>,
}

impl Inspector {
    /// Footers of `paths`.
    pub fn inspect(&self, paths: &[PathBuf]) -> Result<Vec<Arc<FileInfo>>> {
        paths.iter().map(|path| self.one(path)).collect()
    }

    pub fn one(&self, path: &Path) -> Result<Arc<FileInfo>> {
        let fail = |e: std::io::Error| StoreError::io("read the file", path, &e);
        let stat = fs::metadata(path).map_err(fail)?;
        let modified = stat.modified().map_err(fail)?;
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(path)
            && (known.size, known.modified) == (stat.len(), modified)
        {
            return Ok(known.clone());
        }
        let file = File::open(path).map_err(fail)?;
        let footer = guarded(|| {
            let mut reader = ParquetReader::new(file);
            let schema = Schema::from_arrow_schema(reader.schema()?.as_ref());
            Ok((reader.num_rows()? as u64, Arc::new(schema)))
        });
        let (rows, schema) = footer.map_err(|e| broken(path, &e))?;
        let info = FileInfo { path: path.to_path_buf(), size: stat.len(), modified, rows, schema };
        // Another thread may have been here meanwhile: what one knows of a file is one value.
        let mut known = lock();
        if let Some(other) = known.get(path)
            && (other.size, other.modified) == (info.size, info.modified)
        {
            return Ok(other.clone());
        }
        let info = Arc::new(info);
        known.insert(path.to_path_buf(), info.clone());
        Ok(info)
    }
}

/// The rows of `files` that `filter` keeps, as `select` makes them, in the order of the files.
///
/// `needed` must all be there; both functions are called once for each distinct schema. Without
/// files: an empty frame of what `select` makes of an all-null schema.
pub(crate) fn scan(
    files: &[Arc<FileInfo>],
    needed: &[Column],
    filter: &dyn Fn(&Schema) -> Option<Expr>,
    select: &dyn Fn(&Schema) -> Vec<Expr>,
) -> Result<DataFrame> {
    cancel::current().check()?;
    for file in files {
        check(file, needed)?;
    }
    if files.is_empty() {
        let fields = needed.iter().map(|(name, kind)| Field::new((*name).into(), kind.read_as()));
        let schema = Schema::from_iter(fields);
        let frame = DataFrame::empty_with_schema(&schema).lazy().select(select(&schema));
        return frame.collect().map_err(|e| engine(&e));
    }
    run(files, None, filter, select).map_err(|all| {
        // The engine does not say which file it was: ask again one by one.
        let culprit = files.iter().find_map(|file| {
            let error = run(std::slice::from_ref(file), None, filter, select).err()?;
            Some(broken(&file.path, &error))
        });
        culprit.unwrap_or_else(|| engine(&all))
    })
}

/// All rows of one file, all columns.
pub(crate) fn whole(file: &Arc<FileInfo>) -> Result<DataFrame> {
    let all = |schema: &Schema| schema.iter_names().map(|name| col(name.clone())).collect();
    scan(std::slice::from_ref(file), &[], &|_| None, &all)
}

/// Rows of a file: the first one, and how many.
pub(crate) type Part = (u64, u32);

/// Some rows of one file, as `select` makes them.
pub(crate) fn part(
    file: &Arc<FileInfo>,
    (first, length): Part,
    needed: &[Column],
    select: &dyn Fn(&Schema) -> Vec<Expr>,
) -> Result<DataFrame> {
    check(file, needed)?;
    let first = i64::try_from(first).unwrap_or(i64::MAX);
    let rows = run(std::slice::from_ref(file), Some((first, length)), &|_| None, select);
    rows.map_err(|error| broken(&file.path, &error))
}

fn run(
    files: &[Arc<FileInfo>],
    part: Option<(i64, u32)>,
    filter: &dyn Fn(&Schema) -> Option<Expr>,
    select: &dyn Fn(&Schema) -> Vec<Expr>,
) -> PolarsResult<DataFrame> {
    let parts = files
        .chunk_by(|a, b| a.schema == b.schema)
        .map(|group| {
            let paths = group.iter().map(|f| PlRefPath::try_from_path(&f.path));
            let args = ScanArgsParquet {
                parallel: ParallelStrategy::Prefiltered,
                hive_options: polars::io::HiveOptions::new_disabled(),
                glob: false,
                cache: false,
                ..Default::default()
            };
            let paths = paths.collect::<PolarsResult<Vec<_>>>()?;
            let rows = LazyFrame::scan_parquet_files(paths.into_iter().collect(), args)?;
            let rows = match part {
                Some((first, length)) => rows.slice(first, length),
                None => rows,
            };
            let rows = match filter(&group[0].schema) {
                Some(keep) => rows.filter(keep),
                None => rows,
            };
            Ok(rows.select(select(&group[0].schema)))
        })
        .collect::<PolarsResult<Vec<_>>>()?;
    guarded(|| concat(parts, UnionArgs::default())?.collect())
}

fn check(file: &FileInfo, needed: &[Column]) -> Result<()> {
    for (name, kind) in needed {
        let place = format!("{}, column {name}", file.path.display());
        let Some(found) = file.schema.get(name) else {
            let fix =
                format!("write the file again with a column `{name}` of type {}", kind.wanted());
            return Err(StoreError::data(format!("column `{name}` is missing"), fix).at(place));
        };
        if !kind.accepts(found) {
            let fix = format!("write the file again with `{name}` as {}", kind.wanted());
            let what = format!("column `{name}` holds {found}, not {}", kind.wanted());
            return Err(StoreError::data(what, fix).at(place));
        }
    }
    Ok(())
}

/// Runs `read`; a panic of the engine over broken bytes becomes an error like any other.
pub(crate) fn guarded<T>(read: impl FnOnce() -> PolarsResult<T>) -> PolarsResult<T> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gave up");
        Err(PolarsError::ComputeError(text.to_owned().into()))
    })
}

fn broken(path: &Path, error: &PolarsError) -> StoreError {
    let text = error.to_string();
    let what = format!("not a readable Parquet file: {}", text.lines().next().unwrap_or_default());
    let fix = "copy or write the file again (it may be cut short), or move it out of the partition";
    StoreError::data(what, fix).at(path.display())
}

/// The engine failed over rows that it had read.
pub(crate) fn engine(error: &PolarsError) -> StoreError {
    StoreError::data(
        format!("the table engine refused: {error}"),
        "report this with the file at hand",
    )
}
