//! The kernel's end of the link: which user process is there, and does its library listen.

use tokio::sync::mpsc;

use crate::link::ToLibrary;

/// How many lines wait for a library that has not connected yet.
const WAITING: usize = 1000;

/// The connections that are up.
#[derive(Debug, Default)]
pub struct Links {
    output: Option<(u64, mpsc::UnboundedSender<u64>)>,
    events: Option<(u64, mpsc::UnboundedSender<String>)>,
    /// The output connection came after the last cell had ended.
    fresh: bool,
    waiting: Vec<String>,
    /// Number of the last drain.
    drains: u64,
}

impl Links {
    /// A user process is there.
    pub fn output_up(&mut self, connection: u64, drain: mpsc::UnboundedSender<u64>) {
        self.output = Some((connection, drain));
        self.fresh = true;
        self.waiting.clear();
    }

    /// It has ended; `false` when another one is there already.
    pub fn output_down(&mut self, connection: u64) -> bool {
        self.output.take_if(|(of, _)| *of == connection).is_some()
    }

    /// The output connection of the user process that lives.
    pub fn output(&self) -> Option<u64> {
        self.output.as_ref().map(|(connection, _)| *connection)
    }

    /// Asks for a [`Drained`](crate::link::LinkEvent::Drained) and gives its number; `None` when
    /// nobody is there to answer.
    pub fn drain(&mut self) -> Option<u64> {
        let (_, drain) = self.output.as_ref()?;
        self.drains += 1;
        drain.send(self.drains).ok().map(|()| self.drains)
    }

    /// The evaluator started a new user process: the connection of the one that lives, if it has
    /// one already. Also remembers that the connection is no longer fresh.
    pub fn take_fresh(&mut self) -> Option<u64> {
        let fresh = std::mem::take(&mut self.fresh);
        self.output.as_ref().filter(|_| fresh).map(|(of, _)| *of)
    }

    /// The widget library listens; what waited for it is sent. `true` when another one listened
    /// until now, whose end was not noticed yet.
    pub fn events_up(&mut self, connection: u64, events: mpsc::UnboundedSender<String>) -> bool {
        for line in self.waiting.drain(..) {
            let _ = events.send(line);
        }
        self.events.replace((connection, events)).is_some()
    }

    /// Whether the widget library listens.
    pub fn is_library_up(&self) -> bool {
        self.events.is_some()
    }

    /// It listens no more; `false` when another connection has taken over.
    pub fn events_down(&mut self, connection: u64) -> bool {
        self.events.take_if(|(of, _)| *of == connection).is_some()
    }

    /// Sends to the library; it waits when the library has not connected yet. `false` when nobody
    /// will read it.
    pub fn tell(&mut self, message: &ToLibrary<'_>) -> bool {
        if let Some((_, events)) = &self.events {
            return events.send(message.line()).is_ok();
        }
        let wait = self.output.is_some() && self.waiting.len() < WAITING;
        if wait {
            self.waiting.push(message.line());
        }
        wait
    }

    /// Sends to the library if it listens.
    pub fn tell_now(&self, message: &ToLibrary<'_>) {
        if let Some((_, events)) = &self.events {
            let _ = events.send(message.line());
        }
    }
}
