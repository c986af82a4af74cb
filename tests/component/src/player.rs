//! The clients of a transcript, each with a raw session of the component.

use std::collections::BTreeMap;

use notation::Protocol;
use notation::play::Server;
use notation::text::request;

use crate::host::{Database, Host, options};
use crate::journals::Journals;
use crate::types::Error;
use wasmtime::component::ResourceAny;

/// A database, and who is connected to it.
pub struct Player {
    pub(crate) host: Host,
    durable: bool,
    pub(crate) database: Option<Database>,
    /// Typed reads that wait, by their numbers.
    pub(crate) reads: BTreeMap<u64, ResourceAny>,
    clients: BTreeMap<String, Client>,
    resets: usize,
}

struct Client {
    session: ResourceAny,
    id: u64,
    heard: Vec<u8>,
    closed: bool,
}

impl Player {
    /// Databases in memory, or with a journal each.
    #[must_use]
    pub fn new(durable: bool) -> Self {
        let host = Host::new(&Journals::default(), usize::MAX);
        Self {
            host,
            durable,
            database: None,
            reads: BTreeMap::new(),
            clients: BTreeMap::new(),
            resets: 0,
        }
    }

    /// A session takes in bytes; what it hears is kept.
    fn exchange(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        let client = self.clients.get_mut(client).ok_or("not connected")?;
        let sessions = self.host.engine.brooklet_streams_raw().session();
        let replies = sessions
            .call_exchange(&mut self.host.store, client.session, &bytes.to_vec())
            .map_err(|trap| format!("{trap:?}"))?;
        match replies {
            Ok(replies) => client.heard.extend(replies),
            Err(Error::Closed) => client.closed = true,
            Err(error) => return Err(format!("{error:?}")),
        }
        let closed = sessions.call_closed(&mut self.host.store, client.session);
        client.closed |= closed.map_err(|trap| format!("{trap:?}"))?;
        Ok(())
    }

    /// Whoever was told of is asked.
    pub(crate) fn drain(&mut self) -> Result<(), String> {
        for id in self.host.take_ready() {
            let client = self.clients.iter().find(|(_, client)| client.id == id);
            if let Some((name, _)) = client {
                self.exchange(&name.clone(), b"")?;
            }
        }
        Ok(())
    }

    fn forget(&mut self, client: &str) -> Result<(), String> {
        let Some(client) = self.clients.remove(client) else { return Ok(()) };
        client.session.resource_drop(&mut self.host.store).map_err(|trap| format!("{trap:?}"))
    }
}

impl Server for Player {
    fn reset(&mut self, clock: i64) -> Result<(), String> {
        for client in self.clients.keys().cloned().collect::<Vec<_>>() {
            self.forget(&client)?;
        }
        if let Some(database) = self.database.take() {
            let dropped = database.resource_drop(&mut self.host.store);
            dropped.map_err(|trap| format!("{trap:?}"))?;
        }
        self.host.store.data_mut().clock = clock.cast_unsigned();
        self.resets += 1;
        let opened = self.host.open(&self.resets.to_string(), &options(self.durable));
        self.database = Some(opened.map_err(|error| format!("{error:?}"))?);
        Ok(())
    }

    fn open(&mut self, name: &str, protocol: Protocol) -> Result<i64, String> {
        self.forget(name)?;
        let database = self.database.ok_or("no database")?;
        let sessions = self.host.engine.brooklet_streams_raw().session();
        let opened = sessions.call_open(&mut self.host.store, database);
        let session = opened.map_err(|it| it.to_string())?.map_err(|it| format!("{it:?}"))?;
        let id = sessions.call_id(&mut self.host.store, session).map_err(|it| it.to_string())?;
        let client = Client { session, id, heard: Vec::new(), closed: false };
        self.clients.insert(name.into(), client);
        if protocol == Protocol::Three {
            self.send(name, &request(&[b"HELLO", b"3".as_slice()]))?;
            self.heard(name)?;
        }
        Ok(id.cast_signed())
    }

    fn send(&mut self, client: &str, bytes: &[u8]) -> Result<(), String> {
        self.exchange(client, bytes)?;
        self.drain()
    }

    fn leave(&mut self, client: &str) -> Result<(), String> {
        self.forget(client)
    }

    fn set_clock(&mut self, clock: i64) -> Result<(), String> {
        let database = self.database.ok_or("no database")?;
        let passed = self.host.pass(database, clock.cast_unsigned());
        passed.map_err(|error| format!("{error:?}"))?;
        self.drain()
    }

    fn heard(&mut self, client: &str) -> Result<(Vec<u8>, bool), String> {
        let Some(client) = self.clients.get_mut(client) else { return Ok((Vec::new(), false)) };
        Ok((std::mem::take(&mut client.heard), client.closed))
    }
}
