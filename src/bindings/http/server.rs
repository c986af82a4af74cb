//! What an instance keeps between requests, and what a request does with it.

use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::Component;
use super::database::Database;
use super::exchange;
use super::generated::exports::wasi::http::incoming_handler::{
    Guest, IncomingRequest, ResponseOutparam,
};
use super::generated::wasi::cli::environment;
use super::generated::wasi::clocks::wall_clock;
use super::journal::Failure;
use crate::rest::{Answer, Head, Rest, Settings};
use crate::time::UnixMillis;

/// How often a request is run that others have overtaken.
const ATTEMPTS: usize = 32;

/// What the instance keeps.
static SERVER: Local = Local(RefCell::new(None));

struct Local(RefCell<Option<Server>>);

/// An instance of a component has one thread.
#[allow(unsafe_code)]
unsafe impl Sync for Local {}

impl Guest for Component {
    fn handle(request: IncomingRequest, response: ResponseOutparam) {
        let mut server = SERVER.0.borrow_mut();
        let server = server.get_or_insert_with(Server::new);
        let answer = exchange::read(&request, |head, body| server.answer(head, body));
        exchange::write(response, &answer);
        server.rest_a_while();
    }
}

/// A database that answers requests, once one was admitted.
#[derive(Debug)]
struct Server {
    rest: Rest,
    name: String,
    database: Option<Database>,
}

impl Server {
    /// As the environment says.
    fn new() -> Self {
        let mut settings = Settings::default();
        let mut journal = String::from("brooklet");
        let variables = environment::get_environment().into_iter();
        for (name, value) in variables.filter(|(_, value)| !value.is_empty()) {
            match name.as_str() {
                "BROOKLET_HTTP_TOKEN" => settings.tokens.push(value),
                "BROOKLET_HTTP_READONLY_TOKEN" => settings.read_only_tokens.push(value),
                "BROOKLET_JOURNAL" => journal = value,
                _ => {}
            }
        }
        Self { rest: Rest::new(settings), name: journal, database: None }
    }

    /// Answers a request, whose body is read when it is known that somebody may send one.
    fn answer(
        &mut self,
        head: &Head<'_>,
        body: impl FnOnce(usize) -> Result<Vec<u8>, Answer>,
    ) -> Answer {
        let answer = self.run(head, body).unwrap_or_else(|refusal| refusal);
        let epoch = self.database.as_ref().map_or(0, Database::epoch);
        self.rest.complete(head, answer, epoch)
    }

    fn run(
        &mut self,
        head: &Head<'_>,
        body: impl FnOnce(usize) -> Result<Vec<u8>, Answer>,
    ) -> Result<Answer, Answer> {
        let admitted = self.rest.admit(head)?;
        let body = body(admitted.most_bytes())?;
        for attempt in 1.. {
            let now = now();
            let result = self.database(now).and_then(|database| {
                match admitted.call(&body, database.epoch()) {
                    Ok(call) => database.run(call, now),
                    Err(refusal) => Ok(refusal),
                }
            });
            let failure = match result {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            let may_repeat = self.database.take().is_none_or(|database| database.can_repeat());
            match failure {
                Failure::Overtaken if may_repeat && attempt < ATTEMPTS => {}
                Failure::Overtaken => break,
                Failure::Broken(why) => return Err(Answer::error(500, &["ERR ", &why])),
            }
        }
        Err(Answer::busy(&["ERR another writer has taken over: ask it"]))
    }

    /// The database as it is now.
    fn database(&mut self, now: UnixMillis) -> Result<&mut Database, Failure> {
        let mut known = self.database.take();
        let is_current = known.as_mut().map_or(Ok(false), Database::is_current)?;
        let database = match known.filter(|_| is_current) {
            Some(database) => database,
            None => Database::open(&self.name, now)?,
        };
        Ok(self.database.insert(database))
    }

    /// What is left to do when the answer is sent.
    fn rest_a_while(&mut self) {
        let rewritten = self.database.as_mut().map_or(Ok(()), |it| it.rewrite(now()));
        if rewritten.is_err() {
            self.database = None;
        }
    }
}

/// The time, by the host's clock.
fn now() -> UnixMillis {
    let wall_clock::Datetime { seconds, nanoseconds } = wall_clock::now();
    let millis = seconds.saturating_mul(1000).saturating_add(u64::from(nanoseconds / 1_000_000));
    millis.min(i64::MAX as u64) as UnixMillis
}
