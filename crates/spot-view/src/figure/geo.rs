//! The earth: land, great circles, and two ways to draw it flat.
//!
//! Places are `(longitude, latitude)` in degrees, east and north positive.

use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

use super::land_110m::LAND;

/// Longitude and latitude in degrees.
pub type LonLat = (f64, f64);

/// Steps of a degree in the file.
const STEPS: f64 = 20.0;
/// Longest edge that is drawn straight, in degrees.
const EDGE: f64 = 4.0;

static RINGS: LazyLock<Vec<Vec<LonLat>>> = LazyLock::new(|| LAND.lines().map(decoded).collect());

/// Outlines of land (Natural Earth, 1:110m), cut at the date line; by the even-odd rule, so that a lake
/// is a ring in a ring.
pub fn land() -> impl Iterator<Item = &'static [LonLat]> {
    RINGS.iter().map(Vec::as_slice).filter(|ring| !ring.is_empty())
}

/// Whether there is land, at the scale of [`land`].
pub fn on_land(place: LonLat) -> bool {
    land().filter(|ring| encloses(ring, place)).count() % 2 == 1
}

/// Differences in five-bit characters, the lowest first; see `xtask/src/codegen.rs`.
fn decoded(line: &str) -> Vec<LonLat> {
    let mut numbers: Vec<i64> = Vec::new();
    let (mut bits, mut shift) = (0i64, 0u32);
    for byte in line.bytes() {
        let value = i64::from(byte.saturating_sub(63));
        bits |= (value & 31) << shift.min(58);
        shift += 5;
        if value & 32 == 0 {
            numbers.push((bits >> 1) ^ -(bits & 1));
            (bits, shift) = (0, 0);
        }
    }
    let (mut x, mut y) = (0i64, 0i64);
    let steps = numbers.chunks_exact(2).map(|step| {
        x += step[0];
        y += step[1];
        (x as f64 / STEPS, y as f64 / STEPS)
    });
    steps.collect()
}

fn encloses(ring: &[LonLat], (x, y): LonLat) -> bool {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let crossed = edges.filter(|&(&from, &to)| {
        (from.1 > y) != (to.1 > y) && x < (to.0 - from.0) * (y - from.1) / (to.1 - from.1) + from.0
    });
    crossed.count() % 2 == 1
}

/// A ring with points no more than a few degrees apart, so that its edges may be bent.
pub(super) fn fine(ring: &[LonLat]) -> impl Iterator<Item = LonLat> + '_ {
    ring.iter().zip(ring.iter().cycle().skip(1)).flat_map(|(&from, &to)| {
        let steps = ((to.0 - from.0).abs().max((to.1 - from.1).abs()) / EDGE).ceil().max(1.0);
        (0..steps as u32).map(move |n| {
            let part = f64::from(n) / steps;
            (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part)
        })
    })
}

/// The place as a vector of length 1.
pub(super) fn vector((longitude, latitude): LonLat) -> [f64; 3] {
    let (l, b) = (longitude.to_radians(), latitude.to_radians());
    [b.cos() * l.cos(), b.cos() * l.sin(), b.sin()]
}

/// The place in the direction of a vector.
pub(super) fn place([x, y, z]: [f64; 3]) -> LonLat {
    (y.atan2(x).to_degrees(), z.atan2(x.hypot(y)).to_degrees())
}

