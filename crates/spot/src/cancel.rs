//! Long work of a cell or a handler, which an interrupt stops and variables outlive.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use spot_store::cancel::{self, Token};

use crate::{Error, Result};

/// Two seconds after the user pressed Interrupt, the kernel ends the process.
const LOOK: Duration = Duration::from_millis(20);

/// Waits for `work` until the user interrupts. Then it is told to stop, and whatever it is at ends by itself soon
/// after; nobody waits for that.
///
/// # Errors
/// [`Error::Cancelled`], and those of `work`.
pub(crate) fn cancellable<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if !evcxr_widgets::is_live() {
        return work();
    }
    let token = Token::default();
    let (answer, done) = channel();
    let own = token.clone();
    let thread = thread::Builder::new().name("long work".into()).spawn(move || {
        let work = AssertUnwindSafe(|| cancel::with(&own, work));
        let _ = answer.send(catch_unwind(work));
    });
    if let Err(error) = thread {
        return Err(Error::Use(format!(
            "No thread can be started: {error}. Close other programs."
        )));
    }
    loop {
        match done.recv_timeout(LOOK) {
            Ok(Ok(result)) => return result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(RecvTimeoutError::Timeout) if !evcxr_widgets::interrupted() => {}
            Err(_) => {
                token.cancel();
                return Err(Error::Cancelled);
            }
        }
    }
}
