//! Whoever waits can stop a search or a ranking, and nothing is different afterwards.

mod common;

use chrono::NaiveDate;
use common::{plain, settings};
use spot_store::cancel::{self, Token};
use spot_store::error::Kind;
use spot_store::{Result, StoreError, Workbench};

/// What `work` says before it is cancelled, cancelled, and afterwards.
fn thrice<T>(work: impl Fn() -> Result<T>) -> (T, StoreError, T) {
    let token = Token::default();
    let before = cancel::with(&token, &work).expect("nobody has cancelled");
    token.cancel();
    let error = cancel::with(&token, &work).err().expect("cancelled");
    (before, error, work().expect("the token was another work's"))
}

#[test]
fn cancelled_work_says_so_and_can_be_done_again() {
    let root = plain();
    let open = || Workbench::open(settings(root.path())).expect("workbench");
    let anchor = open().suspects().expect("suspects")[0].address.clone();
    let today = NaiveDate::from_ymd_opt(2016, 7, 9).expect("a day");
    // Opened each time: what was read once is kept.
    let (before, error, after) = thrice(|| open().investigate(&anchor));
    assert_eq!((error.kind, error.what.as_str()), (Kind::Cancelled, "cancelled"));
    assert_eq!(before.provenance.rows, after.provenance.rows);
    let (before, error, after) = thrice(|| open().rank(0, today));
    assert_eq!(error.kind, Kind::Cancelled);
    assert_eq!(before.ranking, after.ranking);
}
