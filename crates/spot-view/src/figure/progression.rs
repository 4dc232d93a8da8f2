//! Incident progression: the anchor, its directions, the context names at the other end.

use spot_analysis::breakdown::{Branch, NamePart, branches};
use spot_analysis::model::Investigation;
use spot_analysis::spot_json::NO_CONTEXT;

use super::Svg;
use super::canvas::{
    self, EM, EN, FONT, NARROW, class, dashed, document, finished, mark, named, note, path, text,
};
use super::tree::tie;
use crate::format;
use crate::markup::{Element, Markup, el};
use crate::style;
use crate::tables;
use crate::visible::{plain, shorten};

/// Height of a line.
const LINE: f64 = 18.0;
const TOP: f64 = 8.0;
/// Leaves that are drawn.
const LEAVES: usize = 40;
/// Longest name of the anchor, in characters.
const ROOT_TEXT: usize = 20;
/// Room behind a leaf's name, for its number and share.
const NUMBER: f64 = 88.0;
/// Width of a tie.
const TIE: f64 = 52.0;
/// Thinnest and thickest tie.
const THICK: (f64, f64) = (1.0, 5.0);

/// What is drawn of a branch: its first names, and how many more there are with how many peers.
struct Drawn<'a> {
    branch: Branch<'a>,
    names: usize,
    more: (u64, u64),
}

impl Drawn<'_> {
    fn lines(&self) -> usize {
        (self.names + usize::from(self.more.0 > 0)).max(1)
    }
}

