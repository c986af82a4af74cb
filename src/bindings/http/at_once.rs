//! Requests of `wasi:http` 0.2: one after another, each answered before the next comes.

use alloc::vec::Vec;

use super::Component;
use super::database::Turn;
use super::generated::exports::wasi::http::incoming_handler::{
    Guest, IncomingRequest, ResponseOutparam,
};
use super::generated::wasi::clocks::wall_clock;
use super::generated::wasi::http::types::{Fields, IncomingBody, OutgoingBody, OutgoingResponse};
use super::generated::wasi::io::streams::{OutputStream, StreamError};
use super::journal::Failure;
use super::server::{self, Server};
use crate::number::Decimal;
use crate::rest::{Admitted, Answer, Head};
use crate::time::UnixMillis;

/// Bytes that are read at once.
const CHUNK: u64 = 1 << 16;

impl Guest for Component {
    fn handle(request: IncomingRequest, response: ResponseOutparam) {
        let method = server::method(request.method());
        let target = request.path_with_query().unwrap_or_default();
        let headers = request.headers().entries();
        let headers: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        let head = Head { method: &method, target: &target, headers: &headers };
        let answer = server::with(|server| {
            let answer = run(server, &head, &request).unwrap_or_else(|refusal| refusal);
            server.complete(&head, answer)
        });
        write(response, &answer);
        server::with(|server| server.rest_a_while(now()));
    }
}

/// Runs a request. Its body is read when it is known that somebody may send one.
fn run(server: &mut Server, head: &Head<'_>, request: &IncomingRequest) -> Result<Answer, Answer> {
    let admitted = server.admit(head)?;
    let body = match (request.consume(), admitted.most_bytes()) {
        (Ok(body), most @ 1..) => read_body(&body, most)?,
        _ => Vec::new(),
    };
    let mut attempt = 1;
    loop {
        let mut has_written = false;
        let failure = match attempt_at(server, &admitted, &body, &mut has_written) {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        server::after(failure, has_written, attempt)?;
        attempt += 1;
    }
}

fn attempt_at(
    server: &mut Server,
    admitted: &Admitted<'_>,
    body: &[u8],
    has_written: &mut bool,
) -> Result<Answer, Failure> {
    let now = now();
    let database = server.database(now)?;
    let mut database = database.borrow_mut();
    let mut call = match admitted.call(body, database.epoch()) {
        Ok(call) => call,
        Err(refusal) => return Ok(refusal),
    };
    loop {
        match database.turn(&mut call, now, has_written)? {
            Turn::Done(answer) => return Ok(answer),
            // Nobody else can be called meanwhile.
            Turn::Wait => database.give_up(&mut call, now),
        }
    }
}

/// The time, by the host's clock.
fn now() -> UnixMillis {
    let wall_clock::Datetime { seconds, nanoseconds } = wall_clock::now();
    let millis = seconds.saturating_mul(1000).saturating_add(u64::from(nanoseconds / 1_000_000));
    millis.min(i64::MAX as u64) as UnixMillis
}

fn read_body(body: &IncomingBody, most: usize) -> Result<Vec<u8>, Answer> {
    let mut bytes = Vec::new();
    let Ok(stream) = body.stream() else { return Ok(bytes) };
    while bytes.len() < most {
        match stream.blocking_read(CHUNK) {
            Ok(chunk) => bytes.extend_from_slice(&chunk),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(_)) => {
                return Err(Answer::error(400, &["ERR the body of the request ended early"]));
            }
        }
    }
    Ok(bytes)
}

/// Sends an answer. A client that is gone is no matter.
fn write(response: ResponseOutparam, answer: &Answer) {
    let fields = Fields::new();
    for (name, value) in &answer.headers {
        // They are known to be well-formed.
        let _ = fields.append(name, value.as_bytes());
    }
    if !answer.body.is_empty() {
        let length = Decimal::unsigned(answer.body.len() as u64);
        let _ = fields.append("content-length", length.as_bytes());
    }
    let outgoing = OutgoingResponse::new(fields);
    let _ = outgoing.set_status_code(answer.status);
    let body = outgoing.body();
    ResponseOutparam::set(response, Ok(outgoing));
    let Ok(body) = body else { return };
    if let Ok(stream) = body.write() {
        let _ = write_body(&stream, &answer.body);
    }
    let _ = OutgoingBody::finish(body, None);
}

fn write_body(stream: &OutputStream, mut rest: &[u8]) -> Result<(), StreamError> {
    while !rest.is_empty() {
        let room = stream.check_write()?;
        if room == 0 {
            stream.subscribe().block();
            continue;
        }
        let (now, later) = rest.split_at(rest.len().min(room as usize));
        stream.write(now)?;
        rest = later;
    }
    stream.flush()
}
