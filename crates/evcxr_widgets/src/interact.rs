//! Controls for the arguments of a piece of code: [`interact!`](crate::interact!).

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{NaiveDate, NaiveTime};

use crate::dispatch::lock;
use crate::display::{self, Bundle};
use crate::model::{Model, Topic};
use crate::widgets::{
    BoundedFloatText, BoundedIntText, Checkbox, Color, ColorPicker, DatePicker, Dropdown,
    FloatLogSlider, FloatSlider, FloatText, IntRangeSlider, IntSlider, IntText, Output,
    RadioButtons, Select, Text, Textarea, TimePicker, ToggleButton, VBox, Widget,
};

/// Makes controls of the names before `=>`, and runs what is behind it again whenever one of them is changed. What that
/// returns or [displays](crate::display) stands below the controls.
///
/// ```
/// use evcxr_widgets::{IntSlider, interact};
/// let panel = interact!(
///     least = 0..=100,
///     kind = ["tcp", "udp"],
///     exact = true,
///     part = IntSlider::new(0..=9),
///     => format!("{kind} from {least}, {}, part {part}", if exact { "exactly" } else { "about" })
/// );
/// panel // as the last expression of a cell
/// # .show();
/// ```
///
/// A name may be a range of `i64` or `f64` (a slider), a number, a `bool`, a text, a list of texts (a choice; the
/// value is a `String`), a chrono day or time, a [`Color`](crate::Color), or a widget that has a value. While a
/// control moves faster than the code runs, only its last value is computed.
#[macro_export]
macro_rules! interact {
    ($($name:ident = $from:expr),+ $(,)? => $body:expr) => {{
        $(let $name = $crate::Argument::knob($from, stringify!($name));)+
        let knobs = [$($crate::Knob::widget(&$name).clone()),+];
        $crate::interact_panel(&knobs, move || {
            $(let $name = $crate::Knob::value(&$name);)+
            $crate::Shown::show($body);
        })
    }};
}

/// A control that stands for an argument of type `V`.
pub struct Knob<V> {
    widget: Model,
    read: Box<dyn Fn() -> V + Send + Sync>,
}

impl<V> fmt::Debug for Knob<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Knob").field(&self.widget).finish()
    }
}

impl<V> Knob<V> {
    /// The control.
    pub fn widget(&self) -> &Model {
        &self.widget
    }

    /// What it is set to.
    pub fn value(&self) -> V {
        (self.read)()
    }
}

/// What [`interact!`](crate::interact!) can make a control of.
pub trait Argument: Sized {
    /// What the control is set to.
    type Value;

    /// The control, with the argument's name beside it if it has no text of its own.
    fn knob(self, name: &str) -> Knob<Self::Value>;
}

macro_rules! widgets {
    ($($widget:ty => $value:ty: $read:expr,)*) => {
        $(impl Argument for $widget {
            type Value = $value;

            fn knob(self, name: &str) -> Knob<$value> {
                if self.model().text("description").is_empty() {
                    self.set_description(name);
                }
                let widget = self.model().clone();
                Knob { widget, read: Box::new(move || $read(&self)) }
            }
        })*
    };
}
widgets! {
    BoundedFloatText => f64: BoundedFloatText::value,
    BoundedIntText => i64: BoundedIntText::value,
    Checkbox => bool: Checkbox::value,
    ColorPicker => Color: ColorPicker::value,
    DatePicker => Option<NaiveDate>: DatePicker::value,
    Dropdown => Option<String>: Dropdown::value,
    FloatLogSlider => f64: FloatLogSlider::value,
    FloatSlider => f64: FloatSlider::value,
    FloatText => f64: FloatText::value,
    IntRangeSlider => RangeInclusive<i64>: IntRangeSlider::value,
    IntSlider => i64: IntSlider::value,
    IntText => i64: IntText::value,
    RadioButtons => Option<String>: RadioButtons::value,
    Select => Option<String>: Select::value,
    Text => String: Text::value,
    Textarea => String: Textarea::value,
    TimePicker => Option<NaiveTime>: TimePicker::value,
    ToggleButton => bool: ToggleButton::value,
}

macro_rules! values {
    ($($value:ty => $of:ty: $make:expr,)*) => {
        $(impl Argument for $value {
            type Value = $of;

            fn knob(self, name: &str) -> Knob<$of> {
                let make: fn($value) -> _ = $make;
                make(self).knob(name)
            }
        })*
    };
}
values! {
    RangeInclusive<i64> => i64: IntSlider::new,
    RangeInclusive<f64> => f64: FloatSlider::new,
    i64 => i64: IntText::new,
    f64 => f64: FloatText::new,
    bool => bool: |yes| Checkbox::new("").with_value(yes),
    String => String: Text::new,
    NaiveDate => Option<NaiveDate>: |day| DatePicker::new().with_value(day),
    NaiveTime => Option<NaiveTime>: |time| TimePicker::new().with_value(time),
    Color => Color: ColorPicker::new,
}

impl Argument for &str {
    type Value = String;

    fn knob(self, name: &str) -> Knob<String> {
        Text::new(self).knob(name)
    }
}

/// A choice among texts, of which one is always chosen (`""` if there are none).
fn choice(texts: Vec<String>, name: &str) -> Knob<String> {
    let list = Dropdown::new(texts).description(name);
    let widget = list.model().clone();
    Knob { widget, read: Box::new(move || list.value().unwrap_or_default()) }
}

impl<T: Into<String>, const N: usize> Argument for [T; N] {
    type Value = String;

    fn knob(self, name: &str) -> Knob<String> {
        choice(self.into_iter().map(Into::into).collect(), name)
    }
}

impl<T: Into<String>> Argument for Vec<T> {
    type Value = String;

    fn knob(self, name: &str) -> Knob<String> {
        choice(self.into_iter().map(Into::into).collect(), name)
    }
}

/// What the code of [`interact!`](crate::interact!) may return.
pub trait Shown {
    /// Shows it.
    fn show(self);
}

impl Shown for () {
    fn show(self) {}
}

impl Shown for Bundle {
    fn show(self) {
        display::show(self);
    }
}

impl Shown for &str {
    fn show(self) {
        display::text(self);
    }
}

impl Shown for String {
    fn show(self) {
        display::text(self);
    }
}

/// An error is shown in words.
impl<T: Shown, E: fmt::Display> Shown for Result<T, E> {
    fn show(self) {
        match self {
            Ok(value) => value.show(),
            Err(error) => display::text(format!("Error: {error}")),
        }
    }
}

/// The controls above what `run` shows, now and whenever one of them changes.
#[doc(hidden)]
pub fn interact_panel(knobs: &[Model], run: impl FnMut() + Send + 'static) -> VBox {
    let output = Output::new();
    let run = Arc::new(Mutex::new(run));
    // Changes that were made; handlers of several controls run side by side.
    let changes = Arc::new(AtomicU64::new(0));
    let again = {
        let output = output.clone();
        move || {
            let mine = changes.fetch_add(1, Ordering::SeqCst) + 1;
            let mut run = lock(&run);
            if changes.load(Ordering::SeqCst) == mine {
                let next = Output::new();
                next.capture(|| (*run)());
                output.set_outputs(next.outputs());
            }
        }
    };
    again();
    for knob in knobs {
        let again = again.clone();
        knob.on(Topic::Trait("value".to_owned()), move |_| again());
    }
    let mut children = knobs.to_vec();
    children.push(output.model().clone());
    VBox::new(children).fallback("Run this cell to use its controls.")
}
