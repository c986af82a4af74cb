//! Makes random sessions: commands from the table's own syntax lines, some of them spoilt.

use crate::Protocol;

use super::chance::Chance;
use super::session::{Event, START, Session};
use super::syntax::Syntax;
use super::words::{GROUPS, Ids, KEYS, Words};

/// Commands that end what a session has built up, or hide what follows; so they are rare.
const RARE: [&str; 14] = [
    "discard", "exec", "flushall", "flushdb", "multi", "swapdb", "select", "del", "unlink", "move",
    "rename", "renamenx", "watch", "unwatch",
];

/// The commands that sessions are made of.
pub struct Generator {
    commands: Vec<Template>,
    /// The sum of the weights.
    weights: usize,
    chance: Chance,
}

struct Template {
    name: Vec<String>,
    syntax: Syntax,
    weight: usize,
}

impl Template {
    fn new(command: &Command<'_>) -> Self {
        let first = command.name.split('|').next().unwrap_or_default();
        let weight = match first {
            "xadd" => 60,
            "xreadgroup" => 40,
            "xgroup" if command.name == "xgroup|create" => 12,
            "xgroup" | "xinfo" if command.name.ends_with("help") => 1,
            "xgroup" => 3,
            _ if first.starts_with('x') => 15,
            _ if RARE.contains(&first) => 1,
            _ => 3,
        };
        let name = command.name.split('|').map(str::to_uppercase).collect();
        Self { name, syntax: Syntax::parse(command.syntax), weight }
    }
}

/// A command that sessions may be made of: what its row of the command table says.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    /// `xadd`, or `xgroup|create`.
    pub name: String,
    /// Its arguments: `key [COUNT count]`.
    pub syntax: &'a str,
}

impl Generator {
    /// A generator that repeats itself for the same seed.
    pub fn new<'a>(seed: u64, commands: impl Iterator<Item = Command<'a>>) -> Self {
        let commands: Vec<_> = commands.map(|it| Template::new(&it)).collect();
        let weights = commands.iter().map(|template| template.weight).sum();
        Self { commands, weights, chance: Chance::new(seed) }
    }

    /// The next session.
    pub fn session(&mut self) -> Session {
        let clients = 1 + self.chance.below(4);
        let one = |chance: &mut Chance| *chance.pick(&[Protocol::Two, Protocol::Three]);
        let protocols = (0..clients).map(|_| one(&mut self.chance)).collect();
        let entries = *self.chance.pick(&[100, 0, 1, 2, 3, 5, 10]);
        let bytes = *self.chance.pick(&[4096, 4096, 4096, 0, 60, 200]);
        let mut draft = Draft {
            generator: self,
            clients,
            ids: Ids::new(START as u64),
            name: String::new(),
            timeouts: false,
            repeat: 0,
            events: Vec::new(),
        };
        draft.timeouts = draft.generator.chance.chance(50);
        let length = 20 + draft.generator.chance.below(300);
        draft.begin();
        while draft.events.len() < length {
            draft.extend();
        }
        Session { node_limits: (entries, bytes), protocols, events: draft.events }
    }
}

/// A session that is being made.
struct Draft<'g> {
    generator: &'g mut Generator,
    clients: usize,
    ids: Ids,
    /// The present command.
    name: String,
    timeouts: bool,
    /// How often what may be repeated is: the same within one command, so that keys and IDs of
    /// XREAD match.
    repeat: usize,
    events: Vec<Event>,
}

