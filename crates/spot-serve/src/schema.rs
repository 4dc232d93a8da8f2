//! The two roots, and the schema as text.

use std::sync::Arc;

use async_graphql::{Context, EmptySubscription, Object, Schema, SchemaBuilder, SimpleObject};

use crate::app::{App, app};
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
    async fn served(&self, context: &Context<'_>) -> Served {
        let app = app(context);
        Served { flow: app.flow.is_some(), dns: app.dns.is_some(), data: app.data.clone() }
    }
}

/// Added. What a server has.
#[derive(SimpleObject)]
#[graphql(name = "SpotServedType")]
struct Served {
    flow: bool,
    dns: bool,
    /// The name of its data.
    data: String,
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
