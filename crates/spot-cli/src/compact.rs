//! `spot compact`: a day's saves on Spark, made one.

use clap::Args;
use spot_store::settings::Data;
use spot_store::{
    Compacted, DnsWorkbench, Pipeline, Result, Settings, SparkStore, StoreError, Workbench,
};

use crate::{Common, settings_of};

#[derive(Args)]
pub(crate) struct Compact {
    #[command(flatten)]
    common: Common,
}

/// What was rewritten, in one line.
pub(crate) fn run(args: Compact) -> Result<String> {
    let Compact { common } = args;
    let pipeline = Pipeline::from(common.pipeline);
    let settings = Settings::from_env_for(pipeline, &settings_of(common.data, []))?;
    let Data::Spark(spark) = &settings.data else {
        let fix =
            "set SPOT_DATA to sc://HOST:15002; a folder keeps one file a table and day by itself";
        return Err(StoreError::usage("only what Spark writes is compacted", fix).at("SPOT_DATA"));
    };
    let store = SparkStore::open(spark)?;
    let day = match pipeline {
        Pipeline::Flow => Workbench::open(settings.clone())?.day(),
        Pipeline::Dns => DnsWorkbench::open(settings.clone())?.day(),
    };
    let Compacted { before, after } = store.compact(pipeline, day)?;
    let name = pipeline.name();
    Ok(format!("{name} of {day}: {before} saves were {after} after\n"))
}
