//! What rust-analyzer reads of the standard library and the notebook library, without what it has no use for.
//!
//! Before the first cell it reads and parses every crate whose types a cell can have, and that is most of the time
//! until the first result. The type of a variable needs signatures, so bodies of functions are left out, of comments
//! all but the first paragraph of documentation, and of the standard library what is no part of its API: the machine's own instructions alone (`stdarch`) are 20 MB.

use std::error::Error;
use std::fs;
use std::path::Path;

use ra_ap_rustc_lexer::{DocStyle, FrontmatterAllowed, TokenKind, tokenize};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Crates of the standard library that a cell can name, or whose types those give.
const STD: [&str; 9] = [
    "alloc",
    "core",
    "panic_abort",
    "panic_unwind",
    "proc_macro",
    "std",
    "std_detect",
    "test",
    "unwind",
];
/// Attributes that no type depends on, nor what is proposed or explained.
const IDLE: [&str; 11] = [
    "allow",
    "diagnostic",
    "inline",
    "must_use",
    "rustc_confusables",
    "rustc_const_stable",
    "rustc_const_unstable",
    "rustc_diagnostic_item",
    "rustc_on_unimplemented",
    "stable",
    "track_caller",
];
/// Where macros write the methods of numbers out for twelve types, examples and all.
const NUMBERS: &str = "core/src/num";
/// What stands for a body: of every type.
const BODY: &str = "{loop{}}";

/// Writes the standard library of `sysroot` below `to`. Fails when the component rust-src is not installed.
pub fn standard_library(sysroot: &Path, to: &Path) -> Result<()> {
    let library = sysroot.join("lib/rustlib/src/rust/library");
    if !library.join("core").is_dir() {
        return Err("the component rust-src is missing: rustup component add rust-src".into());
    }
    for name in STD {
        let from = library.join(name).join("src");
        if from.is_dir() {
            folder(&from, &to.join(name).join("src"))?;
        }
    }
    Ok(())
}

/// Writes a package below `to`: its manifest, and as `src` the folder of `root`, the library's first file.
pub fn package(manifest: &Path, root: &Path, to: &Path) -> Result<()> {
    let source = root.parent().ok_or_else(|| format!("{} is in no folder", root.display()))?;
    folder(source, &to.join("src"))?;
    write(&to.join("Cargo.toml"), &fs::read_to_string(manifest)?)
}

fn folder(from: &Path, to: &Path) -> Result<()> {
    let macros = if from.ends_with(NUMBERS) { Macros::Short } else { Macros::Whole };
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let Some(name) = path.file_name() else { continue };
        if path.is_dir() {
            folder(&path, &to.join(name))?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            write(&to.join(name), &without_bodies(&text, macros))?;
        }
    }
    Ok(())
}

/// Writes what has changed: a kernel may be reading.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let new = path.with_extension("new");
    fs::write(&new, text)?;
    Ok(fs::rename(new, path)?)
}

#[derive(Clone, Copy)]
struct Token<'a> {
    kind: TokenKind,
    text: &'a str,
}

impl Token<'_> {
    fn is_blank(self) -> bool {
        use TokenKind::{BlockComment, LineComment, Whitespace};
        matches!(self.kind, Whitespace | LineComment { .. } | BlockComment { .. })
    }

    fn is_name(self) -> bool {
        matches!(self.kind, TokenKind::Ident | TokenKind::RawIdent)
    }

    fn opens(self) -> bool {
        use TokenKind::{OpenBrace, OpenBracket, OpenParen};
        matches!(self.kind, OpenBrace | OpenBracket | OpenParen)
    }

    fn closes(self) -> bool {
        use TokenKind::{CloseBrace, CloseBracket, CloseParen};
        matches!(self.kind, CloseBrace | CloseBracket | CloseParen)
    }
}

/// What is left of macros' definitions and of what they are given.
#[derive(Clone, Copy)]
enum Macros {
    /// All: they can ask for any of it.
    Whole,
    /// No idle attributes and comments: of [`NUMBERS`].
    Short,
}

