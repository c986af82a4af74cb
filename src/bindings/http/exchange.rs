//! Requests of `wasi:http` as the room `rest` wants them, and its answers as responses.

use alloc::string::String;
use alloc::vec::Vec;

use super::generated::exports::wasi::http::incoming_handler::{IncomingRequest, ResponseOutparam};
use super::generated::wasi::http::types::{
    Fields, IncomingBody, Method, OutgoingBody, OutgoingResponse,
};
use super::generated::wasi::io::streams::{OutputStream, StreamError};
use crate::number::Decimal;
use crate::rest::{Answer, Head};

/// Bytes that are read at once.
const CHUNK: u64 = 1 << 16;

/// Reads a request: its head first, its body when `answer` asks for so many bytes of it.
pub(super) fn read(
    request: &IncomingRequest,
    answer: impl FnOnce(&Head<'_>, &mut dyn FnMut(usize) -> Result<Vec<u8>, Answer>) -> Answer,
) -> Answer {
    let method = method(request.method());
    let target = request.path_with_query().unwrap_or_default();
    let headers = request.headers().entries();
    let headers: Vec<(&str, &[u8])> =
        headers.iter().map(|(name, value)| (name.as_str(), &value[..])).collect();
    let head = Head { method: &method, target: &target, headers: &headers };
    answer(&head, &mut |most| match request.consume() {
        Ok(body) if most > 0 => read_body(&body, most),
        _ => Ok(Vec::new()),
    })
}

fn method(method: Method) -> String {
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
pub(super) fn write(response: ResponseOutparam, answer: &Answer) {
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
