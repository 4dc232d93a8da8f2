//! DNS answers: Spot's fields and those that were added.

use async_graphql::{Context, Object, Result};
use spot_analysis::dns::{Anchor, Investigation};
use spot_analysis::model::Address;
use spot_store::{Dns, Pipeline};

use crate::app::{addresses, anchor, app, blocking, dns, hold};
use crate::dns_types::{
    Answering, ClientProgression, Comment, CreateStoryboard, Details, Progression,
    QueryProgression, ScoreInput, Scored, scored,
};
use crate::scalars::{SpotDate, SpotDatetime, SpotIp};
use crate::types::{
    Day, DnsScope, Done, Ingested, Listed, SpotRows, at, broken, listed, parquet, unchanged,
};
use crate::{both, dns_batch};

/// What can be asked of DNS answers.
pub struct DnsQuery;

/// What can be asked of DNS answers.
#[Object(name = "DnsQueryType")]
impl DnsQuery {
    /// What was scored, and what was saved.
    async fn threats(&self) -> Option<Threats> {
        Some(Threats)
    }

    /// The day of one client or name.
    async fn threat(&self) -> Option<Threat> {
        Some(Threat)
    }

    /// Answers that the machine found unlikely and nobody has scored, at most 250; of one client, and
    /// with a text in the name.
    async fn suspicious(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        client_ip: Option<SpotIp>,
        dns_query: Option<String>,
    ) -> Result<Listed<dns_batch::Suspicious>> {
        let app = app(context);
        blocking(context, move || {
            let bench = dns(&app, date)?;
            let client = client_ip.map(|ip| Address::new(ip.0));
            let scores = bench.store().scores(Pipeline::Dns, bench.day())?;
            let threats = bench.store().threats(Pipeline::Dns, bench.day())?;
            let part = dns_query.as_deref();
            let found = dns_batch::suspicious(&scores, &threats, client.as_ref(), part);
            Ok(listed(found.map_err(|e| broken(&e))?))
        })
        .await
    }

    /// The answers for a name in the hour of `frameTime`.
    async fn edge_details(
        &self,
        context: &Context<'_>,
        frame_time: SpotDatetime,
        dns_query: String,
    ) -> Result<Listed<dns_batch::Edge>> {
        let app = app(context);
        blocking(context, move || {
            let (time, date) = at(&frame_time)?;
            let (anchor, scope) = anchor(None, Some(&dns_query), None, None)?;
            let rows = dns(&app, Some(date))?.rows(&anchor, &scope)?.frame;
            Ok(listed(dns_batch::edges(&rows, time).map_err(|e| broken(&e))?))
        })
        .await
    }

