//! The outside: addresses from the ranges that are reserved for documentation, and nowhere else.
//!
//! `context/iploc.csv` of this repository gives the same blocks invented owners and real places.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rand::Rng;
use rand::distr::Distribution;
use rand::distr::weighted::WeightedIndex;
use rand::seq::SliceRandom;

use crate::error::Result;
use crate::incidents;
use crate::sample::{by_weight, zipf};

/// What outside addresses are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Web sites and content networks, long-tailed.
    Web,
    /// The same over IPv6.
    Web6,
    /// Office programs in the cloud.
    Cloud,
    /// Software updates.
    Updates,
    /// Name servers.
    Names,
    /// Time servers.
    Time,
    /// Mail servers of others.
    Mail,
    /// The business partner.
    Partner,
    /// Visitors of the web site.
    Visitors,
    /// Hosts that knock on every door of the Internet.
    Knockers,
}

/// Blocks of `(network, first host, last host)` for each purpose; no address serves two.
const BLOCKS: [(Purpose, [u8; 3], u8, u8); 11] = [
    (Purpose::Web, [192, 0, 2], 1, 223),
    (Purpose::Updates, [192, 0, 2], 224, 239),
    (Purpose::Time, [192, 0, 2], 240, 247),
    (Purpose::Names, [192, 0, 2], 248, 254),
    (Purpose::Cloud, [198, 51, 100], 1, 63),
    (Purpose::Partner, [198, 51, 100], 64, 79),
    (Purpose::Web, [198, 51, 100], 80, 127),
    (Purpose::Mail, [198, 51, 100], 128, 175),
    (Purpose::Knockers, [198, 51, 100], 176, 254),
    (Purpose::Web, [203, 0, 113], 1, 111),
    (Purpose::Visitors, [203, 0, 113], 112, 254),
];

/// IPv6 sites: this many /48 networks below 2001:db8::/32, with this many servers in each.
const V6_SITES: (u16, u16) = (48, 8);

/// How unequal the popularity of sites is.
const ZIPF: f64 = 1.05;

/// The addresses of one purpose, the popular ones first.
#[derive(Clone, Debug)]
struct Pool {
    purpose: Purpose,
    addresses: Vec<IpAddr>,
    popularity: WeightedIndex<f64>,
}

/// All of the outside.
#[derive(Clone, Debug)]
pub struct Outside {
    pools: Vec<Pool>,
}

impl Outside {
    /// The outside, its popularity shuffled by `rng`.
    ///
    /// # Errors
    /// [`crate::Error::Usage`] if the tables of this module are wrong.
    pub fn new(rng: &mut impl Rng) -> Result<Outside> {
        let mut pools: Vec<(Purpose, Vec<IpAddr>)> = Vec::new();
        for (purpose, [a, b, c], first, last) in BLOCKS {
            let block = (first..=last).map(|d| IpAddr::from(Ipv4Addr::new(a, b, c, d)));
            match pools.iter_mut().find(|(known, _)| *known == purpose) {
                Some((_, addresses)) => addresses.extend(block),
                None => pools.push((purpose, block.collect())),
            }
        }
        let (sites, servers) = V6_SITES;
        let v6 = (1..=sites).flat_map(|site| {
            (1..=servers)
                .map(move |host| Ipv6Addr::new(0x2001, 0xdb8, site, 0, 0, 0, 0, host).into())
        });
        pools.push((Purpose::Web6, v6.collect()));

        let finish = |(purpose, mut addresses): (Purpose, Vec<IpAddr>)| {
            // Who attacks in the story does nothing else on this day.
            addresses.retain(|ip| !incidents::OUTSIDE.contains(ip));
            addresses.shuffle(rng);
            let popularity = by_weight("outside addresses", zipf(addresses.len(), ZIPF))?;
            Ok(Pool { purpose, addresses, popularity })
        };
        Ok(Outside { pools: pools.into_iter().map(finish).collect::<Result<_>>()? })
    }

    /// An address for this purpose. Everybody visits the popular ones; `taste` (a number of the
    /// visitor) moves a third of the visits to favourites of one's own.
    pub fn pick(&self, purpose: Purpose, taste: usize, rng: &mut impl Rng) -> Option<IpAddr> {
        let pool = self.pools.iter().find(|pool| pool.purpose == purpose)?;
        let rank = pool.popularity.sample(rng);
        let shift = if rng.random_bool(1.0 / 3.0) { taste.wrapping_mul(31) } else { 0 };
        pool.addresses.get((rank + shift) % pool.addresses.len()).copied()
    }
}

/// What an outside address is used for; none for an address of no block.
pub fn purpose(ip: IpAddr) -> Option<Purpose> {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            let block = BLOCKS
                .iter()
                .find(|(_, net, first, last)| *net == [a, b, c] && (*first..=*last).contains(&d));
            block.map(|(purpose, ..)| *purpose)
        }
        IpAddr::V6(ip) => {
            let [0x2001, 0xdb8, site, ..] = ip.segments() else { return None };
            (1..=V6_SITES.0).contains(&site).then_some(Purpose::Web6)
        }
    }
}

/// Whether the address lies in a range that is reserved for documentation.
pub fn is_documentation(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_documentation(),
        IpAddr::V6(ip) => ip.segments()[..2] == [0x2001, 0xdb8],
    }
}

/// The number of the block that an address lies in: 0 to 2 for the three IPv4 ranges (0 for inside
/// IPv4), 3 for IPv6.
pub fn block(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(ip) => match ip.octets()[0] {
            198 => 1,
            203 => 2,
            _ => 0,
        },
        IpAddr::V6(_) => 3,
    }
}

/// The autonomous system that an outside address is announced from (numbers reserved for
/// documentation, 64496 to 64511); 0 inside.
pub fn autonomous_system(ip: IpAddr) -> i32 {
    if !is_documentation(ip) {
        return 0;
    }
    match ip {
        IpAddr::V4(_) => 64_496 + i32::from(block(ip)),
        IpAddr::V6(ip) => 64_499 + i32::from(ip.segments()[2] % 13),
    }
}
