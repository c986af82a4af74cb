//! What wit-bindgen makes of `wit/`.

#![allow(unsafe_code, missing_docs, clippy::pedantic)]

wit_bindgen::generate!({
    path: "wit",
    world: "engine",
    std_feature,
});
