//! What wit-bindgen makes of `wit/`.

#![allow(unsafe_code, missing_docs, clippy::pedantic)]

wit_bindgen::generate!({
    path: "wit",
    world: "engine",
    std_feature,
    // No static in here is made by a constructor.
    disable_run_ctors_once_workaround: true,
});
