//! Puts sockets, evaluator and link together.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::cell::Cells;
use crate::comms::CommTable;
use crate::iopub::IoPub;
use crate::kernel::{Asked, Event, Kernel, Origin};
use crate::links::Links;
use crate::sockets::{Channel, Sockets};
use crate::tokens::Tokens;
use crate::wire::Session;
use crate::worker::Worker;
use crate::{ConnectionInfo, Evaluator, KernelInfo, LinkServer};

/// So many messages wait for IOPub, and so many lines of the link for the kernel, before the user
/// process is slowed down.
const QUEUE: usize = 512;
/// How long the evaluator may take to end its user process. A Jupyter server kills after 2.5 s.
const END: Duration = Duration::from_millis(1500);
/// How long the last messages may take to leave.
const LINGER: Duration = Duration::from_millis(300);

/// Runs the kernel until a client asks for shutdown, or the process that started it
/// (`JPY_PARENT_PID`) is gone. Must run inside a tokio runtime.
///
/// Binds the sockets and answers at once; `make_evaluator` runs on the evaluator's own thread, and
/// execute requests wait for it. When it fails, every cell gets an error that says why.
///
/// Fails when a socket cannot be bound. After `Ok(())` the process should exit with code 0.
pub async fn serve(
    connection: ConnectionInfo,
    info: KernelInfo,
    link: LinkServer,
    make_evaluator: impl FnOnce() -> Result<Box<dyn Evaluator>> + Send + 'static,
) -> Result<()> {
    connection.check()?;
    let session = Arc::new(Session::new(&connection.key));
    let mut sockets = Sockets::bind(&connection).await?;
    let listener = link.listener().context("cannot listen on the cell link")?;
    let dropped = link.dropped();
    let (events, event_queue) = mpsc::unbounded_channel();
    let (iopub, iopub_queue) = mpsc::channel(QUEUE);
    let (link_events, link_queue) = mpsc::channel(QUEUE);
    let (subscribed_tell, subscribed) = watch::channel(false);

    crate::iopub::watch(&mut sockets.iopub, iopub.clone(), subscribed_tell);
    let iopub_session = session.clone();
    let iopub_task = tokio::spawn(async move {
        crate::iopub::run(sockets.iopub, &iopub_session, iopub_queue).await;
    });
    let channel =
        |subscribed| Channel { session: session.clone(), dropped: dropped.clone(), subscribed };
    let deliver = |make: fn(crate::wire::Request) -> Event| {
        let events = events.clone();
        move |request| {
            let _ = events.send(make(request));
        }
    };
    let (shell, shell_tasks) = channel(Some(subscribed))
        .start(sockets.shell, deliver(|request| asked(Origin::Shell, request)));
    let (control, control_tasks) =
        channel(None).start(sockets.control, deliver(|request| asked(Origin::Control, request)));
    let (stdin, stdin_tasks) = channel(None).start(sockets.stdin, deliver(Event::InputReply));
    let mut tasks = vec![tokio::spawn(crate::heartbeat::run(sockets.heartbeat))];
    tasks.extend(shell_tasks);
    tasks.extend(control_tasks);
    tasks.extend(stdin_tasks);
    let nonce = link.nonce().to_owned();
    tasks.push(tokio::spawn(async move {
        if let Err(error) = crate::link::listen(listener, nonce, link_events, dropped).await {
            eprintln!("spot-kernel: the cell link does not listen: {error}");
        }
    }));
    tasks.push(tokio::spawn(watch_parent(events.clone())));

    let mut kernel = Kernel {
        session,
        connection,
        info,
        iopub,
        shell,
        control,
        stdin,
        worker: Worker::start(make_evaluator, events.clone())?,
        events,
        link: Links::default(),
        cells: Cells::default(),
        comms: CommTable::default(),
        tokens: Tokens::default(),
        question: None,
        echo: std::env::var("JUPYTER_WIDGETS_ECHO").map_or(true, |echo| echo != "0"),
        generation: 0,
        stopping: false,
    };
    kernel.run(event_queue, link_queue).await;
    end(kernel).await;
    for task in &tasks {
        task.abort();
    }
    iopub_task.abort();
    Ok(())
}

fn asked(origin: Origin, request: crate::wire::Request) -> Event {
    Event::Asked(Asked { origin, request })
}

/// Ends the evaluator and lets the last messages leave.
async fn end(kernel: Kernel) {
    if kernel.cells.running.is_some() {
        kernel.worker.stop();
    }
    drop(kernel.question);
    let (flushed, all_left) = oneshot::channel();
    let _ = kernel.iopub.try_send(IoPub::Flush(flushed));
    let _ = timeout(END, kernel.worker.end()).await;
    let _ = timeout(LINGER, all_left).await;
    // The sockets' own tasks write what they were given.
    sleep(LINGER).await;
}

/// A kernel whose starter was killed would run for ever.
async fn watch_parent(events: mpsc::UnboundedSender<Event>) {
    let parent = std::os::unix::process::parent_id();
    let told = std::env::var("JPY_PARENT_PID").ok();
    if told.and_then(|pid| pid.parse().ok()) != Some(parent) {
        return;
    }
    while std::os::unix::process::parent_id() == parent {
        sleep(Duration::from_secs(1)).await;
    }
    let _ = events.send(Event::Orphaned);
}
