//! Requests on their way to an instance and back: how many at once, and how large.

use std::sync::Arc;
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Body, Bytes};
use hyper::{Request, Response, StatusCode};
use tokio::sync::{Mutex, Semaphore, mpsc};
use tokio::time::timeout;
use wasmtime::component::Accessor;
use wasmtime::{AsContextMut as _, Result};
use wasmtime_wasi_http::handler::{self, Prepared, Proxy};
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

use crate::ground::{Ground, Maker};

/// Most requests that wait for an instance; more are refused.
pub const WAITING: usize = 1000;
/// Most kilobytes of bodies in memory; more wait until there is room.
const ROOM: usize = 256 << 10;
/// A byte more than the component reads of a body: it refuses those that are longer.
const LONGEST_BODY: usize = (10 << 20) + 1;
/// How long a client may take to send a body.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request with its whole body, and where to put the response.
struct Job {
    request: Request<WasiBody>,
    response: oneshot::Sender<Result<handler::Response>>,
}

/// Takes requests in.
#[derive(Clone)]
pub struct Front {
    jobs: mpsc::Sender<Job>,
    room: Arc<Semaphore>,
}

impl Front {
    /// Starts so many instances side by side, each of which is kept for so many requests. More than
    /// one of them is no faster: they take the journal from each other.
    pub fn start(maker: &Maker, instances: usize, requests: usize) -> Self {
        let (jobs, queue) = mpsc::channel(WAITING);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..instances {
            let (maker, queue) = (maker.clone(), queue.clone());
            tokio::spawn(async move {
                while let Some(first) = next(&queue).await {
                    if let Err(failure) = keep(&maker, first, &queue, requests).await {
                        // The next instance reads the journal: what was acknowledged is there.
                        eprintln!("an instance has failed: {failure:?}");
                    }
                }
            });
        }
        Self { jobs, room: Arc::new(Semaphore::new(ROOM)) }
    }

    /// Answers a request.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.pass(request).await.unwrap_or_else(|(status, text)| {
            let body = Bytes::from(format!("{{\"error\":\"ERR {text}\"}}"));
            let response = Response::builder().status(status);
            let response = response.header("content-type", "application/json");
            response.header("retry-after", "1").body(Full::new(body)).expect("known headers")
        })
    }

    async fn pass<B>(
        &self,
        request: Request<B>,
    ) -> Result<Response<Full<Bytes>>, (StatusCode, &'static str)>
    where
        B: Body<Data = Bytes>,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        const FAILED: (StatusCode, &str) =
            (StatusCode::INTERNAL_SERVER_ERROR, "the instance has failed: ask again");
        let (head, body) = request.into_parts();
        let hint = body.size_hint();
        let most = hint.upper().unwrap_or(u64::MAX).min(LONGEST_BODY as u64) as usize;
        let room = self.room.acquire_many(most.div_ceil(1024) as u32).await;
        // Nobody else is kept waiting by a client that is slow to send or to read.
        let body = timeout(PATIENCE, Limited::new(body, LONGEST_BODY).collect()).await;
        let body = match body {
            Ok(Ok(body)) => body.to_bytes(),
            // Too long: the component says so, by what the head tells.
            Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
                Bytes::from(vec![0; LONGEST_BODY])
            }
            _ => return Err((StatusCode::REQUEST_TIMEOUT, "the body of the request ended early")),
        };
        let (response, answered) = oneshot::channel();
        let body = Full::new(body).map_err(|never| match never {}).boxed_unsync();
        let request = Request::from_parts(head, body);
        self.jobs
            .try_send(Job { request, response })
            .map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "too many requests are waiting"))?;
        let response = answered.await.map_err(|_| FAILED)?.map_err(|_| FAILED)?;
        drop(room);
        let (head, body) = response.into_parts();
        let body = body.collect().await.map_err(|_| FAILED)?;
        Ok(Response::from_parts(head, Full::new(body.to_bytes())))
    }
}

async fn next(queue: &Mutex<mpsc::Receiver<Job>>) -> Option<Job> {
    queue.lock().await.recv().await
}

/// Keeps an instance for so many requests: one after another, or, if it can wait, many at once.
async fn keep(
    maker: &Maker,
    first: Job,
    queue: &Mutex<mpsc::Receiver<Job>>,
    requests: usize,
) -> Result<()> {
    let mut store = maker.ground()?;
    let instance = maker.pre.instantiate_async(&mut store).await?;
    let most = if matches!(instance, Proxy::P3(_)) { WAITING } else { 1 };
    let serve = async |accessor: &Accessor<Ground>| {
        let mut running = FuturesUnordered::new();
        let (mut job, mut count) = (Some(first), 0);
        loop {
            if let Some(Job { request, response }) = job.take() {
                let prepared = accessor.with(|mut access| {
                    let store = access.as_context_mut();
                    Prepared::new(store, &instance, request, Ground::http, response)
                })?;
                running.push(prepared.run(accessor, std::future::pending()));
                count += 1;
            }
            let has_room = running.len() < most && count < requests;
            tokio::select! {
                next = next(queue), if has_room => match next {
                    Some(next) => job = Some(next),
                    None => return Ok(()),
                },
                Some(done) = running.next() => drop(done?),
                else => return Ok(()),
            }
        }
    };
    store.run_concurrent(serve).await?
}
