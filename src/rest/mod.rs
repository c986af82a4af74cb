//! A database over HTTP: requests become commands, replies become JSON, in the form of Upstash's
//! REST API.
//!
//! Nothing here reads a socket. A host gives [`Rest::admit`] the head of a request, then its body
//! to [`Admitted::call`], and then lets [`Call::step`] run on an engine: that says when the journal
//! has to be written, and when there is nothing to do but wait. [`Rest::complete`] adds what every
//! answer says.
//!
//! ```
//! use brooklet::rest::{Head, Rest, Settings, Step};
//! use brooklet::{Config, Engine};
//!
//! let mut rest = Rest::new(Settings { tokens: vec!["secret".into()], ..Settings::default() });
//! let mut engine = Engine::new(Config::default());
//!
//! let headers = [("authorization", &b"Bearer secret"[..])];
//! let head = Head { method: "POST", target: "/", headers: &headers };
//! let admitted = rest.admit(&head).expect("the token is right");
//! let mut call = admitted
//!     .call(br#"["XADD", "jobs", "1-0", "task", "resize"]"#, 0)
//!     .expect("a command");
//! let Step::Done(answer) = call.step(&mut engine, 1_700_000_000_000) else { panic!("it waits") };
//! let answer = rest.complete(&head, answer, 0);
//! assert_eq!((answer.status, &answer.body[..]), (200, &br#"{"result":"1-0"}"#[..]));
//! ```

mod text;
mod encode;
mod words;
mod answer;
mod decimal;
mod json;
mod settings;
mod head;
mod access;
mod cors;
mod facts;
mod path;
mod idempotency;
mod work;
mod call;
mod handler;

pub use answer::Answer;
pub use call::{Call, Step};
pub use handler::{Admitted, Rest};
pub use head::Head;
pub use settings::Settings;