impl Draft<'_> {
    fn chance(&mut self) -> &mut Chance {
        &mut self.generator.chance
    }

    fn words(&mut self) -> Words<'_> {
        Words {
            random: &mut self.generator.chance,
            ids: &mut self.ids,
            streams: self.name.starts_with('X'),
            reads: self.name == "XREADGROUP",
            timeouts: self.timeouts,
        }
    }

    /// Streams with entries and groups, mostly.
    fn begin(&mut self) {
        for key in &KEYS[..3] {
            if *key != KEYS[0] && self.chance().chance(20) {
                continue;
            }
            for group in &GROUPS[..=self.chance().below(2)] {
                let create = [&b"XGROUP"[..], b"CREATE", key, group.as_bytes(), b"0", b"MKSTREAM"];
                self.push(0, create.iter().map(|word| word.to_vec()).collect());
            }
            for _ in 0..self.chance().below(8) {
                let id = self.words().new_id();
                let field = self.words().fill("field", "");
                self.push(0, vec![b"XADD".to_vec(), key.to_vec(), id, field, b"v".to_vec()]);
            }
        }
    }

    /// Adds what one client does in a row, or lets time pass.
    fn extend(&mut self) {
        if self.chance().chance(10) {
            let millis = match self.chance().below(8) {
                0 => 1000 + 2 * self.chance().below(1000),
                _ => 2 * self.chance().below(12),
            };
            self.ids.clock += millis as u64;
            self.events.push(Event::Pass(millis as i64));
            return;
        }
        let clients = self.clients;
        let client = self.chance().below(clients);
        if self.chance().chance(15) {
            let create = ["XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"];
            self.push(client, create.iter().map(|word| (*word).into()).collect());
        }
        let transaction = self.chance().chance(6);
        if transaction {
            self.push(client, vec![b"MULTI".to_vec()]);
        }
        for _ in 0..=self.chance().below(12) {
            let command = self.command();
            self.push(client, command);
        }
        if transaction {
            let end = *self.chance().pick(&["EXEC", "EXEC", "EXEC", "DISCARD"]);
            self.push(client, vec![end.into()]);
        }
        self.inspect(client);
    }

    fn push(&mut self, client: usize, words: Vec<Vec<u8>>) {
        self.events.push(Event::Send(client, words));
    }

    /// Looks at everything that a stream has.
    fn inspect(&mut self, client: usize) {
        self.name = "X".into();
        let key = self.words().key();
        for line in [
            &[&b"XINFO"[..], b"STREAM", key, b"FULL", b"COUNT", b"0"][..],
            &[b"XINFO", b"STREAM", key],
            &[b"XINFO", b"GROUPS", key],
        ] {
            self.push(client, line.iter().map(|word| word.to_vec()).collect());
        }
        let group = &self.words().fill("group", "")[..];
        for line in [
            &[&b"XPENDING"[..], key, group][..],
            &[b"XPENDING", key, group, b"-", b"+", b"100"],
            &[b"XINFO", b"CONSUMERS", key, group],
        ] {
            self.push(client, line.iter().map(|word| word.to_vec()).collect());
        }
    }

    /// One command.
    fn command(&mut self) -> Vec<Vec<u8>> {
        let weights = self.generator.weights;
        let mut at = self.chance().below(weights);
        let index = self.generator.commands.iter().position(|template| {
            let found = at < template.weight;
            at = at.saturating_sub(template.weight);
            found
        });
        let template = &self.generator.commands[index.expect("the weights add up")];
        let (name, syntax) = (template.name.clone(), template.syntax.clone());
        self.name.clone_from(&name[0]);
        self.repeat = *self.chance().pick(&[0, 0, 0, 0, 0, 1, 1, 2, 5]);
        let mut words: Vec<Vec<u8>> = name.into_iter().map(String::into_bytes).collect();
        if words[0] == b"XADD" && self.chance().chance(70) {
            words.extend(self.plain_add());
        } else {
            self.fill(&syntax, &mut words);
        }
        if self.chance().chance(8) {
            self.spoil(&mut words);
        }
        if self.chance().chance(5) {
            for word in &mut words {
                word.make_ascii_lowercase();
            }
        }
        words
    }

    /// `key id field value`, likely to succeed.
    fn plain_add(&mut self) -> Vec<Vec<u8>> {
        let key = self.words().key().to_vec();
        let id = self.words().new_id();
        let mut words = vec![key, id];
        for _ in 0..=self.chance().below(2) {
            words.push(self.words().fill("field", ""));
            words.push(self.words().fill("value", ""));
        }
        words
    }

    fn fill(&mut self, syntax: &Syntax, words: &mut Vec<Vec<u8>>) {
        match syntax {
            Syntax::Literal(word) => words.push(word.clone().into()),
            Syntax::Hole(name) => {
                let after = words.last().cloned().unwrap_or_default();
                let after = String::from_utf8_lossy(&after).into_owned();
                let strategy =
                    ["=", "~"].contains(&after.as_str()).then(|| words.iter().rev().nth(1));
                let after =
                    strategy.flatten().map_or(after, |word| String::from_utf8_lossy(word).into());
                words.push(self.words().fill(name, &after));
            }
            Syntax::Either(parts) => {
                let part = self.chance().below(parts.len());
                self.fill(&parts[part], words);
            }
            Syntax::Optional(part) => {
                // Most reads are not to wait.
                let rare =
                    matches!(&**part, Syntax::All(it) if it[0] == Syntax::Literal("BLOCK".into()));
                if self.chance().chance(if rare { 12 } else { 35 }) {
                    self.fill(part, words);
                }
            }
            Syntax::Repeated(part) => (0..self.repeat).for_each(|_| self.fill(part, words)),
            Syntax::All(parts) => self.fill_all(parts, words),
        }
    }

    /// Fills in parts in order, options that stand side by side in any order.
    fn fill_all(&mut self, parts: &[Syntax], words: &mut Vec<Vec<u8>>) {
        let mut order: Vec<&Syntax> = parts.iter().collect();
        if self.chance().chance(30) {
            for run in order.chunk_by_mut(|a, b| is_option(a) && is_option(b)) {
                self.generator.chance.shuffle(run);
            }
        }
        for part in order {
            self.fill(part, words);
        }
    }

    /// Makes a command wrong in one place, or in two.
    fn spoil(&mut self, words: &mut Vec<Vec<u8>>) {
        for _ in 0..=self.chance().below(2) {
            let at = 1 + self.chance().below(words.len());
            let here = at.min(words.len() - 1);
            match self.chance().below(5) {
                0 if here > 0 => drop(words.remove(here)),
                1 => words.insert(at, words[here].clone()),
                2 if here > 1 => words.swap(here, here - 1),
                3 => words.insert(at, self.words().any()),
                _ if here > 0 => words[here] = self.words().any(),
                _ => {}
            }
        }
    }
}

fn is_option(part: &Syntax) -> bool {
    matches!(part, Syntax::Optional(_))
}
