//! The connection file: where a client expects the kernel's sockets.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// A connection file, as a Jupyter client writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionInfo {
    /// `tcp` or `ipc`.
    pub transport: String,
    /// Address to bind to; with `ipc` the path to which `-PORT` is added.
    pub ip: String,
    /// Requests.
    pub shell_port: u16,
    /// Outputs and status.
    pub iopub_port: u16,
    /// Questions to the user.
    pub stdin_port: u16,
    /// Requests that do not wait for a cell: interrupt, shutdown.
    pub control_port: u16,
    /// Echo.
    pub hb_port: u16,
    /// Key of the signatures; empty means that messages are not signed.
    #[serde(default)]
    pub key: String,
    /// Only `hmac-sha256` is known.
    #[serde(default = "hmac_sha256")]
    pub signature_scheme: String,
}

fn hmac_sha256() -> String {
    "hmac-sha256".into()
}

impl ConnectionInfo {
    /// Reads a connection file. Fails, naming the file, when it is missing, not JSON, or asks for a
    /// transport or signature scheme that is not known here.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read connection file {}", path.display()))?;
        let info: Self = serde_json::from_str(&text)
            .with_context(|| format!("connection file {} is not valid", path.display()))?;
        info.check().with_context(|| format!("connection file {}", path.display()))?;
        let mode = std::fs::metadata(path).map_or(0, |about| about.permissions().mode());
        if mode & 0o077 != 0 {
            eprintln!(
                "spot-kernel: others can read {} (mode {:o}), and with the key in it run code: \
                 chmod 600",
                path.display(),
                mode & 0o777
            );
        }
        Ok(info)
    }

    /// Fails when transport or signature scheme are not known here.
    pub fn check(&self) -> Result<()> {
        if !matches!(self.transport.as_str(), "tcp" | "ipc") {
            bail!("transport `{}` is not known, only tcp and ipc", self.transport);
        }
        if self.signature_scheme != "hmac-sha256" && !self.key.is_empty() {
            bail!("signature scheme `{}` is not known, only hmac-sha256", self.signature_scheme);
        }
        Ok(())
    }

    /// The endpoint of one of the ports, for example `tcp://127.0.0.1:5000`.
    pub fn endpoint(&self, port: u16) -> String {
        match (self.transport.as_str(), self.ip.as_str()) {
            ("ipc", path) => format!("ipc://{path}-{port}"),
            (transport, "*" | "") => format!("{transport}://0.0.0.0:{port}"),
            (transport, ip) => format!("{transport}://{ip}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(transport: &str, ip: &str) -> ConnectionInfo {
        serde_json::from_value(serde_json::json!({
            "transport": transport, "ip": ip, "shell_port": 1, "iopub_port": 2, "stdin_port": 3,
            "control_port": 4, "hb_port": 5, "key": "k", "kernel_name": "spot",
        }))
        .unwrap()
    }

    #[test]
    fn endpoints() {
        for (transport, ip, want) in [
            ("tcp", "127.0.0.1", "tcp://127.0.0.1:2"),
            ("tcp", "*", "tcp://0.0.0.0:2"),
            ("ipc", "/tmp/kernel", "ipc:///tmp/kernel-2"),
        ] {
            assert_eq!(info(transport, ip).endpoint(2), want);
        }
    }

    #[test]
    fn refuses_what_it_cannot_speak() {
        assert!(info("udp", "x").check().is_err());
        let mut md5 = info("tcp", "x");
        md5.signature_scheme = "hmac-md5".into();
        assert!(md5.check().is_err());
        assert!(info("tcp", "x").check().is_ok());
    }
}
