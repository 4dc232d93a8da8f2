//! Network flows: Spot's fields and those that were added.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDateTime;
use polars::prelude::{Column, DataFrame, PolarsResult};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use spot_analysis::model::{Investigation, Lane, Peer};
use spot_analysis::{details, spot_json, timeline};
use spot_store::{Pipeline, StoreError, Workbench};

use crate::app::{App, address, addresses, app, blocking, flow, hold};
use crate::flow_batch;
use crate::scalars::{SpotDate, SpotDatetime, SpotIp};
use crate::types::{Day, Done, Ingested, SpotRows, ingested, unchanged};

/// A list as Spot has them: it and its items may be null.
pub type Listed<T> = Option<Vec<Option<T>>>;

pub fn listed<T>(items: impl IntoIterator<Item = T>) -> Listed<T> {
    Some(items.into_iter().map(Some).collect())
}

type Opened<T> = spot_store::Result<T>;

/// What can be asked of flows.
pub struct FlowQuery;

/// What can be asked of flows.
#[Object(name = "NetflowQueryType")]
impl FlowQuery {
    /// What was scored, and what was saved.
    async fn threats(&self) -> Option<Threats> {
        Some(Threats)
    }

    /// The day of one address.
    async fn threat(&self) -> Option<Threat> {
        Some(Threat)
    }

    /// Connections that the machine found unlikely and nobody has scored, at most 250.
    async fn suspicious(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: Option<SpotIp>,
    ) -> Result<Listed<flow_batch::Suspicious>> {
        let app = app(context);
        blocking(context, move || {
            let bench = flow(&app, date)?;
            let ip = ip.as_ref().map(address).transpose()?;
            let scores = bench.store().scores(Pipeline::Flow, bench.day())?;
            let threats = bench.store().threats(Pipeline::Flow, bench.day())?;
            let found = flow_batch::suspicious(&scores, &threats, ip.as_ref());
            Ok(listed(found.map_err(|e| broken(&e))?))
        })
        .await
    }

    /// The flows between two addresses in the minute of `tstart`.
    async fn edge_details(
        &self,
        context: &Context<'_>,
        tstart: SpotDatetime,
        src_ip: SpotIp,
        dst_ip: SpotIp,
    ) -> Result<Listed<flow_batch::Edge>> {
        let app = app(context);
        blocking(context, move || {
            let (time, date) = at(&tstart)?;
            let bench = flow(&app, Some(date))?;
            let ends = [address(&src_ip)?, address(&dst_ip)?];
            let rows = bench.store().flow_rows_between(bench.day(), &ends[..1], &ends[1..])?.frame;
            Ok(listed(flow_batch::edges(&rows, time).map_err(|e| broken(&e))?))
        })
        .await
    }

    /// What an address and its peers sent to each other.
    async fn ip_details(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Listed<flow_batch::Chord>> {
        let app = app(context);
        blocking(context, move || {
            let rows = flow(&app, date)?.rows(&address(&ip)?)?.frame;
            Ok(listed(flow_batch::chords(&rows).map_err(|e| broken(&e))?))
        })
        .await
    }

    /// Rows of each day from one to another.
    async fn ingest_summary(
        &self,
        context: &Context<'_>,
        start_date: SpotDate,
        end_date: SpotDate,
    ) -> Result<Listed<Ingested>> {
        let app = app(context);
        blocking(context, move || Ok(listed(ingested(&flow(&app, None)?, start_date, end_date)?)))
            .await
    }

    /// Added. Days with rows, in order.
    async fn days(&self, context: &Context<'_>) -> Result<Vec<Day>> {
        let app = app(context);
        blocking(context, move || {
            let days = app.flow.as_ref().map(Workbench::days).transpose()?.unwrap_or_default();
            Ok(days.into_iter().map(Day::from).collect())
        })
        .await
    }

    #[graphql(complexity = 50)]
    /// Added. The rows with one of `ones` at one end and one of `others` at the other.
    async fn rows_between(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ones: Vec<SpotIp>,
        others: Vec<SpotIp>,
    ) -> Result<Option<SpotRows>> {
        let app = app(context);
        blocking(context, move || {
            let bench = flow(&app, date)?;
            let (ones, others) = (addresses(&ones)?, addresses(&others)?);
            let rows = bench.store().flow_rows_between(bench.day(), &ones, &others)?;
            SpotRows::try_from(rows).map(Some)
        })
        .await
    }
}

/// What was scored, and what was saved.
struct Threats;

/// What was scored, and what was saved.
#[Object(name = "NetflowThreatsType")]
impl Threats {
    /// Connections that were scored, in the order in which they were.
    async fn list(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
    ) -> Result<Listed<ScoredConnection>> {
        let app = app(context);
        blocking(context, move || {
            let bench = flow(&app, date)?;
            let list = bench.store().threats(Pipeline::Flow, bench.day())?;
            Ok(listed(scored(&list).map_err(|e| broken(&e))?))
        })
        .await
    }

