//! What wit-bindgen makes of `wit/files`.

#![allow(unsafe_code, missing_docs, clippy::pedantic)]

wit_bindgen::generate!({
    path: ["wit", "wit/http", "wit/files"],
    world: "brooklet:files/files",
    generate_all,
    std_feature,
});
