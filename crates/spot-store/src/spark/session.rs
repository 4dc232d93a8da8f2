//! Statements on a Spark server, through ADBC.
//!
//! A statement runs on a thread of its own, on a connection that nobody else uses meanwhile: who waits for
//! it can be cancelled at once. The server may go on with what nobody waits for, so its connection is
//! dropped then, and the next question takes another one.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use adbc_core::error::{Error, Status};
use adbc_core::options::{AdbcVersion, OptionDatabase};
use adbc_core::{Connection, Database, Driver, Statement as _};
use adbc_driver_manager::{ManagedConnection, ManagedDatabase, ManagedDriver};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use polars::prelude::DataFrame;

use super::frame::frame;
use super::place::Spark;
use crate::cancel;
use crate::error::{Kind, Result, StoreError};
use crate::held::lock;
use crate::parquet::engine;

/// How often who waits looks whether somebody cancelled.
const LOOK: Duration = Duration::from_millis(20);

/// A question: what must be declared first, the text with `?` for values, the values.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub view: Option<String>,
    pub sql: String,
    /// Bound, never part of the text.
    pub values: Vec<String>,
}

/// What a statement's thread says.
enum Said {
    Part(DataFrame),
    /// All rows came; the connection can be used again.
    Done(ManagedConnection),
    Failed(Fault, Option<ManagedConnection>),
}

/// Why there is no answer.
pub(crate) enum Fault {
    /// There are no such files.
    NoFiles,
    /// The server is not, or no longer, there.
    Gone(StoreError),
    Other(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Other(error)
    }
}

/// The connections to a server.
pub(crate) struct Sessions {
    spark: Spark,
    database: Arc<OnceLock<ManagedDatabase>>,
    idle: Mutex<Vec<ManagedConnection>>,
}

impl Sessions {
    /// Loads the driver. The server is not asked yet.
    pub fn new(spark: &Spark) -> Result<Self> {
        let fix = "install it (pip install adbc-driver-spark) and set SPOT_ADBC_DRIVER to its \
                   libadbc_driver_spark.so";
        let Some(driver) = &spark.driver else {
            let what = "the driver for Spark is not given";
            return Err(StoreError::usage(what, fix).at("SPOT_ADBC_DRIVER"));
        };
        let missing = |why: String| {
            let what = format!("the driver for Spark cannot be loaded: {}", short(&why));
            StoreError::usage(what, fix).at(driver.display())
        };
        if !driver.is_file() {
            return Err(missing("there is no such file".to_owned()));
        }
        let mut library =
            ManagedDriver::load_dynamic_from_filename(driver, None, AdbcVersion::V110)
                .map_err(|e| missing(e.message))?;
        let options = [(OptionDatabase::Uri, spark.uri().as_str().into())];
        let database = library.new_database_with_opts(options).map_err(|e| missing(e.message))?;
        let cell = OnceLock::new();
        let _ = cell.set(database);
        Ok(Self { spark: spark.clone(), database: Arc::new(cell), idle: Mutex::default() })
    }

    /// All rows of an answer. `None`: there are no such files.
    ///
    /// # Errors
    /// More rows than are brought here; a server that is not there, does not let us in or takes too long; a
    /// wish to stop.
    pub fn rows(&self, question: &Question) -> Result<Option<DataFrame>> {
        let most = self.spark.most;
        let mut all: Option<DataFrame> = None;
        let answered = self.each(question, &mut |part| {
            match &mut all {
                None => all = Some(part),
                Some(all) => all.vstack_mut_owned(part).map(drop).map_err(|e| engine(&e))?,
            }
            match all.as_ref().map_or(0, DataFrame::height) > most {
                true => Err(self.too_many()),
                false => Ok(()),
            }
        })?;
        Ok(all.filter(|_| answered))
    }

