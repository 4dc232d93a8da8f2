//! Stopping long work early, by whoever waits for it.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Kind, Result, StoreError};

thread_local! {
    static TOKEN: RefCell<Token> = RefCell::default();
}

/// The wish that some work should stop. Clones are the same wish.
///
/// Work looks between its parts: a file's rows, a report's page. What is written is written whole, or not at all.
///
/// ```
/// use spot_store::cancel::{self, Token};
/// let token = Token::default();
/// token.cancel();
/// let error = cancel::with(&token, || cancel::current().check()).unwrap_err();
/// assert!(error.to_string().starts_with("cancelled"));
/// assert!(cancel::current().check().is_ok());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Token(Arc<AtomicBool>);

impl Token {
    /// Asks the work to stop.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// # Errors
    /// Of [`Kind::Cancelled`], when it was asked to stop.
    pub fn check(&self) -> Result<()> {
        match self.is_cancelled() {
            true => Err(StoreError {
                kind: Kind::Cancelled,
                what: "cancelled".into(),
                at: None,
                fix: "run it again; nothing has changed".into(),
            }),
            false => Ok(()),
        }
    }
}

/// Runs `work`, which stops early once `token` is cancelled.
pub fn with<T>(token: &Token, work: impl FnOnce() -> T) -> T {
    /// Puts the former token back, also when `work` panics.
    struct Restore(Token);
    impl Drop for Restore {
        fn drop(&mut self) {
            TOKEN.replace(std::mem::take(&mut self.0));
        }
    }
    let _restore = Restore(TOKEN.replace(token.clone()));
    work()
}

/// The token of the work on this thread; one that nobody cancels, if it has none.
pub fn current() -> Token {
    TOKEN.with_borrow(Token::clone)
}