    /// The names that a client asked for, and what it was told.
    async fn ip_details(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        client_ip: SpotIp,
    ) -> Result<Listed<dns_batch::Asked>> {
        let app = app(context);
        blocking(context, move || {
            let (anchor, scope) = anchor(Some(&client_ip), None, None, None)?;
            let rows = dns(&app, date)?.rows(&anchor, &scope)?.frame;
            Ok(listed(dns_batch::asked(&rows).map_err(|e| broken(&e))?))
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
        both::ingested::<Dns>(context, start_date, end_date).await
    }

    /// Added. Days with rows, in order.
    async fn days(&self, context: &Context<'_>) -> Result<Vec<Day>> {
        both::days::<Dns>(context).await
    }

    #[graphql(complexity = 50)]
    /// Added. The answers that name one of `addresses`, counted by name and by what they say of those.
    async fn answering(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        addresses: Vec<SpotIp>,
    ) -> Result<Option<Answering>> {
        let app = app(context);
        blocking(context, move || {
            let bench = dns(&app, date)?;
            let wanted = self::addresses(&addresses)?;
            let frame = bench.store().dns_answering(bench.day(), &wanted)?;
            Ok(Some(Answering { parquet: parquet(&frame)? }))
        })
        .await
    }
}

/// What was scored, and what was saved.
struct Threats;

/// What was scored, and what was saved.
#[Object(name = "DnsThreats")]
impl Threats {
    /// Answers that were scored, in the order in which they were.
    async fn list(&self, context: &Context<'_>, date: Option<SpotDate>) -> Result<Listed<Scored>> {
        let app = app(context);
        blocking(context, move || {
            let bench = dns(&app, date)?;
            let list = bench.store().threats(Pipeline::Dns, bench.day())?;
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
            Ok(listed(dns(&app, date)?.stories()?.into_iter().map(Comment::from)))
        })
        .await
    }
}

/// The day of one client or name.
struct Threat;

/// The day of one client or name.
#[Object(name = "DnsThreatInformation")]
impl Threat {
    /// The expanded search: a line for each client and name, most answers first. All of them, where
    /// `first` does not say how many.
    #[allow(clippy::too_many_arguments)]
    async fn details(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        dns_query: Option<String>,
        client_ip: Option<SpotIp>,
        first: Option<i64>,
        scope: Option<DnsScope>,
    ) -> Result<Listed<Details>> {
        let found = found(context, date, (dns_query, client_ip, scope)).await?;
        let at_most = first.map_or(usize::MAX, |first| usize::try_from(first).unwrap_or(0));
        let lines = found.rows.iter().take(at_most).map(|row| {
            Some(Details {
                total: Some(row.total),
                dns_query: Some(row.name.raw().to_owned()),
                client_ip: Some(SpotIp(row.client.to_string())),
            })
        });
        Ok(Some(lines.collect()))
    }

    /// The names of a client, or the clients of a name.
    async fn incident_progression(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        dns_query: Option<String>,
        client_ip: Option<SpotIp>,
    ) -> Result<Listed<Progression>> {
        let found = found(context, date, (dns_query, client_ip, None)).await?;
        let lines = found.rows.iter().map(|row| {
            let total = Some(row.total);
            Some(match &found.anchor {
                Anchor::Client(_) => {
                    let dns_query = Some(row.name.raw().to_owned());
                    Progression::Query(QueryProgression { total, dns_query })
                }
                Anchor::Query(_) => {
                    let client_ip = Some(SpotIp(row.client.to_string()));
                    Progression::Client(ClientProgression { total, client_ip })
                }
            })
        });
        Ok(Some(lines.collect()))
    }

    /// Added. The answers themselves.
    #[graphql(complexity = 50)]
    async fn rows(
        &self,
        context: &Context<'_>,
        date: Option<SpotDate>,
        dns_query: Option<String>,
        client_ip: Option<SpotIp>,
        scope: Option<DnsScope>,
    ) -> Result<Option<SpotRows>> {
        let app = app(context);
        blocking(context, move || {
            let bench = dns(&app, date)?;
            let (anchor, scope) = anchor(client_ip.as_ref(), dns_query.as_ref(), scope, None)?;
            let rows = bench.rows(&anchor, &scope)?;
            // The next search of the day reads no file.
            hold(&app, &bench);
            SpotRows::try_from(rows).map(Some)
        })
        .await
    }
}

type Asked = (Option<String>, Option<SpotIp>, Option<DnsScope>);

async fn found(
    context: &Context<'_>,
    date: Option<SpotDate>,
    (name, client, scope): Asked,
) -> Result<Investigation> {
    let app = app(context);
    blocking(context, move || {
        let (anchor, scope) = anchor(client.as_ref(), name.as_ref(), scope, None)?;
        dns(&app, date)?.investigate(&anchor, &scope)
    })
    .await
}

/// What can be changed of DNS.
pub struct DnsMutation;

/// What can be changed of DNS.
#[Object(name = "DnsMutationType")]
impl DnsMutation {
    /// Saves what the day of a client or name means, in place of what was saved before.
    async fn create_storyboard(
        &self,
        context: &Context<'_>,
        input: CreateStoryboard,
    ) -> Result<Option<Done>> {
        let app = app(context);
        blocking(context, move || {
            let bench = dns(&app, input.date)?.by(input.author);
            let (client, name) = (input.client_ip.as_ref(), input.dns_query.as_ref());
            let (anchor, scope) = anchor(client, name, input.scope, input.substring.as_ref())?;
            let found = bench.investigate(&anchor, &scope)?;
            unchanged(input.fingerprint.as_ref(), &found.provenance.fingerprint)?;
            Ok(Some(bench.save(&found, &input.title, &input.text)?.into()))
        })
        .await
    }

    /// Scores the unlikely answers of a day: of each input those of the client, which score the
    /// client, and those for the name, which score the name. The last score counts.
    async fn score(
        &self,
        context: &Context<'_>,
        input: Vec<ScoreInput>,
        #[graphql(desc = "Added. Who says so.")] by: Option<String>,
    ) -> Result<Listed<Done>> {
        let inputs = input.iter().map(|input| (input.date, input.score()));
        both::score::<Dns>(context, inputs.collect(), by).await
    }

    /// Forgets the scores and stories of a day.
    async fn reset_scored_connections(
        &self,
        context: &Context<'_>,
        date: SpotDate,
    ) -> Result<Option<Done>> {
        both::reset::<Dns>(context, date).await
    }
}
