//! The benches that all requests work on, and how a request waits for them.

use std::sync::Arc;

use async_graphql::{Context, Error, ErrorExtensions};
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::context::Texts;
use spot_store::error::Kind;
use spot_store::{
    Bench, Dns, DnsWorkbench, Flow, PipelineKind, Result, Settings, Store, StoreError, Workbench,
};

use tokio::sync::Semaphore;

use crate::scalars::{SpotDate, SpotIp};
use crate::types::DnsScope;

/// What is served.
pub struct App {
    pub flow: Option<Workbench>,
    pub dns: Option<DnsWorkbench>,
    /// The data, for people.
    pub data: String,
    settings: Settings,
    store: Arc<dyn Store>,
    /// Searches that run at once.
    at_once: Arc<Semaphore>,
}

impl App {
    /// Opens what `settings` name.
    pub fn open(settings: &Settings, at_once: usize) -> Result<Self> {
        let store = spot_store::open(settings)?;
        let app = Self {
            flow: bench::<Flow>(settings, &store)?,
            dns: bench::<Dns>(settings, &store)?,
            data: settings.data.name(),
            settings: settings.clone(),
            store,
            at_once: Arc::new(Semaphore::new(at_once.max(1))),
        };
        if app.flow.is_none() && app.dns.is_none() {
            let fix = "serve a folder with `flow` or `dns`";
            return Err(StoreError::usage("there is no table to serve", fix).at("SPOT_DATA"));
        }
        Ok(app)
    }

    /// The context files, as they are now.
    pub fn context(&self) -> Result<Texts> {
        spot_store::context_files(&self.settings, self.store.as_ref())
    }
}

/// Begins to hold a day in memory. Only the day that most ask for: others would push each other out.
pub fn hold<K: Served>(app: &App, asked: &Bench<K>) {
    if K::of(app).is_some_and(|all| all.day() == asked.day()) {
        asked.hold();
    }
}

fn bench<K: PipelineKind>(settings: &Settings, store: &Arc<dyn Store>) -> Result<Option<Bench<K>>> {
    let has = store.has(K::PIPELINE);
    has.then(|| Bench::with_store(settings.clone(), store.clone())).transpose()
}

pub fn app(context: &Context<'_>) -> Arc<App> {
    context.data_unchecked::<Arc<App>>().clone()
}

/// A pipeline that may be served.
pub trait Served: PipelineKind {
    /// Its bench, if there are such tables.
    fn of(app: &App) -> Option<&Bench<Self>>;
}

impl Served for Flow {
    fn of(app: &App) -> Option<&Workbench> {
        app.flow.as_ref()
    }
}

impl Served for Dns {
    fn of(app: &App) -> Option<&DnsWorkbench> {
        app.dns.as_ref()
    }
}

/// The flows of a day.
pub fn flow(app: &App, date: Option<SpotDate>) -> Result<Workbench> {
    on(app, date)
}

/// The DNS answers of a day.
pub fn dns(app: &App, date: Option<SpotDate>) -> Result<DnsWorkbench> {
    on(app, date)
}

/// A day of a pipeline.
pub fn on<K: Served>(app: &App, date: Option<SpotDate>) -> Result<Bench<K>> {
    let bench = K::of(app).ok_or_else(|| {
        let what = format!("there is no table `{}` here", K::PIPELINE.name());
        StoreError::usage(what, "ask about the other pipeline")
    })?;
    match date {
        Some(SpotDate(day)) => bench.on_day(&day.to_string()),
        None => Ok(bench.clone()),
    }
}

/// An argument as an address.
pub fn address(ip: &SpotIp) -> Result<Address> {
    spot_store::settings::anchor(&ip.0).map_err(|e| StoreError { at: Some("ip".into()), ..e })
}

/// Most addresses of one question.
const ADDRESSES: usize = 1_000_000;

/// Addresses as they may stand in a table, whether they are any or not.
pub fn addresses(ips: &[SpotIp]) -> Result<Vec<Address>> {
    if ips.len() > ADDRESSES {
        let what = format!("{} addresses are more than {ADDRESSES}", ips.len());
        return Err(StoreError::usage(what, "ask about fewer"));
    }
    Ok(ips.iter().map(|ip| Address::new(&ip.0)).collect())
}

/// Arguments as a client or a name. A text that names contain is `substring`, else the name.
pub fn anchor(
    client: Option<&SpotIp>,
    name: Option<&String>,
    scope: Option<DnsScope>,
    substring: Option<&String>,
) -> Result<(Anchor, Scope)> {
    match (client, name) {
        // A row may have a client that is no address; it has a day, too.
        (Some(client), None) => Ok((Anchor::Client(Address::new(&client.0)), Scope::Exact)),
        (None, Some(name)) => {
            let scope = match scope.unwrap_or(DnsScope::Exact) {
                DnsScope::Exact => Scope::Exact,
                DnsScope::Domain => Scope::RegisteredDomain,
                DnsScope::Substring => Scope::Substring(substring.unwrap_or(name).clone()),
            };
            Ok((Anchor::Query(Name::new(name)), scope))
        }
        _ => {
            let fix = "give one of clientIp and dnsQuery";
            Err(StoreError::usage("a search is of one client or of one name", fix))
        }
    }
}

/// Work that reads files, on a thread where it may take its time. It counts as running until it ends,
/// whether somebody waits for it or not.
pub async fn blocking<T: Send + 'static>(
    context: &Context<'_>,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> async_graphql::Result<T> {
    let one = app(context).at_once.clone().acquire_owned().await;
    let work = move || {
        let _one = one;
        work()
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| told(&error)),
        Err(_) => Err(Error::new("a fault of the program: please report it")),
    }
}

/// An error with all that the caller needs to mend it.
pub fn told(error: &StoreError) -> Error {
    let kind = match error.kind {
        Kind::Usage => "usage",
        Kind::Data => "data",
        Kind::Io => "io",
        Kind::Server => "server",
        Kind::Cancelled => "cancelled",
    };
    Error::new(&error.what).extend_with(|_, more| {
        more.set("kind", kind);
        more.set("fix", error.fix.clone());
        if let Some(at) = &error.at {
            more.set("at", at.clone());
        }
    })
}
