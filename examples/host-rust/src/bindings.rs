//! What wasmtime makes of the contract.

wasmtime::component::bindgen!({
    path: "../../wit",
    world: "engine",
    with: { "brooklet:streams/journal.log": crate::directory::Journal },
    imports: { default: trappable },
});
