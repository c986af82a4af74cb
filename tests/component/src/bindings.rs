//! What wasmtime makes of `wit/`.

#![allow(missing_docs)]

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "engine",
    with: { "brooklet:streams/journal.log": crate::journals::OpenLog },
    imports: { default: trappable },
    additional_derives: [PartialEq],
});
