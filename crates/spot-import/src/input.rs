//! Where logs come from: files, globs, standard input; plain, gzip or zstd, told by their first bytes.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use spot_store::{Result, StoreError};

use crate::mapped::parquet;
use crate::tool::Tool;
use crate::{nfdump, pcap};

/// One log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// `-`.
    Standard,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// For people.
    pub fn name(&self) -> String {
        match self {
            Self::Standard => "standard input".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Bytes of the file, where that can be known.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Standard => None,
            Self::File(path) => path.metadata().ok().map(|of| of.len()),
        }
    }

    /// Its text, unpacked; bytes that are read of the file are counted in `read`.
    ///
    /// # Errors
    /// A file that cannot be opened, text that is not UTF-8 by its first bytes.
    pub fn open(&self, tool: &Tool, read: Arc<AtomicU64>) -> Result<Box<dyn Read + Send>> {
        if let Tool::Parquet(map) = tool {
            return match self {
                Self::File(path) => Ok(Box::new(parquet::text(path, map, read)?)),
                Self::Standard => Err(self.no_stream("a Parquet file")),
            };
        }
        let before = read.load(Ordering::Relaxed);
        let source: Box<dyn Read + Send> = match self {
            Self::Standard => Box::new(io::stdin()),
            Self::File(path) => Box::new(File::open(path).map_err(|e| self.refused(&e))?),
        };
        let mut source = BufReader::with_capacity(1 << 18, Counted { source, read: read.clone() });
        let mut first = Vec::new();
        source.by_ref().take(4).read_to_end(&mut first).map_err(|e| self.refused(&e))?;
        let start = io::Cursor::new(first.clone());
        let whole = start.chain(source);
        Ok(match first.as_slice() {
            // tshark unpacks, too, and knows more kinds of captures than we do.
            [_, ..] if *tool == Tool::Pcap => Box::new(pcap::lines(Box::new(whole), &self.name())?),
            [0x1f, 0x8b, ..] => Box::new(flate2::read::MultiGzDecoder::new(whole)),
            [0x28, 0xb5, 0x2f, 0xfd] => {
                Box::new(zstd::stream::read::Decoder::new(whole).map_err(|e| self.refused(&e))?)
            }
            first if *tool == Tool::Nfdump && nfdump::is_capture(first) => match self {
                Self::File(path) => {
                    // The program reads it itself.
                    read.store(before, Ordering::Relaxed);
                    Box::new(nfdump::csv(path, read)?)
                }
                Self::Standard => return Err(self.no_stream("an nfcapd file")),
            },
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => {
                let fix = "convert it: iconv -f UTF-16 -t UTF-8 LOG > LOG.utf8";
                let what = "the log is UTF-16, not UTF-8";
                return Err(StoreError::data(what, fix).at(self.name()));
            }
            _ => Box::new(whole),
        })
    }

    fn no_stream(&self, what: &str) -> StoreError {
        let what = format!("{what} cannot come over standard input");
        StoreError::usage(what, "name the file").at(self.name())
    }

    /// What the disk, or unpacking, said.
    pub fn refused(&self, error: &io::Error) -> StoreError {
        let mut refused = StoreError::io("read the log", Path::new(&self.name()), error);
        if matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::Other
        ) {
            refused.fix = "the file is cut off or damaged: get it again".to_owned();
        }
        refused
    }
}

struct Counted<R> {
    source: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// The inputs that words of a command line name, each once: `-`, files, and patterns that a shell did not
/// expand.
///
/// # Errors
/// A word that names nothing, or a folder.
pub fn inputs(words: &[String]) -> Result<Vec<Input>> {
    let mut found: Vec<Input> = Vec::new();
    let mut add = |input: Input| {
        if !found.contains(&input) {
            found.push(input);
        }
    };
    for word in words {
        let path = Path::new(word);
        if word == "-" {
            add(Input::Standard);
        } else if path.is_dir() {
            let fix = format!("name its files: '{word}/*.log*'");
            return Err(StoreError::usage("a folder is no log", fix).at(word));
        } else if path.exists() {
            add(Input::File(path.to_path_buf()));
        } else {
            let paths = glob::glob(word).map_err(|e| {
                StoreError::usage(format!("no file, and no pattern: {e}"), "name a file").at(word)
            })?;
            let mut files: Vec<PathBuf> =
                paths.filter_map(|path| path.ok()).filter(|path| path.is_file()).collect();
            files.sort();
            if files.is_empty() {
                let what = "there is no such file, and nothing that fits such a pattern";
                return Err(StoreError::usage(what, "check the path").at(word));
            }
            files.into_iter().for_each(|path| add(Input::File(path)));
        }
    }
    Ok(found)
}
