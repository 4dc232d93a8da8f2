//! Stamps: small files that say what a step was done from, so that it is not done again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// A stamp file and the hash that it must hold for the work to count as done.
pub struct Stamp {
    path: PathBuf,
    hash: String,
}

impl Stamp {
    /// A stamp at `path` over the names and contents of `inputs` (files, or folders with all that
    /// is in them).
    pub fn of(path: PathBuf, inputs: &[PathBuf]) -> Result<Self> {
        let mut hash = Fnv::default();
        for input in inputs {
            feed(&mut hash, input)
                .map_err(|error| format!("{} cannot be read: {error}", input.display()))?;
        }
        Ok(Self { path, hash: format!("{:016x}\n", hash.0) })
    }

    /// Whether the work was done from these very inputs.
    pub fn holds(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|found| found == self.hash)
    }

    /// Says that the work is done.
    pub fn set(&self) -> Result {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.path, &self.hash)
            .map_err(|error| format!("{} cannot be written: {error}", self.path.display()).into())
    }
}

fn feed(hash: &mut Fnv, path: &Path) -> std::io::Result<()> {
    hash.write(path.file_name().unwrap_or_default().as_encoded_bytes());
    if path.is_dir() {
        let mut inside: Vec<_> =
            fs::read_dir(path)?.map(|e| e.map(|e| e.path())).collect::<std::io::Result<_>>()?;
        inside.sort();
        for path in inside {
            feed(hash, &path)?;
        }
    } else {
        hash.write(&fs::read(path)?);
    }
    Ok(())
}

/// FNV-1a, 64 bits: the same on every machine, and nobody attacks a stamp.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        // The length keeps "ab","c" and "a","bc" apart.
        for byte in bytes.iter().copied().chain((bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_holds_until_an_input_changes() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let inputs = folder.join("inputs");
        fs::create_dir_all(&inputs).expect("a folder");
        fs::write(inputs.join("a"), "1").expect("a file");
        let stamp = || {
            Stamp::of(folder.join("made/stamp"), std::slice::from_ref(&inputs)).expect("a stamp")
        };
        assert!(!stamp().holds());
        stamp().set().expect("set");
        assert!(stamp().holds());
        for (name, text) in [("a", "2"), ("a", "1"), ("b", "")] {
            fs::write(inputs.join(name), text).expect("a file");
            assert_eq!(stamp().holds(), (name, text) == ("a", "1"), "{name} {text}");
        }
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn a_missing_input_is_named() {
        let error = Stamp::of("x".into(), &["no/such/file".into()]).err().expect("an error");
        assert!(error.to_string().starts_with("no/such/file cannot be read"), "{error}");
    }
}