/// The same declarations. Of `const fn` the body stays, since types can depend on it, and what macros are
/// given and made of stays.
fn without_bodies(text: &str, macros: Macros) -> String {
    let tokens = tokens(text);
    let mut out = String::with_capacity(text.len());
    let copy =
        |out: &mut String, tokens: &[Token<'_>]| tokens.iter().for_each(|t| out.push_str(t.text));
    let (mut at, mut before, mut is_const) = (0, None::<Token<'_>>, false);
    let mut ended = None;
    while let Some(token) = tokens.get(at) {
        if token.kind == TokenKind::Pound
            && let Some(end) = idle_end(&tokens, at)
        {
            at = end;
            continue;
        }
        let end = match token.kind {
            TokenKind::Bang if before.is_some_and(Token::is_name) => macro_end(&tokens, at),
            _ => None,
        };
        if let Some(end) = end {
            match macros {
                Macros::Whole => copy(&mut out, &tokens[at..end]),
                Macros::Short => short(&mut out, &tokens[at..end]),
            }
            (at, before) = (end, None);
            continue;
        }
        if is_idle_comment(*token, &mut ended) {
            // Its line's end goes with it.
            let blank = tokens.get(at + 1).is_some_and(|t| t.kind == TokenKind::Whitespace);
            at += 1 + usize::from(blank && out.ends_with(char::is_whitespace));
            continue;
        }
        match token.text {
            "const" => is_const = true,
            "{" | "}" | ";" => is_const = false,
            "fn" if !is_const => {
                if let Some((body, end)) = body(&tokens, at) {
                    copy(&mut out, &tokens[at..body]);
                    out.push_str(BODY);
                    (at, before) = (end, None);
                    continue;
                }
            }
            _ => {}
        }
        out.push_str(token.text);
        if !token.is_blank() {
            before = Some(*token);
        }
        at += 1;
    }
    out
}

/// `tokens` without idle attributes, examples and comments.
fn short(out: &mut String, tokens: &[Token<'_>]) {
    let (mut at, mut ended) = (0, None);
    while let Some(token) = tokens.get(at) {
        let is_doc = || {
            let names = tokens.get(at + 1..at + 3);
            names.is_some_and(|t| t[0].kind == TokenKind::OpenBracket && t[1].text == "doc")
        };
        let end = match token.kind {
            TokenKind::Pound if is_doc() => Some(behind(tokens, at + 1)),
            TokenKind::Pound => idle_end(tokens, at),
            _ => None,
        };
        if let Some(end) = end {
            at = end;
            continue;
        }
        if !is_idle_comment(*token, &mut ended) {
            out.push_str(token.text);
        }
        at += 1;
    }
}

/// Whether `token` is a comment to leave out: of documentation the first paragraph stays, which is what help shows
/// first; other comments of a line go. `ended` is the kind of documentation whose first paragraph is over.
fn is_idle_comment(token: Token<'_>, ended: &mut Option<DocStyle>) -> bool {
    match token.kind {
        TokenKind::LineComment { doc_style: Some(style) } => {
            if token.text.get(3..).is_none_or(|words| words.trim().is_empty()) {
                *ended = Some(style);
            }
            *ended == Some(style)
        }
        TokenKind::LineComment { doc_style: None } => true,
        TokenKind::Whitespace => false,
        _ => {
            *ended = None;
            false
        }
    }
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut rest = text;
    tokenize(text, FrontmatterAllowed::No)
        .map(|token| {
            let (text, after) = rest.split_at(token.len as usize);
            rest = after;
            Token { kind: token.kind, text }
        })
        .collect()
}

/// Behind the attribute whose `#` is at `at`, if it is an idle one.
fn idle_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let open = at + 1;
    let is_idle = tokens.get(open)?.kind == TokenKind::OpenBracket
        && IDLE.contains(&tokens.get(open + 1)?.text);
    is_idle.then(|| behind(tokens, open))
}

/// Behind a macro's call or definition whose `!` is at `at`.
fn macro_end(tokens: &[Token<'_>], at: usize) -> Option<usize> {
    let open =
        (at + 1..tokens.len()).find(|at| !tokens[*at].is_blank() && !tokens[*at].is_name())?;
    tokens[open].opens().then(|| behind(tokens, open))
}

/// Where the body of the function begins whose `fn` is at `at`, and what is behind it; `None` for types
/// (`fn(u8)`) and functions without a body.
fn body(tokens: &[Token<'_>], at: usize) -> Option<(usize, usize)> {
    let name = (at + 1..tokens.len()).find(|at| !tokens[*at].is_blank())?;
    if !tokens[name].is_name() {
        return None;
    }
    let mut at = name;
    loop {
        match tokens.get(at)?.kind {
            TokenKind::OpenBrace => return Some((at, behind(tokens, at))),
            TokenKind::Semi => return None,
            TokenKind::OpenParen | TokenKind::OpenBracket => at = behind(tokens, at),
            _ => at += 1,
        }
    }
}

/// Behind the bracket that closes the one at `open`.
fn behind(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        if token.opens() {
            depth += 1;
        } else if token.closes() {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return at + 1;
            }
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::{Macros, without_bodies};

    #[test]
    fn only_bodies_are_left_out() {
        for (text, want) in [
            ("pub fn a() -> u8 { 1 }", "pub fn a() -> u8 {loop{}}"),
            (
                "/// {a}\nfn a<T>(b: [u8; { 2 }]) where T: Fn(u8) { if b { '{' } }",
                "/// {a}\nfn a<T>(b: [u8; { 2 }]) where T: Fn(u8) {loop{}}",
            ),
            ("trait A { fn b(&self); fn c() { d() } }", "trait A { fn b(&self); fn c() {loop{}} }"),
            (
                "impl A { const B: u8 = 1; fn c() {} }",
                "impl A { const B: u8 = 1; fn c() {loop{}} }",
            ),
            (
                "const fn a() -> usize { 4 }\nfn b() { 5 }",
                "const fn a() -> usize { 4 }\nfn b() {loop{}}",
            ),
            ("const A: fn(u8) -> u8 = |b| { b };", "const A: fn(u8) -> u8 = |b| { b };"),
            (
                "type A = fn() -> u8; struct B { c: fn() }",
                "type A = fn() -> u8; struct B { c: fn() }",
            ),
            (
                "macro_rules! a { () => { fn b() { 1 } } }",
                "macro_rules! a { () => { fn b() { 1 } } }",
            ),
            ("a::b! { fn c() { 1 } } fn d() { 2 }", "a::b! { fn c() { 1 } } fn d() {loop{}}"),
            ("fn a() { \"}\" /* } */ } fn b() { r#\"}\"# }", "fn a() {loop{}} fn b() {loop{}}"),
            (
                "fn a() { '\\'' } fn b<'a>(c: &'a u8) {}",
                "fn a() {loop{}} fn b<'a>(c: &'a u8) {loop{}}",
            ),
            ("async unsafe extern \"C\" fn a() { 1 }", "async unsafe extern \"C\" fn a() {loop{}}"),
            ("fn r#type() { 1 }", "fn r#type() {loop{}}"),
            (
                "#![allow(a)] #[inline] #[stable(b = \"]\")]\n#[derive(C)] struct D { #[allow(e)] f: u8 }",
                "#![allow(a)]  \n#[derive(C)] struct D {  f: u8 }",
            ),
            (
                "#[unstable(a)] #[inlined] fn b() { #[inline] 1 }",
                "#[unstable(a)] #[inlined] fn b() {loop{}}",
            ),
            ("a! { #[inline] fn b() {} }", "a! { #[inline] fn b() {} }"),
            (
                "//! A\n//! b.\n//!\n//! C.\n\n// d\n/// E\n///\n/// F\nfn g(); // h\n/// I\nfn j();",
                "//! A\n//! b.\n/// E\nfn g(); /// I\nfn j();",
            ),
            // What is no Rust stays what it is.
            ("fn a() { (", "fn a() {loop{}}"),
            ("fn a", "fn a"),
            ("} fn ! {", "} fn ! {"),
            ("", ""),
        ] {
            assert_eq!(without_bodies(text, Macros::Whole), want, "{text}");
        }
    }

    #[test]
    fn macros_of_numbers_are_written_short() {
        let text = "macro_rules! a { ($b:ty) => { /// C.\n///\n/// ```\n#[doc = concat!(\"d\")]\n\
                    #[inline] #[e] pub fn f(g: $b) { h![g] } // i\n} }";
        let short = without_bodies(text, Macros::Short);
        let words: Vec<_> = short.split_whitespace().collect();
        let want = "macro_rules! a { ($b:ty) => { /// C. #[e] pub fn f(g: $b) { h![g] } } }";
        assert_eq!(words.join(" "), want);
        assert_eq!(without_bodies(text, Macros::Whole), text);
    }
}
