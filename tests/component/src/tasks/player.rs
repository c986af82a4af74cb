//! The clients of a transcript, each with a raw session whose calls wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use notation::Protocol;
use notation::play::Server;
use notation::text::request;
use wasmtime::component::ResourceAny;

use super::databases::Options;
use super::host::{Host, Reply};
use crate::journals::Journals;
use crate::types::Error;

/// A database, and who is connected to it.
pub struct Player {
    host: Host,
    durable: bool,
    database: Option<ResourceAny>,
    clients: BTreeMap<String, Client>,
    resets: usize,
}

struct Client {
    session: ResourceAny,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    bytes: Vec<u8>,
    closed: bool,
    failed: Option<Error>,
}

impl Heard {
    fn hear(&mut self, replies: Result<Vec<u8>, Error>) {
        match replies {
            Ok(replies) => self.bytes.extend(replies),
            Err(Error::Closed) => self.closed = true,
            Err(error) => self.failed = Some(error),
        }
    }
}

/// What a call has returned that does not wait.
fn returned<T>(reply: &Reply<wasmtime::Result<T>>) -> Result<T, String> {
    let returned = reply.take().ok_or("it waits")?;
    returned.map_err(|trap| format!("{trap:?}"))
}

impl Player {
    /// Databases in memory, or with a journal each.
    #[must_use]
    pub fn new(durable: bool) -> Self {
        let host = Host::new(&Journals::default(), usize::MAX);
        Self { host, durable, database: None, clients: BTreeMap::new(), resets: 0 }
    }

    /// A call that hands over bytes; what it returns is heard, whenever that is.
    fn exchange(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        let client = self.clients.get(client).ok_or("not connected")?;
        let (session, heard, bytes) = (client.session, Arc::clone(&client.heard), bytes.to_vec());
        self.host.call(async move |accessor, engine| {
            let sessions = engine.brooklet_streams_raw().session();
            let replies = sessions.call_exchange(accessor, session, bytes).await;
            let closed = sessions.call_closed(accessor, session).await;
            let mut heard = heard.lock().expect("no test holds it");
            heard.hear(replies.expect("no trap"));
            heard.closed |= closed.expect("no trap");
        });
        self.check()
    }

    /// A task that hears whatever there is to hear.
    fn listen(&mut self, client: &str) -> Result<(), String> {
        let client = self.clients.get(client).ok_or("not connected")?;
        let (session, heard) = (client.session, Arc::clone(&client.heard));
        self.host.call(async move |accessor, engine| {
            let sessions = engine.brooklet_streams_raw().session();
            let mut closed = false;
            while !closed {
                let replies = sessions.call_receive(accessor, session).await.expect("no trap");
                closed = replies.is_err();
                heard.lock().expect("no test holds it").hear(replies);
            }
        });
        self.check()
    }

    fn check(&mut self) -> Result<(), String> {
        match &self.host.trap {
            None => Ok(()),
            Some(trap) => Err(format!("{trap:?}")),
        }
    }

    fn forget(&mut self, client: &str) -> Result<(), String> {
        let Some(client) = self.clients.remove(client) else { return Ok(()) };
        let session = client.session;
        returned(&self.host.call(async move |accessor, engine| {
            engine.brooklet_streams_raw().session().call_close(accessor, session).await
        }))?;
        self.host.drop_handle(session);
        self.check()
    }
}

impl Server for Player {
    fn reset(&mut self, clock: i64) -> Result<(), String> {
        for client in self.clients.keys().cloned().collect::<Vec<_>>() {
            self.forget(&client)?;
        }
        if let Some(database) = self.database.take() {
            self.host.drop_handle(database);
        }
        self.host.pass(clock.cast_unsigned());
        self.resets += 1;
        let settings = vec![("enable-debug-command".into(), "yes".into())];
        let (name, options) =
            (self.resets.to_string(), Options { durable: self.durable, settings });
        let opened = returned(&self.host.call(async move |accessor, engine| {
            engine.brooklet_streams_databases().database().call_open(accessor, name, options).await
        }))?;
        self.database = Some(opened.map_err(|error| format!("{error:?}"))?);
        Ok(())
    }

    fn open(&mut self, name: &str, protocol: Protocol) -> Result<i64, String> {
        self.forget(name)?;
        let database = self.database.ok_or("no database")?;
        let opened = returned(&self.host.call(async move |accessor, engine| {
            engine.brooklet_streams_raw().session().call_open(accessor, database).await
        }))?;
        let session = opened.map_err(|error| format!("{error:?}"))?;
        let id = returned(&self.host.call(async move |accessor, engine| {
            engine.brooklet_streams_raw().session().call_id(accessor, session).await
        }))?;
        self.clients.insert(name.into(), Client { session, heard: Arc::default() });
        if self.durable {
            self.listen(name)?;
        }
        if protocol == Protocol::Three {
            self.send(name, &request(&[b"HELLO", b"3".as_slice()]))?;
            self.heard(name)?;
        }
        Ok(id.cast_signed())
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        self.exchange(client, bytes)
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.forget(client)
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        self.host.pass(clock.cast_unsigned());
        self.check()
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        if !self.durable && self.clients.contains_key(client) {
            // Nobody listens: what others have caused is fetched.
            self.exchange(client, b"")?;
        }
        let Some(client) = self.clients.get(client) else { return Ok((Vec::new(), false)) };
        let mut heard = client.heard.lock().expect("no test holds it");
        match heard.failed.take() {
            None => Ok((std::mem::take(&mut heard.bytes), heard.closed)),
            Some(error) => Err(format!("{error:?}")),
        }
    }
}
