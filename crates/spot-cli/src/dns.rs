//! The verbs for DNS: `spot search dns --client 10.0.0.5`, `spot save dns --query evil.com`.

use clap::{Args, ValueEnum};
use serde_json::json;
use spot_analysis::dns::{Anchor, Name, Scope};
use spot_analysis::model::Address;
use spot_store::settings::{self, Anchors};
use spot_store::{DnsWorkbench, Pipeline, Result, Settings, StoreError};

use crate::{
    Common, Format, Save, Search, Threats, given_settings, history, needs_words, shown, text,
};

/// Whom or what to search among the DNS answers.
#[derive(Args)]
pub struct Which {
    /// DNS: address of a client [else: SPOT_ANCHOR].
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["anchor", "query", "scope"])]
    client: Option<String>,
    /// DNS: name that was asked for, in any case, with or without a final dot [else: SPOT_ANCHOR].
    #[arg(long, value_name = "NAME", conflicts_with = "anchor")]
    query: Option<String>,
    /// DNS: which names to take in beside the one given.
    #[arg(long, value_enum)]
    scope: Option<ScopeName>,
}

impl Which {
    /// True if a flag was given that only DNS has.
    pub fn is_given(&self) -> bool {
        self.client.is_some() || self.query.is_some() || self.scope.is_some()
    }
}

/// Which names a search takes in.
#[derive(Clone, Copy, ValueEnum)]
enum ScopeName {
    /// The name itself.
    Exact,
    /// Its registered domain and everything below it.
    Domain,
    /// Every name that contains the text.
    Substring,
}

pub fn search(args: Search) -> Result<String> {
    let anchor = ("SPOT_ANCHOR", args.anchor);
    let bench = open(args.common, [anchor, ("SPOT_TOP_RESULTS", args.top)])?;
    let (anchor, scope) = one_anchor(bench.settings(), args.which)?;
    let found = bench.investigate(&anchor, &scope)?;
    match args.format {
        Format::Json => shown(&crate::json::dns_search(&found)),
        Format::Text => {
            for note in &found.notes {
                eprintln!("note: {}", text::visible(note));
            }
            let text = text::dns_search(&found, bench.settings().top_results);
            Ok(text + &history::dns_text(&found))
        }
    }
}

pub fn threats(args: Threats) -> Result<String> {
    let bench = open(args.common, [])?;
    let suspects = bench.suspects()?;
    match args.format {
        Format::Json => shown(&json!({
            "date": bench.day().to_string(),
            "threats": suspects.iter().map(crate::json::dns_suspect).collect::<Vec<_>>(),
        })),
        Format::Text => Ok(text::dns_suspects(bench.day(), &suspects)),
    }
}

pub fn days(args: Threats) -> Result<String> {
    crate::days::days(&open(args.common, [])?, args.format)
}

pub fn save(args: Save) -> Result<String> {
    let story =
        [("SPOT_ANCHOR", args.anchor), ("SPOT_TITLE", args.title), ("SPOT_TEXT", args.text)];
    let bench = open(args.common, story)?;
    let (anchor, scope) = one_anchor(bench.settings(), args.which)?;
    let (title, text) = needs_words(bench.settings())?;
    let found = bench.investigate(&anchor, &scope)?;
    let saved = bench.save(&found, &title, &text)?;
    match args.format {
        Format::Json => shown(&crate::json::saved(json!(anchor), bench.day(), &saved)),
        Format::Text => Ok(text::saved(&found.anchor, found.day, &saved)),
    }
}

fn open<const N: usize>(common: Common, more: [(&str, Option<String>); N]) -> Result<DnsWorkbench> {
    let cell = given_settings(common, more);
    DnsWorkbench::open(Settings::from_env_for(Pipeline::Dns, &cell)?)
}

/// What the flags say; without `--client` and `--query` what SPOT_ANCHOR says.
pub fn one_anchor(settings: &Settings, which: Which) -> Result<(Anchor, Scope)> {
    let anchor = match (which.client, which.query, &settings.dns_anchors) {
        (Some(client), ..) => Anchor::Client(client_address(&client)?),
        // A name is taken as it is: blanks and commas are part of it.
        (None, Some(name), _) if !name.is_empty() => Anchor::Query(Name::new(name)),
        (None, None, Some(Anchors::These(these))) if these.len() == 1 => these[0].clone(),
        (None, None, Some(_)) => {
            let fix = "give one with --client or --query";
            return Err(StoreError::usage("more than one client or name", fix).at("SPOT_ANCHOR"));
        }
        // An empty text says what is wanted.
        (None, _, _) => settings::dns_anchor("")?,
    };
    let scope = match (which.scope, &anchor) {
        (None | Some(ScopeName::Exact), _) | (_, Anchor::Client(_)) => Scope::Exact,
        (Some(ScopeName::Domain), _) => Scope::RegisteredDomain,
        (Some(ScopeName::Substring), Anchor::Query(name)) => {
            Scope::Substring(name.raw().to_owned())
        }
    };
    Ok((anchor, scope))
}

fn client_address(text: &str) -> Result<Address> {
    settings::anchor(text).map_err(|mut error| {
        error.at = Some("--client".to_owned());
        error.fix = "write an address such as 10.0.0.5 or 2001:db8::5".to_owned();
        error
    })
}
