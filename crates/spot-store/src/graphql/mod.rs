//! The store that asks a GraphQL server: `spot serve`, or Apache Spot's own.
//!
//! Spot's server gives sums of an anchor's rows, not the rows; ours gives the rows too, and then a
//! search finds what it finds in a folder. [`GraphQl::open`] asks which of the two it is. What an
//! answer of Spot's own cannot tell is said in the notes of every finding ([`partial`]).
//!
//! Everything that a server says is hostile: answers are read up to a size, taken apart field by
//! field, and quoted as texts.

mod answer;
mod changes;
mod client;
pub mod operations;
mod partial;
mod server;
mod store;

pub use server::Server;
pub use store::GraphQl;
