//! A bar around an iterator.

use std::time::{Duration, Instant};

use crate::link::is_live;
use crate::widgets::{AlignItems, BarStyle, FloatProgress, HBox, Label, Layout};

/// As often as a person can read.
const OFTEN: Duration = Duration::from_millis(100);

/// Shows how far a loop has come: a bar, how many, how many a second, and how long it will take.
///
/// ```
/// let mut sum = 0;
/// for number in evcxr_widgets::progress(1..=1000).description("Adding") {
///     sum += number;
/// }
/// assert_eq!(sum, 500_500);
/// ```
///
/// The bar appears with the first item. An iterator that does not know its length has no end to tell of. A loop
/// that is left early says where. Without a kernel that has widgets nothing is shown.
pub fn progress<I: IntoIterator>(items: I) -> Progress<I::IntoIter> {
    let items = items.into_iter();
    let total = match items.size_hint() {
        (least, Some(most)) if least == most => Some(most),
        _ => None,
    };
    Progress { items, total, done: 0, description: String::new(), shown: None }
}

/// An iterator with a bar: made by [`progress`].
#[derive(Debug)]
pub struct Progress<I> {
    items: I,
    total: Option<usize>,
    /// Items that were given.
    done: usize,
    description: String,
    shown: Option<Shown>,
}

#[derive(Debug)]
struct Shown {
    bar: FloatProgress,
    label: Label,
    begun: Instant,
    drawn: Instant,
}

impl<I> Progress<I> {
    /// Says what is done.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.description = text.into();
        self
    }

    /// How many there will be, where the iterator does not know.
    pub fn total(mut self, total: usize) -> Self {
        self.total = Some(total);
        self
    }

    fn show(&self) -> Shown {
        let bar = FloatProgress::new(0.0..=1.0).description(self.description.as_str());
        let label = Label::new("");
        if is_live() {
            HBox::new((&bar, &label)).layout(Layout::new().align_items(AlignItems::Center)).show();
        }
        let now = Instant::now();
        Shown { bar, label, begun: now, drawn: now }
    }

    /// Draws what is done before the item that is given next.
    fn draw(&mut self, style: Option<BarStyle>) {
        let Some(shown) = &mut self.shown else { return };
        let now = Instant::now();
        if style.is_none() && now.duration_since(shown.drawn) < OFTEN {
            return;
        }
        shown.drawn = now;
        let (share, text) = told(self.done, self.total, now.duration_since(shown.begun));
        shown.bar.set_value(share);
        shown.label.set_value(text);
        if let Some(style) = style {
            shown.bar.clone().bar_style(style);
        }
    }
}

impl<I: Iterator> Iterator for Progress<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        if self.shown.is_none() {
            self.shown = Some(self.show());
        }
        match self.items.next() {
            Some(item) => {
                self.draw(None);
                self.done += 1;
                Some(item)
            }
            None => {
                self.total = Some(self.done);
                self.draw(Some(BarStyle::Success));
                // Nothing more to say when it is dropped.
                self.total = None;
                None
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.items.size_hint()
    }
}

impl<I> Drop for Progress<I> {
    fn drop(&mut self) {
        if self.total.is_some() {
            self.draw(Some(BarStyle::Warning));
        }
    }
}

/// The share that is done, and a line that tells it.
fn told(done: usize, total: Option<usize>, took: Duration) -> (f64, String) {
    let seconds = took.as_secs_f64();
    let rate = done as f64 / seconds.max(1e-9);
    let rated = match rate {
        _ if done == 0 => String::new(),
        rate if rate >= 10.0 => format!(" · {} a second", grouped(rate.min(1e15) as usize)),
        rate if rate >= 0.1 => format!(" · {rate:.1} a second"),
        rate => format!(" · one in {}", lasting(1.0 / rate)),
    };
    let Some(total) = total else {
        return (0.0, format!("{}{rated}", grouped(done)));
    };
    let share = if total == 0 { 1.0 } else { (done as f64 / total as f64).min(1.0) };
    let time = match done {
        0 => String::new(),
        _ if done >= total => format!(" · {}", lasting(seconds)),
        _ => format!(" · {} left", lasting((total - done) as f64 / rate)),
    };
    (share, format!("{} of {}{rated}{time}", grouped(done), grouped(total)))
}

/// `1,234,567`.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn lasting(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 360_000.0 => format!("{:.1} h", s / 3600.0),
        _ => "days".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_how_far_it_is() {
        // Done, of, milliseconds; share and line.
        let cases: [(usize, Option<usize>, u64, f64, &str); 9] = [
            (0, Some(10), 0, 0.0, "0 of 10"),
            (5, Some(10), 2000, 0.5, "5 of 10 · 2.5 a second · 2 s left"),
            (10, Some(10), 4000, 1.0, "10 of 10 · 2.5 a second · 4 s"),
            (
                1_500_000,
                Some(3_000_000),
                1000,
                0.5,
                "1,500,000 of 3,000,000 · 1,500,000 a second · 1 s left",
            ),
            (1, Some(100), 60_000, 0.01, "1 of 100 · one in 60 s · 99 min left"),
            (7, None, 700, 0.0, "7 · 10 a second"),
            (0, Some(0), 0, 1.0, "0 of 0"),
            (12, Some(10), 1000, 1.0, "12 of 10 · 12 a second · 1 s"),
            (
                1,
                Some(usize::MAX),
                1000,
                1.0 / usize::MAX as f64,
                "1 of 18,446,744,073,709,551,615 · 1.0 a second · days left",
            ),
        ];
        for (done, total, took, share, line) in cases {
            assert_eq!(told(done, total, Duration::from_millis(took)), (share, line.to_owned()));
        }
    }

    #[test]
    fn items_come_as_they_are() {
        assert_eq!(progress(1..=3).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(progress("a b".split(' ')).total(9).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(progress([0u8; 0]).count(), 0);
        assert_eq!(progress(0..10).by_ref().size_hint(), (10, Some(10)));
    }
}
