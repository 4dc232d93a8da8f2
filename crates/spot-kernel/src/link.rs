//! The local socket on which the user process speaks to the kernel (`docs/cell-link.md`).

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use uuid::Uuid;

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
}

/// A folder of mode 0700 whose path leaves room for a socket's name: such paths end at 107 bytes.
fn private_folder() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder
        .prefix("spot-kernel-")
        .permissions(std::fs::Permissions::from_mode(0o700));
    let folder = builder.tempdir()?;
    if folder.path().as_os_str().len() < 100 {
        return Ok(folder);
    }
    builder.tempdir_in("/tmp")
}
