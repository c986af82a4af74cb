//! Packed sessions: what typed calls ask the engine through.

use alloc::string::String;

use super::answer::{self, Answer};
use super::generated::brooklet::streams::types::Error;
use super::generated::exports::brooklet::streams::databases::Figures;
use super::words::Words;
use crate::engine::Engine;
use crate::reply::{Form, Unpacked, Unpacker};
use crate::state::{Config, DebugCommand, SessionId};
use crate::time::UnixMillis;

/// An empty engine with settings as CONFIG SET has them.
pub(super) fn engine(now: UnixMillis, settings: &[(String, String)]) -> Result<Engine, Error> {
    const DEBUG: &str = "enable-debug-command";
    let mut config = Config::default();
    for (_, value) in settings.iter().filter(|(name, _)| name == DEBUG) {
        let known = DebugCommand::ALL.into_iter().find(|it| it.name() == value);
        config.debug_command = known.unwrap_or_default();
    }
    let mut engine = Engine::new(config);
    let session = open(&mut engine, now)?;
    for (name, value) in settings.iter().filter(|(name, _)| name != DEBUG) {
        let words = Words::of(&[b"CONFIG", b"SET", name.as_bytes(), value.as_bytes()]);
        engine.call(now, session, words.bytes());
        if let Some(Err(refused)) = take(&mut engine, session) {
            return Err(refused);
        }
    }
    engine.close_session(session);
    Ok(engine)
}

/// Opens a session. It needs no password: who calls is no client.
#[inline(never)]
pub(super) fn open(engine: &mut Engine, now: UnixMillis) -> Result<SessionId, Error> {
    let opened = engine.open_session(now, Form::Packed);
    let session = opened.map_err(|error| answer::error(error.text()))?;
    if let Some(password) = engine.state().config.password.clone() {
        engine.call(now, session, Words::of(&[b"AUTH", &password]).bytes());
        engine.consume(session);
    }
    Ok(session)
}

/// Takes what a session was told; `None` when that is nothing.
#[inline(never)]
pub(super) fn take(engine: &mut Engine, session: SessionId) -> Option<Result<Answer, Error>> {
    let output = engine.output(session)?;
    let answer = match Unpacker::new(output.words, output.bytes).value() {
        Unpacked::Error(text) => Err(answer::error(text)),
        _ => Ok(Answer::copy(output.words, output.bytes)),
    };
    engine.consume(session);
    Some(answer)
}

/// Figures of an engine whose increment has so many bytes.
pub(super) fn figures(engine: &Engine, journal: u64) -> Figures {
    let state = engine.state();
    let databases = 0..state.keyspace.database_count();
    Figures {
        keys: databases.map(|db| state.keyspace.database(db).len() as u64).sum(),
        sessions: state.sessions.len() as u64,
        blocked: state.blocked.len() as u64,
        memory: state.keyspace.memory_bytes() as u64,
        journal,
    }
}