/// The shortest way, both ends included, in `steps` equal parts. Between opposite places, where every way
/// is as short, over a pole.
pub fn great_circle(from: LonLat, to: LonLat, steps: u32) -> Vec<LonLat> {
    let (a, b) = (vector(from), vector(to));
    let dot: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    let angle = dot.clamp(-1.0, 1.0).acos();
    if angle > PI - 1e-6 {
        let pole = if from.1 < 0.0 { (from.0, -90.0) } else { (from.0, 90.0) };
        if (from.1.abs() - 90.0).abs() > 1e-3 {
            let half = (steps / 2).max(1);
            let mut way = great_circle(from, pole, half);
            way.extend(great_circle((to.0, pole.1), to, half).into_iter().skip(1));
            return way;
        }
    }
    let steps = steps.max(1);
    let middle = |n: u32| {
        let part = f64::from(n) / f64::from(steps);
        if !(1e-9..=PI - 1e-6).contains(&angle) {
            return (from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
        }
        let (p, q) =
            (((1.0 - part) * angle).sin() / angle.sin(), (part * angle).sin() / angle.sin());
        place([0, 1, 2].map(|i| a[i] * p + b[i] * q))
    };
    (0..=steps)
        .map(|n| {
            if n == 0 {
                from
            } else if n == steps {
                to
            } else {
                middle(n)
            }
        })
        .collect()
}

/// A way in pieces, none of which crosses the date line; where it does, one piece ends at 180 degrees and
/// the next begins at the other side of the map.
pub fn cut_at_date_line(way: &[LonLat]) -> Vec<Vec<LonLat>> {
    let mut pieces: Vec<Vec<LonLat>> = vec![Vec::new()];
    for (n, &to) in way.iter().enumerate() {
        if let Some(&from) = n.checked_sub(1).and_then(|n| way.get(n))
            && (to.0 - from.0).abs() > 180.0
        {
            let edge = 180f64.copysign(from.0);
            let (short, rest) = ((edge - from.0).abs(), (to.0 + edge).abs());
            let part = if short + rest > 0.0 { short / (short + rest) } else { 0.5 };
            let latitude = from.1 + (to.1 - from.1) * part;
            if let Some(piece) = pieces.last_mut() {
                piece.push((edge, latitude));
            }
            pieces.push(vec![(-edge, latitude)]);
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(to);
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// The Natural Earth projection (T. Patterson; polynomial of B. Šavrič, 2011): across from -1 to 1, upwards
/// from -[`NATURAL_EARTH_HEIGHT`] to it.
pub fn natural_earth((longitude, latitude): LonLat) -> (f64, f64) {
    let (l, b) = (longitude.to_radians(), latitude.to_radians());
    let b2 = b * b;
    let b4 = b2 * b2;
    let x = l * (0.8707 - 0.131979 * b2 + b4 * (-0.013791 + b4 * (0.003971 * b2 - 0.001529 * b4)));
    let y = b * (1.007226 + b2 * (0.015085 + b4 * (-0.044475 + 0.028874 * b2 - 0.005916 * b4)));
    (x / (0.8707 * PI), y / (0.8707 * PI))
}

/// Height of the upper half of [`natural_earth`], where its width is 1.
pub const NATURAL_EARTH_HEIGHT: f64 = 0.52;

/// A half of the earth, seen from far above its middle.
#[derive(Clone, Copy, Debug)]
pub struct Hemisphere {
    east: [f64; 3],
    north: [f64; 3],
    up: [f64; 3],
}

impl Hemisphere {
    /// The half with `middle` in its middle, north upwards.
    pub fn of(middle: LonLat) -> Self {
        let (l, b) = (middle.0.to_radians(), middle.1.to_radians());
        Self {
            east: [-l.sin(), l.cos(), 0.0],
            north: [-b.sin() * l.cos(), -b.sin() * l.sin(), b.cos()],
            up: vector(middle),
        }
    }

    /// The other half.
    pub fn back(self) -> Self {
        let middle = place(self.up.map(|part| -part));
        Self::of(middle)
    }

    /// Across and upwards from -1 to 1, and how far towards us: below 0 it is on the other half.
    pub fn see(&self, place: LonLat) -> [f64; 3] {
        let v = vector(place);
        [self.east, self.north, self.up].map(|axis| axis.iter().zip(v).map(|(a, v)| a * v).sum())
    }

    /// The seen parts of a way, cut at the rim.
    pub fn seen(&self, way: &[LonLat]) -> Vec<Vec<(f64, f64)>> {
        let mut pieces: Vec<Vec<(f64, f64)>> = vec![Vec::new()];
        let mut last: Option<[f64; 3]> = None;
        for at in way.iter().map(|&place| self.see(place)) {
            let rim = last.filter(|last| (last[2] < 0.0) != (at[2] < 0.0)).map(|last| {
                let part = last[2] / (last[2] - at[2]);
                let (x, y) =
                    (last[0] + (at[0] - last[0]) * part, last[1] + (at[1] - last[1]) * part);
                let length = x.hypot(y).max(1e-9);
                (x / length, y / length)
            });
            if let Some(piece) = pieces.last_mut() {
                piece.extend(rim);
                if at[2] >= 0.0 {
                    piece.push((at[0], at[1]));
                } else if !piece.is_empty() {
                    pieces.push(Vec::new());
                }
            }
            last = Some(at);
        }
        pieces.retain(|piece| piece.len() > 1);
        pieces
    }

    /// Land on this half, by the even-odd rule.
    pub fn land(&self) -> Vec<Vec<(f64, f64)>> {
        let behind = place(self.up.map(|part| -part));
        let mut turned = false;
        let mut out = Vec::new();
        for ring in land().filter(|ring| fine(ring).any(|place| self.see(place)[2] >= 0.0)) {
            out.push(self.ring(ring));
            // Its hidden part runs round the rim the other way: without the rim itself, outside and
            // inside would be exchanged.
            turned ^= encloses(ring, behind);
        }
        if turned {
            out.push(
                (0..72).map(|n| f64::from(n) * TAU / 72.0).map(|a| (a.cos(), a.sin())).collect(),
            );
        }
        out
    }

    /// A ring as it is seen: hidden parts follow the rim.
    fn ring(&self, ring: &[LonLat]) -> Vec<(f64, f64)> {
        let mut out: Vec<(f64, f64)> = Vec::new();
        let mut hidden: Option<f64> = None;
        let first = fine(ring).take(1);
        for [x, y, z] in fine(ring).chain(first).map(|place| self.see(place)) {
            if z >= 0.0 {
                out.push((x, y));
                hidden = None;
                continue;
            }
            let angle = y.atan2(x);
            // Between two hidden points the short way along the rim.
            if let Some(from) = hidden {
                let turn = (angle - from + PI).rem_euclid(TAU) - PI;
                let steps = (turn.abs() / 0.09).ceil().max(1.0);
                let on_rim = (1..steps as u32)
                    .map(|n| from + turn * f64::from(n) / steps)
                    .map(|angle| (angle.cos(), angle.sin()));
                out.extend(on_rim);
            }
            out.push((angle.cos(), angle.sin()));
            hidden = Some(angle);
        }
        out
    }
}
