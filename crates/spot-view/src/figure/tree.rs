//! The dendrogram: the anchor, what was asked for or who asked, and what came of it.

use spot_analysis::dns::{Anchor, Investigation, Scope};

use super::Svg;
use super::canvas::{self, EM, FONT, WIDTH, document, finished, path, text};
use crate::dns::sums::{Branch, Leaf, Of};
use crate::dns::{kind, shown as shown_anchor};
use crate::flags;
use crate::format;
use crate::markup::{Element, el};
use crate::visible::{plain, shorten};

/// Height of a line.
const LINE: f64 = 18.0;
const TOP: f64 = 10.0;
/// Where branches and leaves begin.
const BRANCH: f64 = 236.0;
const LEAF: f64 = 664.0;
/// Longest texts of the three columns, in characters.
const ROOT_TEXT: usize = 26;
const BRANCH_TEXT: usize = 40;
const LEAF_TEXT: usize = 34;
/// Thinnest and thickest tie.
const TIE: (f64, f64) = (1.0, 5.0);

/// Draws the first `top` branches; a tie's thickness is the logarithm of its answers.
pub(crate) fn tree(found: &Investigation, branches: &[Branch<'_>], top: usize) -> Svg {
    let shown = &branches[..branches.len().min(top)];
    let lines: usize = shown.iter().map(|b| b.leaves.len().max(1)).sum();
    let foot = TOP + LINE * lines.max(1) as f64;
    let limit = format::of(shown.len(), branches.len() as u64);
    let anchor = shown_anchor(&found.anchor);
    let title = format!("Dendrogram of {} {anchor} on {}", kind(&found.anchor), found.day);
    let alt = describe(&title, &limit, shown);
    let columns = match (&found.anchor, &found.scope) {
        (Anchor::Client(_), _) => "the client, what it asked for, what came of it",
        (Anchor::Query(_), Scope::Exact) => "the name, who asked for it, what came of it",
        (Anchor::Query(_), _) => "the search, the names, who asked for them",
    };
    let caption =
        format!("From the left: {columns}. {limit} branches, thickness by answers (log).");

    let middle = TOP + (foot - TOP) / 2.0;
    let most = shown.iter().map(|b| b.answers).max().unwrap_or(0);
    let root = shorten(&anchor, ROOT_TEXT);
    let root_end = 8.0 + root.chars().count() as f64 * FONT.0 * EM + 6.0;
    let mut picture = document((WIDTH, foot + 24.0), &title, &alt);
    let mut y = TOP;
    for branch in shown {
        let height = LINE * branch.leaves.len().max(1) as f64;
        let thick = thickness(branch.answers, most);
        picture = picture.child(tie(root_end, middle, BRANCH - 8.0, y + height / 2.0, thick));
        picture = picture.child(draw(branch, y, height));
        y += height;
    }
    let name = text(8.0, middle + 4.0, "start")
        .own("class", "l b")
        .own("font-size", &FONT.0.to_string())
        .flat(&root);
    let source = picture.child(name).child(text(8.0, foot + 18.0, "start").flat(&caption));
    finished(source, WIDTH, alt)
}

fn thickness(answers: u64, most: u64) -> f64 {
    TIE.0 + (TIE.1 - TIE.0) * canvas::log_part(answers, most)
}

/// A curve from one place to another.
pub(super) fn tie(x: f64, y: f64, to_x: f64, to_y: f64, thick: f64) -> Element {
    let bend = (x + to_x) / 2.0;
    let d = format!("M{x:.1} {y:.1}C{bend:.1} {y:.1} {bend:.1} {to_y:.1} {to_x:.1} {to_y:.1}");
    path("tie", &d).own("stroke-width", &format!("{thick:.1}")).own("stroke-opacity", "0.45")
}

fn draw(branch: &Branch<'_>, top: f64, height: f64) -> Element {
    let middle = top + height / 2.0;
    let (label, more) = label(branch);
    let short = shorten(&label, BRANCH_TEXT);
    let own_words = branch.of == Of::Missing;
    let class = if branch.nxdomain >= branch.answers { "in" } else { "out" };
    // The program's own words are in letters of unequal width.
    let wide = if own_words { 0.53 } else { EM };
    let mut end = BRANCH + 8.0 + short.chars().count() as f64 * FONT.1 * wide;
    let mut group = el("g").child(el("title").flat(&words(branch)));
    group = group.child(square(BRANCH, middle, class, branch.nxdomain >= branch.answers));
    let name = text(BRANCH + 8.0, middle + 4.0, "start");
    let name = name.own("font-size", &FONT.1.to_string());
    group = group.child(if own_words { name } else { name.own("class", "l") }.flat(&short));
    group = group.child(text(end + 8.0, middle + 4.0, "start").own("font-size", "11").flat(&more));
    end += 12.0 + more.chars().count() as f64 * FONT.1 * 0.56;
    for (n, leaf) in branch.leaves.iter().enumerate() {
        let y = top + height * (n as f64 + 0.5) / branch.leaves.len() as f64;
        let (class, own, words) = match leaf {
            Leaf::Address(_) | Leaf::Flagged(_) => {
                ("out", "l", shorten(&leaf_text(leaf), LEAF_TEXT))
            }
            Leaf::More(more) => ("", "", format!("and {} more", format::count(*more))),
            Leaf::Missing(_) => ("in", "", leaf_text(leaf)),
            Leaf::Types(_) => ("two", "", leaf_text(leaf)),
        };
        group = group.child(tie(end.min(LEAF - 24.0), middle, LEAF - 4.0, y, 1.0));
        if !class.is_empty() {
            group = group.child(square(LEAF, y, class, class == "in"));
        }
        let label = text(LEAF + 8.0, y + 4.0, "start");
        let label = if own.is_empty() { label } else { label.own("class", own) };
        group = group.child(label.own("font-size", &FONT.1.to_string()).flat(&words));
    }
    group
}

/// A node; hollow where there is nothing.
fn square(x: f64, y: f64, class: &'static str, hollow: bool) -> Element {
    path(if hollow { "no" } else { class }, &format!("M{:.1} {:.1}h5v5h-5z", x - 2.5, y - 2.5))
}

/// What a branch is called, and how much there is of it.
pub(crate) fn label(branch: &Branch<'_>) -> (String, String) {
    let (label, more) = bare_label(branch);
    (flags::marked(branch.flagged, &label), more)
}

fn bare_label(branch: &Branch<'_>) -> (String, String) {
    let answers = format::count(branch.answers);
    let names = || format::counted(branch.names, "name", "names");
    match branch.of {
        Of::Client(client) if client.as_str().is_empty() => ("(empty)".to_owned(), answers),
        Of::Client(client) => (plain(client.as_str()), answers),
        Of::Name(name) if name.is_empty() => ("(no name)".to_owned(), answers),
        Of::Name(name) => (plain(name.as_str()), answers),
        Of::Domain(domain) => (plain(domain.as_str()), format!("{answers} · {}", names())),
        Of::Missing => (format!("{} that do not exist", names()), answers),
    }
}

/// A branch in words.
fn words(branch: &Branch<'_>) -> String {
    let (label, _) = label(branch);
    let mut out = format!("{label}: {}", format::counted(branch.answers, "answer", "answers"));
    let ends: Vec<String> = branch.leaves.iter().map(leaf_text).collect();
    if !ends.is_empty() {
        out.push_str(&format!(" to {}", ends.join(", ")));
    }
    out
}

/// An end in words.
pub(crate) fn leaf_text(leaf: &Leaf) -> String {
    match leaf {
        Leaf::Address(address) if address.as_str().is_empty() => "(empty)".to_owned(),
        Leaf::Address(address) => plain(address.as_str()),
        Leaf::Flagged(address) => flags::marked(true, &plain(address.as_str())),
        Leaf::More(more) => format!("{} more", format::count(*more)),
        Leaf::Missing(n) => format!("NXDOMAIN {}", format::count(*n)),
        Leaf::Types(types) => format!("no address ({types})"),
    }
}

fn describe(title: &str, limit: &str, shown: &[Branch<'_>]) -> String {
    let mut out = format!("{title}: {limit} branches.");
    for branch in shown.iter().take(3) {
        out.push_str(&format!(" {}.", words(branch)));
    }
    if shown.len() > 3 {
        out.push_str(&format!(" And {} more.", shown.len() - 3));
    }
    out
}
