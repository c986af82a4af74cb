//! Sets up what is missing on this machine; what is in place costs a look and prints nothing.

mod apt;
mod chromium;
mod npm;
mod python;
mod rust;

pub use chromium::chromium;
pub use npm::npm;
pub use python::python;
pub use rust::rust;

use anyhow::Result;

use crate::{paths, report};

/// Sets up everything that any command may need.
pub fn everything() -> Result<()> {
    rust()?;
    npm(&paths::www())?;
    npm(&paths::tests())?;
    npm(&paths::examples().join("host-node"))?;
    let python = python()?;
    let chromium = chromium()?;
    report::say(&format!("Python {}", paths::shown(&python)));
    report::say(&format!("Chromium {}", chromium.display()));
    Ok(())
}
