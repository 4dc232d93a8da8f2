//! What a notebook's first cell sets.

use spot_store::Pipeline;
use spot_store::settings::Vars;

/// Settings of a notebook. What is not set here comes from the environment (`SPOT_DATA`, `SPOT_DATE` ..),
/// then from the `spot.conf` that `SPOT_CONF` names.
///
/// ```
/// use spot::Settings;
/// let settings = Settings::new().date("2026-03-12").top_results(20);
/// assert_eq!(settings.given()["SPOT_DATE"], "2026-03-12");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Settings {
    given: Vars,
}

impl Settings {
    /// Nothing set: everything from the environment.
    pub fn new() -> Self {
        Self::default()
    }

    /// The folder with the tables (`SPOT_DATA`).
    pub fn data(self, folder: impl Into<String>) -> Self {
        self.with("SPOT_DATA", folder)
    }

    /// The folder that receives every write (`SPOT_OUT`); default: the data folder.
    pub fn out(self, folder: impl Into<String>) -> Self {
        self.with("SPOT_OUT", folder)
    }

    /// The day, `2016-07-08` or `20160708` (`SPOT_DATE`); default: the latest day with high rows. Of
    /// `2016-07-01..2016-07-08` the last day with rows, beside the days before it.
    pub fn date(self, day: impl Into<String>) -> Self {
        self.with("SPOT_DATE", day)
    }

    /// The folder into which a run without a panel also writes a report a suspect, and of
    /// `SPOT_ANCHOR=all` an index (`SPOT_REPORT`).
    pub fn report(self, folder: impl Into<String>) -> Self {
        self.with("SPOT_REPORT", folder)
    }

    /// Rows of each table and lanes of the timeline (`SPOT_TOP_RESULTS`).
    pub fn top_results(self, rows: usize) -> Self {
        self.with("SPOT_TOP_RESULTS", rows.to_string())
    }

    /// Time zone of the timelines, a name of the IANA list such as `Europe/Prague` (`SPOT_ZONE`); default:
    /// `UTC`. Days stay those of UTC.
    pub fn zone(self, name: impl Into<String>) -> Self {
        self.with("SPOT_ZONE", name)
    }

    /// Rows that the DNS panel pages through; a story keeps all (`SPOT_DETAILS_LIMIT`).
    pub fn details_limit(self, rows: usize) -> Self {
        self.with("SPOT_DETAILS_LIMIT", rows.to_string())
    }

    /// Memory, in 10^6 bytes, in which big days are held after their first search (`SPOT_HOLD_MB`); 0:
    /// none is held.
    pub fn hold_mb(self, megabytes: usize) -> Self {
        self.with("SPOT_HOLD_MB", megabytes.to_string())
    }

    /// The folder with the context files: `ipranges.csv`, `indicators.csv` and others (`SPOT_CONTEXT`).
    pub fn context(self, folder: impl Into<String>) -> Self {
        self.with("SPOT_CONTEXT", folder)
    }

    /// Addresses, or for DNS names too, to investigate at once, without a panel: one, several with
    /// commas, or `all` (`SPOT_ANCHOR`).
    pub fn anchor(self, addresses: impl Into<String>) -> Self {
        self.with("SPOT_ANCHOR", addresses)
    }

    /// Who writes the stories that are saved (`SPOT_AUTHOR`); default: the login name.
    pub fn author(self, name: impl Into<String>) -> Self {
        self.with("SPOT_AUTHOR", name)
    }

    /// What was set, by the names of the environment.
    pub fn given(&self) -> &Vars {
        &self.given
    }

    /// Adds what the environment and spot.conf say.
    pub(crate) fn resolve(&self, pipeline: Pipeline) -> crate::Result<spot_store::Settings> {
        Ok(spot_store::Settings::from_env_for(pipeline, &self.given)?)
    }

    /// A value set here beats the environment; setting it again replaces it.
    fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.given.insert(name.to_owned(), value.into());
        self
    }
}
