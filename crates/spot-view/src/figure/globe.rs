//! The globe: both halves of the earth, with the anchor in the middle of the first.

use spot_analysis::model::Investigation;

use super::Svg;
use super::canvas::{NARROW, Outlines, circle, document, finished, note, path, text};
use super::geo::{self, Hemisphere, LonLat};
use super::places::Scene;
use crate::visible::{plain, shorten};

const RADIUS: f64 = 146.0;
const TOP: f64 = 9.0;
/// Parts of an arc.
const STEPS: u32 = 60;
/// Longest address in the line below a half.
const ADDRESS: usize = 24;

/// Draws peers with a place on two halves of the earth; None when there is none.
///
/// The first half has the anchor in its middle, or the middle of the peers when the anchor has no place; the
/// second is the other side. Arcs are the shortest ways from source to destination, each with its own ends.
pub fn globe(found: &Investigation) -> Option<Svg> {
    Scene::of(found).map(|scene| draw(&scene))
}

/// The middle of all that is drawn.
fn middle(scene: &Scene<'_>) -> LonLat {
    let mut sum = [0.0f64; 3];
    for placed in &scene.drawn {
        let v = geo::vector(placed.at);
        sum = [0, 1, 2].map(|i| sum[i] + v[i]);
    }
    match sum.iter().map(|part| part * part).sum::<f64>() {
        length if length > 1e-6 => geo::place(sum),
        _ => scene.drawn.first().map(|placed| placed.at).unwrap_or_default(),
    }
}

fn draw(scene: &Scene<'_>) -> Svg {
    let found = scene.found;
    let anchor = plain(found.anchor.as_str());
    let title = format!("Globe with the peers of {anchor} on {}", found.day);
    let alt = scene.describe(&title);
    let foot = TOP + 2.0 * RADIUS;
    let captions = scene.captions();
    let height = foot + 48.0 + 16.0 * captions.len() as f64;
    let mut picture = document((NARROW, height), &title, &alt);

    let front = Hemisphere::of(scene.anchor.unwrap_or_else(|| middle(scene)));
    let heading = match scene.anchor {
        Some(_) => format!("{} in the middle", shorten(&anchor, ADDRESS)),
        None => "the peers' middle".to_owned(),
    };
    let sides = [
        (front, RADIUS + 9.0, heading.as_str()),
        (front.back(), NARROW - RADIUS - 9.0, "the other side"),
    ];
    for (half, x, heading) in sides {
        let middle = (x, TOP + RADIUS);
        let put = |(x, y): (f64, f64)| (middle.0 + RADIUS * x, middle.1 - RADIUS * y);
        let seen = |place: LonLat| {
            let [x, y, z] = half.see(place);
            (z >= 0.0).then(|| put((x, y)))
        };
        let mut land = Outlines::default();
        for ring in half.land() {
            land.add(ring.into_iter().map(put));
        }
        picture = picture.child(path("sea", &circle(middle, RADIUS))).child(land.element("land"));

        let points = scene.spread(seen);
        for placed in &scene.drawn {
            let Some((from, to)) = scene.anchor.map(|anchor| placed.ends(anchor)) else { continue };
            if from == to {
                continue;
            }
            let way = half.seen(&geo::great_circle(from, to, STEPS));
            let pieces: Vec<Vec<(f64, f64)>> =
                way.into_iter().map(|piece| piece.into_iter().map(put).collect()).collect();
            if !pieces.is_empty() {
                picture = picture.child(scene.arc(placed, &pieces, seen(to).is_some()));
            }
        }
        for (placed, point) in scene.drawn.iter().zip(&points) {
            picture = picture.children(point.map(|point| scene.point(placed, point)));
        }
        let own = scene.anchor.and_then(seen);
        let frame = (x - RADIUS, TOP, x + RADIUS, foot);
        picture = picture
            .children(own.map(|at| scene.own(at)))
            .children(scene.labels(&points, own, frame))
            .child(text(x, foot + 16.0, "middle").flat(heading));
    }
    picture = picture.children(scene.key(6.0, foot + 32.0));
    for (n, line) in captions.iter().enumerate() {
        picture = picture.child(note(6.0, foot + 52.0 + 16.0 * n as f64, line));
    }
    finished(picture, NARROW, alt)
}
