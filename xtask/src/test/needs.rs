//! What suites need to be in place before they run; each is set up once.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};

use crate::{build, component, paths, setup};

/// Something that several suites share.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Rust's Wasm targets, rustfmt and clippy.
    Rust,
    /// The Wasm core, bound and optimized.
    Wasm,
    /// The WebAssembly component.
    Component,
    /// The one whose calls wait, alone and in one with a component that uses it.
    AsyncComponent,
    /// The one that answers HTTP, alone and with journals in files.
    HttpComponent,
    /// The one whose calls wait.
    HttpAsyncComponent,
    /// The npm package, built around that core.
    Package,
    /// The tutorial, built with that package.
    Tutorial,
    /// The npm packages of the example of a Worker.
    Worker,
    /// The npm packages of `tests`.
    TestClients,
    /// The Python packages of `tests`.
    Python,
    /// A Chromium to drive.
    Chromium,
}

impl Need {
    fn set_up(self) -> Result<()> {
        match self {
            Self::Rust => setup::rust(),
            Self::Wasm => build::core(),
            Self::Component => build::component(&component::ENGINE),
            Self::AsyncComponent => build::component(&component::GUEST),
            Self::HttpComponent => build::component(&component::SERVE),
            Self::HttpAsyncComponent => build::component(&component::HTTP_TASKS),
            Self::Package => build::package(),
            Self::Tutorial => build::all(),
            Self::Worker => setup::npm(&paths::edge()),
            Self::TestClients => setup::npm(&paths::tests()),
            Self::Python => setup::python().map(drop),
            Self::Chromium => setup::chromium().map(drop),
        }
    }
}

/// Which needs were set up already, and how that ended.
#[derive(Default)]
pub struct Needs {
    results: BTreeMap<Need, Result<(), String>>,
}

impl Needs {
    /// Sets up each of `needs` unless that was tried before; the first failure is the answer.
    pub fn prepare(&mut self, needs: &[Need]) -> Result<()> {
        for need in needs {
            let result = self.results.entry(*need);
            let result = result.or_insert_with(|| need.set_up().map_err(|it| format!("{it:#}")));
            result.clone().map_err(|reason| anyhow!(reason))?;
        }
        Ok(())
    }
}
