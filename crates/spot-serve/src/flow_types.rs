//! What the server tells of flows, and what it is told.

use async_graphql::{InputObject, SimpleObject};
use polars::prelude::{Column, DataFrame, PolarsResult};
use serde::Deserialize;
use spot_analysis::model::{Address, Lane, Peer, Timeline};
use spot_store::{FlowFilter, Rating, Score, StoreError};

use crate::app::address;
use crate::scalars::{SpotDate, SpotDatetime, SpotIp};
use crate::types::{Listed, listed};

/// A connection that was scored: 1 high, 2 medium, 3 low.
#[derive(SimpleObject)]
#[graphql(name = "NetflowScoredConnectionType")]
pub struct ScoredConnection {
    tstart: Option<SpotDatetime>,
    src_ip: Option<SpotIp>,
    dst_ip: Option<SpotIp>,
    src_port: Option<i32>,
    dst_port: Option<i32>,
    score: Option<i32>,
}

/// The rows of a threat list, in order.
pub fn scored(list: &DataFrame) -> PolarsResult<Vec<ScoredConnection>> {
    let text = |name: &str| list.column(name).and_then(Column::str);
    let code = |name: &str| list.column(name).and_then(Column::i32);
    let (time, src, dst) = (text("tstart")?, text("srcip")?, text("dstip")?);
    let (src_port, dst_port, score) = (code("srcport")?, code("dstport")?, code("score")?);
    let ip = |text: Option<&str>| text.map(|text| SpotIp(text.to_owned()));
    let of = |row| ScoredConnection {
        tstart: time.get(row).map(|text| SpotDatetime(text.to_owned())),
        src_ip: ip(src.get(row)),
        dst_ip: ip(dst.get(row)),
        src_port: Some(src_port.get(row).unwrap_or(0)),
        dst_port: Some(dst_port.get(row).unwrap_or(0)),
        score: score.get(row),
    };
    Ok((0..list.height()).map(of).collect())
}

/// A saved story.
#[derive(SimpleObject)]
#[graphql(name = "NetflowCommentType")]
pub struct Comment {
    ip: Option<SpotIp>,
    title: Option<String>,
    /// As it was typed, line ends included.
    text: Option<String>,
}

impl From<spot_store::Comment> for Comment {
    fn from(story: spot_store::Comment) -> Self {
        Self {
            ip: Some(SpotIp(story.anchor.to_string())),
            title: Some(story.title),
            text: Some(story.text),
        }
    }
}

/// A line of the expanded search.
#[derive(SimpleObject, Deserialize)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "NetflowThreatDetailsType")]
pub struct Details {
    first_seen: Option<SpotDatetime>,
    last_seen: Option<SpotDatetime>,
    src_ip: Option<SpotIp>,
    dst_ip: Option<SpotIp>,
    src_port: Option<i32>,
    dst_port: Option<i32>,
    connections: Option<u64>,
    max_pkts: Option<i64>,
    /// Not rounded.
    avg_pkts: Option<f64>,
    max_bytes: Option<i64>,
    /// Not rounded.
    avg_bytes: Option<f64>,
}

/// A branch or leaf of the incident progression.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowIncidentProgressionNodeType")]
pub struct Progression {
    name: String,
    children: Option<Vec<Option<Progression>>>,
    /// Added. Peers of a leaf.
    #[serde(default)]
    impact: Option<u64>,
}

/// A branch or leaf of the impact analysis.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowImpactAnalysisNodeType")]
pub struct Impact {
    name: String,
    children: Option<Vec<Option<Impact>>>,
    /// Peers.
    size: Option<u64>,
}

/// Places of both ends.
#[derive(SimpleObject)]
#[graphql(name = "NetflowMapViewType")]
pub struct MapView {
    src_ips: Listed<MapPoint>,
    dst_ips: Listed<MapPoint>,
}

/// The map as [`spot_analysis::spot_json`] writes it.
#[derive(Default, Deserialize)]
pub struct Globe {
    sourceips: Vec<MapPoint>,
    destips: Vec<MapPoint>,
}

impl From<Globe> for MapView {
    fn from(map: Globe) -> Self {
        Self { src_ips: listed(map.sourceips), dst_ips: listed(map.destips) }
    }
}

/// An address on the map.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowMapViewIpType")]
pub struct MapPoint {
    geometry: Option<Geometry>,
    properties: Option<PointProperties>,
}

