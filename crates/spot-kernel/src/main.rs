//! `spot-kernel`: the kernel's program, and what it is to its children.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use spot_kernel::evcxr_evaluator::{self, EvcxrEvaluator};
use spot_kernel::install::{self, Place};
use spot_kernel::library::{self, Library};
use spot_kernel::{ConnectionInfo, KernelInfo, LinkServer, cargo_standin, processes, shim};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A Jupyter kernel for Rust notebooks with widgets.
#[derive(Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve one Jupyter client; Jupyter calls this.
    Run {
        /// The connection file.
        #[arg(short = 'f', long)]
        connection_file: PathBuf,
        /// The library that cells are linked to; default: the one beside this program.
        #[arg(long)]
        library: Option<PathBuf>,
    },
    /// Write the kernelspecs `spot` and `spot-stock`.
    Install {
        #[command(flatten)]
        place: PlaceArgs,
        /// The library that cells are linked to; default: the one beside this program.
        #[arg(long)]
        library: Option<PathBuf>,
    },
    /// Be the stock evcxr_jupyter kernel: static output, no widgets.
    Stock {
        /// The connection file.
        connection_file: PathBuf,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct PlaceArgs {
    /// For this user.
    #[arg(long)]
    user: bool,
    /// Into the environment of the python3 on PATH.
    #[arg(long)]
    sys_prefix: bool,
    /// Into this folder's share/jupyter/kernels.
    #[arg(long)]
    prefix: Option<PathBuf>,
}

impl PlaceArgs {
    fn place(self) -> Place {
        match self.prefix {
            Some(prefix) => Place::Prefix(prefix),
            None if self.user => Place::User,
            None => Place::SysPrefix,
        }
    }
}

fn main() -> Result<()> {
    // This program is also cargo's stand-in and the process that runs the cells.
    cargo_standin::run_if_called_as_cargo();
    shim::install_if_user_process();
    if std::env::args().nth(1).as_deref() == Some("--control_file") {
        return evcxr_jupyter::main();
    }
    evcxr::runtime_hook();
    match Cli::parse().verb {
        Verb::Run { connection_file, library } => {
            run(&connection_file, library.or_else(Library::default_path))
        }
        Verb::Install { place, library } => {
            let library = library.or_else(Library::default_path);
            install::install(&place.place(), library.as_deref())
        }
        Verb::Stock { connection_file } => stock(&connection_file),
    }
}

fn run(connection_file: &std::path::Path, library: Option<PathBuf>) -> Result<()> {
    let connection = ConnectionInfo::read(connection_file)?;
    let folder = tempfile::Builder::new().prefix("spot-kernel-").tempdir()?;
    let library = library.map(|path| Library::load(&path)).transpose();
    let mut build_env = Vec::new();
    if let Ok(Some(library)) = &library {
        build_env.push(cargo_standin::install(folder.path(), &library.metadata)?);
        if let Some(sources) = library.standard_library.as_ref().filter(|path| path.is_dir()) {
            // SAFETY: no other threads run yet.
            unsafe { std::env::set_var("RUST_SRC_PATH", sources) };
        }
    }
    let link = LinkServer::start()?;
    let cells = folder.path().join("cells");
    std::fs::create_dir(&cells)?;
    // SAFETY: the link server's threads do not touch the environment, others do not run yet.
    unsafe { evcxr_evaluator::announce_link(link.socket_path(), link.nonce(), &cells) };
    let info = KernelInfo {
        banner: format!("Rust (Spot) {}, cells by evcxr", env!("CARGO_PKG_VERSION")),
        implementation: "spot".into(),
        implementation_version: env!("CARGO_PKG_VERSION").into(),
        language_version: rust_version(),
        help_links: Vec::new(),
    };
    let make = move || -> Result<Box<dyn spot_kernel::Evaluator>> {
        Ok(Box::new(EvcxrEvaluator::start(library?, &build_env)?))
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let served = runtime.block_on(spot_kernel::serve(connection, info, link, make));
    runtime.shutdown_background();
    // A compilation, or a cell that did not end in time.
    processes::end_all();
    served
}

fn rust_version() -> String {
    let text = library::rustc_version().unwrap_or_default();
    text.split_whitespace().nth(1).unwrap_or("unknown").to_owned()
}

/// Hands over to evcxr's own kernel, in a process of its own because it reads the command line.
fn stock(connection_file: &std::path::Path) -> Result<()> {
    use std::os::unix::process::CommandExt;
    // It rewrites the user's kernelspec `rust` when that is of another version: show it a folder
    // that has none.
    let folder = std::env::temp_dir().join("spot-kernel-stock");
    let error = std::process::Command::new(std::env::current_exe()?)
        .arg("--control_file")
        .arg(connection_file)
        .env("JUPYTER_PATH", folder)
        .exec();
    Err(error).context("the stock kernel cannot be started")
}
