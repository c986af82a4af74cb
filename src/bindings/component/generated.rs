//! What wit-bindgen makes of `wit/`, or of `wit/wasi-0.3` for hosts that can wait.

#![allow(unsafe_code, missing_docs, clippy::pedantic)]

#[cfg(not(feature = "component-async"))]
wit_bindgen::generate!({
    path: "wit",
    world: "engine",
    std_feature,
    // No static in here is made by a constructor.
    disable_run_ctors_once_workaround: true,
});
#[cfg(feature = "component-async")]
wit_bindgen::generate!({
    path: "wit/wasi-0.3",
    world: "engine",
    std_feature,
    // No static in here is made by a constructor.
    disable_run_ctors_once_workaround: true,
});
