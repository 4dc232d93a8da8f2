//! DNS answers: Spot's fields and those that were added.

use async_graphql::{Context, InputObject, Interface, Object, Result, SimpleObject};
use chrono::DateTime;
use polars::prelude::{Column, DataFrame, PolarsResult};
use spot_analysis::dns::{Anchor, Investigation, Name};
use spot_analysis::model::Address;
use spot_store::{DnsFilter, DnsWorkbench, Pipeline, Rating, Score};

use crate::app::{addresses, anchor, app, blocking, dns, hold};
use crate::dns_batch;
use crate::scalars::{SpotDate, SpotDatetime, SpotIp};
use crate::types::{
    Day, DnsScope, Done, Ingested, Listed, SpotRows, at, broken, ingested, listed, parquet,
    scored_by_day, unchanged,
};

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
        let app = app(context);
        blocking(context, move || Ok(listed(ingested(&dns(&app, None)?, start_date, end_date)?)))
            .await
    }

    /// Added. Days with rows, in order.
    async fn days(&self, context: &Context<'_>) -> Result<Vec<Day>> {
        let app = app(context);
        blocking(context, move || {
            let days = app.dns.as_ref().map(DnsWorkbench::days).transpose()?.unwrap_or_default();
            Ok(days.into_iter().map(Day::from).collect())
        })
        .await
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

/// Added. Answers, counted.
#[derive(SimpleObject)]
#[graphql(name = "DnsAnsweringType")]
struct Answering {
    /// A Parquet file, base64: name, answers, total, first, last, clients.
    parquet: String,
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
            let comments = dns(&app, date)?.stories()?.into_iter().map(|story| {
                let (title, text) = (Some(story.title), Some(story.text));
                Some(match story.anchor {
                    Anchor::Query(name) => {
                        let dns_query = Some(name.raw().to_owned());
                        Comment::Query(QueryComment { title, text, dns_query })
                    }
                    Anchor::Client(client) => {
                        let client_ip = Some(SpotIp(client.to_string()));
                        Comment::Client(ClientComment { title, text, client_ip })
                    }
                })
            });
            Ok(Some(comments.collect()))
        })
        .await
    }
}

/// An answer whose client or name was scored: 1 high, 2 medium, 3 low, 0 not.
#[derive(SimpleObject)]
#[graphql(name = "DnsScoredThreatType")]
struct Scored {
    /// When the answer was seen.
    datetime: Option<SpotDatetime>,
    dns_query: Option<String>,
    client_ip: Option<SpotIp>,
    dns_score: Option<i32>,
    client_ip_score: Option<i32>,
    /// Added. When the answer was seen, seconds since 1970, whatever the table says.
    unix_timestamp: Option<i64>,
}

fn scored(list: &DataFrame) -> PolarsResult<Vec<Scored>> {
    let text = |name: &str| list.column(name).and_then(Column::str);
    let code = |name: &str| list.column(name).and_then(Column::i32);
    let time = list.column("unix_tstamp")?.i64()?;
    let (client, name) = (text("ip_dst")?, text("dns_qry_name")?);
    let (of_client, of_name) = (code("ip_sev")?, code("dns_sev")?);
    let of = |row| Scored {
        datetime: time
            .get(row)
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .map(|time| time.naive_utc().into()),
        dns_query: name.get(row).map(str::to_owned),
        client_ip: client.get(row).map(|text| SpotIp(text.to_owned())),
        dns_score: of_name.get(row),
        client_ip_score: of_client.get(row),
        unix_timestamp: time.get(row),
    };
    Ok((0..list.height()).map(of).collect())
}

/// A saved story.
#[allow(clippy::duplicated_attributes, reason = "both fields have a type")]
#[derive(Interface)]
#[graphql(
    name = "DnsCommentInterface",
    field(name = "title", ty = "&Option<String>"),
    field(name = "text", ty = "&Option<String>")
)]
enum Comment {
    Query(QueryComment),
    Client(ClientComment),
}

/// The story of a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsQueryCommentType")]
struct QueryComment {
    title: Option<String>,
    text: Option<String>,
    dns_query: Option<String>,
}

