//! Makes random sessions: commands from the table's own syntax lines, some of them spoilt.

use crate::Protocol;

use super::chance::Chance;
use super::ids::Ids;
use super::session::{Event, LATER, START, Session};
use super::syntax::Syntax;
use super::words::{GROUPS, KEYS, Words};

/// Commands that end what a session has built up, or hide what follows; so they are rare.
const RARE: [&str; 14] = [
    "discard", "exec", "flushall", "flushdb", "multi", "swapdb", "select", "del", "unlink", "move",
    "rename", "renamenx", "watch", "unwatch",
];

/// Commands for keys of any type.
const ANY_TYPE: [&str; 20] = [
    "copy",
    "del",
    "dump",
    "exists",
    "expire",
    "expireat",
    "expiretime",
    "move",
    "persist",
    "pexpire",
    "pexpireat",
    "pexpiretime",
    "pttl",
    "rename",
    "renamenx",
    "restore",
    "touch",
    "ttl",
    "type",
    "unlink",
];

/// Settings that may change in the middle, and what to.
const SETTINGS: [(&str, &[&str]); 4] = [
    ("stream-node-max-entries", &["0", "1", "2", "3", "5", "10", "100"]),
    ("stream-node-max-bytes", &["0", "60", "200", "4096"]),
    ("stream-idmp-duration", &["1", "2", "3", "100"]),
    ("stream-idmp-maxsize", &["1", "2", "5", "100"]),
];

/// The commands that sessions are made of.
pub struct Generator {
    commands: Vec<Template>,
    /// The sum of the weights.
    weights: usize,
    chance: Chance,
    /// Events of a session at most.
    longest: usize,
    /// Payloads for RESTORE that a server gave; the oldest make way.
    payloads: Vec<Vec<u8>>,
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
            "xreadgroup" => 45,
            "xnack" => 20,
            "xgroup" if command.name == "xgroup|create" => 10,
            "xgroup" if command.name.ends_with("destroy") => 1,
            "xgroup" | "xinfo" if command.name.ends_with("help") => 1,
            "xgroup" | "xinfo" | "xsetid" | "xcfgset" => 3,
            "restore" | "dump" | "copy" => 5,
            "xtrim" | "xrange" | "xrevrange" | "xread" | "xpending" | "xidmprecord" => 7,
            _ if first.starts_with('x') => 12,
            _ if RARE.contains(&first) => 1,
            _ => 2,
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
    /// A generator that repeats itself for the same seed. A session has some 300 events at most.
    pub fn new<'a>(seed: u64, commands: impl Iterator<Item = Command<'a>>) -> Self {
        let commands: Vec<_> = commands.map(|it| Template::new(&it)).collect();
        let weights = commands.iter().map(|template| template.weight).sum();
        let (chance, payloads) = (Chance::new(seed), Vec::new());
        Self { commands, weights, chance, longest: 300, payloads }
    }

    /// The session that bytes stand for: what each decides, until they are used up.
    pub fn session_of(&mut self, bytes: &[u8]) -> Session {
        self.chance = Chance::given(bytes);
        self.session()
    }

    /// Some sessions have as many as `events`.
    #[must_use]
    pub fn longest(mut self, events: usize) -> Self {
        self.longest = events;
        self
    }

    /// Learns a payload that a server gave.
    pub fn learn(&mut self, payload: Vec<u8>) {
        const KEPT: usize = 64;
        if self.payloads.len() < KEPT {
            self.payloads.push(payload);
        } else {
            let place = self.chance.below(KEPT);
            self.payloads[place] = payload;
        }
    }

    /// The next session.
    pub fn session(&mut self) -> Session {
        let clients = 1 + self.chance.below(4);
        let one = |chance: &mut Chance| *chance.pick(&[Protocol::Two, Protocol::Three]);
        let protocols = (0..clients).map(|_| one(&mut self.chance)).collect();
        let entries = *self.chance.pick(&[100, 0, 1, 2, 3, 5, 10]);
        let bytes = *self.chance.pick(&[4096, 4096, 4096, 0, 60, 200]);
        let seconds = *self.chance.pick(&[1, 1, 2, 3, 100]);
        let iids = *self.chance.pick(&[1, 2, 3, 5, 100, 100]);
        let listens = clients > 1 && self.chance.chance(25);
        // When keys expire at once, Redis tells so in an order that depends on chance.
        let timeouts = listens || self.chance.chance(40);
        let restores = self.chance.chance(40);
        let longest = *self.chance.pick(&[300, 300, 300, self.longest]);
        let length = 20 + self.chance.below(longest);
        let mut draft = Draft {
            generator: self,
            clients: clients - usize::from(listens),
            client: 0,
            restores,
            ids: Ids::new(KEYS.len(), START as u64),
            name: String::new(),
            pinned: None,
            streams: false,
            timeouts,
            repeat: 0,
            events: Vec::new(),
        };
        if restores {
            draft.ids.clock += LATER as u64;
            draft.events.push(Event::Pass(LATER));
        }
        if listens {
            draft.listen(clients - 1);
        }
        draft.begin();
        while draft.events.len() < length && !draft.generator.chance.is_used_up() {
            draft.extend();
        }
        let events = draft.events;
        Session { node_limits: (entries, bytes), idempotency: (seconds, iids), protocols, events }
    }
}