    /// Gives `see` an answer part by part, the first without rows so that its columns are known. `false`:
    /// there are no such files.
    ///
    /// # Errors
    /// As [`Sessions::rows`], but for the number of rows; what `see` says.
    pub fn each(
        &self,
        question: &Question,
        see: &mut dyn FnMut(DataFrame) -> Result<()>,
    ) -> Result<bool> {
        let mut seen = false;
        let mut note = |part: DataFrame| {
            seen = true;
            see(part)
        };
        let known = lock(&self.idle).pop();
        let again = known.is_some();
        match self.once(known, question, &mut note) {
            // A server that was started anew: nothing has come of this question, so it can be asked again.
            Err(Fault::Gone(_)) if again && !seen => {
                lock(&self.idle).clear();
                self.once(None, question, see)
            }
            answer => answer,
        }
        .map(|()| true)
        .or_else(|fault| match fault {
            Fault::NoFiles => Ok(false),
            Fault::Gone(error) | Fault::Other(error) => Err(error),
        })
    }

    /// Runs a statement that writes; it is not asked twice.
    ///
    /// # Errors
    /// As [`Sessions::rows`].
    pub fn write(&self, question: &Question) -> Result<()> {
        // A connection that was idle may be dead, and a write is not tried twice.
        match self.once(None, question, &mut |_| Ok(())) {
            Ok(()) => Ok(()),
            Err(Fault::NoFiles) => Err(self.refused("the folder is not there")),
            Err(Fault::Gone(error) | Fault::Other(error)) => Err(error),
        }
    }

    fn once(
        &self,
        connection: Option<ManagedConnection>,
        question: &Question,
        see: &mut dyn FnMut(DataFrame) -> Result<()>,
    ) -> Result<(), Fault> {
        let token = cancel::current();
        token.check()?;
        let (to, from) = sync_channel(2);
        let (database, question) = (self.database.clone(), question.clone());
        let place = self.spark.clone();
        let work = move || work(&database, connection, &question, &place, &to);
        let thread = thread::Builder::new().name("spark".to_owned()).spawn(work);
        thread.map_err(|e| StoreError::data(format!("no thread: {e}"), "close other programs"))?;
        let asked = Instant::now();
        loop {
            match from.recv_timeout(LOOK) {
                Ok(Said::Part(part)) => see(part)?,
                Ok(Said::Done(connection)) => {
                    lock(&self.idle).push(connection);
                    return Ok(());
                }
                Ok(Said::Failed(fault, connection)) => {
                    lock(&self.idle).extend(connection);
                    return Err(fault);
                }
                Err(RecvTimeoutError::Timeout) => {
                    token.check()?;
                    if asked.elapsed() > self.spark.timeout {
                        return Err(self.late().into());
                    }
                }
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(self.refused("the driver ended without an answer").into());
                }
            }
        }
    }

    fn too_many(&self) -> StoreError {
        let what = format!("the answer has more than {} rows", self.spark.most);
        let fix = "ask about one hour, port or peer less, or set SPOT_SPARK_ROWS higher: all of them come into \
                   memory";
        self.of_server(what, fix)
    }

    fn late(&self) -> StoreError {
        let seconds = self.spark.timeout.as_secs();
        let what = format!("Spark gave no answer within {seconds} s");
        self.of_server(what, "ask again, look at the cluster, or set SPOT_TIMEOUT (seconds) higher")
    }

    fn refused(&self, why: &str) -> StoreError {
        refused(&self.spark, why)
    }

    fn of_server(&self, what: String, fix: &str) -> StoreError {
        of_server(&self.spark, what, fix)
    }
}

fn of_server(spark: &Spark, what: String, fix: &str) -> StoreError {
    let at = Some(spark.host.clone());
    StoreError { kind: Kind::Server, what, at, fix: fix.to_owned() }
}

fn refused(spark: &Spark, why: &str) -> StoreError {
    of_server(
        spark,
        format!("Spark refused a question: {}", short(why)),
        "see the log of the server",
    )
}

