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
pub struct Question {
    prompt: InputPrompt,
    answer: std_mpsc::Sender<String>,
    /// It is asked when this drain is over: what was printed before it is to be shown before it.
    drain: Option<u64>,
}

impl Kernel {
    /// The cell has a question.
    pub async fn question(&mut self, prompt: InputPrompt, answer: std_mpsc::Sender<String>) {
        let drain = self.link.drain();
        self.question = Some(Question { prompt, answer, drain });
        if drain.is_none() {
            self.ask_user().await;
        }
    }

    /// A drain is over, perhaps the one that the question waits for.
    pub async fn question_drained(&mut self, drain: u64) {
        if let Some(question) = &mut self.question
            && question.drain == Some(drain)
        {
            question.drain = None;
            self.ask_user().await;
        }
    }

    /// Asks the client whose cell runs.
    async fn ask_user(&mut self) {
        let (Some(cell), Some(question)) = (&self.cells.running, &self.question) else {
            return;
        };
        let (flushed, wait) = oneshot::channel();
        self.publish(IoPub::Flush(flushed)).await;
        let _ = wait.await;
        let prompt = &question.prompt;
        let content = json!({"prompt": prompt.prompt, "password": prompt.password});
        // A client has the same identity on both sockets.
        let (envelope, header) = (&cell.request.envelope, &cell.request.header);
        self.stdin.send(envelope, "input_request", header, &json!({}), &content);
    }

    /// The client answers.
    pub fn input_reply(&mut self, reply: &Request) {
        if reply.kind == "input_reply"
            && let Some(question) = self.question.take_if(|question| question.drain.is_none())
        {
            let _ = question.answer.send(reply.text("value").unwrap_or_default().to_owned());
        }
    }
}
