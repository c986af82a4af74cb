//! What an instance stands on: WASI, and the journals.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wasmtime::component::{Component, HasSelf, Linker, ResourceTable};
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::handler::ProxyPre;
use wasmtime_wasi_http::p2;
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::bindings::brooklet::streams::journal;
use crate::log::Journals;

/// The state of an instance that is the host's.
pub struct Ground {
    pub journals: Journals,
    pub table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Alone,
}

/// The component asks nobody.
struct Alone;

impl WasiHttpHooks for Alone {
    fn send_request(
        &mut self,
        _: hyper::Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        Box::new(async { Err(Error::HttpRequestDenied) })
    }
}

type Sent = (hyper::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiView for Ground {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Ground {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}

/// How to make instances: the component, and what all of them are given.
#[derive(Clone)]
pub struct Maker {
    pub pre: Arc<ProxyPre<Ground>>,
    journals: Journals,
    /// Where a component that needs no journals keeps its own.
    root: PathBuf,
    engine: Engine,
    /// Names and values of environment variables.
    environment: Vec<(String, String)>,
}

impl Maker {
    /// Instances of a component that keep their journals in directories in `root`.
    pub fn new(
        component: &Component,
        root: &Path,
        environment: Vec<(String, String)>,
    ) -> Result<Self> {
        let mut linker = Linker::new(component.engine());
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        journal::add_to_linker::<_, HasSelf<_>>(&mut linker, |ground: &mut Ground| ground)?;
        wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        let pre = linker.instantiate_pre(component)?;
        let pre = match ServicePre::new(pre.clone()) {
            Ok(pre) => ProxyPre::P3(pre),
            Err(_) => ProxyPre::P2(p2::bindings::ProxyPre::new(pre)?),
        };
        let pre = Arc::new(pre);
        std::fs::create_dir_all(root)?;
        Ok(Self {
            pre,
            journals: Journals::new(root.into()),
            root: root.into(),
            engine: component.engine().clone(),
            environment,
        })
    }

    /// The ground for a new instance.
    pub fn ground(&self) -> Result<Store<Ground>> {
        let mut wasi = WasiCtx::builder();
        wasi.envs(&self.environment);
        wasi.preopened_dir(&self.root, "/", FsPerms::ReadWrite)?;
        let ground = Ground {
            journals: self.journals.clone(),
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: Alone,
        };
        Ok(Store::new(&self.engine, ground))
    }
}