    /// Stories that were saved.
    async fn comments(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
    ) -> Result<Listed<Comment>> {
        let app = app(context);
        blocking(context, move || {
            Ok(listed(flow(&app, date)?.stories()?.into_iter().map(|story| Comment {
                ip: Some(SpotIp(story.anchor.to_string())),
                title: Some(story.title),
                text: Some(story.text),
            })))
        })
        .await
    }
}

/// A connection that was scored: 1 high, 2 medium, 3 low.
#[derive(SimpleObject)]
#[graphql(name = "NetflowScoredConnectionType")]
struct ScoredConnection {
    tstart: Option<SpotDatetime>,
    src_ip: Option<SpotIp>,
    dst_ip: Option<SpotIp>,
    src_port: Option<i32>,
    dst_port: Option<i32>,
    score: Option<i32>,
}

fn scored(list: &DataFrame) -> PolarsResult<Vec<ScoredConnection>> {
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
struct Comment {
    ip: Option<SpotIp>,
    title: Option<String>,
    /// As it was typed, line ends included.
    text: Option<String>,
}

/// The day of one address.
struct Threat;

/// The day of one address.
#[Object(name = "NetflowThreatInformation")]
impl Threat {
    /// The expanded search: a line for each source, destination and pair of ports.
    async fn details(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Listed<Details>> {
        let app = app(context);
        blocking(context, move || {
            let rows = flow(&app, date)?.rows(&address(&ip)?)?;
            let lines = details::objects(&rows.frame)?.into_iter();
            lines.map(|line| read(line).map(Some)).collect::<Opened<_>>().map(Some)
        })
        .await
    }

    /// Peers by class and context.
    async fn incident_progression(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Option<Progression>> {
        of_finding(context, date, ip, |found| read(spot_json::threat_dendro(found))).await
    }

    /// Peers by class and class of their context.
    async fn impact_analysis(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Option<Impact>> {
        of_finding(context, date, ip, |found| read(spot_json::stats(found))).await
    }

    /// Where peers are registered; empty lists where nothing is known of that.
    async fn geo_localization(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Option<MapView>> {
        of_finding(context, date, ip, |found| {
            let map = spot_json::globe(found).map(read::<Globe>).transpose()?.unwrap_or_default();
            Ok(Some(MapView { src_ips: listed(map.sourceips), dst_ips: listed(map.destips) }))
        })
        .await
    }

    /// Who talked when: a line for each minute, source, destination, protocol and pair of ports.
    async fn timeline(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Listed<TimelineRow>> {
        let app = app(context);
        blocking(context, move || {
            let anchor = address(&ip)?;
            let rows = flow(&app, date)?.rows(&anchor)?;
            let table = timeline::rows_for_table(&rows.frame, &anchor)?;
            Ok(listed(timeline_rows(&table).map_err(|e| broken(&e))?))
        })
        .await
    }

    /// Added. Sums of each peer: most bytes first.
    async fn peers(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Vec<PeerSums>> {
        of_finding(context, date, ip, |found| Ok(found.peers.iter().map(peer).collect())).await
    }

    /// Added. The day in bins, a lane for each of the first peers.
    async fn bins(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Option<Bins>> {
        of_finding(context, date, ip, |found| {
            let timeline = &found.timeline;
            Ok(Some(Bins {
                bin_minutes: timeline.bin_minutes,
                lanes: timeline.lanes.iter().map(lane).collect(),
                of: timeline.of,
            }))
        })
        .await
    }

    /// Added. The rows themselves.
    #[graphql(complexity = 50)]
    async fn rows(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        ip: SpotIp,
    ) -> Result<Option<SpotRows>> {
        let app = app(context);
        blocking(context, move || {
            let bench = flow(&app, date)?;
            let rows = bench.rows(&address(&ip)?)?;
            // The next search of the day reads no file.
            hold(app.flow.as_ref(), &bench);
            SpotRows::try_from(rows).map(Some)
        })
        .await
    }
}

/// A time and its day.
pub fn at(time: &SpotDatetime) -> Opened<(NaiveDateTime, SpotDate)> {
    let time = time.time().ok_or_else(|| broken(&"a time that was read is none"))?;
    Ok((time, SpotDate(time.date())))
}

async fn of_finding<T: Send + 'static>(
    context: &Context<'_>,
    date: Option<SpotDate>,
    ip: SpotIp,
    of: impl FnOnce(&Investigation) -> Opened<T> + Send + 'static,
) -> Result<T> {
    let app: Arc<App> = app(context);
    blocking(context, move || of(&flow(&app, date)?.investigate(&address(&ip)?)?)).await
}

fn read<T: DeserializeOwned>(value: Value) -> Opened<T> {
    serde_json::from_value(value).map_err(|e| broken(&e))
}

pub fn broken(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::data(error.to_string(), "this is a fault of the program: please report it")
}

/// A line of the expanded search.
#[derive(SimpleObject, Deserialize)]
#[serde(rename_all = "camelCase")]
#[graphql(name = "NetflowThreatDetailsType")]
struct Details {
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
struct Progression {
    name: String,
    children: Option<Vec<Option<Progression>>>,
    /// Added. Peers of a leaf.
    #[serde(default)]
    impact: Option<u64>,
}

/// A branch or leaf of the impact analysis.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowImpactAnalysisNodeType")]
struct Impact {
    name: String,
    children: Option<Vec<Option<Impact>>>,
    /// Peers.
    size: Option<u64>,
}

/// Places of both ends.
#[derive(SimpleObject)]
#[graphql(name = "NetflowMapViewType")]
struct MapView {
    src_ips: Listed<MapPoint>,
    dst_ips: Listed<MapPoint>,
}

#[derive(Default, Deserialize)]
struct Globe {
    sourceips: Vec<MapPoint>,
    destips: Vec<MapPoint>,
}

/// An address on the map.
#[derive(SimpleObject, Deserialize)]
#[graphql(name = "NetflowMapViewIpType")]
struct MapPoint {
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
struct TimelineRow {
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

fn timeline_rows(table: &DataFrame) -> PolarsResult<Vec<TimelineRow>> {
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
struct PeerSums {
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

fn peer(peer: &Peer) -> PeerSums {
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
struct Bins {
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

/// What can be changed of flows.
pub struct FlowMutation;

/// What can be changed of flows.
#[Object(name = "NetflowMutationType")]
impl FlowMutation {
    /// Saves what the day of an address means, in place of what was saved before.
    async fn create_storyboard(
        &self,
        context: &Context<'_>,
        input: CreateStoryboard,
    ) -> Result<Option<Done>> {
        let app = app(context);
        blocking(context, move || {
            let bench = flow(&app, input.date)?;
            let found = bench.investigate(&address(&input.ip)?)?;
            unchanged(input.fingerprint.as_ref(), &found.provenance.fingerprint)?;
            Ok(Some(bench.save(&found, &input.title, &input.text)?.into()))
        })
        .await
    }
}

/// A story of flows.
#[derive(InputObject)]
#[graphql(name = "NetflowCreateStoryboardInputType")]
struct CreateStoryboard {
    date: Option<SpotDate>,
    ip: SpotIp,
    title: String,
    text: String,
    /// Read and not used: the numbers come from the rows.
    #[graphql(name = "threatDetails")]
    _threat_details: Vec<Option<DetailsInput>>,
    /// Read and not used: everything is saved.
    #[graphql(name = "first")]
    _first: Option<i64>,
    /// Added. Of the search; nothing is saved if the day's files are others now.
    fingerprint: Option<String>,
}

/// A line of the expanded search, as it is sent back.
#[derive(InputObject)]
#[graphql(name = "NetflowThreatDetailsInputType")]
struct DetailsInput {
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
