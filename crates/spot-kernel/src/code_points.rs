//! Cursor positions: clients count code points, evaluators bytes.

/// The byte offset of code point `position`; the end of `code` when there are not so many.
pub fn to_byte(code: &str, position: u64) -> usize {
    usize::try_from(position)
        .ok()
        .and_then(|position| code.char_indices().nth(position))
        .map_or(code.len(), |(at, _)| at)
}

/// How many code points lie before byte `offset`, which may be anything.
pub fn from_byte(code: &str, offset: usize) -> usize {
    code.char_indices().take_while(|(at, _)| *at < offset).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions() {
        let code = "aé𝄞z";
        for (position, byte) in [(0, 0), (1, 1), (2, 3), (3, 7), (4, 8)] {
            assert_eq!(to_byte(code, position), byte);
            assert_eq!(from_byte(code, byte) as u64, position);
        }
        assert_eq!(to_byte(code, u64::MAX), 8);
        assert_eq!(from_byte(code, usize::MAX), 4);
        assert_eq!(from_byte(code, 2), 2, "inside a character: after it");
        assert_eq!(to_byte("", 3), 0);
    }
}
