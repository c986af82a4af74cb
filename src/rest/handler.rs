//! The order of the steps: who asks, in which form, for what; and what every answer says.

use alloc::vec::Vec;

use super::access::{self, Role};
use super::answer::{Answer, Refusal};
use super::call::{Call, Prepared};
use super::cors;
use super::facts::Facts;
use super::head::Head;
use super::idempotency::IdempotencyKey;
use super::settings::Settings;
use super::words::Words;
use super::work::{self, Form, Kind};
use crate::number::Decimal;

/// Answers HTTP requests out of an engine, as Upstash's REST API does.
#[derive(Debug)]
pub struct Rest {
    settings: Settings,
    /// How many answers have told something.
    answers: u64,
}

/// A request that may be read on: who sent it may do something.
#[derive(Clone, Copy, Debug)]
pub struct Admitted<'a> {
    head: Head<'a>,
    role: Role,
    most_bytes: usize,
    most_commands: usize,
}

impl Rest {
    /// Requests of whoever has one of the tokens are answered.
    #[must_use]
    pub const fn new(settings: Settings) -> Self {
        Self { settings, answers: 0 }
    }

    /// Looks at the head of a request, before anything else of it is read.
    ///
    /// # Errors
    /// The answer, for [`Rest::complete`]: nothing is to be run.
    pub fn admit<'a>(&self, head: &Head<'a>) -> Result<Admitted<'a>, Answer> {
        if head.method == "OPTIONS" {
            return Err(cors::preflight());
        }
        self.role(head).map_err(Answer::from).map(|role| Admitted {
            head: *head,
            role,
            most_bytes: self.settings.body_bytes,
            most_commands: self.settings.commands,
        })
    }

    fn role(&self, head: &Head<'_>) -> Result<Role, Refusal> {
        if !head.has_body() && head.method != "GET" && head.method != "HEAD" {
            let refusal = Refusal::new(405, &["ERR unsupported method ", head.method]);
            return Err(refusal.with("allow", "GET, HEAD, POST, PUT"));
        }
        access::role(&self.settings, head)
    }

    /// Adds what every answer says: for browsers, and up to when what it tells is true. `epoch` is
    /// that of the journal's writer, 0 without one.
    #[must_use]
    pub fn complete(&mut self, head: &Head<'_>, mut answer: Answer, epoch: u64) -> Answer {
        if answer.tells {
            self.answers += 1;
            let (epoch, number) = (Decimal::unsigned(epoch), Decimal::unsigned(self.answers));
            let token = [epoch.as_str(), "-", number.as_str()].concat();
            answer = answer.with("upstash-sync-token", token);
        }
        if head.method == "HEAD" {
            answer.body = Vec::new();
        }
        cors::add_headers(answer, head, self.settings.is_open_to_nobody())
    }
}

impl Admitted<'_> {
    /// How many bytes of the body to read at most. One more than there may be: then it is too long.
    #[must_use]
    pub fn most_bytes(&self) -> usize {
        if self.head.has_body() { self.most_bytes.saturating_add(1) } else { 0 }
    }

    /// What is to be run. `epoch` as for [`Rest::complete`].
    ///
    /// # Errors
    /// The answer, for [`Rest::complete`]: nothing is to be run.
    pub fn call(&self, body: &[u8], epoch: u64) -> Result<Call, Answer> {
        Ok(self.prepare(body, epoch)?)
    }

    fn prepare(&self, body: &[u8], epoch: u64) -> Result<Call, Refusal> {
        self.check_writer(epoch)?;
        let form = Form::of(&self.head)?;
        if body.len() > self.most_bytes || self.announced() > self.most_bytes as u64 {
            let most = Decimal::unsigned(self.most_bytes as u64);
            let text = ["ERR max request size exceeded. Limit: ", most.as_str(), " bytes"];
            return Err(Refusal::new(413, &text));
        }
        let (kind, commands) = work::commands(&self.head, body, self.most_commands)?;
        let key = IdempotencyKey::of(&self.head)?;
        let commands = commands.into_iter().enumerate().map(|(index, words)| {
            let prepared = words.and_then(|words| self.look_at(words, index, kind, form, key));
            prepared.unwrap_or_else(Prepared::Refused)
        });
        Call::new(kind, form, commands.collect())
    }

    /// Looks at a command before it runs: whether it may, and as what.
    fn look_at(
        &self,
        words: Words,
        index: usize,
        kind: Kind,
        form: Form,
        key: Option<IdempotencyKey<'_>>,
    ) -> Result<Prepared, Refusal> {
        let facts = Facts::of(&words);
        let is_alone = kind == Kind::Command;
        let wants_events = is_alone && form.is_events && (facts.listens() || facts.waits());
        if self.role == Role::Reader && !facts.is_open() {
            let name = facts.name();
            let text = ["NOPERM this user has no permissions to run the '", &name, "' command"];
            return Err(Refusal::new(400, &text));
        }
        if wants_events {
            const NO_EVENTS: &str =
                "ERR events need a host that keeps requests open, and this one answers at once";
            return Err(Refusal::new(501, &[NO_EVENTS]));
        }
        if facts.needs_connection() {
            const INSTEAD: &str = "' needs a connection that stays: there are POST /multi-exec, \
                and /subscribe/<channel> with Accept: text/event-stream";
            return Err(Refusal::new(400, &["ERR '", &facts.name(), INSTEAD]));
        }
        let words = match key {
            Some(key) => key.onto(words, facts, (!is_alone).then_some(index))?,
            None => words,
        };
        Ok(Prepared::Runs(words, facts.waits()))
    }

    /// Refuses whoever has heard of a later writer than this.
    fn check_writer(&self, epoch: u64) -> Result<(), Refusal> {
        let token = self.head.header("upstash-sync-token").unwrap_or_default();
        let dash = token.iter().position(|&byte| byte == b'-').unwrap_or(0);
        let (known, rest) = token.split_at(dash);
        let number = rest.get(1..).unwrap_or_default();
        let is_token = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
        let known = str::from_utf8(known).ok().and_then(|known| known.parse::<u64>().ok());
        if known.is_none_or(|known| !is_token || epoch == 0 || known <= epoch) {
            return Ok(());
        }
        let refusal = Refusal::new(503, &["ERR another writer has taken over: ask it"]);
        Err(refusal.with("retry-after", "1"))
    }

    /// How long the body is, as the head says.
    fn announced(&self) -> u64 {
        let length = self.head.header("content-length").filter(|_| self.head.has_body());
        let length = length.and_then(|length| str::from_utf8(length).ok());
        length.and_then(|length| length.parse().ok()).unwrap_or(0)
    }
}
