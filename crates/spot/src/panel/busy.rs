//! A progress bar that appears when work takes longer than people notice.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use evcxr_widgets::{BarStyle, IntProgress, VBox};

const NOTICED_AFTER: Duration = Duration::from_millis(200);
const STEP: Duration = Duration::from_millis(150);

/// While it lives, and after 200 ms, a bar is in `home`.
pub(crate) struct Busy {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Busy {
    /// `doing`: what stands before the bar.
    pub(crate) fn start(home: &VBox, doing: &'static str) -> Self {
        let (stop, stopped) = channel();
        let home = home.clone();
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(NOTICED_AFTER) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            let bar = IntProgress::new(100).bar_style(BarStyle::Info).description(doing);
            home.set_children((&bar,));
            let mut done = 10.0_f64;
            loop {
                // How long a scan takes is not known before: the bar slows down towards its end.
                done += (95.0 - done) * 0.12;
                bar.set_value(done as i64);
                if stopped.recv_timeout(STEP) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
            }
            home.set_children(());
            bar.close();
        });
        Self { stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
