//! `cargo xtask codegen`: the widget models ([`widgets`]), and the coastlines of the map, from the package that
//! has them.
//!
//! world-atlas holds Natural Earth's land as TopoJSON. What is written is a file of the crate that
//! draws: rings of whole twentieths of a degree, cut at the date line, a line each, in the characters
//! of encoded polylines (five bits a character, differences from point to point).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::progress::quietly;
use crate::{Result, WrongUse, arguments};

/// The package and the file in it.
const PACKAGE: &str = "world-atlas@2.0.2";
const FILE: &str = "land-110m.json";
/// What is written.
const OUT: &str = "crates/spot-view/src/figure/land_110m.rs";
/// Steps of a degree.
const STEPS: f64 = 20.0;

const HEADER: &str = "\
//! Land, as rings of longitude and latitude: see [`super::geo::land`].
//!
//! Made by `cargo xtask codegen`, not by hand. Source: land-110m.json of the npm package
//! world-atlas 2.0.2 (ISC, Copyright 2013-2019 Michael Bostock), which is made from Natural Earth,
//! 1:110m land, public domain (naturalearthdata.com).
";

mod widgets;

/// Makes all of it, or what is named; with `--check` it fails when the files are others.
pub fn run(root: &Path, words: &[&str]) -> Result {
    match words.split_first() {
        Some((&"map", words)) => map(root, words),
        Some((&"widgets", words)) => {
            let given = arguments(words, &["--check"], &[])?;
            widgets::run(root, !given.is_empty())
        }
        _ => {
            map(root, words)?;
            widgets::run(root, words.contains(&"--check"))
        }
    }
}

