//! From overlapping ranges to a sorted list without overlap, in which the narrowest range has won.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::net::IpAddr;

/// A range of addresses of one family, both ends included.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    start: u128,
    end: u128,
    v6: bool,
    /// What the owner of the map finds it by: line or offset.
    pub value: usize,
}

impl Range {
    /// None when the ends are of two families or the wrong way round.
    pub fn new(start: IpAddr, end: IpAddr, value: usize) -> Option<Self> {
        let (start, end) = (start.to_canonical(), end.to_canonical());
        let v6 = start.is_ipv6();
        let range = Self { start: number(start), end: number(end), v6, value };
        (v6 == end.is_ipv6() && range.start <= range.end).then_some(range)
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u128::from(u32::from(ip)),
        IpAddr::V6(ip) => u128::from(ip),
    }
}

/// Ranges that overlap one another: for each range at most one other that it overlaps, as
/// (value of the later, value of the earlier, whether both are as wide), by value; O(n log n).
pub(super) fn overlaps(ranges: &[Range]) -> Vec<(usize, usize, bool)> {
    let mut sorted: Vec<&Range> = ranges.iter().collect();
    // Of ranges that begin together the widest first, so that it stands for the others.
    sorted.sort_by_key(|range| (range.v6, range.start, Reverse(range.end), range.value));
    let mut out = Vec::new();
    let mut farthest: Option<&Range> = None;
    for range in sorted {
        let before = farthest.filter(|far| far.v6 == range.v6);
        if let Some(far) = before.filter(|far| range.start <= far.end) {
            let equal = range.end - range.start == far.end - far.start;
            out.push((range.value.max(far.value), range.value.min(far.value), equal));
        }
        if before.is_none_or(|far| range.end > far.end) {
            farthest = Some(range);
        }
    }
    out.sort_unstable();
    out
}

/// Finds the narrowest range that holds an address; of equally narrow ones the first given.
#[derive(Clone, Debug, Default)]
pub(super) struct Intervals {
    v4: Vec<Segment>,
    v6: Vec<Segment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Segment {
    start: u128,
    end: u128,
    value: usize,
}

impl Intervals {
    /// O(n log n).
    pub fn new(ranges: Vec<Range>) -> Self {
        let (v6, v4): (Vec<Range>, Vec<Range>) = ranges.into_iter().partition(|range| range.v6);
        Self { v4: segments(v4), v6: segments(v6) }
    }

    /// The value of the range; O(log n).
    pub fn find(&self, ip: IpAddr) -> Option<usize> {
        let ip = ip.to_canonical();
        let segments = if ip.is_ipv6() { &self.v6 } else { &self.v4 };
        let number = number(ip);
        let after = segments.partition_point(|segment| segment.start <= number);
        let segment = segments.get(after.checked_sub(1)?)?;
        (number <= segment.end).then_some(segment.value)
    }

    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

/// Sweeps over all starts and ends; between two of them the narrowest open range is the segment.
fn segments(mut ranges: Vec<Range>) -> Vec<Segment> {
    // Stable: ranges with the same start keep the order of the file.
    ranges.sort_by_key(|range| range.start);
    if ranges.windows(2).all(|pair| pair[0].end < pair[1].start) {
        return ranges
            .iter()
            .map(|range| Segment { start: range.start, end: range.end, value: range.value })
            .collect();
    }
    let mut out: Vec<Segment> = Vec::with_capacity(ranges.len());
    // Values grow with the lines of the file, so among equals the smaller one came first.
    let mut open: BTreeSet<(u128, usize)> = BTreeSet::new(); // width, value
    let mut ends: BinaryHeap<Reverse<(u128, u128, usize)>> = BinaryHeap::new(); // end, width, value
    let mut ranges = ranges.into_iter().peekable();
    let mut at = 0;
    loop {
        let next_start = ranges.peek().map(|range| range.start);
        let next_end = ends.peek().map(|Reverse((end, ..))| *end);
        match (next_start, next_end) {
            (None, None) => return out,
            (Some(start), end) if end.is_none_or(|end| start <= end) => {
                if let Some(before) = start.checked_sub(1) {
                    push(&mut out, at, before, &open);
                }
                at = start;
                if let Some(range) = ranges.next() {
                    let width = range.end - range.start;
                    open.insert((width, range.value));
                    ends.push(Reverse((range.end, width, range.value)));
                }
            }
            (_, Some(end)) => {
                push(&mut out, at, end, &open);
                if let Some(Reverse((_, width, value))) = ends.pop() {
                    open.remove(&(width, value));
                }
                match end.checked_add(1) {
                    Some(next) => at = next,
                    None => return out,
                }
            }
            (Some(_), None) => return out, // not reached: a start without an end is the second arm
        }
    }
}

fn push(out: &mut Vec<Segment>, start: u128, end: u128, open: &BTreeSet<(u128, usize)>) {
    let Some(&(_, value)) = open.first() else { return };
    if start > end {
        return;
    }
    match out.last_mut() {
        Some(last) if last.value == value && last.end.checked_add(1) == Some(start) => {
            last.end = end
        }
        _ => out.push(Segment { start, end, value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the sweep must agree with: try every range.
    fn slow(ranges: &[(u32, u32)], ip: u32) -> Option<usize> {
        let holds = |&(start, end): &(u32, u32)| start <= ip && ip <= end;
        let hits = ranges.iter().enumerate().filter(|(_, range)| holds(range));
        hits.min_by_key(|(line, (start, end))| (end - start, *line)).map(|(line, _)| line)
    }

    #[test]
    fn the_narrowest_range_wins_as_if_every_range_was_tried() {
        let mut seed = 7u64;
        let mut next = |below: u64| {
            seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (seed >> 33) % below
        };
        for round in 0..200 {
            // The last addresses of the family too: nothing may overflow there.
            let base = if round % 2 == 0 { 0 } else { u32::MAX - 63 };
            let ranges: Vec<(u32, u32)> = (0..next(12))
                .map(|_| {
                    let start = next(64) as u32;
                    (base + start, base + start + next(u64::from(64 - start)) as u32)
                })
                .collect();
            let map = Intervals::new(
                ranges
                    .iter()
                    .enumerate()
                    .filter_map(|(line, &(start, end))| {
                        Range::new(IpAddr::V4(start.into()), IpAddr::V4(end.into()), line)
                    })
                    .collect(),
            );
            for ip in (0..64).map(|ip| base + ip) {
                assert_eq!(map.find(IpAddr::V4(ip.into())), slow(&ranges, ip), "{ranges:?} {ip}");
            }
        }
    }
}
