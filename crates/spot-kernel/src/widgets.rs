//! Comms: what the front end sends, answered without waiting for a cell.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::comms::{CONTROL, Comm, WIDGET, WidgetState};
use crate::iopub::IoPub;
use crate::kernel::{Event, Kernel};
use crate::link::{Buffers, ToLibrary};
use crate::tokens::Handling;
use crate::wire::{Header, Request};

/// A front end sends no further update of a value before the idle of the last one, so a slow
/// handler gets no more time than this.
const UPDATE: Duration = Duration::from_millis(200);
/// How long a click waits for a library that has not connected.
const UNHEARD: Duration = Duration::from_secs(5);

impl Kernel {
    /// The front end opens a comm: the one on which it asks for all states, or a widget (the axes of a
    /// game controller). The idle comes now, or when the library has made the widget.
    pub async fn comm_open(&mut self, request: Request) {
        let taken = match (request.text("comm_id"), request.text("target_name")) {
            (None, _) => false,
            (Some(id), Some(CONTROL)) => {
                let comm = Comm {
                    target: CONTROL.to_owned(),
                    cell: Header::default(),
                    number: 0,
                    connection: 0,
                    state: WidgetState::default(),
                };
                self.comms.open(id.to_owned(), comm);
                false
            }
            (Some(id), target) => {
                let taken = target == Some(WIDGET) && self.open_widget(id, &request);
                if !taken && self.comms.get(id).is_none() {
                    let close = IoPub::CommClose(request.header.clone(), id.to_owned());
                    self.publish(close).await;
                }
                taken
            }
        };
        if !taken {
            self.idle(&request.header).await;
        }
    }

    /// Whether the library will make it. It closes the comm of a model that it does not know.
    fn open_widget(&mut self, id: &str, request: &Request) -> bool {
        let (Some(connection), true) = (self.link.output(), self.link.is_library_up()) else {
            return false;
        };
        let Some(Value::Object(data)) = request.content.get("data") else {
            return false;
        };
        if self.comms.get(id).is_some() {
            return false;
        }
        let cell = self.cells.current();
        let mut state = WidgetState::default();
        state.merge(data, &request.buffers);
        let token =
            self.tokens.add(Handling { parent: request.header.clone(), cell: cell.clone() });
        let number = self.cells.number();
        let comm = Comm { target: WIDGET.to_owned(), cell, number, connection, state };
        self.comms.open(id.to_owned(), comm);
        let heard = self.link.tell(&ToLibrary::CommOpen {
            comm_id: id,
            data: &json!(data),
            buffers: &Buffers(request.buffers.clone()),
            token,
        });
        match heard {
            true => self.later(UPDATE, Event::TokenDue(token)),
            false => {
                self.tokens.answer(token);
            }
        }
        heard
    }

    /// The front end closes a comm.
    pub fn comm_close(&mut self, request: &Request) {
        let Some(id) = request.text("comm_id") else {
            return;
        };
        if self.comms.close(id).is_some_and(|comm| comm.connection != 0) {
            self.link.tell(&ToLibrary::CommClose { comm_id: id });
        }
    }

    /// The front end sends on a comm. The idle comes now, or when the library has handled it.
    pub async fn comm_msg(&mut self, request: Request) {
        let header = request.header.clone();
        if !self.pass_on(request).await {
            self.idle(&header).await;
        }
    }

    /// Whether the library works on it; else all is done.
    async fn pass_on(&mut self, request: Request) -> bool {
        let none = Map::new();
        let data = match request.content.get("data") {
            Some(Value::Object(data)) => data,
            _ => &none,
        };
        let method = data.get("method").and_then(Value::as_str);
        let Some(id) = request.text("comm_id") else {
            return false;
        };
        let Some(comm) = self.comms.get_mut(id) else {
            return false;
        };
        if comm.connection == 0 {
            if method == Some("request_states") {
                let (data, buffers) = self.comms.states();
                self.send_comm(&request.header, id, data, buffers).await;
                self.link.tell_now(&ToLibrary::Restored);
            }
            return false;
        }
        if method == Some("request_state") {
            let (data, buffers) = comm.state.update();
            self.send_comm(&request.header, id, data, buffers).await;
            return false;
        }
        let handling = Handling { parent: request.header.clone(), cell: comm.cell.clone() };
        let is_update = method == Some("update");
        let echo = is_update && self.echo && comm.echoes();
        if is_update {
            comm.state.merge(data, &request.buffers);
        }
        if echo {
            let mut same = data.clone();
            same.insert("method".into(), "echo_update".into());
            let buffers = request.buffers.clone();
            self.send_comm(&request.header, id, Value::Object(same), buffers).await;
        }
        let token = self.tokens.add(handling);
        let message = ToLibrary::CommMsg {
            comm_id: id,
            data: &json!(data),
            buffers: &Buffers(request.buffers.clone()),
            token,
        };
        let heard = self.link.tell(&message);
        match (heard, is_update) {
            (true, true) => self.later(UPDATE, Event::TokenDue(token)),
            (true, false) if !self.link.is_library_up() => {
                self.later(UNHEARD, Event::TokenDue(token));
            }
            (true, false) => {}
            (false, _) => {
                self.tokens.answer(token);
            }
        }
        heard
    }

    async fn send_comm(&self, parent: &Header, id: &str, data: Value, buffers: Vec<Vec<u8>>) {
        let message =
            IoPub::CommMsg { parent: parent.clone(), comm_id: id.to_owned(), data, buffers };
        self.publish(message).await;
    }

    /// The handlers have returned, or had their time: the front end gets its idle, once.
    pub async fn token_due(&mut self, token: u64) {
        if let Some(parent) = self.tokens.answer(token) {
            self.idle(&parent).await;
        }
    }

    /// The library listens no more: nothing that it worked on will be answered.
    pub async fn library_lost(&mut self) {
        for token in self.tokens.waiting() {
            self.token_due(token).await;
        }
    }

    /// Closes the comms of user processes that are no more.
    pub async fn close_dead(&mut self, dead: impl Fn(u64) -> bool) {
        let parent = self.cells.current();
        for (id, comm) in self.comms.take_dead(dead) {
            self.cells.dead.extend(comm.name().map(|name| (comm.number, name)));
            self.publish(IoPub::CommClose(parent.clone(), id)).await;
        }
    }

    /// The evaluator tells how often the user process was started again.
    pub async fn note_generation(&mut self, generation: u64) {
        let alive = self.link.take_fresh();
        if generation != self.generation {
            self.generation = generation;
            self.close_dead(|connection| Some(connection) != alive).await;
        }
    }
}