/// The story of a client.
#[derive(SimpleObject)]
#[graphql(name = "DnsClientIpCommentType")]
struct ClientComment {
    title: Option<String>,
    text: Option<String>,
    client_ip: Option<SpotIp>,
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
            hold(app.dns.as_ref(), &bench);
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

/// A client and a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsThreatDetailsType")]
struct Details {
    /// Answers.
    total: Option<u64>,
    dns_query: Option<String>,
    client_ip: Option<SpotIp>,
}

/// A branch of the dendrogram.
#[derive(Interface)]
#[graphql(name = "DnsIncidentProgressionInterface", field(name = "total", ty = "&Option<u64>"))]
enum Progression {
    Query(QueryProgression),
    Client(ClientProgression),
}

/// A name that a client asked for.
#[derive(SimpleObject)]
#[graphql(name = "DnsIncidentProgressionQueryType")]
struct QueryProgression {
    total: Option<u64>,
    dns_query: Option<String>,
}

/// A client that asked for a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsIncidentProgressionClientIpType")]
struct ClientProgression {
    total: Option<u64>,
    client_ip: Option<SpotIp>,
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
            let bench = dns(&app, input.date)?;
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
        let app = app(context);
        blocking(context, move || {
            let inputs = input.into_iter().map(|input| Ok((input.date, input.score()?)));
            let by = by.as_deref();
            let rows =
                scored_by_day(inputs.collect::<spot_store::Result<_>>()?, |date, scores| {
                    let bench = dns(&app, date)?;
                    bench.store().score_dns(bench.day(), scores, by)
                })?;
            Ok(listed(rows.into_iter().map(Done::scored)))
        })
        .await
    }

    /// Forgets the scores and stories of a day.
    async fn reset_scored_connections(
        &self,
        context: &Context<'_>,
        date: SpotDate,
    ) -> Result<Option<Done>> {
        let app = app(context);
        blocking(context, move || {
            let bench = dns(&app, Some(date))?;
            bench.store().reset_scores(Pipeline::Dns, bench.day())?;
            Ok(Some(Done::done()))
        })
        .await
    }
}

/// A story of DNS.
#[derive(InputObject)]
#[graphql(name = "DnsCreateStoryboardInputType")]
struct CreateStoryboard {
    date: Option<SpotDate>,
    dns_query: Option<String>,
    client_ip: Option<SpotIp>,
    title: String,
    text: String,
    /// Read and not used: the numbers come from the rows.
    #[graphql(name = "threatDetails")]
    _threat_details: Vec<DetailsInput>,
    /// Added.
    scope: Option<DnsScope>,
    /// Added. The text that names contain, if it is not `dnsQuery`.
    substring: Option<String>,
    /// Added. Of the search; nothing is saved if the day's files are others now.
    fingerprint: Option<String>,
}

/// A line of the expanded search, as it is sent back.
#[derive(InputObject)]
#[graphql(name = "DnsThreatDetailsInputType")]
struct DetailsInput {
    #[graphql(name = "total")]
    _total: Option<i64>,
    #[graphql(name = "dnsQuery")]
    _dns_query: Option<String>,
    #[graphql(name = "clientIp")]
    _client_ip: Option<SpotIp>,
}

/// Which unlikely answers are scored: those of the client and those for the name.
#[derive(InputObject)]
#[graphql(name = "DnsScoreType")]
struct ScoreInput {
    date: Option<SpotDate>,
    /// 1 high, 2 medium, 3 low.
    score: i64,
    dns_query: Option<String>,
    client_ip: Option<SpotIp>,
}

impl ScoreInput {
    fn score(&self) -> spot_store::Result<Score<DnsFilter>> {
        let of = DnsFilter {
            // An empty text is what Spot's pages send for nothing.
            client: self
                .client_ip
                .as_ref()
                .filter(|ip| !ip.0.is_empty())
                .map(|ip| Address::new(&ip.0)),
            name: self.dns_query.as_ref().filter(|name| !name.is_empty()).map(Name::new),
        };
        Ok(Score { of, rating: Rating::new(self.score)? })
    }
}
