//! The earth under the map: land where it is, ways that are the shortest.

use spot_view::figure::geo;

#[test]
fn land_is_where_land_is() {
    assert_eq!(geo::land().count(), 128);
    assert_eq!(geo::land().map(<[_]>::len).sum::<usize>(), 5000);
    for (name, place, land) in [
        ("Africa", (20.0, 5.0), true),
        ("Pacific", (-150.0, 0.0), false),
        ("Praha", (14.4, 50.1), true),
        ("Caspian Sea", (51.0, 42.0), false),
        ("Chukotka, beyond the date line", (-175.0, 67.0), true),
        ("South Pole", (100.0, -89.9), true),
        ("Atlantic", (-35.0, 30.0), false),
        ("Australia", (135.0, -25.0), true),
    ] {
        assert_eq!(geo::on_land(place), land, "{name}");
        // The globe agrees, from wherever it is seen.
        for middle in [(0.0, 0.0), (120.0, 40.0), (-100.0, -60.0), (180.0, 10.0), (30.0, 90.0)] {
            let half = geo::Hemisphere::of(middle);
            let [x, y, z] = half.see(place);
            if z < 0.2 {
                continue;
            }
            let inside = |ring: &Vec<(f64, f64)>| {
                let edges = ring.iter().zip(ring.iter().cycle().skip(1));
                edges
                    .filter(|(a, b)| {
                        (a.1 > y) != (b.1 > y) && x < (b.0 - a.0) * (y - a.1) / (b.1 - a.1) + a.0
                    })
                    .count()
                    % 2
                    == 1
            };
            let seen = half.land().iter().filter(|ring| inside(ring)).count() % 2 == 1;
            assert_eq!(seen, land, "{name} from {middle:?}");
        }
    }
}

#[test]
fn ways_are_the_shortest_and_end_at_the_edge_of_the_map() {
    for (from, to) in [
        ((170.0, 10.0), (-170.0, 20.0)),
        ((-170.0, 10.0), (170.0, -20.0)),
        ((180.0, 0.0), (-90.0, 0.0)),
        ((0.0, 0.0), (180.0, 0.0)),
        ((10.0, 90.0), (20.0, -90.0)),
        ((14.4, 50.1), (14.4, 50.1)),
        ((14.4, 50.1), (-165.6, -50.1)),
    ] {
        let way = geo::great_circle(from, to, 48);
        assert_eq!((way[0], way[way.len() - 1]), (from, to));
        assert!(way.iter().all(|place| place.0.abs() <= 180.0 && place.1.abs() <= 90.0));
        for piece in geo::cut_at_date_line(&way) {
            assert!(
                piece.windows(2).all(|pair| (pair[1].0 - pair[0].0).abs() <= 180.0),
                "{piece:?}"
            );
        }
    }
    let pieces = geo::cut_at_date_line(&geo::great_circle((170.0, 10.0), (-170.0, 20.0), 48));
    assert_eq!(pieces.len(), 2);
    assert_eq!(pieces[0].last().map(|place| place.0), Some(180.0));
    assert_eq!(pieces[1].first().map(|place| place.0), Some(-180.0));
    let ends = (pieces[0].last().map(|place| place.1), pieces[1].first().map(|place| place.1));
    assert_eq!(ends.0, ends.1);
}
