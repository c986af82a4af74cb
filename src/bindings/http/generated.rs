//! What wit-bindgen makes of `wit/http`.

#![allow(unsafe_code, missing_docs, clippy::pedantic)]

wit_bindgen::generate!({
    path: ["wit", "wit/http"],
    world: "brooklet:http/rest",
    generate_all,
    std_feature,
});
