//! Whoever waits can stop a search or a ranking, and nothing is different afterwards.

mod common;

use chrono::NaiveDate;
use common::{plain, settings};
use spot_analysis::model::Address;
use spot_store::cancel::{self, Token};
use spot_store::error::Kind;
use spot_store::{Result, StoreError, Workbench};

/// What `work` says before it is cancelled, cancelled, and afterwards; each with a bench that has read nothing.
fn thrice<T>(work: impl Fn(&Workbench) -> Result<T>) -> (T, StoreError, T) {
    let root = plain();
    let open = || Workbench::open(settings(root.path())).expect("workbench");
    let token = Token::default();
    let bench = open();
    let before = cancel::with(&token, || work(&bench)).expect("nobody has cancelled");
    let bench = open();
    token.cancel();
    let error = cancel::with(&token, || work(&bench)).err().expect("cancelled");
    (before, error, work(&bench).expect("the token was another work's"))
}

#[test]
fn cancelled_work_says_so_and_can_be_done_again() {
    let anchor = Address::new("10.0.0.5");
    let (before, error, after) = thrice(|bench| bench.investigate(&anchor));
    assert_eq!((error.kind, error.what.as_str()), (Kind::Cancelled, "cancelled"));
    assert_eq!(before.provenance.rows, after.provenance.rows);
    let today = NaiveDate::from_ymd_opt(2016, 7, 9).expect("a day");
    let (before, error, after) = thrice(|bench| bench.rank(0, today));
    assert_eq!(error.kind, Kind::Cancelled);
    assert_eq!(before.ranking, after.ranking);
}