/// The first line of what a server says; plans of queries follow it.
fn short(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let end = line.char_indices().nth(300).map_or(line.len(), |(at, _)| at);
    line[..end].to_owned()
}

/// On the statement's own thread.
fn work(
    database: &OnceLock<ManagedDatabase>,
    connection: Option<ManagedConnection>,
    question: &Question,
    place: &Spark,
    to: &SyncSender<Said>,
) {
    let Some(database) = database.get() else { return };
    let connection = match connection {
        Some(connection) => Ok(connection),
        None => database.new_connection(),
    };
    let said = match connection {
        Err(error) => Said::Failed(fault(place, &error), None),
        Ok(mut connection) => match ask(&mut connection, question, to) {
            Ok(()) => Said::Done(connection),
            Err(Trouble::Adbc(error)) => {
                let fault = fault(place, &error);
                let alive = matches!(fault, Fault::NoFiles);
                Said::Failed(fault, alive.then_some(connection))
            }
            Err(Trouble::Frame(error)) => Said::Failed(error.into(), None),
            Err(Trouble::Nobody) => return,
        },
    };
    let _ = to.send(said);
}

/// Why a statement ended early.
enum Trouble {
    Adbc(Error),
    Frame(StoreError),
    /// Nobody waits any more.
    Nobody,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Adbc(error)
    }
}

fn ask(
    connection: &mut ManagedConnection,
    question: &Question,
    to: &SyncSender<Said>,
) -> Result<(), Trouble> {
    if let Some(view) = &question.view {
        let mut statement = connection.new_statement()?;
        statement.set_sql_query(view)?;
        statement.execute_update()?;
    }
    let mut statement = connection.new_statement()?;
    statement.set_sql_query(&question.sql)?;
    if !question.values.is_empty() {
        statement.prepare()?;
        statement.bind(bound(&question.values)?)?;
    }
    let rows = statement.execute()?;
    let schema = rows.schema();
    let send = |part: RecordBatch| {
        let part = frame(&part).map_err(Trouble::Frame)?;
        to.send(Said::Part(part)).map_err(|_| Trouble::Nobody)
    };
    send(RecordBatch::new_empty(schema))?;
    for part in rows {
        let broken = |e: &dyn std::fmt::Display| {
            Error::with_message_and_status(e.to_string(), Status::Unknown)
        };
        send(part.map_err(|e| broken(&e))?)?;
    }
    Ok(())
}

fn bound(values: &[String]) -> Result<RecordBatch, Error> {
    let column = |(number, value): (usize, &String)| -> (String, ArrayRef) {
        (number.to_string(), Arc::new(StringArray::from(vec![value.as_str()])))
    };
    RecordBatch::try_from_iter(values.iter().enumerate().map(column))
        .map_err(|e| Error::with_message_and_status(e.to_string(), Status::Internal))
}

fn fault(place: &Spark, error: &Error) -> Fault {
    let text = error.message.as_str();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["PATH_NOT_FOUND"]) {
        return Fault::NoFiles;
    }
    if error.status == Status::Unauthenticated || says(&["UNAUTHENTICATED", "Unauthenticated"]) {
        let what = "Spark does not let us in".to_owned();
        return Fault::Other(of_server(place, what, "set SPOT_TOKEN to the server's token"));
    }
    if error.status == Status::IO || says(&["UNAVAILABLE", "Unavailable", "connection refused"]) {
        let what = format!("Spark cannot be reached: {}", short(text));
        let fix = "check that the Spark Connect server runs and that SPOT_DATA names it";
        return Fault::Gone(of_server(place, what, fix));
    }
    // A session that a new server does not know.
    if says(&["SESSION_NOT_FOUND", "SESSION_CLOSED", "SESSION_CHANGED"]) {
        return Fault::Gone(refused(place, text));
    }
    Fault::Other(refused(place, text))
}
