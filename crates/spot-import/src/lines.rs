//! A text cut into parts of whole lines, each with what has to be known to read it.

use std::io::Read;

use memchr::{memchr_iter, memrchr};
use sha2::{Digest, Sha256};

use crate::tool::Columns;

/// Bytes of a part.
const PART: usize = 4 << 20;
/// A line that is longer is none.
const LONGEST: usize = 64 << 20;

/// Whole lines.
#[derive(Debug)]
pub struct Part {
    /// The lines, with their ends.
    pub bytes: Vec<u8>,
    /// Number of the first one, from 1.
    pub first: u64,
    /// The columns of those that are no JSON, as the header has them that was read last.
    pub columns: Columns,
}

/// What the text was.
#[derive(Debug)]
pub struct Text {
    /// Of all its bytes, unpacked.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// Reads a text to its end and gives its parts to `take`, which says whether it wants more.
///
/// # Errors
/// What the source says; a line without end.
pub fn parts(
    source: &mut dyn Read,
    columns: Columns,
    take: &mut dyn FnMut(Part) -> bool,
) -> std::io::Result<Text> {
    let mut hash = Sha256::new();
    let (mut rest, mut first, mut bytes) = (Vec::new(), 1u64, 0u64);
    let mut header = Header { columns };
    loop {
        let mut part = std::mem::take(&mut rest);
        let before = part.len();
        part.reserve(PART);
        (&mut *source).take(PART as u64).read_to_end(&mut part)?;
        let read = &part[before..];
        hash.update(read);
        bytes += read.len() as u64;
        let is_last = read.is_empty();
        if !is_last {
            match memrchr(b'\n', &part) {
                Some(at) => rest = part.split_off(at + 1),
                None if part.len() > LONGEST => {
                    let what = "no line ends in 64 MB: this is no log of lines";
                    return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, what));
                }
                None => {
                    rest = part;
                    continue;
                }
            }
        }
        if !header.split(part, &mut first, take) || is_last {
            let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            return Ok(Text { sha256, bytes });
        }
    }
}

/// What was said so far of the columns.
struct Header {
    columns: Columns,
}

impl Header {
    /// Gives what lies between lines of a header; the header itself is read.
    fn split(
        &mut self,
        part: Vec<u8>,
        first: &mut u64,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> bool {
        let mut begin = 0;
        let mut at = 0;
        let part = match part.strip_prefix(b"\xef\xbb\xbf") {
            Some(text) if *first == 1 => text.to_vec(),
            _ => part,
        };
        while let Some(line) = self.next(&part, at, *first == 1 && begin == 0) {
            let end = memchr::memchr(b'\n', &part[line..]).map_or(part.len(), |end| line + end + 1);
            if !self.give(&part[begin..line], first, take) {
                return false;
            }
            let text = part[line..end].strip_suffix(b"\n").unwrap_or(&part[line..end]);
            self.columns.take(text);
            *first += 1;
            (begin, at) = (end, end);
        }
        match begin {
            // Nearly always: nothing is copied.
            0 => self.give_whole(part, first, take),
            _ => self.give(&part[begin..], first, take),
        }
    }

    /// Where the next line of a header begins.
    fn next(&self, part: &[u8], at: usize, is_first: bool) -> Option<usize> {
        if is_first && self.columns.has_header() {
            return (!part.is_empty()).then_some(0);
        }
        next_header(part, at, self.columns.marks())
    }

    fn give(&self, lines: &[u8], first: &mut u64, take: &mut dyn FnMut(Part) -> bool) -> bool {
        lines.is_empty() || self.give_whole(lines.to_vec(), first, take)
    }

    fn give_whole(
        &self,
        bytes: Vec<u8>,
        first: &mut u64,
        take: &mut dyn FnMut(Part) -> bool,
    ) -> bool {
        if bytes.is_empty() {
            return true;
        }
        let mut lines = memchr_iter(b'\n', &bytes).count() as u64;
        lines += u64::from(!bytes.ends_with(b"\n"));
        let part = Part { bytes, first: *first, columns: self.columns.clone() };
        *first += lines;
        take(part)
    }
}

/// Where the next line that begins with one of `marks` begins, from `at` on, which is the begin of a line.
fn next_header(part: &[u8], at: usize, marks: &[&[u8]]) -> Option<usize> {
    let begins = |line: usize| {
        let text = part.get(line..)?;
        marks.iter().any(|mark| text.starts_with(mark)).then_some(line)
    };
    if let Some(line) = begins(at) {
        return Some(line);
    }
    let found = marks.iter().filter_map(|mark| {
        let mark = [b"\n", *mark].concat();
        memchr::memmem::find(part.get(at..)?, &mark).map(|found| at + found + 1)
    });
    found.min()
}
