//! Where the tables live: questions about one day, answered from Parquet folders, and atomic writes.
//!
//! * [`Settings`] says which folder, day and address: cell, environment, spot.conf, in that order.
//! * [`Store`] is the questions; [`Embedded`] answers them from folders in either [`Layout`].
//! * [`Workbench`] puts a store, the context files and `spot-analysis` together. The notebook and the
//!   command line use this and nothing else.
//!
//! ```no_run
//! use spot_analysis::model::Address;
//! use spot_store::{Settings, Workbench, settings::given};
//!
//! let settings = Settings::from_env(&given([("SPOT_DATA", "/data/spot")]))?;
//! let bench = Workbench::open(settings)?;
//! for suspect in bench.suspects()? {
//!     println!("{} {} high rows", suspect.address, suspect.high_rows);
//! }
//! let found = bench.investigate(&Address::new("10.0.0.5"))?;
//! let saved = bench.save(&found, "Beacon", "Every ten minutes to 203.0.113.9.")?;
//! println!("revision {} in {} files", saved.revision, saved.artefacts.len());
//! # Ok::<(), spot_store::StoreError>(())
//! ```
//!
//! A save is all or nothing: see the module `publish` for how. Nothing else is ever written, and a
//! search writes nothing.

pub mod conf;
pub mod context;
mod embedded;
pub mod error;
mod flow_rows;
pub mod layout;
mod parquet;
mod publish;
pub mod settings;
mod store;
mod story;
mod workbench;

pub use embedded::Embedded;
pub use error::{Result, StoreError};
pub use flow_rows::FlowRows;
pub use layout::Layout;
pub use publish::StepHook;
pub use settings::Settings;
pub use spot_analysis::Suspect;
pub use store::{DayInfo, Store};
pub use story::{Artefact, Comment, Saved, Story};
pub use workbench::Workbench;
