//! Blocks of addresses that IANA keeps apart (RFC 6890 and its updates).

use std::net::IpAddr;
use std::sync::LazyLock;

use ipnetwork::IpNetwork;

/// Ours when nobody says otherwise: the block and what it is called.
const PRIVATE: [(&str, &str); 10] = [
    ("10.0.0.0/8", "private range"),
    ("172.16.0.0/12", "private range"),
    ("192.168.0.0/16", "private range"),
    ("100.64.0.0/10", "shared range of carriers"),
    ("169.254.0.0/16", "link-local range"),
    ("127.0.0.0/8", "loopback range"),
    ("fc00::/7", "private range"),
    ("fe80::/10", "link-local range"),
    ("::1/128", "loopback address"),
    ("fec0::/10", "site-local range"),
];

/// Nowhere on a map, besides [`PRIVATE`]. Documentation ranges are not here: example data uses
/// them, and a file that places them means it.
const NOWHERE: [&str; 6] =
    ["0.0.0.0/8", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8"];

static PRIVATE_BLOCKS: LazyLock<Vec<(IpNetwork, &str)>> = LazyLock::new(|| {
    PRIVATE.iter().filter_map(|(block, name)| Some((block.parse().ok()?, *name))).collect()
});

static NOWHERE_BLOCKS: LazyLock<Vec<IpNetwork>> =
    LazyLock::new(|| NOWHERE.iter().filter_map(|block| block.parse().ok()).collect());

/// The private block that holds the address, for people: `private range 10.0.0.0/8`.
pub(super) fn private_block(ip: IpAddr) -> Option<String> {
    let (block, name) = PRIVATE_BLOCKS.iter().find(|(block, _)| block.contains(ip))?;
    Some(format!("{name} {block}"))
}

/// Whether no geolocation can be true.
pub(super) fn is_nowhere(ip: IpAddr) -> bool {
    PRIVATE_BLOCKS.iter().any(|(block, _)| block.contains(ip))
        || NOWHERE_BLOCKS.iter().any(|block| block.contains(ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_readable() {
        assert_eq!(PRIVATE_BLOCKS.len(), PRIVATE.len());
        assert_eq!(NOWHERE_BLOCKS.len(), NOWHERE.len());
    }
}
