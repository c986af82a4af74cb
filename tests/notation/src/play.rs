//! Plays a scenario against a server, whichever it is, and notes what the clients heard.

use std::collections::BTreeMap;

use crate::resp::{self, Value};
use crate::script::{Action, Heard, Scenario, What};
use crate::text::request;
use crate::{Protocol, Reply};

/// The time at which every scenario begins, in milliseconds past 1970.
pub const START: i64 = 1000;

/// A server under the player's hands.
pub trait Server {
    /// Empties the server, gives its settings their defaults, and sets its clock.
    fn reset(&mut self, clock: i64) -> Result<(), String>;
    /// Opens a connection that speaks `protocol`; returns the ID that CLIENT ID gives there.
    fn open(&mut self, client: &str, protocol: Protocol) -> Result<i64, String>;
    /// Sends a command as a client.
    fn command(&mut self, client: &str, words: &[Vec<u8>]) -> Result<(), String> {
        self.send(client, &request(words))
    }
    /// Sends bytes as a client.
    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String>;
    /// Closes a client's connection.
    fn leave(&mut self, client: &str) -> Result<(), String>;
    /// Sets the clock, and lets happen what was due by then.
    fn set_clock(&mut self, clock: i64) -> Result<(), String>;
    /// What a client has heard since the last call, and whether its connection is closed.
    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String>;
}

/// What was heard in one step: who, which value, and the protocol of the client by then.
pub type Step = Vec<(String, Option<Value>, Protocol)>;

/// Plays a scenario; returns what was heard in each step.
pub fn play(
    scenario: &Scenario,
    protocol: Protocol,
    server: &mut impl Server,
) -> Result<Vec<Step>, String> {
    server.reset(START)?;
    configure(server, &scenario.settings)?;
    let mut player = Player { server, protocol, clients: Vec::new(), tells_id: false };
    let steps = scenario.steps.iter().map(|step| {
        let heard = player.step(&step.action);
        heard.map_err(|error| format!("{} (line {}): {error}", step.text, step.line))
    });
    steps.collect()
}

/// Changes settings as a client of any server would.
fn configure(server: &mut impl Server, settings: &[(String, String)]) -> Result<(), String> {
    const CLIENT: &str = "settings";
    if settings.is_empty() {
        return Ok(());
    }
    server.open(CLIENT, Protocol::Two)?;
    for (name, value) in settings {
        let words = ["CONFIG", "SET", name, value].map(|word| word.as_bytes().to_vec());
        server.command(CLIENT, &words)?;
        let (heard, _) = server.heard(CLIENT)?;
        if heard != b"+OK\r\n" {
            return Err(format!("% {name} {value}: {}", heard.escape_ascii()));
        }
    }
    server.leave(CLIENT)
}

struct Player<'s, S> {
    server: &'s mut S,
    protocol: Protocol,
    clients: Vec<Client>,
    /// Whether the present command answers with the ID of its connection.
    tells_id: bool,
}

struct Client {
    name: String,
    protocol: Protocol,
    id: i64,
    /// Its number among the clients of the scenario, which stands in replies for its ID.
    place: i64,
    open: bool,
}

impl<S: Server> Player<'_, S> {
    fn step(&mut self, action: &Action) -> Result<Step, String> {
        if let Some(name) = action.client() {
            self.open(name)?;
        }
        let mut hello = None;
        self.tells_id = false;
        match action {
            Action::Clock(time) => self.server.set_clock(*time)?,
            Action::Leave(name) => {
                self.server.leave(name)?;
                self.client(name).open = false;
            }
            Action::Raw(name, bytes) => self.server.send(name, bytes)?,
            Action::Command(name, words) => {
                let words = self.with_ids(words);
                hello = protocol_after(&words).map(|protocol| (name.clone(), protocol));
                self.tells_id = is(&words, 0, "HELLO") || is(&words, 1, "ID");
                self.server.command(name, &words)?;
            }
        }
        let mut step = Step::new();
        for index in 0..self.clients.len() {
            self.hear(index, hello.as_ref(), &mut step)?;
        }
        if let Some(acting) = action.client() {
            step.sort_by_key(|(name, ..)| name != acting);
        }
        Ok(step)
    }

    fn open(&mut self, name: &str) -> Result<(), String> {
        if self.clients.iter().any(|client| client.name == name && client.open) {
            return Ok(());
        }
        let (protocol, place) = (self.protocol, self.clients.len() as i64 + 1);
        let id = self.server.open(name, protocol)?;
        self.clients.retain(|client| client.name != name);
        self.clients.push(Client { name: name.into(), protocol, id, place, open: true });
        Ok(())
    }

    fn client(&mut self, name: &str) -> &mut Client {
        let client = self.clients.iter_mut().find(|client| client.name == name);
        client.expect("a step opens its client first")
    }

    /// `@alice` as a word of a command is the ID of alice's connection.
    fn with_ids(&self, words: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let id = |word: &Vec<u8>| {
            let name = word.strip_prefix(b"@")?;
            let client = self.clients.iter().find(|client| client.name.as_bytes() == name)?;
            Some(client.id.to_string().into_bytes())
        };
        words.iter().map(|word| id(word).unwrap_or_else(|| word.clone())).collect()
    }

    fn hear(
        &mut self,
        index: usize,
        hello: Option<&(String, Protocol)>,
        step: &mut Step,
    ) -> Result<(), String> {
        let client = &mut self.clients[index];
        if !client.open {
            return Ok(());
        }
        let (bytes, closed) = self.server.heard(&client.name)?;
        let values = resp::parse_all(&bytes).map_err(|fault| {
            format!("{} heard {}: {fault:?}", client.name, bytes.escape_ascii())
        })?;
        for mut value in values {
            if let Some((name, protocol)) = hello
                && *name == client.name
                && !matches!(value, Value::Error(_))
            {
                client.protocol = *protocol;
            }
            if self.tells_id {
                hide_id(&mut value, client.id, client.place);
            }
            step.push((client.name.clone(), Some(value), client.protocol));
        }
        if closed {
            client.open = false;
            step.push((client.name.clone(), None, client.protocol));
        }
        Ok(())
    }
}

