//! Interrupt and shutdown.

use serde_json::json;

use crate::iopub::State;
use crate::kernel::{Asked, Kernel};
use crate::link::ToLibrary;

impl Kernel {
    /// Tells the widget library to stop long work, and stops the running cell when that does not help.
    /// Without a running cell the user process is left alone: its variables are what the user has
    /// worked for.
    pub async fn interrupt(&mut self, asked: &Asked) {
        self.link.tell_now(&ToLibrary::Interrupt);
        if self.cells.running.is_some() {
            self.worker.interrupt();
        }
        self.question = None;
        self.reply(asked, &json!({"status": "ok"}));
        self.idle(&asked.request.header).await;
    }

    /// Answers, and ends the kernel.
    pub async fn shut_down(&mut self, asked: &Asked) {
        let restart = asked.request.flag("restart", false);
        self.reply(asked, &json!({"status": "ok", "restart": restart}));
        self.status(&asked.request.header, State::Idle).await;
        self.stopping = true;
    }
}