/// A session that is being made.
struct Draft<'g> {
    generator: &'g mut Generator,
    /// How many clients send commands.
    clients: usize,
    /// Who sends the present one.
    client: usize,
    /// Whether payloads are restored: in sessions that begin after those that gave them. Redis runs
    /// for ever when it claims entries that will be delivered in the future.
    restores: bool,
    ids: Ids,
    /// The present command.
    name: String,
    /// The stream that commands have in common for a while.
    pinned: Option<usize>,
    /// Whether the present command is for streams.
    streams: bool,
    timeouts: bool,
    /// How often what may be repeated is: the same within one command, so that keys and IDs of
    /// XREAD match, and numbers of IDs are what they say.
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
            payloads: &self.generator.payloads,
            command: &self.name,
            streams: self.streams,
            pinned: self.pinned,
            named: self.repeat + 1,
            client: self.client,
            timeouts: self.timeouts,
        }
    }

    /// Has the last client, who does nothing else, hear of everything that happens to keys.
    fn listen(&mut self, client: usize) {
        let which = *self.chance().pick(&["KEA", "KEAn", "Kt", "Eg"]);
        self.push(0, ["CONFIG", "SET", "notify-keyspace-events", which].map(Into::into).into());
        self.push(client, ["PSUBSCRIBE", "__key*"].map(Into::into).into());
    }

    /// Streams with entries and groups, mostly.
    fn begin(&mut self) {
        for (index, key) in KEYS[..3].iter().enumerate() {
            if index > 0 && self.chance().chance(20) {
                continue;
            }
            for group in &GROUPS[..=self.chance().below(2)] {
                let create = [&b"XGROUP"[..], b"CREATE", key, group.as_bytes(), b"0", b"MKSTREAM"];
                self.push(0, create.iter().map(|word| word.to_vec()).collect());
            }
            self.ids.turn_to(index);
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
            return self.pass();
        }
        let clients = self.clients;
        let client = self.chance().below(clients);
        self.client = client;
        self.pinned = match self.chance().below(8) {
            0..4 => Some(0),
            4 => Some(1),
            _ => None,
        };
        if self.chance().chance(8) {
            let create = ["XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"];
            self.push(client, create.iter().map(|word| (*word).into()).collect());
        }
        if self.chance().chance(2) {
            self.configure(client);
        }
        let transaction = self.chance().chance(6);
        if transaction {
            self.push(client, vec![b"MULTI".to_vec()]);
        }
        self.run(client);
        if transaction {
            let end = *self.chance().pick(&["EXEC", "EXEC", "EXEC", "DISCARD"]);
            self.push(client, vec![end.into()]);
        }
        self.inspect(client);
    }

    fn pass(&mut self) {
        let millis = match self.chance().below(8) {
            0 => 1000 + 8 * self.chance().below(250),
            _ => 8 + 8 * self.chance().below(3),
        };
        self.ids.clock += millis as u64;
        self.events.push(Event::Pass(millis as i64));
    }

    fn configure(&mut self, client: usize) {
        let (name, values) = *self.chance().pick(&SETTINGS);
        let value = *self.chance().pick(values);
        let words = ["CONFIG", "SET", name, value];
        self.push(client, words.iter().map(|word| (*word).into()).collect());
    }

    /// Various commands, or one and the same many times.
    fn run(&mut self, client: usize) {
        let many = self.chance().chance(12);
        let same = many.then(|| self.template());
        let count = if many { 4 + self.chance().below(40) } else { 1 + self.chance().below(24) };
        for _ in 0..count {
            let template = same.unwrap_or_else(|| self.template());
            let command = self.command(template);
            self.push(client, command);
        }
    }

    fn push(&mut self, client: usize, words: Vec<Vec<u8>>) {
        self.events.push(Event::Send(client, words));
    }

    /// Looks at everything that a stream has.
    fn inspect(&mut self, client: usize) {
        (self.name, self.streams) = ("XINFO".into(), true);
        let key = self.words().key();
        let group = &self.words().group()[..];
        let whole = [&b"XINFO"[..], b"STREAM", key, b"FULL", b"COUNT", b"0"];
        let lines: [&[&[u8]]; 7] = [
            &whole,
            &[b"DUMP", key],
            &[b"XPENDING", key, group, b"-", b"+", b"100"],
            &[b"XINFO", b"STREAM", key],
            &[b"XINFO", b"GROUPS", key],
            &[b"XPENDING", key, group],
            &[b"XINFO", b"CONSUMERS", key, group],
        ];
        let dumps = self.generator.commands.iter().any(|template| template.name == ["DUMP"]);
        // The first two tell everything; the others tell it in other words.
        for (index, line) in lines.iter().enumerate() {
            if index == 1 && !dumps {
                continue;
            }
            if index == 0 || self.chance().chance(if index == 1 { 70 } else { 35 }) {
                self.push(client, line.iter().map(|word| word.to_vec()).collect());
            }
        }
    }

    /// The place of a template, by weight.
    fn template(&mut self) -> usize {
        let weights = self.generator.weights;
        let mut at = self.chance().below(weights);
        let index = self.generator.commands.iter().position(|template| {
            let found = at < template.weight;
            at = at.saturating_sub(template.weight);
            found
        });
        let index = index.expect("the weights add up");
        // Redis wakes the readers of several keys in an order that depends on chance.
        let unwanted = match &*self.generator.commands[index].name[0] {
            "SWAPDB" => self.clients > 2,
            "RESTORE" => !self.restores,
            _ => false,
        };
        if unwanted { self.template() } else { index }
    }

    /// One command.
    fn command(&mut self, template: usize) -> Vec<Vec<u8>> {
        let template = &self.generator.commands[template];
        let (name, syntax) = (template.name.clone(), template.syntax.clone());
        self.name.clone_from(&name[0]);
        let any_type = ANY_TYPE.contains(&&*name[0].to_ascii_lowercase());
        self.streams = self.name.starts_with('X') || (any_type && self.chance().chance(60));
        self.repeat = *self.chance().pick(&[0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 5, 9]);
        let mut words: Vec<Vec<u8>> = name.into_iter().map(String::into_bytes).collect();
        if words[0] == b"XADD" && self.chance().chance(55) {
            words.extend(self.plain_add());
        } else {
            self.fill(&syntax, &mut words);
        }
        if self.chance().chance(4) {
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
                let part = self.choose(parts, words);
                self.fill(&parts[part], words);
            }
            Syntax::Optional(part) => {
                // Most reads are not to wait.
                let rare =
                    matches!(&**part, Syntax::All(it) if it[0] == Syntax::Literal("BLOCK".into()));
                if self.chance().chance(if rare { 8 } else { 35 }) {
                    self.fill(part, words);
                }
            }
            Syntax::Repeated(part) => (0..self.repeat).for_each(|_| self.fill(part, words)),
            Syntax::All(parts) => self.fill_all(parts, words),
        }
    }

    /// One of several parts. Who produces idempotently mostly leaves the ID to the server.
    fn choose(&mut self, parts: &[Syntax], words: &[Vec<u8>]) -> usize {
        let server = parts.iter().position(|part| *part == Syntax::Literal("*".into()));
        let idempotent = words.iter().any(|word| word.starts_with(b"IDMP"));
        match server {
            Some(part) if idempotent && self.chance().chance(94) => part,
            Some(part) if self.name == "XADD" && self.chance().chance(20) => part,
            _ => self.chance().below(parts.len()),
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
