//! What wit-bindgen makes of `wit/http`, or of `wit/http-0.3` for hosts that can wait.

#![allow(unsafe_code, missing_docs, clippy::pedantic)]

#[cfg(not(feature = "http-async"))]
wit_bindgen::generate!({
    path: ["wit", "wit/http"],
    world: "brooklet:http/rest",
    generate_all,
    std_feature,
});
#[cfg(feature = "http-async")]
wit_bindgen::generate!({
    path: ["wit", "wit/http-0.3"],
    world: "brooklet:http/rest",
    generate_all,
    std_feature,
});
