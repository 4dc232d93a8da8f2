//! Standard error, held back until it is known where it belongs.

const MARK: u8 = 0x1e;

/// What was read from standard error and is not sent yet.
///
/// Before a rich message the widget library writes a line with the message's number to standard
/// error: what stands before that line goes out before the message.
pub struct Errors {
    start: Vec<u8>,
    held: Vec<u8>,
}

impl Errors {
    /// Nothing held; believes marks with this nonce.
    pub fn new(nonce: &str) -> Self {
        Self { start: [&[MARK], nonce.as_bytes()].concat(), held: Vec::new() }
    }

    /// Adds what was read.
    pub fn add(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// What may go out now: all that stands before the next mark, or before what may become one.
    pub fn take_ready(&mut self) -> Vec<u8> {
        let end = self.next_mark().map_or_else(|| self.start_of_partial(), |(start, _, _)| start);
        self.held.drain(..end).collect()
    }

    /// What was written before the message with this number.
    pub fn take_before(&mut self, number: u64) -> Vec<u8> {
        let mut taken = Vec::new();
        while let Some((start, end, mark)) = self.next_mark() {
            if mark > number {
                break;
            }
            taken.extend_from_slice(&self.held[..start]);
            self.held.drain(..end);
            if mark == number {
                break;
            }
        }
        taken
    }

    /// Everything, without marks.
    pub fn take_all(&mut self) -> Vec<u8> {
        let mut taken = self.take_before(u64::MAX);
        taken.append(&mut self.held);
        taken
    }

    /// Start, end and number of the first whole mark.
    fn next_mark(&self) -> Option<(usize, usize, u64)> {
        let mut from = 0;
        loop {
            let start = from + find(&self.held[from..], &self.start)?;
            let digits = start + self.start.len();
            let length = self.held[digits..].iter().position(|byte| *byte == b'\n')?;
            let number = std::str::from_utf8(&self.held[digits..digits + length]).ok();
            if let Some(number) = number.and_then(|text| text.parse().ok()) {
                return Some((start, digits + length + 1, number));
            }
            from = digits;
        }
    }

    /// Where the last line begins to look like a mark; the end when it does not.
    fn start_of_partial(&self) -> usize {
        let line = self.held.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mark = self.held[line..].iter().position(|byte| *byte == MARK);
        mark.map_or(self.held.len(), |at| line + at)
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: &str = "00112233445566778899aabbccddeeff";

    fn holding(text: &str) -> Errors {
        let mut errors = Errors::new(NONCE);
        errors.add(text.replace('^', &format!("\u{1e}{NONCE}")).as_bytes());
        errors
    }

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).expect("text goes in and out")
    }

    #[test]
    fn what_stands_before_a_mark_goes_out_before_its_message() {
        // Held; ready at once; then before message 2; then all the rest.
        let cases = [
            ("a\n", "a\n", "", ""),
            ("a\n^1\nb\n^2\nc\n", "a\n", "b\n", "c\n"),
            ("^2\nc\n^3\nd", "", "", "c\nd"),
            ("^3\nd\n", "", "", "d\n"),
            ("a^2\nb", "a", "", "b"),
            ("a\n^", "a\n", "", "^"),
            ("a\n\u{1e}nobody\n^2\n", "a\n\u{1e}nobody\n", "", ""),
            ("^no number\na\n", "^no number\na\n", "", ""),
        ];
        for (held, ready, before, rest) in cases {
            let mut errors = holding(held);
            let told = |text: &str| text.replace('^', &format!("\u{1e}{NONCE}"));
            assert_eq!(text(errors.take_ready()), told(ready), "{held:?}");
            assert_eq!(text(errors.take_before(2)), told(before), "{held:?}");
            assert_eq!(text(errors.take_all()), told(rest), "{held:?}");
            assert!(errors.is_empty());
        }
    }

    #[test]
    fn a_mark_that_comes_in_pieces_is_waited_for() {
        let mut errors = Errors::new(NONCE);
        let whole = format!("one\n\u{1e}{NONCE}1\ntwo\n");
        let mut sent = Vec::new();
        for byte in whole.as_bytes() {
            errors.add(&[*byte]);
            sent.append(&mut errors.take_ready());
        }
        assert_eq!(text(sent), "one\n");
        assert_eq!(text(errors.take_before(1)), "");
        assert_eq!(text(errors.take_ready()), "two\n");
    }
}
