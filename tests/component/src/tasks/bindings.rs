//! What wasmtime makes of `wit/wasi-0.3`: the types are those of the other flavour.

#![allow(missing_docs)]

wasmtime::component::bindgen!({
    path: "../../wit/wasi-0.3",
    world: "engine",
    with: {
        "brooklet:streams/types": crate::bindings::brooklet::streams::types,
        "brooklet:streams/journal.log": crate::journals::OpenLog,
    },
    imports: { default: trappable },
    exports: { default: async | store },
    additional_derives: [PartialEq],
});
