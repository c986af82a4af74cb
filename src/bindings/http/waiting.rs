//! Requests of `wasi:http` 0.3: many at once, of which those that read may wait for the others.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::Poll;

use wit_bindgen::{StreamResult, spawn_local};

use super::Component;
use super::database::{Shared, Turn};
use super::generated::exports::wasi::http::handler::{ErrorCode, Guest, Request, Response};
use super::generated::wasi::clocks::{monotonic_clock, system_clock};
use super::generated::wasi::http::types::Fields;
use super::generated::{wit_future, wit_stream};
use super::journal::Failure;
use super::server;
use crate::number::Decimal;
use crate::rest::{Admitted, Answer, Call, Head};
use crate::time::UnixMillis;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// How often those who wait look whether another instance has written, in milliseconds.
const LOOK: UnixMillis = 1000;
/// Longest wait of a read, in milliseconds: then it has found nothing.
const LONGEST_WAIT: UnixMillis = 25_000;
/// Most requests that wait.
const MOST_WAITING: usize = 1000;

impl Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let method = server::method(request.get_method());
        let target = request.get_path_with_query().unwrap_or_default();
        let headers = request.get_headers().copy_all();
        let headers: Vec<(&str, &[u8])> =
            headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
        let head = Head { method: &method, target: &target, headers: &headers };
        let answer = run(&head, request).await.unwrap_or_else(|refusal| refusal);
        let answer = server::with(|server| {
            let answer = server.complete(&head, answer);
            server.rest_a_while(now());
            answer
        });
        Ok(response(answer))
    }
}

/// Runs a request. Its body is read when it is known that somebody may send one.
async fn run(head: &Head<'_>, request: Request) -> Result<Answer, Answer> {
    let admitted = server::with(|server| server.admit(head))?;
    let body = match admitted.most_bytes() {
        0 => Vec::new(),
        most => read_body(request, most).await?,
    };
    let until = now().saturating_add(LONGEST_WAIT);
    let mut attempt = 1;
    loop {
        let mut is_final = false;
        let failure = match attempt_at(&admitted, &body, until, &mut is_final).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        server::after(failure, is_final, attempt)?;
        attempt += 1;
    }
}

async fn read_body(request: Request, most: usize) -> Result<Vec<u8>, Answer> {
    let (_, done) = wit_future::new(|| Ok(()));
    let (mut stream, trailers) = Request::consume_body(request, done);
    let mut bytes = Vec::new();
    while bytes.len() < most {
        let (result, chunk) = stream.read(Vec::with_capacity(CHUNK)).await;
        bytes.extend_from_slice(&chunk);
        if !matches!(result, StreamResult::Complete(_)) {
            // What ends a body tells whether it is whole.
            drop(stream);
            return match trailers.await {
                Ok(_) => Ok(bytes),
                Err(_) => Err(Answer::error(400, &["ERR the body of the request ended early"])),
            };
        }
    }
    Ok(bytes)
}

/// An attempt, which notes whether it is the last: it has written something, or a read has waited
/// from a moment on that would be another one next time.
async fn attempt_at(
    admitted: &Admitted<'_>,
    body: &[u8],
    until: UnixMillis,
    is_final: &mut bool,
) -> Result<Answer, Failure> {
    let database = server::with(|server| server.database(now()))?;
    let epoch = database.borrow().epoch();
    let call = match admitted.call(body, epoch) {
        Ok(call) => call,
        Err(refusal) => return Ok(refusal),
    };
    let mut running = Running { database, call: Some(call) };
    loop {
        match running.turn(is_final)? {
            Turn::Done(answer) => return Ok(answer),
            Turn::Wait if now() >= until => running.give_up(),
            Turn::Wait if running.database.borrow().waiting() >= MOST_WAITING => {
                let limit = Decimal::unsigned(MOST_WAITING as u64);
                let text = ["ERR max number of waiting requests reached. Limit: ", limit.as_str()];
                return Ok(Answer::busy(&text));
            }
            Turn::Wait => {
                *is_final |= running.call.as_ref().is_some_and(Call::begins_now);
                running.wait(until).await?;
            }
        }
    }
}

/// A request on its way, which is forgotten when its client hangs up.
struct Running {
    database: Shared,
    call: Option<Call>,
}

impl Running {
    fn turn(&mut self, has_written: &mut bool) -> Result<Turn, Failure> {
        let Some(call) = &mut self.call else { return Ok(Turn::Wait) };
        self.database.borrow_mut().turn(call, now(), has_written)
    }

    fn give_up(&mut self) {
        if let Some(call) = &mut self.call {
            self.database.borrow_mut().give_up(call, now());
        }
    }

    /// Waits until its read has ended, or time itself has something to tell.
    async fn wait(&self, until: UnixMillis) -> Result<(), Failure> {
        const NANOSECONDS: u64 = 1_000_000;
        let Some(session) = self.call.as_ref().and_then(Call::session) else { return Ok(()) };
        let database = Rc::clone(&self.database);
        let at = database.borrow().deadline().unwrap_or(until).min(until);
        let millis = at.saturating_sub(now()).clamp(1, LOOK).cast_unsigned();
        let mut timer = Box::pin(monotonic_clock::wait_for(millis.saturating_mul(NANOSECONDS)));
        poll_fn(|context| {
            if !database.borrow_mut().waits(session, context.waker()) {
                return Poll::Ready(());
            }
            timer.as_mut().poll(context)
        })
        .await;
        let mut database = database.borrow_mut();
        if !database.is_current()? {
            return Err(Failure::Overtaken);
        }
        database.tick(now())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            self.database.borrow_mut().forget(call);
        }
    }
}

fn response(answer: Answer) -> Response {
    let fields = Fields::new();
    for (name, value) in &answer.headers {
        // They are known to be well-formed.
        let _ = fields.append(name, value.as_bytes());
    }
    let body = (!answer.body.is_empty()).then(|| {
        let length = Decimal::unsigned(answer.body.len() as u64);
        let _ = fields.append("content-length", length.as_bytes());
        let (mut writer, reader) = wit_stream::new();
        let body = answer.body;
        spawn_local(async move {
            // A client that is gone is no matter.
            writer.write_all(body).await;
        });
        reader
    });
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (response, _) = Response::new(fields, body, trailers);
    let _ = response.set_status_code(answer.status);
    response
}

/// The time, by the host's clock.
fn now() -> UnixMillis {
    let system_clock::Instant { seconds, nanoseconds } = system_clock::now();
    seconds.saturating_mul(1000).saturating_add(i64::from(nanoseconds / 1_000_000))
}
