//! Reports that stand alone: a page a suspect, from one pass over the day, and an index of them.
//!
//! [`run`] takes a [`Bench`](spot_store::Bench) and says which anchors; it makes the findings side by
//! side, has `spot-view` draw them, and writes
//!
//! ```text
//! OUT/flow/2016-07-08/index.html       the suspects, those with most evidence first
//! OUT/flow/2016-07-08/10_0_0_5.html    the day of one of them, as a page that needs nothing else
//! OUT/flow/2016-07-08/.done/           what is finished, and of which inputs
//! ```
//!
//! A run that was cut off goes on where it stopped: a page is kept while the files of the day, the
//! context, the score and the story that it was made of are the same. Every file appears as a whole.
//! There is no clock in a page: the same inputs give the same bytes.
//!
//! ```no_run
//! use spot_report::{Options, run};
//! use spot_store::settings::{Anchors, given};
//! use spot_store::{Settings, Workbench};
//!
//! let bench = Workbench::open(Settings::from_env(&given([("SPOT_DATA", "/data/spot")]))?)?;
//! let done = run(&bench, &Anchors::All, &Options::new("reports"), &|_| ())?;
//! println!("{} of {} written", done.written, done.suspects);
//! # Ok::<(), spot_store::StoreError>(())
//! ```

mod batch;
mod dns;
mod flow;
mod folder;
mod kind;

pub use batch::{Done, Options, Progress, run};
pub use folder::report_folder;
pub use kind::{Line, Reported};
