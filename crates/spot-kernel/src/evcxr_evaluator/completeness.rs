//! Whether a text is a whole cell: every bracket, text and comment that it opens is closed.

use crate::Completeness;

/// Judges by brackets, strings and comments alone; the compiler says the rest.
pub fn of(code: &str) -> Completeness {
    let mut open = Vec::new();
    let mut chars = code.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '(' | '[' | '{' => open.push(c),
            ')' | ']' | '}' => {
                let opener = match c {
                    ')' => '(',
                    ']' => '[',
                    _ => '{',
                };
                if open.pop() != Some(opener) {
                    return Completeness::Invalid;
                }
            }
            '"' => {
                let raw = raw_hashes(&code[..at]);
                match text_end(&code[at + 1..], raw) {
                    Some(length) => skip_to(&mut chars, at + 1 + length),
                    None => return incomplete(0),
                }
            }
            '\'' => {
                if let Some(length) = char_literal(&code[at + 1..]) {
                    skip_to(&mut chars, at + 1 + length);
                }
            }
            '/' if code[at..].starts_with("//") => {
                let end = code[at..].find('\n').map_or(code.len(), |n| at + n);
                skip_to(&mut chars, end);
            }
            '/' if code[at..].starts_with("/*") => match comment_end(&code[at..]) {
                Some(length) => skip_to(&mut chars, at + length),
                None => return incomplete(0),
            },
            _ => {}
        }
    }
    let dangling = code.trim_end().ends_with(['=', ',', '&', '|', '+', '-', '*', '.']);
    if open.is_empty() && !dangling {
        Completeness::Complete
    } else {
        incomplete(open.len().max(1))
    }
}

fn incomplete(depth: usize) -> Completeness {
    Completeness::Incomplete { indent: "    ".repeat(depth) }
}

fn skip_to(chars: &mut std::iter::Peekable<std::str::CharIndices>, end: usize) {
    while chars.peek().is_some_and(|&(at, _)| at < end) {
        chars.next();
    }
}

/// `Some(n)` when the quote that follows opens a raw string with n hashes.
fn raw_hashes(before: &str) -> Option<usize> {
    let stem = before.trim_end_matches('#');
    (stem.ends_with('r')).then(|| before.len() - stem.len())
}

/// Length up to and with the closing quote.
fn text_end(text: &str, raw: Option<usize>) -> Option<usize> {
    if let Some(hashes) = raw {
        let end = format!("\"{}", "#".repeat(hashes));
        return text.find(&end).map(|at| at + end.len());
    }
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Length of a character literal after its first quote; `None` for a lifetime.
fn char_literal(text: &str) -> Option<usize> {
    let mut chars = text.char_indices();
    match chars.next()?.1 {
        '\\' => {
            chars.next();
            chars.find(|&(_, c)| c == '\'').map(|(at, _)| at + 1)
        }
        _ => match chars.next()? {
            (at, '\'') => Some(at + 1),
            _ => None,
        },
    }
}

/// Length of a block comment, which may hold others.
fn comment_end(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0usize, 0usize);
    let bytes = text.as_bytes();
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_whole_when_all_that_it_opens_is_closed() {
        let cases = [
            ("let x = 1;", "complete"),
            ("fn f() {", "incomplete"),
            ("fn f() {\n}", "complete"),
            ("let x = ", "incomplete"),
            ("f())", "invalid"),
            ("[1, 2)", "invalid"),
            ("\"{\"", "complete"),
            ("\"open", "incomplete"),
            ("r#\"a \" { \"#", "complete"),
            ("'{'", "complete"),
            ("fn f<'a>(x: &'a str) {}", "complete"),
            ("// {", "complete"),
            ("/* { /* */", "incomplete"),
            ("/* { /* */ */", "complete"),
            ("\"\\\"\"", "complete"),
            ("", "complete"),
            ("'", "complete"),
            ("/", "complete"),
        ];
        for (code, expected) in cases {
            let found = match of(code) {
                Completeness::Complete => "complete",
                Completeness::Incomplete { .. } => "incomplete",
                Completeness::Invalid => "invalid",
                Completeness::Unknown => "unknown",
            };
            assert_eq!(found, expected, "{code:?}");
        }
    }
}
