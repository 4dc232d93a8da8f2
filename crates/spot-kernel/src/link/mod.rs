//! The local socket on which the user process speaks to the kernel (`docs/cell-link.md`).

mod connection;
mod message;

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use uuid::Uuid;

pub(crate) use connection::{LinkEvent, listen};
pub(crate) use message::{Buffers, FromLibrary, LibraryMessage, OutputLine, ParentRef, ToLibrary};

use crate::dropped::Dropped;

/// A unix socket (mode 0600, in a folder of mode 0700 that goes away with this value) and the
/// nonce that proves who speaks on it.
///
/// It listens from [`start`](Self::start) on; [`serve`](crate::serve()) answers. It outlives user
/// processes: a new one connects again.
#[derive(Debug)]
pub struct LinkServer {
    listener: UnixListener,
    path: PathBuf,
    nonce: String,
    dropped: Dropped,
    _folder: TempDir,
}

impl LinkServer {
    /// Makes the folder and binds the socket.
    pub fn start() -> io::Result<Self> {
        let folder = private_folder()?;
        let path = folder.path().join("link");
        let listener = UnixListener::bind(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            path,
            nonce: Uuid::new_v4().simple().to_string(),
            dropped: Dropped::default(),
            _folder: folder,
        })
    }

    /// For `EVCXR_WIDGETS_SOCKET`.
    pub fn socket_path(&self) -> &Path {
        &self.path
    }

    /// For `EVCXR_WIDGETS_NONCE`: 32 hex digits, fresh for each kernel.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Counts what was thrown away, here and on the five sockets.
    pub fn dropped(&self) -> Dropped {
        self.dropped.clone()
    }

    pub(crate) fn listener(&self) -> io::Result<UnixListener> {
        self.listener.try_clone()
    }
}

/// A folder of mode 0700 whose path leaves room for a socket's name: such paths end at 107 bytes.
fn private_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("spot-kernel-").permissions(std::fs::Permissions::from_mode(0o700));
    let folder = builder.tempdir()?;
    if folder.path().as_os_str().len() < 100 {
        return Ok(folder);
    }
    builder.tempdir_in("/tmp")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_user_may_connect_and_nothing_stays() {
        let link = LinkServer::start().unwrap();
        let path = link.socket_path().to_owned();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!(mode(path.parent().unwrap()), 0o700);
        assert_eq!(link.nonce().len(), 32);
        assert_ne!(link.nonce(), LinkServer::start().unwrap().nonce());
        drop(link);
        assert!(!path.parent().unwrap().exists());
    }
}
