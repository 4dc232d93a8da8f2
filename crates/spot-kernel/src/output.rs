//! What the user process writes, and to which cell or handler it belongs.

use serde_json::{Map, Value, json};

use crate::comms::{Comm, WidgetState};
use crate::iopub::{Display, IoPub, StreamName};
use crate::kernel::Kernel;
use crate::link::{FromLibrary, LibraryMessage, ParentRef};
use crate::wire::Header;

impl Kernel {
    /// Text on standard output.
    pub async fn printed(&mut self, text: String) {
        self.stream(self.cells.current(), StreamName::Stdout, text).await;
    }

    /// Text on standard error.
    pub async fn printed_error(&mut self, text: String) {
        self.stream(self.cells.current(), StreamName::Stderr, text).await;
    }

    async fn stream(&mut self, parent: Header, name: StreamName, text: String) {
        if text.is_empty() {
            return;
        }
        // Standard error takes another way than the blocks, so it does not end a bundle.
        if name == StreamName::Stdout {
            self.flush_bundle(&parent).await;
        }
        if !self.cells.is_silent(&parent) {
            self.publish(IoPub::Stream { parent, name, text }).await;
        }
    }

    /// A block of a value. Blocks of different types that follow each other are one bundle; the
    /// last bundle may be the cell's result, so it waits.
    pub async fn content_block(&mut self, mime: String, text: String) {
        let value = match mime.ends_with("json") {
            true => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            false => Value::String(text),
        };
        let repeated = |bundle: &serde_json::Map<_, _>| bundle.contains_key(&mime);
        match &self.cells.running {
            Some(cell) if repeated(&cell.bundle) => {
                self.flush_bundle(&self.cells.current()).await;
            }
            Some(_) => {}
            // Of a thread, between cells.
            None => {
                let mut display = Display::default();
                display.data.insert(mime, value);
                return self.display(self.cells.current(), display, false).await;
            }
        }
        if let Some(cell) = &mut self.cells.running {
            cell.bundle.insert(mime, value);
        }
    }

    async fn display(&mut self, parent: Header, display: Display, update: bool) {
        if self.cells.is_silent(&parent) {
            return;
        }
        let message = match update {
            true => IoPub::UpdateDisplayData(parent, display),
            false => IoPub::DisplayData(parent, display),
        };
        self.publish(message).await;
    }

    /// An object of the widget library, which came on this output connection.
    pub async fn library_message(&mut self, connection: u64, from: FromLibrary) {
        let parent = self.parent(from.parent.as_ref());
        match from.message {
            LibraryMessage::DisplayData { data, metadata, display_id } => {
                self.flush_bundle(&parent).await;
                let display = Display { data, metadata, display_id };
                self.display(parent, display, false).await;
            }
            LibraryMessage::UpdateDisplayData { data, metadata, display_id } => {
                let display = Display { data, metadata, display_id: Some(display_id) };
                self.display(parent, display, true).await;
            }
            LibraryMessage::ClearOutput { wait } => {
                self.flush_bundle(&parent).await;
                if !self.cells.is_silent(&parent) {
                    self.publish(IoPub::ClearOutput(parent, wait)).await;
                }
            }
            LibraryMessage::Stream { name, text } => self.stream(parent, name, text).await,
            LibraryMessage::Page { data, start } => self.page(data, start).await,
            LibraryMessage::Handled { token } => self.token_due(token).await,
            comm => self.library_comm(connection, parent, from.parent, comm).await,
        }
    }

    /// A text for the pager: part of the cell's reply. Between cells it is an ordinary output.
    async fn page(&mut self, data: Map<String, Value>, start: u64) {
        match &mut self.cells.running {
            Some(cell) => {
                cell.payload.push(json!({"source": "page", "data": data, "start": start}));
            }
            None => {
                let display = Display { data, ..Display::default() };
                self.display(self.cells.current(), display, false).await;
            }
        }
    }

    async fn library_comm(
        &mut self,
        connection: u64,
        parent: Header,
        of: Option<ParentRef>,
        message: LibraryMessage,
    ) {
        match message {
            LibraryMessage::CommOpen { comm_id, target_name, data, metadata, buffers } => {
                let mut state = WidgetState::default();
                state.merge(&data, &buffers.0);
                let comm = Comm {
                    target: target_name.clone(),
                    cell: self.cell_of(of.as_ref()),
                    number: self.number_of(of.as_ref()),
                    connection,
                    state,
                };
                self.comms.open(comm_id.clone(), comm);
                self.publish(IoPub::CommOpen {
                    parent,
                    comm_id,
                    target_name,
                    data: Value::Object(data),
                    metadata: Value::Object(metadata),
                    buffers: buffers.0,
                })
                .await;
            }
            LibraryMessage::CommMsg { comm_id, data, buffers } => {
                // The page has closed it meanwhile, perhaps: it would not know the id.
                let Some(comm) = self.comms.get_mut(&comm_id) else {
                    return;
                };
                let method = data.get("method").and_then(Value::as_str);
                if matches!(method, Some("update" | "echo_update")) {
                    comm.state.merge(&data, &buffers.0);
                }
                self.publish(IoPub::CommMsg {
                    parent,
                    comm_id,
                    data: Value::Object(data),
                    buffers: buffers.0,
                })
                .await;
            }
            LibraryMessage::CommClose { comm_id } => {
                if self.comms.close(&comm_id).is_none() {
                    return;
                }
                self.publish(IoPub::CommClose(parent, comm_id)).await;
            }
            _ => {}
        }
    }

    /// Whose output an object is. What names a token or a comm that nobody knows is the cell's.
    fn parent(&self, of: Option<&ParentRef>) -> Header {
        match of {
            Some(ParentRef::Token(token)) => self.tokens.get(*token).map(|h| h.parent.clone()),
            _ => None,
        }
        .unwrap_or_else(|| self.cell_of(of))
    }

    /// The number of the cell behind an object.
    fn number_of(&self, of: Option<&ParentRef>) -> u64 {
        let cell = self.cell_of(of);
        self.comms.number_of(&cell).unwrap_or_else(|| self.cells.number())
    }

    /// The execute_request behind an object.
    fn cell_of(&self, of: Option<&ParentRef>) -> Header {
        match of {
            Some(ParentRef::Token(token)) => self.tokens.get(*token).map(|h| h.cell.clone()),
            Some(ParentRef::CellOf(id)) => self.comms.get(id).map(|comm| comm.cell.clone()),
            None => None,
        }
        .unwrap_or_else(|| self.cells.current())
    }
}
