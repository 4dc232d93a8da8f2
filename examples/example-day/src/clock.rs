//! The rhythm of the day: how busy each half hour is.

/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Half hours in a day.
pub const SLOTS: usize = 48;

/// How a habit's activity runs over the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// Offices: a ramp from seven, a dip at lunch, home after five, machines left on at night.
    Work,
    /// Jobs between one and five at night.
    Night,
    /// The public: least at four, most at eight in the evening.
    Public,
    /// Machines that never sleep.
    Always,
}

/// Activity of an office in each hour; in parts of its busiest hour.
const WORK: [f64; 24] = [
    0.04, 0.03, 0.03, 0.03, 0.03, 0.04, 0.09, 0.30, 0.72, 0.95, 1.00, 0.96, 0.58, 0.74, 0.98, 0.97,
    0.86, 0.55, 0.28, 0.16, 0.11, 0.09, 0.07, 0.05,
];
const NIGHT: [f64; 24] = [
    0.10, 1.00, 1.00, 0.90, 0.60, 0.15, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.01, 0.01, 0.01,
    0.01, 0.01, 0.01, 0.01, 0.01, 0.02, 0.04, 0.08,
];
const PUBLIC: [f64; 24] = [
    0.45, 0.30, 0.20, 0.15, 0.14, 0.18, 0.28, 0.42, 0.55, 0.62, 0.66, 0.70, 0.74, 0.70, 0.66, 0.66,
    0.70, 0.78, 0.88, 0.96, 1.00, 0.96, 0.82, 0.62,
];

impl Curve {
    /// Activity in a half hour (0 to 47), between the middles of the hours on a straight line.
    pub fn at(self, slot: usize) -> f64 {
        let hours = match self {
            Curve::Work => &WORK,
            Curve::Night => &NIGHT,
            Curve::Public => &PUBLIC,
            Curve::Always => return 1.0,
        };
        let hour = slot / 2 % 24;
        let neighbour = if slot.is_multiple_of(2) { hour + 23 } else { hour + 1 } % 24;
        0.75 * hours[hour] + 0.25 * hours[neighbour]
    }
}

/// Milliseconds after midnight of a wall-clock time.
pub const fn at(hour: i64, minute: i64) -> i64 {
    hour * HOUR_MS + minute * 60_000
}
