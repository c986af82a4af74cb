//! What wasmtime makes of the part of the contract that WASI does not know: the journal.

wasmtime::component::bindgen!({
    path: "../../wit",
    inline: "
        package host:http;
        world ground { import brooklet:streams/journal@0.1.0; }
    ",
    world: "host:http/ground",
    with: { "brooklet:streams/journal.log": crate::log::OpenLog },
    imports: { default: trappable },
});
