//! What the task runner says: steps with their times, failures, colour where the terminal allows.
//!
//! All of it goes to standard error, so that `cargo xtask cli -- …` can be piped.

use std::io::{IsTerminal, Write as _};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Runs one step, naming it before and telling how long it took after.
///
/// The step must not print: what it runs goes through `process::quiet`, whose failure carries the
/// output.
pub fn step<T>(what: &str, run: impl FnOnce() -> Result<T>) -> Result<T> {
    let mut screen = std::io::stderr();
    let _ = write!(screen, "{} {what} … ", paint(Colour::Cyan, "▸"));
    let _ = screen.flush();
    let begun = Instant::now();
    let result = run();
    let took = seconds(begun.elapsed());
    match result {
        Ok(_) => eprintln!("{took}"),
        Err(_) => eprintln!("{}", paint(Colour::Red, &format!("failed after {took}"))),
    }
    result
}

/// Says one line.
pub fn say(line: &str) {
    eprintln!("{line}");
}

/// Says why the whole run failed.
pub fn failure(error: &anyhow::Error) {
    eprintln!("{} {error:#}", paint(Colour::Red, "error:"));
}

/// A duration as people read it: `0.3 s`, `74.0 s`.
pub fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// The colours in use.
#[derive(Clone, Copy)]
pub enum Colour {
    Red,
    Green,
    Cyan,
    Bold,
}

/// Wraps `text` in `colour`, or returns it as it is where colour is not wanted.
pub fn paint(colour: Colour, text: &str) -> String {
    let code = match colour {
        Colour::Red => "31",
        Colour::Green => "32",
        Colour::Cyan => "36",
        Colour::Bold => "1",
    };
    if coloured() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Colour is for terminals, unless `NO_COLOR` or `CLICOLOR_FORCE` says otherwise.
pub fn coloured() -> bool {
    static COLOURED: OnceLock<bool> = OnceLock::new();
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    *COLOURED.get_or_init(|| {
        !set("NO_COLOR") && (set("CLICOLOR_FORCE") || std::io::stderr().is_terminal())
    })
}