/// Which protocol a successful HELLO or RESET leaves behind.
fn protocol_after(words: &[Vec<u8>]) -> Option<Protocol> {
    let hello = is(words, 0, "HELLO");
    if is(words, 0, "RESET") || (hello && is(words, 1, "2")) {
        Some(Protocol::Two)
    } else {
        (hello && is(words, 1, "3")).then_some(Protocol::Three)
    }
}

fn is(words: &[Vec<u8>], index: usize, word: &str) -> bool {
    words.get(index).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()))
}

/// IDs of connections depend on who was there before: in replies to CLIENT ID and HELLO the
/// client's place in the scenario stands for its ID. In HELLO's reply there are no modules.
fn hide_id(value: &mut Value, id: i64, place: i64) {
    let hide = |key: &Value, value: &mut Value| {
        if *key == Value::Bulk(b"id".to_vec()) {
            *value = Value::Integer(place);
        } else if *key == Value::Bulk(b"modules".to_vec()) {
            *value = Value::Array(Vec::new());
        }
    };
    match value {
        Value::Integer(number) if *number == id => *number = place,
        Value::Array(values) => {
            for pair in values.chunks_exact_mut(2) {
                if let [key, value] = pair {
                    hide(key, value);
                }
            }
        }
        Value::Map(pairs) => pairs.iter_mut().for_each(|(key, value)| hide(key, value)),
        _ => {}
    }
}

/// Puts together what was heard in both protocols.
#[must_use]
pub fn merge(action: &Action, two: &Step, three: &Step) -> Vec<Heard> {
    let label = |name: &String| (action.client() != Some(name)).then(|| name.clone());
    let what = |value: &Option<Value>| match value {
        Some(value) => What::Reply(Reply::alone(value)),
        None => What::Closed,
    };
    let together = two.iter().zip(three).map(|((name, two, _), (other, three, _))| {
        let client = label(name);
        let what = match (two, three) {
            _ if name != other => return None,
            (None, None) => What::Closed,
            (Some(two), Some(three)) => What::Reply(Reply::of(two, three)?),
            _ => return None,
        };
        Some(Heard { client, what, only: None })
    });
    let together: Option<Vec<_>> = together.collect();
    if let Some(heard) = together.filter(|_| two.len() == three.len()) {
        return heard;
    }
    let apart = |step: &Step, only| -> Vec<Heard> {
        let heard = step.iter().map(|(name, value, _)| Heard {
            client: label(name),
            what: what(value),
            only: Some(only),
        });
        heard.collect()
    };
    [apart(two, Protocol::Two), apart(three, Protocol::Three)].concat()
}

/// What a script expects of one step, in the protocol that each client speaks.
#[must_use]
pub fn expected(action: &Action, heard: &[Heard], protocol: Protocol, actual: &Step) -> Step {
    let spoken: BTreeMap<_, _> =
        actual.iter().map(|(name, _, protocol)| (name.as_str(), *protocol)).collect();
    let mine = heard.iter().filter(|heard| heard.only.is_none_or(|only| only == protocol));
    mine.map(|heard| {
        let name = heard.client.clone().or(action.client().map(str::to_owned)).unwrap_or_default();
        let spoken = spoken.get(name.as_str()).copied().unwrap_or(protocol);
        let value = match &heard.what {
            What::Reply(reply) => Some(reply.value(spoken)),
            What::Closed => None,
        };
        (name, value, spoken)
    })
    .collect()
}