/// Where it is.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowMapViewGeometryType")]
struct Geometry {
    /// Degrees east, degrees north.
    coordinates: Option<Vec<Option<f64>>>,
}

/// What it is.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowMapViewPropertiesType")]
struct PointProperties {
    ip: Option<SpotIp>,
    location: Option<String>,
    /// 1 two-way, 2 inbound, 3 outbound.
    r#type: Option<i32>,
}

/// A minute between two ends.
#[derive(SimpleObject)]
#[graphql(name = "NetflowTimelineType")]
pub struct TimelineRow {
    tstart: SpotDatetime,
    tend: SpotDatetime,
    src_ip: SpotIp,
    dst_ip: SpotIp,
    protocol: String,
    src_port: i32,
    dst_port: i32,
    pkts: i64,
    bytes: i64,
}

/// The rows of a timeline, in order.
pub fn timeline_rows(table: &DataFrame) -> PolarsResult<Vec<TimelineRow>> {
    let text = |name: &str| table.column(name).and_then(Column::str);
    let code = |name: &str| table.column(name).and_then(Column::i32);
    let count = |name: &str| table.column(name).and_then(Column::i64);
    let (tstart, tend, proto) = (text("tstart")?, text("tend")?, text("proto")?);
    let (src, dst, src_port, dst_port) =
        (text("srcip")?, text("dstip")?, code("sport")?, code("dport")?);
    let (packets, bytes) = (count("ipkt")?, count("ibyt")?);
    let own = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let of = |row| TimelineRow {
        tstart: SpotDatetime(own(tstart.get(row))),
        tend: SpotDatetime(own(tend.get(row))),
        src_ip: SpotIp(own(src.get(row))),
        dst_ip: SpotIp(own(dst.get(row))),
        protocol: own(proto.get(row)),
        src_port: src_port.get(row).unwrap_or(0),
        dst_port: dst_port.get(row).unwrap_or(0),
        pkts: packets.get(row).unwrap_or(0),
        bytes: bytes.get(row).unwrap_or(0),
    };
    Ok((0..table.height()).map(of).collect())
}

/// Added. Sums of all rows with one peer.
#[derive(SimpleObject)]
#[graphql(name = "NetflowPeerType")]
pub struct PeerSums {
    ip: SpotIp,
    /// `inbound`, `outbound` or `two-way`, seen from our own network.
    direction: &'static str,
    inside: bool,
    /// Rows.
    connections: u64,
    /// Rows from the peer.
    rows_in: u64,
    /// Rows to the peer.
    rows_out: u64,
    /// Bytes that the address received.
    bytes_in: u64,
    /// Bytes that it sent.
    bytes_out: u64,
    packets_in: u64,
    packets_out: u64,
    /// Bytes of the biggest row.
    max_bytes: u64,
    /// Ports on the service side, most rows first; at most eight.
    service_ports: Vec<u16>,
    protocols: Vec<String>,
    first_seen: SpotDatetime,
    last_seen: SpotDatetime,
    /// Name of the context rule that matches.
    context: Option<String>,
}

/// What the server tells of a peer.
pub fn peer(peer: &Peer) -> PeerSums {
    PeerSums {
        ip: SpotIp(peer.address.to_string()),
        direction: peer.direction.name(),
        inside: peer.side.inside,
        connections: peer.connections,
        rows_in: peer.rows_in,
        rows_out: peer.rows_out,
        bytes_in: peer.bytes_in,
        bytes_out: peer.bytes_out,
        packets_in: peer.packets_in,
        packets_out: peer.packets_out,
        max_bytes: peer.max_bytes,
        service_ports: peer.service_ports.clone(),
        protocols: peer.protocols.clone(),
        first_seen: peer.first_seen.into(),
        last_seen: peer.last_seen.into(),
        context: peer.context.as_ref().map(|context| context.name.clone()),
    }
}

/// Added. The day in bins.
#[derive(SimpleObject)]
#[graphql(name = "NetflowBinsType")]
pub struct Bins {
    bin_minutes: u32,
    lanes: Vec<LaneOf>,
    /// Peers in all.
    of: u64,
}

/// Added. One peer's day.
#[derive(SimpleObject)]
#[graphql(name = "NetflowLaneType")]
struct LaneOf {
    ip: SpotIp,
    direction: &'static str,
    bytes: u64,
    connections: u64,
    /// Those with rows, in order.
    bins: Vec<BinOf>,
}