/// Each name is drawn while there are at most [`LEAVES`]; else those with most peers.
fn chosen(found: &Investigation) -> ([Drawn<'_>; 3], usize, usize) {
    let all = branches(found);
    let mut sizes: Vec<(u64, usize, usize)> = Vec::new();
    for (at, branch) in all.iter().enumerate() {
        sizes.extend(branch.names.iter().enumerate().map(|(n, part)| (part.peers, at, n)));
    }
    let total = sizes.len();
    // Names of a branch come most first but for the last, those without one, which is never left out.
    let is_last = |&(_, at, n): &(u64, usize, usize)| {
        all[at].names.get(n).is_some_and(|part: &NamePart<'_>| part.name.is_none())
    };
    // Among equals each direction gets its turn.
    sizes.sort_by_key(|size| (!is_last(size), u64::MAX - size.0, size.2, size.1));
    sizes.truncate(LEAVES);
    let kept = sizes.len();
    let drawn = all.map(|mut branch| {
        let at = spot_analysis::model::Direction::ALL
            .iter()
            .position(|direction| *direction == branch.direction)
            .unwrap_or_default();
        let keep = |n: usize| sizes.iter().any(|&(_, of, name)| of == at && name == n);
        let (mut names, mut more) = (Vec::new(), (0, 0));
        for (n, part) in std::mem::take(&mut branch.names).into_iter().enumerate() {
            if keep(n) {
                names.push(part);
            } else {
                more = (more.0 + 1, more.1 + part.peers);
            }
        }
        branch.names = names;
        Drawn { names: branch.names.len(), more, branch }
    });
    (drawn, kept, total)
}

/// Draws the tree; counts are of all peers. None without peers.
pub fn progression(found: &Investigation) -> Option<Svg> {
    if found.peers.is_empty() {
        return None;
    }
    let (drawn, kept, total) = chosen(found);
    let anchor = plain(found.anchor.as_str());
    let title = format!("Incident progression of {anchor} on {}", found.day);
    let all = found.peers.len() as u64;
    let limit = format!(
        "{} {}",
        format::of(kept, total as u64),
        if total == 1 { "leaf" } else { "leaves" }
    );
    let alt = describe(&title, &limit, all, &drawn);

    let lines: usize = drawn.iter().map(Drawn::lines).sum();
    // A blank between the branches.
    let foot = TOP + LINE * lines as f64 + 2.0 * LINE / 2.0;
    let middle = TOP + (foot - TOP) / 2.0;
    let root = shorten(&anchor, ROOT_TEXT);
    let root_end = 8.0 + root.chars().count() as f64 * FONT.0 * EM * 1.03 + 6.0;
    // Leaves begin behind the longest heading; letters are bold.
    let longest = drawn.iter().map(|of| heading(&of.branch).chars().count()).max().unwrap_or(0);
    let leaves = root_end + TIE + 18.0 + longest as f64 * 12.0 * 0.66;
    let mut picture = document((NARROW, foot + 26.0), &title, &alt);
    let mut top = TOP;
    for of in &drawn {
        let height = LINE * of.lines() as f64;
        picture = picture.child(branch(of, all, [root_end, middle, leaves], (top, height)));
        top += height + LINE / 2.0;
    }
    let name = text(8.0, middle + 4.0, "start")
        .own("class", "l b")
        .own("font-size", &FONT.0.to_string())
        .flat(&root);
    let caption = format!("{}, by direction and context name; {limit}.", canvas::peers(all));
    Some(finished(picture.child(name).child(note(8.0, foot + 18.0, &caption)), NARROW, alt))
}

/// `← Inbound 12`.
fn heading(branch: &Branch<'_>) -> String {
    let direction = branch.direction;
    format!("{} {} {}", style::mark(direction), named(direction), format::count(branch.peers))
}

fn branch(
    of: &Drawn<'_>,
    all: u64,
    [root_end, root, from]: [f64; 3],
    (top, height): (f64, f64),
) -> Element {
    let Drawn { branch, .. } = of;
    let direction = branch.direction;
    let middle = top + height / 2.0;
    let x = root_end + TIE;
    let thick = |n: u64| THICK.0 + (THICK.1 - THICK.0) * canvas::log_part(n, all);
    let words = format!("{}: {}", named(direction), canvas::peers(branch.peers));
    let mut group = el("g")
        .own("data-direction", direction.name())
        .child(el("title").flat(&words))
        .child(dashed(tie(root_end, root, x - 8.0, middle, thick(branch.peers)), direction))
        .child(path(
            if branch.peers > 0 { class(direction) } else { "rest" },
            &mark(direction, (x, middle), 4.5),
        ))
        .child(
            text(x + 10.0, middle + 4.0, "start")
                .own("class", if branch.peers > 0 { "b" } else { "" })
                .flat(&heading(branch)),
        );
    let mut y = top + LINE / 2.0;
    let longest = ((NARROW - NUMBER - from - TIE) / (FONT.1 * EM)).max(8.0) as usize;
    let rest = [(of.more.0, of.more.1)].into_iter().filter(|more| more.0 > 0);
    let leaves = branch
        .names
        .iter()
        .map(|part| (part.name.map(plain), part.peers))
        .map(|(name, n)| {
            let shown = name.as_deref().map(|name| shorten(name, longest));
            (shown, name.unwrap_or_else(|| NO_CONTEXT.to_owned()), n)
        })
        .chain(rest.map(|(names, n)| {
            let words = format!("and {} more", format::count(names));
            (None, words, n)
        }));
    for (shown, full, n) in leaves {
        let end = from + TIE;
        let share = format::share(n, all);
        let line = dashed(tie(from, middle, end - 6.0, y, thick(n)), direction);
        let own = shown.is_some();
        let label = shown.as_deref().unwrap_or(&full);
        let wide = label.chars().count() as f64 * FONT.1 * if own { EM } else { EN };
        let name = text(end + 2.0, y + 4.0, "start").own("font-size", &FONT.1.to_string());
        let name = if own { name.own("class", "l") } else { name };
        group = group.child(
            el("g")
                .attr("data-context", &full)
                .child(el("title").flat(&format!(
                    "{}, {full}: {}, {share}",
                    named(direction),
                    canvas::peers(n)
                )))
                .child(line)
                .child(name.flat(label))
                .child(
                    text(end + 2.0 + wide + 8.0, y + 4.0, "start")
                        .own("font-size", &FONT.1.to_string())
                        .flat(&format!("{} · {share}", format::count(n))),
                ),
        );
        y += LINE;
    }
    group
}

fn describe(title: &str, limit: &str, all: u64, drawn: &[Drawn<'_>; 3]) -> String {
    let mut out = format!("{title}: {}, {limit}.", canvas::peers(all));
    for of in drawn {
        let direction = named(of.branch.direction);
        out.push_str(&format!(" {direction} {}", format::count(of.branch.peers)));
        let first: Vec<String> = of.branch.names.iter().take(3).map(words).collect();
        if !first.is_empty() {
            out.push_str(&format!(": {}", first.join(", ")));
        }
        out.push('.');
    }
    out
}

fn words(part: &NamePart<'_>) -> String {
    let name = part.name.map_or_else(|| NO_CONTEXT.to_owned(), plain);
    format!("{name} {}", format::count(part.peers))
}

/// The same as a table; all names.
pub(super) fn table(found: &Investigation) -> Markup {
    let all = found.peers.len() as u64;
    let branches = branches(found);
    let count: usize = branches.iter().map(|branch| branch.names.len()).sum();
    let head = [
        tables::head("Direction", false),
        tables::head("Context", false),
        tables::head("Peers", true),
        tables::head("Share", true),
    ];
    let rows = branches.iter().flat_map(|branch| {
        branch.names.iter().map(move |part| {
            let name = part.name.map_or_else(|| NO_CONTEXT.to_owned(), plain);
            tables::line()
                .child(tables::cell(false, "").text(branch.direction.name()))
                .child(tables::cell(false, "").text(&name))
                .child(tables::cell(true, "").text(&format::count(part.peers)))
                .child(tables::cell(true, "").text(&format::share(part.peers, all)))
        })
    });
    let limit = format!("{} leaves.", format::of(count, count as u64));
    tables::noted(&limit, tables::grid(false, head, rows))
}
