//! Questions to the user while a cell runs.

use std::sync::mpsc as std_mpsc;

use serde_json::json;
use tokio::sync::oneshot;

use crate::evaluator::InputPrompt;
use crate::iopub::IoPub;
use crate::kernel::Kernel;
use crate::wire::Request;

/// A question that is not answered yet. When it is dropped, the cell gets an empty answer.
#[derive(Debug)]
pub struct Question(std_mpsc::Sender<String>);

impl Kernel {
    /// Asks the client whose cell runs. Text that was printed before the question is shown first.
    pub async fn ask_user(&mut self, prompt: InputPrompt, answer: std_mpsc::Sender<String>) {
        let Some(cell) = &self.cells.running else {
            return;
        };
        let (flushed, wait) = oneshot::channel();
        self.publish(IoPub::Flush(flushed)).await;
        let _ = wait.await;
        let content = json!({"prompt": prompt.prompt, "password": prompt.password});
        // A client has the same identity on both sockets.
        let request = &cell.request;
        self.stdin.send(&request.envelope, "input_request", &request.header, &json!({}), &content);
        self.question = Some(Question(answer));
    }

    /// The client answers.
    pub fn input_reply(&mut self, reply: &Request) {
        if reply.kind == "input_reply"
            && let Some(Question(answer)) = self.question.take()
        {
            let _ = answer.send(reply.text("value").unwrap_or_default().to_owned());
        }
    }
}
