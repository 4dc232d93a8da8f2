//! The map: where the peers are, and an arc from each source to its destination.

use spot_analysis::model::Investigation;

use super::Svg;
use super::canvas::{Outlines, document, finished, note, path, polyline};
use super::geo::{self, LonLat, NATURAL_EARTH_HEIGHT};
use super::places::Scene;
use crate::visible::plain;

const WIDTH: f64 = 840.0;
const EDGE: f64 = 6.0;
/// Parts of an arc.
const STEPS: u32 = 48;

/// Where a place is in the picture.
fn at(place: LonLat) -> (f64, f64) {
    let half = WIDTH / 2.0 - EDGE;
    let (x, y) = geo::natural_earth(place);
    (EDGE + half * (1.0 + x), EDGE + half * (NATURAL_EARTH_HEIGHT - y))
}

/// Draws peers with a place; None when there is none.
///
/// Each peer has its point at its own place, peers of one direction at one place share it; when the anchor has
/// a place, an arc (the shortest way, cut at the date line) goes from the source of the rows to their
/// destination. At most 150 points, most bytes first.
pub fn map(found: &Investigation) -> Option<Svg> {
    Scene::of(found).map(|scene| draw(&scene))
}

fn draw(scene: &Scene<'_>) -> Svg {
    let found = scene.found;
    let title = format!("Map of the peers of {} on {}", plain(found.anchor.as_str()), found.day);
    let alt = scene.describe(&title);
    let foot = 2.0 * EDGE + (WIDTH - 2.0 * EDGE) * NATURAL_EARTH_HEIGHT;
    let captions = scene.captions();
    let height = foot + 24.0 + 16.0 * captions.len() as f64;

    let mut land = Outlines::default();
    for ring in geo::land() {
        land.add(geo::fine(ring).map(at));
    }
    let rim = [(-180.0, -90.0), (-180.0, 90.0), (180.0, 90.0), (180.0, -90.0)];
    let rim: Vec<(f64, f64)> = geo::fine(&rim).map(at).collect();
    let mut picture = document((WIDTH, height.ceil()), &title, &alt)
        .child(path("sea", &format!("{}z", polyline(&rim))))
        .child(land.element("land"));

    let points = scene.spread(|place| Some(at(place)));
    for (placed, point) in scene.drawn.iter().zip(&points) {
        let Some(((from, to), point)) = scene.anchor.map(|anchor| placed.ends(anchor)).zip(*point)
        else {
            continue;
        };
        if from == to {
            continue;
        }
        let way = geo::great_circle(from, to, STEPS);
        let mut pieces: Vec<Vec<(f64, f64)>> = geo::cut_at_date_line(&way)
            .into_iter()
            .map(|piece| piece.into_iter().map(at).collect())
            .collect();
        // A point that gave way to others at its place takes the end of its arc along.
        let end = if to == placed.at {
            pieces.last_mut().and_then(|piece| piece.last_mut())
        } else {
            pieces.first_mut().and_then(|piece| piece.first_mut())
        };
        if let Some(end) = end {
            *end = point;
        }
        picture = picture.child(scene.arc(placed, &pieces, true));
    }
    for (placed, point) in scene.drawn.iter().zip(&points) {
        picture = picture.children(point.map(|point| scene.point(placed, point)));
    }
    let own = scene.anchor.map(at);
    picture = picture
        .children(own.map(|at| scene.own(at)))
        .children(scene.labels(&points, own, (EDGE, EDGE, WIDTH - EDGE, foot)))
        .children(scene.key(EDGE, foot + 8.0));
    for (n, line) in captions.iter().enumerate() {
        picture = picture.child(note(EDGE, foot + 29.0 + 16.0 * n as f64, line));
    }
    finished(picture, WIDTH, alt)
}
