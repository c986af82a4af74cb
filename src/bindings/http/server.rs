//! What an instance keeps between requests.

use alloc::string::String;
use core::cell::RefCell;

use super::database::{Database, Shared};
use super::generated::wasi::cli::environment;
use super::generated::wasi::http::types::Method;
use super::journal::Failure;
use crate::rest::{Admitted, Answer, Head, Rest, Settings};
use crate::time::UnixMillis;

/// How often a request is run that others have overtaken.
const ATTEMPTS: usize = 32;

/// What the instance keeps.
static SERVER: Local = Local(RefCell::new(None));

struct Local(RefCell<Option<Server>>);

/// An instance of a component has one thread.
#[allow(unsafe_code)]
unsafe impl Sync for Local {}

/// Acts on what the instance keeps.
pub(super) fn with<T>(act: impl FnOnce(&mut Server) -> T) -> T {
    act(SERVER.0.borrow_mut().get_or_insert_with(Server::new))
}

/// A method as HTTP writes it.
pub(super) fn method(method: Method) -> String {
    match method {
        Method::Get => "GET".into(),
        Method::Head => "HEAD".into(),
        Method::Post => "POST".into(),
        Method::Put => "PUT".into(),
        Method::Delete => "DELETE".into(),
        Method::Connect => "CONNECT".into(),
        Method::Options => "OPTIONS".into(),
        Method::Trace => "TRACE".into(),
        Method::Patch => "PATCH".into(),
        Method::Other(name) => name,
    }
}

/// A database that answers requests, once one was admitted.
#[derive(Debug)]
pub(super) struct Server {
    rest: Rest,
    name: String,
    database: Option<Shared>,
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

    /// Looks at the head of a request.
    pub(super) fn admit<'a>(&self, head: &Head<'a>) -> Result<Admitted<'a>, Answer> {
        self.rest.admit(head)
    }

    /// Adds what every answer says.
    pub(super) fn complete(&mut self, head: &Head<'_>, answer: Answer) -> Answer {
        let epoch = self.database.as_ref().map_or(0, |database| database.borrow().epoch());
        self.rest.complete(head, answer, epoch)
    }

    /// The database as it is now.
    pub(super) fn database(&mut self, now: UnixMillis) -> Result<Shared, Failure> {
        let known = self.database.take();
        let is_current = known.as_ref().map_or(Ok(false), |it| it.borrow_mut().is_current())?;
        let database = match known.filter(|_| is_current) {
            Some(database) => database,
            None => Database::open(&self.name, now)?,
        };
        Ok(self.database.insert(database).clone())
    }

    /// What is left to do behind an answer.
    pub(super) fn rest_a_while(&mut self, now: UnixMillis) {
        if let Some(database) = &self.database {
            database.borrow_mut().rewrite(now);
        }
    }
}

/// What follows a failure in an attempt: another one, or this answer.
pub(super) fn after(failure: Failure, is_final: bool, attempt: usize) -> Result<(), Answer> {
    match failure {
        Failure::Overtaken if !is_final && attempt < ATTEMPTS => Ok(()),
        Failure::Overtaken => Err(Answer::busy(&["ERR another writer has taken over: ask it"])),
        Failure::Broken(why) => Err(Answer::error(500, &["ERR ", &why])),
    }
}
