//! `mock_kernel CONNECTION_FILE`: the front half of the kernel with an evaluator that compiles
//! nothing (`spot_kernel::mock`), to try clients against.

use std::path::Path;

use anyhow::{Context, Result};
use spot_kernel::mock::{MockEvaluator, mock_info};
use spot_kernel::{ConnectionInfo, LinkServer, serve};

#[tokio::main]
async fn main() -> Result<()> {
    let file = std::env::args().nth(1).context("usage: mock_kernel CONNECTION_FILE")?;
    let connection = ConnectionInfo::read(Path::new(&file))?;
    let link = LinkServer::start()?;
    let (socket, nonce) = (link.socket_path().to_owned(), link.nonce().to_owned());
    serve(connection, mock_info(), link, move || MockEvaluator::start(socket, nonce)).await
}
