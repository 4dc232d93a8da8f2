//! Traits that follow each other: in the page, or here.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{Model, Topic};
use crate::widgets::models::{DIRECTIONAL_LINK, LINK};
use crate::widgets::{Widget, handle};

handle! {
    /// Two traits that stay equal, in the page: made by [`jslink`].
    Link
}

handle! {
    /// A trait that follows another one, in the page: made by [`jsdlink`].
    DirectionalLink
}

macro_rules! closes {
    ($($name:ident)*) => {
        $(impl $name {
            /// Ends it.
            pub fn close(&self) {
                self.model.close();
            }
        })*
    };
}
closes!(Link DirectionalLink);

/// Keeps two traits equal in the pages, without the kernel: `jslink((&slider, "value"), (&bar, "value"))`.
pub fn jslink(one: (&dyn Widget, &str), other: (&dyn Widget, &str)) -> Link {
    Link { model: linked(Model::new(&LINK), one, other) }
}

/// As [`jslink`], from the first to the second only.
pub fn jsdlink(from: (&dyn Widget, &str), to: (&dyn Widget, &str)) -> DirectionalLink {
    DirectionalLink { model: linked(Model::new(&DIRECTIONAL_LINK), from, to) }
}

fn linked(model: Model, from: (&dyn Widget, &str), to: (&dyn Widget, &str)) -> Model {
    model.set_end("source", from.0.model(), from.1);
    model.set_end("target", to.0.model(), to.1);
    // Nothing shows it: it has to be sent by itself.
    model.open();
    model
}

/// Two traits that follow each other here: made by [`link`]. It lasts when this is dropped.
#[derive(Clone, Debug)]
pub struct Linked {
    over: Arc<AtomicBool>,
}

impl Linked {
    /// Ends it.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

/// Keeps two traits equal here: what a user does to one of them is done to the other one, if that takes such a
/// value. The second one begins with the value of the first.
///
/// ```
/// use evcxr_widgets::{IntSlider, IntText, link};
/// let (slider, field) = (IntSlider::new(0..=10).with_value(3), IntText::new(0));
/// let linked = link((&slider, "value"), (&field, "value"));
/// assert_eq!(field.value(), 3);
/// linked.end();
/// ```
pub fn link(one: (&dyn Widget, &str), other: (&dyn Widget, &str)) -> Linked {
    let over = Arc::new(AtomicBool::new(false));
    let (first, second) = (one.0.model(), other.0.model());
    second.set_trait(other.1, &first.get(one.1));
    let ways = [((first, one.1), (second, other.1)), ((second, other.1), (first, one.1))];
    for ((from, name), (to, of)) in ways {
        let (over, to, of) = (over.clone(), to.downgrade(), of.to_owned());
        from.on(Topic::Trait(name.to_owned()), move |change| {
            if let Some(to) = to.upgrade().filter(|_| !over.load(Ordering::Relaxed)) {
                to.set_trait(&of, &change.new);
            }
        });
    }
    Linked { over }
}
