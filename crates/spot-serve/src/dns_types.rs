//! What the server tells of DNS, and what it is told.

use async_graphql::{InputObject, Interface, SimpleObject};
use chrono::DateTime;
use polars::prelude::{Column, DataFrame, PolarsResult};
use spot_analysis::dns::{Anchor, Name};
use spot_analysis::model::Address;
use spot_store::{DnsFilter, Rating, Score};

use crate::scalars::{SpotDate, SpotDatetime, SpotIp};
use crate::types::DnsScope;

/// Added. Answers, counted.
#[derive(SimpleObject)]
#[graphql(name = "DnsAnsweringType")]
pub struct Answering {
    /// A Parquet file, base64: name, answers, total, first, last, clients.
    pub parquet: String,
}

/// An answer whose client or name was scored: 1 high, 2 medium, 3 low, 0 not.
#[derive(SimpleObject)]
#[graphql(name = "DnsScoredThreatType")]
pub struct Scored {
    /// When the answer was seen.
    datetime: Option<SpotDatetime>,
    dns_query: Option<String>,
    client_ip: Option<SpotIp>,
    dns_score: Option<i32>,
    client_ip_score: Option<i32>,
    /// Added. When the answer was seen, seconds since 1970, whatever the table says.
    unix_timestamp: Option<i64>,
}

/// The rows of a threat list, in order.
pub fn scored(list: &DataFrame) -> PolarsResult<Vec<Scored>> {
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
pub enum Comment {
    Query(QueryComment),
    Client(ClientComment),
}

impl From<spot_store::Comment<Anchor>> for Comment {
    fn from(story: spot_store::Comment<Anchor>) -> Self {
        let (title, text) = (Some(story.title), Some(story.text));
        match story.anchor {
            Anchor::Query(name) => {
                Self::Query(QueryComment { title, text, dns_query: Some(name.raw().to_owned()) })
            }
            Anchor::Client(client) => {
                let client_ip = Some(SpotIp(client.to_string()));
                Self::Client(ClientComment { title, text, client_ip })
            }
        }
    }
}

/// The story of a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsQueryCommentType")]
pub struct QueryComment {
    title: Option<String>,
    text: Option<String>,
    dns_query: Option<String>,
}

/// The story of a client.
#[derive(SimpleObject)]
#[graphql(name = "DnsClientIpCommentType")]
pub struct ClientComment {
    title: Option<String>,
    text: Option<String>,
    client_ip: Option<SpotIp>,
}

/// A client and a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsThreatDetailsType")]
pub struct Details {
    /// Answers.
    pub total: Option<u64>,
    pub dns_query: Option<String>,
    pub client_ip: Option<SpotIp>,
}

/// A branch of the dendrogram.
#[derive(Interface)]
#[graphql(name = "DnsIncidentProgressionInterface", field(name = "total", ty = "&Option<u64>"))]
pub enum Progression {
    Query(QueryProgression),
    Client(ClientProgression),
}

/// A name that a client asked for.
#[derive(SimpleObject)]
#[graphql(name = "DnsIncidentProgressionQueryType")]
pub struct QueryProgression {
    pub total: Option<u64>,
    pub dns_query: Option<String>,
}

/// A client that asked for a name.
#[derive(SimpleObject)]
#[graphql(name = "DnsIncidentProgressionClientIpType")]
pub struct ClientProgression {
    pub total: Option<u64>,
    pub client_ip: Option<SpotIp>,
}

/// A story of DNS.
#[derive(InputObject)]
#[graphql(name = "DnsCreateStoryboardInputType")]
pub struct CreateStoryboard {
    pub date: Option<SpotDate>,
    pub dns_query: Option<String>,
    pub client_ip: Option<SpotIp>,
    pub title: String,
    pub text: String,
    /// Read and not used: the numbers come from the rows.
    #[graphql(name = "threatDetails")]
    _threat_details: Vec<DetailsInput>,
    /// Added.
    pub scope: Option<DnsScope>,
    /// Added. The text that names contain, if it is not `dnsQuery`.
    pub substring: Option<String>,
    /// Added. Of the search; nothing is saved if the day's files are others now.
    pub fingerprint: Option<String>,
    /// Added. Who writes the story.
    pub author: Option<String>,
}

/// A line of the expanded search, as it is sent back.
#[derive(InputObject)]
#[graphql(name = "DnsThreatDetailsInputType")]
pub struct DetailsInput {
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
pub struct ScoreInput {
    pub date: Option<SpotDate>,
    /// 1 high, 2 medium, 3 low.
    score: i64,
    dns_query: Option<String>,
    client_ip: Option<SpotIp>,
    /// Added. Why.
    reason: Option<String>,
}

impl ScoreInput {
    /// As the store wants it.
    pub fn score(&self) -> spot_store::Result<Score<DnsFilter>> {
        let of = DnsFilter {
            // An empty text is what Spot's pages send for nothing.
            client: self
                .client_ip
                .as_ref()
                .filter(|ip| !ip.0.is_empty())
                .map(|ip| Address::new(&ip.0)),
            name: self.dns_query.as_ref().filter(|name| !name.is_empty()).map(Name::new),
        };
        Ok(Score { of, rating: Rating::new(self.score)?, reason: self.reason.clone() })
    }
}
