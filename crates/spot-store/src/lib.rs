//! Where the tables live: questions about one day, answered from Parquet folders, and atomic writes.
//!
//! * [`Settings`] says which folder, day and address: cell, environment, spot.conf, in that order.
//! * [`Store`] is the questions; [`Embedded`] answers them from folders in either [`Layout`],
//!   [`GraphQl`] asks a server.
//! * [`Bench`] puts a store, the context files and `spot-analysis` together: [`Workbench`] for flows,
//!   [`DnsWorkbench`] for DNS. The notebooks and the command line use these and nothing else.
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
//! [`Stories`] lists what was saved, tells all of one, exports and deletes it, and makes every number of
//! it again from the inputs ([`verify`]).
//!
//! A save is all or nothing: see the module `publish` for how. Nothing else is ever written, and a
//! search writes nothing.

pub mod cancel;
mod cells;
pub mod conf;
mod contents;
pub mod context;
mod conversations;
mod dates;
mod dns_rows;
mod dns_story;
mod dns_workbench;
mod embedded;
pub mod error;
mod export;
mod flow_rows;
mod flow_story;
pub mod graphql;
mod held;
mod http;
mod incoming;
pub mod layout;
mod lists;
pub mod manifest;
mod parquet;
mod publish;
mod rank;
pub mod remote;
pub mod scoring;
pub mod settings;
mod source;
#[cfg(feature = "engine")]
mod spark;
mod store;
mod stories;
mod story;
mod threads;
mod threats_csv;
mod times;
pub mod verify;
pub mod wire;
mod workbench;

pub use dates::{Dates, MOST_DAYS};
pub use dns_story::DnsStory;
pub use dns_workbench::{Dns, DnsWorkbench};
pub use embedded::Embedded;
pub use error::{Result, StoreError};
pub use export::{Exported, Format};
pub use flow_story::Story;
pub use graphql::GraphQl;
pub use held::HeldInfo;
pub use incoming::Incoming;
pub use layout::{Layout, Pipeline};
pub use manifest::{Manifest, StoryAnchor};
pub use publish::StepHook;
pub use remote::Out;
pub use scoring::{DnsFilter, FlowFilter, Rating, Score, listed_dns, listed_flows};
pub use settings::Settings;
pub use source::{DnsRows, FlowRows, Rows};
#[cfg(feature = "engine")]
pub use spark::{Compacted, Spark, SparkStore};
pub use spot_analysis::Suspect;
pub use spot_analysis::history::DayRows;
pub use store::{DayInfo, Named, Store};
pub use stories::{Gone, Stories, Told, Unlisted};
pub use story::{Artefact, Comment, Saved};
pub use threads::side_by_side;
pub use workbench::{Bench, Flow, PipelineKind, Workbench, context_files, open};
