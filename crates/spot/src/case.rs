//! What an investigation of flows and one of DNS bring to what both do alike.

use std::sync::Arc;

use chrono::NaiveDate;
use evcxr_widgets::VBox;
use evcxr_widgets::display::Bundle;
use spot_report::Reported;
use spot_store::{Bench, Saved, Settings};
use spot_view::Markup;

use crate::Result;
use crate::panel::OnRow;
use crate::session::Session;

/// One kind of investigation.
pub(crate) trait Case: Reported {
    /// Whom or what somebody scored high.
    type Suspect: Clone + Send + Sync;
    /// What a search asks: an anchor, and for names which others to take in.
    type Question: Clone + PartialEq + Send + Sync + 'static;
    /// What a search finds.
    type Found: Clone + Send + Sync + 'static;
    /// The rows of a finding in the panel, each with a "Search this".
    type Further: Further<Self>;

    /// What it is called.
    const WORDS: Words;

    /// What the cells of the notebook share.
    fn session() -> &'static Session<Self>;

    /// Whom or what somebody scored high that day.
    fn suspects(bench: &Bench<Self>) -> Result<Vec<Self::Suspect>>;
    /// Whom or what a suspect is.
    fn suspected(suspect: &Self::Suspect) -> &Self::Anchor;
    /// Whether a story about a suspect is saved.
    fn is_saved(suspect: &Self::Suspect) -> bool;
    /// A suspect as a line of the panel's list.
    fn label(suspect: &Self::Suspect) -> String;
    /// The suspects as a table.
    fn table(suspects: &[Self::Suspect]) -> Markup;

    /// What somebody typed.
    fn anchor(typed: &str) -> Result<Self::Anchor>;
    /// What to ask about an anchor; `scope` is one of [`Words::scopes`].
    fn question(anchor: Self::Anchor, scope: Option<&str>) -> Self::Question;
    /// Whom or what a question is about.
    fn about(question: &Self::Question) -> &Self::Anchor;

    /// Searches.
    fn investigate(bench: &Bench<Self>, question: &Self::Question) -> Result<Self::Found>;
    /// The question that was answered.
    fn asked(found: &Self::Found) -> Self::Question;
    /// The day, UTC.
    fn day(found: &Self::Found) -> NaiveDate;
    /// Rows of the raw table behind a finding; without any there is nothing to save.
    fn rows(found: &Self::Found) -> u64;
    /// A finding as one output, with its saved story.
    fn bundle(bench: &Bench<Self>, found: &Self::Found) -> Result<Bundle>;
    /// Saves title and text.
    fn save(bench: &Bench<Self>, found: &Self::Found, title: &str, text: &str) -> Result<Saved>;
}

/// The part of a panel that goes on from a finding.
pub(crate) trait Further<C: Case>: Send + Sync + 'static {
    /// Nothing found yet; a click calls `search`.
    fn new(search: OnRow<C::Anchor>, settings: &Settings) -> Self;
    /// Shows another finding's rows.
    fn fill(&self, found: &Arc<C::Found>);
    /// The rows in `home`; nothing in it where there are none.
    fn place(&self, found: &C::Found, home: &VBox);
}

/// How an investigation is called on the screen.
pub(crate) struct Words {
    /// Heading of the panel.
    pub heading: &'static str,
    /// One anchor, and several.
    pub counted: (&'static str, &'static str),
    /// First line of the list, which is nobody's.
    pub select: Option<&'static str>,
    /// Text of the field for others, and its tooltip.
    pub other: (&'static str, &'static str),
    /// Which other names a search may take in; the first one is none.
    pub scopes: &'static [&'static str],
    /// Result of no search yet.
    pub invitation: &'static str,
    /// Said in place of the panel where there are no widgets.
    pub without: &'static str,
}
