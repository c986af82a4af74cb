//! A random session: what several clients do, one after another.

use crate::script::Action;
use crate::{Protocol, text};

/// Clients of a session, at most.
pub const NAMES: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// The time at which a session begins, in milliseconds past 1970: more than the longest time for
/// which idempotent IDs are kept, which Redis subtracts from it.
pub const START: i64 = 100_000_000;

/// When sessions begin that restore payloads, in milliseconds after [`START`].
pub const LATER: i64 = 4000;

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
    /// Defaults of new streams for idempotent production: seconds, IDs of a producer.
    pub idempotency: (u32, u32),
    /// The protocol of each client.
    pub protocols: Vec<Protocol>,
    /// What happens.
    pub events: Vec<Event>,
}

impl Session {
    /// Whether payloads of its keys may be restored in other sessions.
    #[must_use]
    pub fn gives_payloads(&self) -> bool {
        let passes = self.events.iter().map(|event| match event {
            Event::Pass(millis) => *millis,
            Event::Send(..) => 0,
        });
        passes.sum::<i64>() < LATER
    }

    /// The settings of the server.
    #[must_use]
    pub fn settings(&self) -> [(&'static str, String); 4] {
        [
            ("stream-node-max-entries", self.node_limits.0.to_string()),
            ("stream-node-max-bytes", self.node_limits.1.to_string()),
            ("stream-idmp-duration", self.idempotency.0.to_string()),
            ("stream-idmp-maxsize", self.idempotency.1.to_string()),
        ]
    }

    /// The session in the notation of `tests/transcripts`.
    #[must_use]
    pub fn script(&self) -> String {
        const DEFAULTS: [&str; 4] = ["100", "4096", "100", "100"];
        let mut lines = vec!["== A difference".to_owned()];
        let settings = self.settings().into_iter().zip(DEFAULTS);
        let changed = settings.filter(|((_, value), default)| value != default);
        lines.extend(changed.map(|((name, value), _)| format!("% {name} {value}")));
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
        lines.push(String::new());
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
