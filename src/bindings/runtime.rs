//! What a module without `std` brings along: an allocator, and what happens in a panic.

#[global_allocator]
static ALLOCATOR: rlsf::GlobalTlsf<Allocator> = rlsf::GlobalTlsf::new();

struct Allocator;

impl rlsf::GlobalTlsfOptions for Allocator {
    /// What grows by moving doubles its size, and so moves rarely.
    const ENABLE_REALLOCATION: bool = false;
}

/// A panic is a defect: it traps, and the host must drop the instance. Telling the place of
/// every possible panic would be a sixteenth of the module.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
