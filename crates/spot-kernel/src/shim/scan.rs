//! Takes a cell's standard output apart into text, rich messages and evcxr's protocol.

use serde_json::Value;

/// evcxr's line after a cell.
pub const COMPLETE: &[u8] = b"EVCXR_EXECUTION_COMPLETE";
/// evcxr's line after a panic.
pub const PANIC: &[u8] = b"EVCXR_PANIC_NOTIFICATION";
/// evcxr's line after an error that left the cell by `?`.
pub const ERROR_RETURN: &[u8] = b"EVCXR_ERROR_OCCURRED";
const VARIABLE_CHANGED: &[u8] = b"EVCXR_VARIABLE_CHANGED_TYPE:";
const INPUT: &[u8] = b"EVCXR_INPUT_REQUEST";
const BEGIN: &[u8] = b"EVCXR_BEGIN_CONTENT ";
const END: &[u8] = b"EVCXR_END_CONTENT";
const MARK: u8 = 0x1e;

/// One thing that a cell wrote.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Ordinary output, as much as there was.
    Text(String),
    /// A message of the widget library.
    Message(Value),
    /// A block between evcxr's content marks.
    Content {
        /// Its MIME type.
        mime: String,
        /// Its lines, without the last line break.
        text: String,
    },
    /// The cell panicked.
    Panic,
    /// An error left the cell by `?`.
    ErrorReturn,
    /// The cell is over.
    Complete,
    /// A line that only evcxr understands.
    Evcxr(Vec<u8>),
}

/// Reads standard output in pieces of any size.
pub struct Scanner {
    mark: Vec<u8>,
    pending: Vec<u8>,
    content: Option<(String, Vec<u8>)>,
    text: Vec<u8>,
    /// The first part of a message in whose middle evcxr's last line came.
    torn: Vec<u8>,
}

impl Scanner {
    /// A scanner that believes messages with this nonce, and takes all others for text.
    pub fn new(nonce: &str) -> Self {
        let mark = [&[MARK], nonce.as_bytes()].concat();
        Self { mark, pending: Vec::new(), content: None, text: Vec::new(), torn: Vec::new() }
    }

