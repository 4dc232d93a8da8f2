//! The heartbeat socket: what comes in goes back.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use zeromq::{RepSocket, SocketRecv, SocketSend};

/// Echoes for ever. A client that sends nonsense or does not read is passed over.
pub async fn run(mut socket: RepSocket) {
    loop {
        match socket.recv().await {
            Ok(ping) => {
                let _ = timeout(Duration::from_secs(1), socket.send(ping)).await;
            }
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}
