//! Figures: the day as lanes, several days as bars, the classes as one bar, contexts as a tree and as
//! bars, peers on a map and a globe, bytes as a chord diagram; of names a dendrogram, their length and
//! entropy.

mod canvas;
mod chord;
mod days;
pub mod gallery;
pub mod geo;
mod globe;
mod impact;
mod land_110m;
mod lanes;
mod map;
mod placed;
mod places;
mod progression;
mod queries;
mod shape;
mod timeline;
mod tree;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use spot_analysis::model::{Began, Direction, Peer};

pub use chord::chord;
pub(crate) use days::{DayBar, Days, days};
pub use globe::globe;
pub use impact::impact;
pub use map::map;
pub use progression::progression;
pub use queries::{queries, queries_in};
pub(crate) use shape::shape;
pub use timeline::{timeline, timeline_in};
pub(crate) use tree::{label as tree_label, leaf_text, tree};

use crate::format;
use crate::markup::{Markup, el};
use crate::style;

/// A picture as SVG: a document of its own with a title and a description, light and dark.
#[derive(Clone, Debug)]
pub struct Svg {
    source: String,
    alt: String,
    width: f64,
}

impl Svg {
    /// The document's text.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What the picture shows, in words.
    pub fn alt(&self) -> &str {
        &self.alt
    }

    /// The document as an address that needs no network, `data:image/svg+xml;base64,…`.
    pub fn data_uri(&self) -> String {
        format!("data:image/svg+xml;base64,{}", STANDARD.encode(&self.source))
    }

    /// Whether it wants a row of its own where others stand beside each other.
    pub(crate) fn is_wide(&self) -> bool {
        self.width >= 800.0
    }

    /// The widest at which it is shown, in pixels, so that its letters do not become big.
    pub(crate) fn widest(&self) -> f64 {
        (self.width * 1.25).min(1100.0)
    }

    /// An `<img>`, the one way in which a picture survives in a notebook that somebody else made.
    pub fn as_img(&self, alt: &str) -> Markup {
        el("img")
            .own("src", &self.data_uri())
            .attr("alt", alt)
            .style(&format!("display:block;width:100%;max-width:{}px;height:auto", self.widest()))
            .into()
    }
}

/// How many peers are of each class, as one bar with a key; and who opened their connections.
pub fn directions(peers: &[Peer]) -> Markup {
    if peers.is_empty() {
        return Markup::empty();
    }
    let all = peers.len() as u64;
    let of = |direction| peers.iter().filter(|p| p.direction == direction).count() as u64;
    let segment = |direction: Direction| {
        let n = of(direction);
        let percent = n as f64 * 100.0 / all as f64;
        (n > 0).then(|| {
            el("div")
                .attr("title", &format!("{}, {}", format::counted(n, "peer", "peers"), direction.name()))
                .style(&format!(
                    "width:{percent:.2}%;min-width:4px;height:10px;border-radius:2px;margin-right:1px;{}",
                    style::fill(direction)
                ))
        })
    };
    let key = |direction: Direction| {
        let n = of(direction);
        el("span")
            .style("display:inline-block;padding-right:18px")
            .child(el("span").style(&format!(
                "display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px;{}",
                style::fill(direction)
            )))
            .child(el("b").style("font-weight:600").text(&format::count(n)))
            .text(&format!(
                " {} {} · {}",
                style::mark(direction),
                direction.name(),
                format::share(n, all)
            ))
    };
    let lateral = peers.iter().filter(|p| p.lateral).count() as u64;
    let opened = [Began::Peer, Began::Anchor, Began::Both, Began::Unknown]
        .into_iter()
        .map(|began| (began, peers.iter().filter(|p| p.initiator.began == began).count() as u64))
        .filter(|&(_, n)| n > 0)
        .map(|(began, n)| {
            let who = match began {
                Began::Anchor => "by this address",
                Began::Peer => "by the peer",
                Began::Both => "by both",
                Began::Unknown => "unknown",
            };
            format!("{} {who}", format::count(n))
        })
        .collect::<Vec<_>>()
        .join(", ");
    el("div")
        .style("margin:10px 0 12px")
        .child(
            el("div")
                .style("display:flex;width:100%;height:10px")
                .children(Direction::ALL.into_iter().filter_map(segment)),
        )
        .child(
            el("div")
                .style("font-size:12px;margin-top:5px")
                .children(Direction::ALL.into_iter().map(key))
                .child(el("span").style(style::MUTED).child(Markup::dotted([
                    Markup::text(&format!("opened: {opened}")),
                    if lateral > 0 {
                        Markup::text(&format!(
                            "{} lateral, both ends inside",
                            format::count(lateral)
                        ))
                    } else {
                        Markup::empty()
                    },
                ]))),
        )
        .into()
}
