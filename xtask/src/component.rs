//! The WebAssembly components: compiled and optimized as the core is, wrapped by wit-component.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use wasm_compose::composer::ComponentComposer;
use wit_component::ComponentEncoder;

use crate::report::{say, step};
use crate::stamp::Stamp;
use crate::{paths, setup, slim, wasm};

/// One of the components.
pub struct Component {
    /// What it is to people.
    about: &'static str,
    source: Source,
    /// Its file.
    file: &'static str,
    /// The most that it may weigh, in bytes as it is.
    budget: u64,
}

/// Of what a component is made.
enum Source {
    /// The crate with this feature, which binds it.
    Feature(&'static str),
    /// Another crate of the workspace.
    Package(&'static str),
    /// A component, and one that has what it imports.
    Composed(&'static Component, &'static Component),
}

/// The engine, whose contract is `wit/`.
pub const ENGINE: Component = Component {
    about: "the component",
    source: Source::Feature("component"),
    file: "brooklet.wasm",
    budget: 374_000,
};

/// The engine for hosts of WASI 0.3, whose contract is `wit/wasi-0.3`.
pub const TASKS: Component = Component {
    about: "the component whose calls wait",
    source: Source::Feature("component-async"),
    file: "brooklet-async.wasm",
    budget: 425_000,
};

/// The REST protocol on `wasi:http`, whose contract is `wit/http`.
pub const HTTP: Component = Component {
    about: "the HTTP component",
    source: Source::Feature("http"),
    file: "brooklet-http.wasm",
    budget: 385_000,
};

/// The same for hosts of WASI 0.3, whose contract is `wit/http-0.3`.
pub const HTTP_TASKS: Component = Component {
    about: "the HTTP component whose calls wait",
    source: Source::Feature("http-async"),
    file: "brooklet-http-async.wasm",
    budget: 425_000,
};

/// Journals in WASI's files, whose contract is `wit/files`.
const FILES: Component = Component {
    about: "the component of journals in files",
    source: Source::Feature("files"),
    file: "brooklet-files.wasm",
    budget: 50_000,
};

/// Both in one, which a host of WASI alone serves.
pub const SERVE: Component = Component {
    about: "both as one",
    source: Source::Composed(&HTTP, &FILES),
    file: "brooklet-serve.wasm",
    budget: 435_000,
};

/// The same for hosts of WASI 0.3.
pub const SERVE_TASKS: Component = Component {
    about: "both as one, whose calls wait",
    source: Source::Composed(&HTTP_TASKS, &FILES),
    file: "brooklet-serve-async.wasm",
    budget: 475_000,
};

/// A component that uses the engine, for tests.
const USER: Component = Component {
    about: "a component that uses it",
    source: Source::Package("guest"),
    file: "guest-alone.wasm",
    budget: 150_000,
};

/// Both in one.
pub const GUEST: Component = Component {
    about: "both as one",
    source: Source::Composed(&USER, &TASKS),
    file: "guest.wasm",
    budget: 600_000,
};

/// Each of them that people use.
pub const ALL: [&Component; 7] =
    [&ENGINE, &TASKS, &HTTP, &HTTP_TASKS, &FILES, &SERVE, &SERVE_TASKS];

impl Component {
    /// Writes the component unless it was made from the sources as they are.
    pub fn build(&self) -> Result<()> {
        setup::npm(&paths::www())?;
        let own = ["wit", "tests/guest", "xtask/src/component.rs", "xtask/src/slim.rs"];
        let own = own.map(|path| paths::root().join(path));
        let stamp = Stamp::of(self.file, &[&wasm::inputs()[..], &own].concat())?;
        if stamp.is_current(&self.path()) {
            return Ok(());
        }
        let component = match self.source {
            Source::Feature(feature) => self.compile("brooklet", feature)?,
            Source::Package(package) => self.compile(package, "")?,
            Source::Composed(component, part) => {
                component.build()?;
                part.build()?;
                compose(component, part)?
            }
        };
        let partial = self.path().with_extension("partial");
        fs::write(&partial, component)?;
        fs::rename(partial, self.path())?;
        stamp.write()
    }

    fn compile(&self, package: &str, feature: &str) -> Result<Vec<u8>> {
        setup::rust()?;
        let compile = || wasm::compile(package, feature, &wasm::SMALL);
        let compiled = step(&format!("Compile {}", self.about), compile)?;
        let module = self.path().with_extension("module");
        fs::create_dir_all(paths::scratch())?;
        fs::copy(compiled, &module)?;
        step("Optimize it with wasm-opt", || wasm::optimize(&module, &wasm::SMALL))?;
        wrap(&fs::read(&module)?)
    }

    /// Where the component is.
    pub fn path(&self) -> PathBuf {
        paths::scratch().join(self.file)
    }

    /// Says where the component is, and what it weighs.
    pub fn tell(&self) -> Result<()> {
        say(&format!("{} ({})", paths::shown(&self.path()), self.check()?));
        Ok(())
    }

    /// Says the size of the component; fails when it is over its budget.
    pub fn check(&self) -> Result<String> {
        let bytes = fs::metadata(self.path())?.len();
        let report = format!("raw {} of {} kB", bytes / 1000, self.budget / 1000);
        ensure!(bytes <= self.budget, "{} is too large: {report}", self.about);
        Ok(report)
    }
}

/// What a component imports and a part exports is joined; the rest is imported as before.
fn compose(component: &Component, part: &Component) -> Result<Vec<u8>> {
    let config =
        wasm_compose::config::Config { definitions: vec![part.path()], ..Default::default() };
    slim::component(&ComponentComposer::new(&component.path(), &config).compose()?)
}

/// The module tells its world in a section of its own, which becomes the component's type.
fn wrap(module: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = ComponentEncoder::default();
    encoder.validate(true).module(module)?;
    slim::component(&encoder.encode()?)
}
