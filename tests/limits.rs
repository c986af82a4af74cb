//! Limits at the engine's edge: crowds, hoarders, announcements that never come true. Each gets a
//! clear error or costs nothing, and every other session goes on.

use brooklet::reply::Form;
use brooklet::{Config, Engine, Error};

const NOW: i64 = 1_700_000_000_000;

fn say(engine: &mut Engine, session: u64, request: &[u8]) -> Vec<u8> {
    engine.exchange(NOW, session, request);
    while engine.next_output().is_some() {}
    let reply = engine.output(session).map(|output| output.bytes.to_vec()).unwrap_or_default();
    engine.consume(session);
    reply
}

fn engine_with(config: Config) -> (Engine, u64) {
    let mut engine = Engine::new(config);
    let session = engine.open_session(NOW, Form::Resp2).expect("room for one session");
    (engine, session)
}

#[test]
fn a_hundred_thousand_idle_sessions_cost_the_others_nothing() {
    let (mut engine, worker) = engine_with(Config { max_sessions: 100_001, ..Config::default() });
    let crowd: Vec<u64> = (0..100_000)
        .map(|_| engine.open_session(NOW, Form::Resp2).expect("below the limit"))
        .collect();
    assert_eq!(engine.open_session(NOW, Form::Resp2), Err(Error::TOO_MANY_SESSIONS));
    assert_eq!(say(&mut engine, worker, b"XADD s 1-1 f v\r\n"), b"$3\r\n1-1\r\n");
    for session in crowd {
        engine.close_session(session);
    }
    assert_eq!(engine.state().sessions.len(), 1);
    assert_eq!(say(&mut engine, worker, b"XLEN s\r\n"), b":1\r\n");
}

#[test]
fn ten_thousand_blocked_readers_are_served_and_forgotten() {
    let (mut engine, worker) = engine_with(Config { max_sessions: 10_001, ..Config::default() });
    let readers: Vec<u64> = (0..10_000)
        .map(|_| engine.open_session(NOW, Form::Resp2).expect("below the limit"))
        .collect();
    for reader in &readers {
        assert_eq!(say(&mut engine, *reader, b"XREAD BLOCK 0 STREAMS s $\r\n"), b"");
    }
    for reader in &readers[..5_000] {
        engine.close_session(*reader);
    }
    say(&mut engine, worker, b"XADD s 1-1 f v\r\n");
    let served = readers[5_000..].iter().filter(|id| engine.output(**id).is_some()).count();
    assert_eq!((served, engine.state().blocked.len()), (5_000, 0));
}

#[test]
fn a_bulk_that_is_announced_and_never_sent_takes_no_memory() {
    let (mut engine, session) = engine_with(Config::default());
    assert_eq!(say(&mut engine, session, b"*2\r\n$4\r\nECHO\r\n$536870912\r\nabc"), b"");
    let waiting = engine.state().sessions.get(session).map(|session| session.input.capacity());
    assert!(waiting.is_some_and(|bytes| bytes < 4096), "{waiting:?}");
    let (mut engine, session) = engine_with(Config::default());
    let reply = say(&mut engine, session, b"*2\r\n$4\r\nECHO\r\n$629145600\r\n");
    assert_eq!(reply, b"-ERR Protocol error: invalid bulk length\r\n");
}

#[test]
fn requests_that_pile_up_close_their_session() {
    let config = Config { query_buffer_limit: 1024, ..Config::default() };
    let (mut engine, session) = engine_with(config);
    engine.exchange(NOW, session, b"*1\r\n$100000\r\n");
    engine.exchange(NOW, session, &[b'x'; 2048]);
    let output = engine.output(session).expect("an error");
    assert!(output.close && output.bytes.starts_with(b"-ERR Protocol error: too much input"));
}

#[test]
fn replies_that_nobody_takes_close_their_session() {
    let config = Config { output_buffer_limit: 64 * 1024, ..Config::default() };
    let (mut engine, hoarder) = engine_with(config);
    let other = engine.open_session(NOW, Form::Resp2).expect("room for a second");
    let request = [b"ECHO ", &[b'x'; 1000][..], b"\r\n"].concat();
    for _ in 0..200 {
        engine.exchange(NOW, hoarder, &request);
    }
    let output = engine.output(hoarder).expect("told to close");
    assert!(output.close && output.bytes.is_empty(), "the replies are dropped");
    assert_eq!(say(&mut engine, other, b"PING\r\n"), b"+PONG\r\n");
}

#[test]
fn full_memory_refuses_what_adds_and_lets_the_rest_go_on() {
    let (mut engine, session) = engine_with(Config { max_memory: 100_000, ..Config::default() });
    let request = [b"XADD s * f ", &[b'x'; 1000][..], b"\r\n"].concat();
    let refused = (0..1_000).any(|_| say(&mut engine, session, &request).starts_with(b"-OOM "));
    assert!(refused, "a megabyte does not fit a tenth of one");
    assert_eq!(say(&mut engine, session, b"XTRIM s MAXLEN 1\r\n")[0], b':');
    assert_eq!(say(&mut engine, session, &request)[0], b'$', "there is room again");
}
