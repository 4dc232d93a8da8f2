//! The schema in the repository is the one that is served.

#[test]
fn the_kept_schema_is_the_served_one() {
    let kept = include_str!("../schema.graphql");
    let served = spot_serve::sdl();
    assert!(
        kept == served,
        "write it anew: spot serve --schema > crates/spot-serve/schema.graphql"
    );
}
