//! `spot serve`.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use spot_serve::{Limits, Options};
use spot_store::{Result, Settings};

use crate::{Where, settings_of};

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    data: Where,
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8889")]
    listen: SocketAddr,
    /// Let everybody on this machine ask; else callers bring SPOT_TOKEN, or the token that is printed.
    #[arg(long)]
    no_token: bool,
    /// Seconds until a request is given up.
    #[arg(long, value_name = "SECONDS", default_value_t = 100)]
    time_limit: u64,
    /// Searches that run at once [else: one a processor].
    #[arg(long, value_name = "SEARCHES")]
    at_once: Option<usize>,
    /// Print the schema, and serve nothing.
    #[arg(long)]
    schema: bool,
}

pub fn serve(args: Serve) -> Result<String> {
    if args.schema {
        return Ok(spot_serve::sdl());
    }
    let settings = Settings::from_env(&settings_of(args.data, []))?;
    let known = settings.token.clone().map(|token| token.0);
    let made =
        (known.is_none() && !args.no_token).then(|| uuid::Uuid::new_v4().simple().to_string());
    let mut limits = Limits { time: Duration::from_secs(args.time_limit), ..Limits::default() };
    limits.at_once = args.at_once.unwrap_or(limits.at_once);
    let token = if args.no_token { None } else { known.or(made.clone()) };
    let options = Options { listen: args.listen, token, limits };
    spot_serve::serve(&settings, &options, |at| {
        // Nobody may read it: that is no reason not to serve.
        drop(announce(at, made.as_deref()));
    })?;
    Ok(String::new())
}

fn announce(at: SocketAddr, made: Option<&str>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "SPOT_DATA=http://{at}/graphql")?;
    if let Some(token) = made {
        writeln!(stdout, "SPOT_TOKEN={token}")?;
    }
    stdout.flush()
}
