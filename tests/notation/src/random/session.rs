//! A random session: what several clients do, one after another.

use crate::script::Action;
use crate::{Protocol, text};

/// Clients of a session, at most.
pub const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The time at which a session begins, in milliseconds past 1970: so little that small numbers
/// are times and entry IDs as well.
pub const START: i64 = 20;

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    /// A client sends a command.
    Send(usize, Vec<Vec<u8>>),
    /// Milliseconds pass.
    Pass(i64),
}

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// Limits of a stream's nodes: entries, bytes.
    pub node_limits: (u64, u64),
    /// The protocol of each client.
    pub protocols: Vec<Protocol>,
    /// What happens.
    pub events: Vec<Event>,
}

impl Session {
    /// The session in the notation of `tests/transcripts`.
    #[must_use]
    pub fn script(&self) -> String {
        let mut lines = vec!["== A difference".to_owned()];
        lines.push(format!("% stream-node-max-entries {}", self.node_limits.0));
        lines.push(format!("% stream-node-max-bytes {}", self.node_limits.1));
        for (name, protocol) in NAMES.iter().zip(&self.protocols) {
            lines.push(format!(
                "# {name} speaks RESP{}",
                if *protocol == Protocol::Two { 2 } else { 3 }
            ));
        }
        let mut clock = START;
        lines.push(Action::Clock(clock).line());
        for event in &self.events {
            lines.push(match event {
                Event::Pass(millis) => {
                    clock += millis;
                    Action::Clock(clock).line()
                }
                Event::Send(client, words) => {
                    Action::Command(NAMES[*client].into(), words.clone()).line()
                }
            });
        }
        lines.join("\n")
    }

    /// The commands of one client from `start` on that can be sent together, as bytes; with the
    /// index of the event that follows them.
    #[must_use]
    pub fn batch(&self, start: usize) -> Option<(usize, Vec<u8>, usize)> {
        // A turn of the server's event loop reads 16 KiB of a client; what is sent together is to
        // be read together.
        const LARGEST: usize = 12 * 1024;
        let Some(Event::Send(client, _)) = self.events.get(start) else { return None };
        let (mut bytes, mut next) = (Vec::new(), start);
        while let Some(Event::Send(other, words)) = self.events.get(next) {
            let request = text::request(words);
            if other != client || (next > start && bytes.len() + request.len() > LARGEST) {
                break;
            }
            bytes.extend(request);
            next += 1;
        }
        Some((*client, bytes, next))
    }
}