    /// Takes the next piece; gives what is complete by now.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        self.pending.extend_from_slice(bytes);
        let pending = std::mem::take(&mut self.pending);
        let mut rest = pending.as_slice();
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, tail) = rest.split_at(end);
            rest = &tail[1..];
            self.line(line, &mut events);
        }
        // The start of a line may be the start of a protocol line: only plain text goes out early.
        let whole_lines = self.content.is_some() || !self.torn.is_empty();
        if !whole_lines && !rest.is_empty() && !self.may_become_protocol(rest) {
            self.text.extend_from_slice(rest);
            rest = &[];
        }
        self.pending = rest.to_vec();
        self.flush_text(&mut events);
        events
    }

    fn may_become_protocol(&self, rest: &[u8]) -> bool {
        let prefix = b"EVCXR_";
        let n = rest.len().min(prefix.len());
        rest[..n] == prefix[..n] || rest.contains(&MARK) || ends_with_start_of(rest, prefix)
    }

    fn line(&mut self, line: &[u8], events: &mut Vec<Event>) {
        if !self.torn.is_empty() {
            let whole = [std::mem::take(&mut self.torn).as_slice(), line].concat();
            return self.line(&whole, events);
        }
        if let Some((mime, mut block)) = self.content.take() {
            if line == END || line == PANIC {
                if block.last() == Some(&b'\n') {
                    block.pop();
                }
                events.push(Event::Content { mime, text: lossy(&block) });
                if line == PANIC {
                    events.push(Event::Panic);
                }
            } else if line == COMPLETE {
                // A block that was never ended is text, and the cell is over all the same.
                self.text.extend_from_slice(&block);
                self.flush_text(events);
                events.push(Event::Complete);
            } else {
                block.extend_from_slice(line);
                block.push(b'\n');
                self.content = Some((mime, block));
            }
            return;
        }
        if let Some(at) = find(line, &self.mark) {
            if let Ok(message) = serde_json::from_slice(&line[at + self.mark.len()..]) {
                self.text.extend_from_slice(&line[..at]);
                self.flush_text(events);
                events.push(Event::Message(message));
                return;
            }
            // A long message from another thread is written in parts; evcxr's own line may come
            // between two of them.
            if let Some(before) = line.strip_suffix(COMPLETE) {
                self.torn = before.to_vec();
                self.flush_text(events);
                events.push(Event::Complete);
                return;
            }
        }
        // Text without a line break may stand before a protocol line.
        for (word, event) in
            [(COMPLETE, Event::Complete), (PANIC, Event::Panic), (ERROR_RETURN, Event::ErrorReturn)]
        {
            if let Some(before) = line.strip_suffix(word) {
                self.text.extend_from_slice(before);
                self.flush_text(events);
                events.push(event);
                return;
            }
        }
        if line.starts_with(VARIABLE_CHANGED) || line.starts_with(INPUT) {
            self.flush_text(events);
            events.push(Event::Evcxr(line.to_vec()));
        } else if let Some(mime) = line.strip_prefix(BEGIN) {
            self.flush_text(events);
            self.content = Some((lossy(mime).trim().to_owned(), Vec::new()));
        } else {
            self.text.extend_from_slice(line);
            self.text.push(b'\n');
        }
    }

    fn flush_text(&mut self, events: &mut Vec<Event>) {
        // A piece may end inside a character: its first bytes wait for the rest.
        let keep = unfinished_character(&self.text);
        let tail = self.text.split_off(self.text.len() - keep);
        let text = std::mem::replace(&mut self.text, tail);
        if !text.is_empty() {
            events.push(Event::Text(lossy(&text)));
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

fn ends_with_start_of(text: &[u8], word: &[u8]) -> bool {
    (1..=word.len().min(text.len())).any(|n| text.ends_with(&word[..n]))
}

/// How many bytes at the end are the start of a UTF-8 character.
fn unfinished_character(text: &[u8]) -> usize {
    (1..=3.min(text.len()))
        .find(|&n| {
            let byte = text[text.len() - n];
            let needs = match byte {
                0xc0..=0xdf => 2,
                0xe0..=0xef => 3,
                0xf0..=0xf7 => 4,
                _ => 0,
            };
            needs > n
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn all(pieces: &[&str]) -> Vec<Event> {
        let mut scanner = Scanner::new("5ec4e7");
        let mut events: Vec<Event> = Vec::new();
        for event in pieces.iter().flat_map(|piece| scanner.feed(piece.as_bytes())) {
            match (events.last_mut(), event) {
                (Some(Event::Text(last)), Event::Text(next)) => last.push_str(&next),
                (_, event) => events.push(event),
            }
        }
        events
    }

    fn text(text: &str) -> Event {
        Event::Text(text.into())
    }

    #[test]
    fn output_is_taken_apart() {
        let message = Event::Message(json!({"type": "x"}));
        let content = |text: &str| Event::Content { mime: "text/html".into(), text: text.into() };
        let cases: Vec<(&str, Vec<Event>)> = vec![
            ("a\nb\n", vec![text("a\nb\n")]),
            ("a\nEVCXR_EXECUTION_COMPLETE\n", vec![text("a\n"), Event::Complete]),
            ("abcEVCXR_EXECUTION_COMPLETE\n", vec![text("abc"), Event::Complete]),
            ("a\x1e5ec4e7{\"type\":\"x\"}\nb\n", vec![text("a"), message, text("b\n")]),
            ("\x1ewrong{\"type\":\"x\"}\n", vec![text("\x1ewrong{\"type\":\"x\"}\n")]),
            ("\x1e5ec4e7 not json\n", vec![text("\x1e5ec4e7 not json\n")]),
            (
                "EVCXR_BEGIN_CONTENT text/html\n<b>\nx</b>\nEVCXR_END_CONTENT\n",
                vec![content("<b>\nx</b>")],
            ),
            (
                "EVCXR_BEGIN_CONTENT text/html\nno end\nEVCXR_EXECUTION_COMPLETE\n",
                vec![text("no end\n"), Event::Complete],
            ),
            ("EVCXR_ERROR_OCCURRED\n", vec![Event::ErrorReturn]),
            ("EVCXR_PANIC_NOTIFICATION\n", vec![Event::Panic]),
            (
                "EVCXR_INPUT_REQUEST:name\n",
                vec![Event::Evcxr(b"EVCXR_INPUT_REQUEST:name".to_vec())],
            ),
            (
                "\x1e5ec4e7{\"type\":EVCXR_EXECUTION_COMPLETE\n\"x\"}\n",
                vec![Event::Complete, Event::Message(json!({"type": "x"}))],
            ),
            ("größe €\n", vec![text("größe €\n")]),
        ];
        for (input, expected) in cases {
            assert_eq!(all(&[input]), expected, "{input:?} whole");
            let bytes: Vec<Vec<u8>> = input.bytes().map(|byte| vec![byte]).collect();
            let mut scanner = Scanner::new("5ec4e7");
            let mut events: Vec<Event> = Vec::new();
            for event in bytes.iter().flat_map(|piece| scanner.feed(piece)) {
                match (events.last_mut(), event) {
                    (Some(Event::Text(last)), Event::Text(next)) => last.push_str(&next),
                    (_, event) => events.push(event),
                }
            }
            assert_eq!(events, expected, "{input:?} byte by byte");
        }
    }

    #[test]
    fn text_without_line_break_is_seen_at_once() {
        let mut scanner = Scanner::new("5ec4e7");
        assert_eq!(scanner.feed(b"50 %"), [text("50 %")]);
        assert_eq!(scanner.feed(b"EVCXR_"), []);
        assert_eq!(scanner.feed(b"EXECUTION_COMPLETE\n"), [Event::Complete]);
    }
}
