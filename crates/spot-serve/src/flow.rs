//! Network flows: Spot's fields and those that were added.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};
use serde::de::DeserializeOwned;
use serde_json::Value;
use spot_analysis::model::Investigation;
use spot_analysis::{details, spot_json, timeline};
use spot_store::{Flow, Pipeline};

use crate::app::{App, address, addresses, app, blocking, flow, hold};
use crate::flow_types::{
    Bins, Comment, CreateStoryboard, Details, Globe, Impact, MapView, PeerSums, Progression,
    ScoreInput, ScoredConnection, TimelineRow, peer, scored, timeline_rows,
};
use crate::scalars::{SpotDate, SpotDatetime, SpotIp};
use crate::types::{Day, Done, Ingested, Listed, SpotRows, at, broken, listed, unchanged};
use crate::{both, flow_batch};

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
        both::ingested::<Flow>(context, start_date, end_date).await
    }

    /// Added. Days with rows, in order.
    async fn days(&self, context: &Context<'_>) -> Result<Vec<Day>> {
        both::days::<Flow>(context).await
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
            Ok(listed(flow(&app, date)?.stories()?.into_iter().map(Comment::from)))
        })
        .await
    }
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
            Ok(Some(map.into()))
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
        of_finding(context, date, ip, |found| Ok(Some(Bins::from(&found.timeline)))).await
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
            hold(&app, &bench);
            SpotRows::try_from(rows).map(Some)
        })
        .await
    }
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
            let bench = flow(&app, input.date)?.by(input.author);
            let found = bench.investigate(&address(&input.ip)?)?;
            unchanged(input.fingerprint.as_ref(), &found.provenance.fingerprint)?;
            Ok(Some(bench.save(&found, &input.title, &input.text)?.into()))
        })
        .await
    }

    /// Scores the unlikely connections of a day: of each input those with all that it gives. The last
    /// score of a connection counts.
    async fn score(
        &self,
        context: &Context<'_>,
        input: Vec<ScoreInput>,
        #[graphql(desc = "Added. Who says so.")] by: Option<String>,
    ) -> Result<Listed<Done>> {
        let inputs = input.iter().map(|input| (input.date, input.score()));
        both::score::<Flow>(context, inputs.collect(), by).await
    }

    /// Forgets the scores and stories of a day.
    async fn reset_scored_connections(
        &self,
        context: &Context<'_>,
        date: SpotDate,
    ) -> Result<Option<Done>> {
        both::reset::<Flow>(context, date).await
    }
}