fn map(root: &Path, words: &[&str]) -> Result {
    let given = arguments(words, &["--check"], &["--world-atlas"])?;
    let folder = given.iter().rev().find_map(|&(name, value)| {
        (name == "--world-atlas").then(|| value.map(PathBuf::from)).flatten()
    });
    let check = given.iter().any(|&(name, _)| name == "--check");
    let folder = match folder {
        Some(folder) if folder.join(FILE).is_file() => folder,
        Some(folder) => {
            let what = format!("--world-atlas {}: no {FILE} in it", folder.display());
            return Err(WrongUse(what).into());
        }
        None => fetched(root)?,
    };
    let path = folder.join(FILE);
    let text = fs::read_to_string(&path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    let made = source(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let out = root.join(OUT);
    if check {
        return match fs::read_to_string(&out) {
            Ok(there) if there == made => Ok(()),
            _ => {
                Err(format!("{OUT} is not what {PACKAGE} gives: run cargo xtask codegen map")
                    .into())
            }
        };
    }
    fs::write(&out, made)
        .map_err(|error| format!("{} cannot be written: {error}", out.display()))?;
    println!("{}", out.display());
    Ok(())
}

/// The package's folder, brought by npm.
fn fetched(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/codegen");
    fs::create_dir_all(&folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    quietly(
        Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(&folder),
        "",
        0,
        |_| false,
    )?;
    let file = format!("{}.tgz", PACKAGE.replace('@', "-"));
    quietly(Command::new("tar").args(["xzf", &file]).current_dir(&folder), "", 0, |_| false)?;
    Ok(folder.join("package"))
}

/// The Rust file for a TopoJSON text.
fn source(topojson: &str) -> Result<String> {
    let rings =
        rings(&serde_json::from_str(topojson)?).ok_or("not TopoJSON with an object `land`")?;
    let mut out = format!("{HEADER}\npub(super) const LAND: &str = r\"\n");
    for ring in rings {
        out.push_str(&encoded(&ring));
        out.push('\n');
    }
    out.push_str("\";\n");
    Ok(out)
}

type Point = (f64, f64);

/// All rings of the object `land`, cut at the date line, in steps; None where a part is missing.
fn rings(topology: &Value) -> Option<Vec<Vec<(i64, i64)>>> {
    let pair = |value: &Value| -> Option<Point> {
        Some((value.get(0)?.as_f64()?, value.get(1)?.as_f64()?))
    };
    let scale = pair(topology.pointer("/transform/scale")?)?;
    let translate = pair(topology.pointer("/transform/translate")?)?;
    let arcs: Vec<Vec<Point>> = topology["arcs"]
        .as_array()?
        .iter()
        .map(|arc| {
            let mut at = (0.0, 0.0);
            let points = arc.as_array()?.iter().map(|step| {
                let step = pair(step)?;
                at = (at.0 + step.0, at.1 + step.1);
                Some((at.0 * scale.0 + translate.0, at.1 * scale.1 + translate.1))
            });
            points.collect()
        })
        .collect::<Option<_>>()?;
    let mut out = Vec::new();
    for ring in ring_arcs(topology.pointer("/objects/land")?)? {
        let mut points: Vec<Point> = Vec::new();
        for &index in &ring {
            // ~n is arc n from its end.
            let arc = arcs.get(usize::try_from(if index < 0 { !index } else { index }).ok()?)?;
            let skip = usize::from(!points.is_empty());
            match index < 0 {
                true => points.extend(arc.iter().rev().skip(skip)),
                false => points.extend(arc.iter().skip(skip)),
            }
        }
        points.pop();
        out.extend(at_home(&points));
    }
    Some(out)
}

/// The rings of a geometry, each as numbers of arcs.
fn ring_arcs(geometry: &Value) -> Option<Vec<Vec<i64>>> {
    let list = |value: &Value| value.as_array().cloned();
    let ring =
        |ring: &Value| ring.as_array()?.iter().map(Value::as_i64).collect::<Option<Vec<_>>>();
    match geometry["type"].as_str()? {
        "GeometryCollection" => {
            let parts = list(&geometry["geometries"])?;
            Some(parts.iter().map(ring_arcs).collect::<Option<Vec<_>>>()?.concat())
        }
        "Polygon" => list(&geometry["arcs"])?.iter().map(ring).collect(),
        "MultiPolygon" => {
            let polygons = list(&geometry["arcs"])?;
            let rings: Option<Vec<Vec<Value>>> = polygons.iter().map(list).collect();
            rings?.concat().iter().map(ring).collect()
        }
        _ => None,
    }
}

/// A ring as rings between 180 degrees west and east. One that goes round a pole gets the pole.
fn at_home(ring: &[Point]) -> Vec<Vec<(i64, i64)>> {
    let Some(&first) = ring.first() else { return Vec::new() };
    let mut line: Vec<Point> = Vec::with_capacity(ring.len() + 3);
    for &(longitude, latitude) in ring.iter().chain([&first]) {
        let before = line.last().map_or(longitude, |last| last.0);
        let turns = ((before - longitude) / 360.0).round();
        line.push((longitude + turns * 360.0, latitude));
    }
    let (start, end) = (first.0, line.last().map_or(first.0, |last| last.0));
    if (end - start).abs() > 180.0 {
        let pole = if line.iter().map(|point| point.1).sum::<f64>() < 0.0 { -90.0 } else { 90.0 };
        line.extend([(end, pole), (start, pole)]);
    } else {
        line.pop();
    }
    let mut out = Vec::new();
    for turn in [-360.0, 0.0, 360.0] {
        let moved: Vec<Point> = line.iter().map(|&(x, y)| (x + turn, y)).collect();
        let mut steps: Vec<(i64, i64)> = east_of(&west_of(&moved), -180.0)
            .iter()
            .map(|&(x, y)| ((x * STEPS).round() as i64, (y * STEPS).round() as i64))
            .collect();
        steps.dedup();
        if steps.first() == steps.last() {
            steps.pop();
        }
        let wide = steps.iter().any(|point| point.0 != steps[0].0);
        if steps.len() > 2 && wide {
            out.push(steps);
        }
    }
    out
}

/// The part of a polygon that is west of 180 degrees.
fn west_of(ring: &[Point]) -> Vec<Point> {
    let turned: Vec<Point> = ring.iter().map(|&(x, y)| (-x, y)).collect();
    east_of(&turned, -180.0).into_iter().map(|(x, y)| (-x, y)).collect()
}

fn east_of(ring: &[Point], limit: f64) -> Vec<Point> {
    let mut out = Vec::new();
    for (n, &to) in ring.iter().enumerate() {
        let from = ring[(n + ring.len() - 1) % ring.len()];
        if (from.0 < limit) != (to.0 < limit) {
            let part = (limit - from.0) / (to.0 - from.0);
            out.push((limit, from.1 + (to.1 - from.1) * part));
        }
        if to.0 >= limit {
            out.push(to);
        }
    }
    out
}

/// Differences from point to point, the first from 0.
fn encoded(ring: &[(i64, i64)]) -> String {
    let mut out = String::new();
    let mut at = (0, 0);
    for &(x, y) in ring {
        number(&mut out, x - at.0);
        number(&mut out, y - at.1);
        at = (x, y);
    }
    out
}

fn number(out: &mut String, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    loop {
        let more = rest >= 32;
        let bits = (rest & 31) as u8 | if more { 32 } else { 0 };
        out.push(char::from(bits + 63));
        rest >>= 5;
        if !more {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square at 10 E, the same with a hole made of a reversed arc, and an island on the date line.
    const SAMPLE: &str = r#"{"type":"Topology","transform":{"scale":[1,0.5],"translate":[-180,-90]},
        "objects":{"land":{"type":"GeometryCollection","geometries":[
            {"type":"MultiPolygon","arcs":[[[0,1],[-3]],[[3]]]}]}},
        "arcs":[[[190,180],[0,40],[20,0]],[[210,220],[0,-40],[-20,0]],
            [[195,190],[5,0],[0,10],[-5,-10]],[[355,100],[0,20],[-350,0],[0,-20],[350,0]]]}"#;

    #[test]
    fn a_sample_becomes_rings_cut_at_the_date_line() {
        assert_eq!(
            rings(&serde_json::from_str(SAMPLE).unwrap()).unwrap(),
            [
                vec![(200, 0), (200, 400), (600, 400), (600, 0)],
                vec![(300, 100), (400, 200), (400, 100)],
                // 175 E to 175 W: one part begins at 180 W, the other ends at 180 E.
                vec![(-3600, -800), (-3600, -600), (-3500, -600), (-3500, -800)],
                vec![(3600, -800), (3500, -800), (3500, -600), (3600, -600)],
            ]
        );
    }

    #[test]
    fn a_ring_round_a_pole_gets_the_pole() {
        let ring = [(-90.0, -70.0), (0.0, -75.0), (90.0, -70.0), (180.0, -72.0)];
        let made = at_home(&ring);
        let lowest: Vec<_> = made.iter().flatten().filter(|point| point.1 == -1800).collect();
        assert!(lowest.len() >= 2, "{made:?}");
        assert!(made.iter().flatten().all(|point| point.0.abs() <= 3600));
        let width: i64 = made
            .iter()
            .map(|ring| {
                let x = || ring.iter().map(|point| point.0);
                x().max().unwrap_or(0) - x().min().unwrap_or(0)
            })
            .sum();
        assert_eq!(width, 7200);
    }

    #[test]
    fn numbers_are_those_of_encoded_polylines() {
        // The known example: 38.5, -120.2 in 100,000ths.
        let mut out = String::new();
        number(&mut out, 3_850_000);
        number(&mut out, -12_020_000);
        assert_eq!(out, "_p~iF~ps|U");
    }

    #[test]
    fn the_committed_file_is_one_of_this_converter() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let there = fs::read_to_string(root.join(OUT)).unwrap();
        let (head, body) = there.split_once("r\"\n").unwrap();
        assert_eq!(head, format!("{HEADER}\npub(super) const LAND: &str = "));
        assert!(body.ends_with("\n\";\n"));
        // A changed character would be another number; all of them in sum are the land's.
        let sum =
            body.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        assert_eq!((body.lines().count() - 1, sum), (RINGS, SUM), "run cargo xtask codegen");
        assert!(source(SAMPLE).unwrap().starts_with(head));
    }

    /// Rings of the real file, and a checksum of their text.
    const RINGS: usize = 128;
    const SUM: u32 = 694_586_335;
}
