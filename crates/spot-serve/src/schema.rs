//! The two roots, and the schema as text.

use std::sync::Arc;

use async_graphql::{
    Context, EmptySubscription, Object, Result, Schema, SchemaBuilder, SimpleObject,
};
use spot_store::context::Texts;

use crate::app::{App, app, blocking};
use crate::dns::{DnsMutation, DnsQuery};
use crate::flow::{FlowMutation, FlowQuery};

/// Everything that can be asked.
pub struct Query;

/// Everything that can be asked.
#[Object(name = "SpotQueryType")]
impl Query {
    /// Network flows.
    async fn flow(&self) -> Option<FlowQuery> {
        Some(FlowQuery)
    }

    /// DNS answers.
    async fn dns(&self) -> Option<DnsQuery> {
        Some(DnsQuery)
    }

    /// Added. What this server has.
    async fn served(&self) -> Served {
        Served
    }
}

/// Added. What a server has.
struct Served;

/// Added. What a server has.
#[Object(name = "SpotServedType")]
impl Served {
    /// Whether it has flows.
    async fn flow(&self, context: &Context<'_>) -> bool {
        app(context).flow.is_some()
    }

    /// Whether it has DNS answers.
    async fn dns(&self, context: &Context<'_>) -> bool {
        app(context).dns.is_some()
    }

    /// The name of its data.
    async fn data(&self, context: &Context<'_>) -> String {
        app(context).data.clone()
    }

    /// The context files that go with its data.
    async fn context(&self, context: &Context<'_>) -> Result<ContextFiles> {
        let app = app(context);
        blocking(context, move || {
            let texts = app.context()?;
            let databases = texts.database_names();
            let Texts { ranges, names, places, classes, indicators, .. } = texts;
            Ok(ContextFiles { ranges, names, places, classes, indicators, databases })
        })
        .await
    }
}

/// Added. Context files as they are written.
#[derive(SimpleObject)]
#[graphql(name = "SpotContextType")]
struct ContextFiles {
    /// `ipranges.csv`.
    ranges: Option<String>,
    /// `networkcontext_1.csv`.
    names: Option<String>,
    /// `iploc.csv`.
    places: Option<String>,
    /// `classes.csv`.
    classes: Option<String>,
    /// `indicators.csv`.
    indicators: Option<String>,
    /// Names of the `*.mmdb`, which do not travel.
    databases: Vec<String>,
}

/// Everything that can be changed.
pub struct Mutation;

/// Everything that can be changed.
#[Object(name = "SpotMutationType")]
impl Mutation {
    /// Network flows.
    async fn flow(&self) -> Option<FlowMutation> {
        Some(FlowMutation)
    }

    /// DNS answers.
    async fn dns(&self) -> Option<DnsMutation> {
        Some(DnsMutation)
    }
}

pub type SpotSchema = Schema<Query, Mutation, EmptySubscription>;

fn builder() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    // What tools ask about the schema nests deepest, and has most fields.
    Schema::build(Query, Mutation, EmptySubscription).limit_depth(24).limit_complexity(600)
}

/// The schema over `app`.
pub fn schema(app: Arc<App>) -> SpotSchema {
    builder().data(app).finish()
}

/// The schema in GraphQL's own language.
pub fn sdl() -> String {
    builder().finish().sdl()
}
