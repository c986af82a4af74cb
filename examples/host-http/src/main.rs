//! Serves Brooklet's HTTP component: one instance answers all requests, its journal is a directory.

mod bindings;
mod directory;
mod front;
mod ground;
mod log;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use wasmtime::component::Component;
use wasmtime::{Config, Engine, Result};
use wasmtime_wasi_http::io::TokioIo;

use front::Front;
use ground::Maker;

/// Most connections at once; more wait to be accepted.
const CONNECTIONS: usize = 4000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: host-http COMPONENT [DIRECTORY] [ADDRESS]";
    let component = arguments.next().expect(usage);
    let root = arguments.next().unwrap_or("data".into());
    let address = arguments.next().unwrap_or("127.0.0.1:8079".into());
    let mut config = Config::new();
    config.wasm_component_model_async(true);
    let component = Component::from_file(&Engine::new(&config)?, component)?;
    // The tokens among them.
    let environment = std::env::vars().filter(|(name, _)| name.starts_with("BROOKLET_")).collect();
    let maker = Maker::new(&component, Path::new(&root), environment)?;
    let listener = TcpListener::bind(address).await?;
    println!("REST on http://{}", listener.local_addr()?);
    serve(listener, Front::start(&maker, 1, usize::MAX)).await
}

/// Answers whoever connects.
async fn serve(listener: TcpListener, front: Front) -> Result<()> {
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let turn = connections.clone().acquire_owned().await?;
        // A connection that is gone before it is accepted is no reason to stop.
        let Ok((client, _)) = listener.accept().await else { continue };
        let front = front.clone();
        tokio::spawn(async move {
            let answer = service_fn(|request| {
                let front = front.clone();
                async move { Ok::<_, std::convert::Infallible>(front.answer(request).await) }
            });
            // How a connection ends is its client's business.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(client), answer).await;
            drop(turn);
        });
    }
}
