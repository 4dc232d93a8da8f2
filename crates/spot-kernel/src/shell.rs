//! Requests: each kind and its reply. Shell and control take the same ones.

use serde_json::{Value, json};

use crate::iopub::State;
use crate::kernel::{Asked, Kernel, Origin};
use crate::wire::PROTOCOL_VERSION;
use crate::worker::Job;

impl Kernel {
    /// Answers a request. Every one is followed by an idle, known or not: clients wait for it.
    pub async fn asked(&mut self, asked: Asked) {
        if asked.request.kind == "execute_request" {
            return self.execute(asked.request).await;
        }
        self.status(&asked.request.header, State::Busy).await;
        match asked.request.kind.as_str() {
            "complete_request" | "inspect_request" | "is_complete_request" => {
                return self.worker.give(Job::Answer(asked));
            }
            "interrupt_request" => return self.interrupt(&asked).await,
            "shutdown_request" => return self.shut_down(&asked).await,
            "comm_open" => return self.comm_open(asked.request).await,
            "comm_msg" => return self.comm_msg(asked.request).await,
            "comm_close" => self.comm_close(&asked.request),
            kind => {
                if let Some(content) = self.content(kind, &asked) {
                    self.reply(&asked, &content);
                }
            }
        }
        self.idle(&asked.request.header).await;
    }

    /// Content of a reply that needs nothing but what the kernel knows.
    fn content(&self, kind: &str, asked: &Asked) -> Option<Value> {
        Some(match kind {
            "kernel_info_request" => self.kernel_info(),
            "comm_info_request" => self.comms.info(asked.request.text("target_name")),
            "history_request" => self.cells.history.reply(&asked.request.content),
            "connect_request" => json!({
                "status": "ok",
                "shell_port": self.connection.shell_port,
                "iopub_port": self.connection.iopub_port,
                "stdin_port": self.connection.stdin_port,
                "control_port": self.connection.control_port,
                "hb_port": self.connection.hb_port,
            }),
            _ => return None,
        })
    }

    fn kernel_info(&self) -> Value {
        let links: Vec<Value> = self
            .info
            .help_links
            .iter()
            .map(|link| json!({"text": link.text, "url": link.url}))
            .collect();
        json!({
            "status": "ok",
            "protocol_version": PROTOCOL_VERSION,
            "implementation": self.info.implementation,
            "implementation_version": self.info.implementation_version,
            "language_info": {
                "name": "rust",
                "version": self.info.language_version,
                "mimetype": "text/rust",
                "file_extension": ".rs",
                "pygments_lexer": "rust",
                "codemirror_mode": "rust",
            },
            "banner": self.info.banner,
            "help_links": links,
            "debugger": false,
            "supported_features": [],
        })
    }

    /// The evaluator has answered.
    pub async fn answered(&mut self, asked: &Asked, content: &Value) {
        self.reply(asked, content);
        self.idle(&asked.request.header).await;
    }

    /// Sends a reply the way the request came.
    pub fn reply(&self, asked: &Asked, content: &Value) {
        let request = &asked.request;
        let Some(kind) = request.kind.strip_suffix("_request") else {
            return;
        };
        let socket = match asked.origin {
            Origin::Shell => &self.shell,
            Origin::Control => &self.control,
        };
        let kind = format!("{kind}_reply");
        socket.send(&request.envelope, &kind, &request.header, &json!({}), content);
    }
}
