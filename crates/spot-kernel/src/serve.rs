//! Puts sockets, evaluator and link together.

use crate::{ConnectionInfo, Evaluator, KernelInfo, LinkServer};

/// Runs the kernel until a client asks for shutdown. Must run inside a tokio runtime.
///
/// Binds the sockets and answers at once; `make_evaluator` runs on the evaluator's own thread, and
/// execute requests wait for it. When it fails, every cell gets an error that says why.
///
/// Fails when a socket cannot be bound. After `Ok(())` the process should exit with code 0.
pub async fn serve(
    connection: ConnectionInfo,
    info: KernelInfo,
    link: LinkServer,
    make_evaluator: impl FnOnce() -> anyhow::Result<Box<dyn Evaluator>> + Send + 'static,
) -> anyhow::Result<()> {
    connection.check()?;
    let _ = (info, link, make_evaluator);
    anyhow::bail!("the sockets are not there yet")
}