/// Added. One bin.
#[derive(SimpleObject)]
#[graphql(name = "NetflowBinType")]
struct BinOf {
    /// From 0, of the day.
    index: u32,
    connections: u64,
    bytes: u64,
    /// The service-side port with most rows.
    port: Option<u16>,
}

fn lane(lane: &Lane) -> LaneOf {
    let bins = lane.bins.iter().map(|bin| BinOf {
        index: bin.index,
        connections: bin.connections,
        bytes: bin.bytes,
        port: bin.port,
    });
    LaneOf {
        ip: SpotIp(lane.peer.to_string()),
        direction: lane.direction.name(),
        bytes: lane.bytes,
        connections: lane.connections,
        bins: bins.collect(),
    }
}

impl From<&Timeline> for Bins {
    fn from(timeline: &Timeline) -> Self {
        let lanes = timeline.lanes.iter().map(lane).collect();
        Self { bin_minutes: timeline.bin_minutes, lanes, of: timeline.of }
    }
}

/// A story of flows.
#[derive(InputObject)]
#[graphql(name = "NetflowCreateStoryboardInputType")]
pub struct CreateStoryboard {
    pub date: Option<SpotDate>,
    pub ip: SpotIp,
    pub title: String,
    pub text: String,
    /// Read and not used: the numbers come from the rows.
    #[graphql(name = "threatDetails")]
    _threat_details: Vec<Option<DetailsInput>>,
    /// Read and not used: everything is saved.
    #[graphql(name = "first")]
    _first: Option<i64>,
    /// Added. Of the search; nothing is saved if the day's files are others now.
    pub fingerprint: Option<String>,
    /// Added. Who writes the story.
    pub author: Option<String>,
}

/// A line of the expanded search, as it is sent back.
#[derive(InputObject)]
#[graphql(name = "NetflowThreatDetailsInputType")]
pub struct DetailsInput {
    #[graphql(name = "firstSeen")]
    _first_seen: Option<SpotDatetime>,
    #[graphql(name = "lastSeen")]
    _last_seen: Option<SpotDatetime>,
    #[graphql(name = "srcIp")]
    _src_ip: Option<SpotIp>,
    #[graphql(name = "dstIp")]
    _dst_ip: Option<SpotIp>,
    #[graphql(name = "srcPort")]
    _src_port: Option<i64>,
    #[graphql(name = "dstPort")]
    _dst_port: Option<i64>,
    #[graphql(name = "connections")]
    _connections: Option<i64>,
    #[graphql(name = "maxPkts")]
    _max_pkts: Option<i64>,
    #[graphql(name = "avgPkts")]
    _avg_pkts: Option<f64>,
    #[graphql(name = "maxBytes")]
    _max_bytes: Option<i64>,
    #[graphql(name = "avgBytes")]
    _avg_bytes: Option<f64>,
}

/// Which unlikely connections are scored: those with all that is given.
#[derive(InputObject)]
#[graphql(name = "NetflowScoreInputType")]
pub struct ScoreInput {
    pub date: Option<SpotDate>,
    /// 1 high, 2 medium, 3 low.
    score: i64,
    src_ip: Option<SpotIp>,
    dst_ip: Option<SpotIp>,
    /// 0 is a port, too.
    src_port: Option<i64>,
    dst_port: Option<i64>,
    /// Added. Why.
    reason: Option<String>,
}

impl ScoreInput {
    /// As the store wants it.
    pub fn score(&self) -> Result<Score<FlowFilter>, StoreError> {
        let of = FlowFilter {
            src: end(self.src_ip.as_ref())?,
            dst: end(self.dst_ip.as_ref())?,
            src_port: self.src_port.map(port).transpose()?,
            dst_port: self.dst_port.map(port).transpose()?,
        };
        Ok(Score { of, rating: Rating::new(self.score)?, reason: self.reason.clone() })
    }
}

/// An empty text is what Spot's pages send for nothing.
fn end(ip: Option<&SpotIp>) -> Result<Option<Address>, StoreError> {
    ip.filter(|ip| !ip.0.is_empty()).map(address).transpose()
}

fn port(number: i64) -> Result<u16, StoreError> {
    u16::try_from(number).map_err(|_| {
        StoreError::usage(format!("{number} is no port"), "give a number from 0 to 65535")
    })
}
