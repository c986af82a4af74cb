//! `cargo xtask start`: the server and the tutorial side by side, until Ctrl-C.

use std::process::{Command, Stdio};
use std::thread::sleep;

use anyhow::{Result, ensure};
use clap::Args;

use crate::background::{Background, LOOK, is_free};
use crate::report::{Colour, paint, say, step};
use crate::{brooklet, build, interrupt, paths, process};

/// Where to listen.
#[derive(Args)]
pub struct Options {
    /// Port of the server that Redis clients connect to
    #[arg(long, default_value_t = 6379)]
    port: u16,
    /// Port of the tutorial
    #[arg(long, default_value_t = 8080)]
    http_port: u16,
}

/// Builds everything, then runs both until Ctrl-C or until one of them ends by itself.
pub fn run(options: &Options) -> Result<()> {
    ensure_free(options.port, "--port")?;
    ensure_free(options.http_port, "--http-port")?;
    build::all()?;
    interrupt::listen()?;

    let mut server = Background::start("brooklet serve", server(options.port))?;
    let mut site = Background::start("the tutorial's web server", site(options.http_port))?;
    server.wait_until_listening(options.port)?;
    site.wait_until_listening(options.http_port)?;
    announce(options);
    while !interrupt::requested() {
        server.expect_running()?;
        site.expect_running()?;
        sleep(LOOK);
    }
    say("");
    step("Stop both", || {
        site.stop()?;
        server.stop().map(drop)
    })
}

fn ensure_free(port: u16, option: &str) -> Result<()> {
    ensure!(is_free(port), "port {port} is taken: choose another with {option}");
    Ok(())
}

fn server(port: u16) -> Command {
    let mut server = brooklet::command();
    server.arg("serve").arg("--port").arg(port.to_string());
    server
}

fn site(port: u16) -> Command {
    let mut vite = process::command("node");
    vite.current_dir(paths::tutorial()).arg(paths::www().join("node_modules/vite/bin/vite.js"));
    vite.args(["preview", "--host", "127.0.0.1", "--strictPort", "--port", &port.to_string()]);
    vite.stdout(Stdio::null());
    vite
}

fn announce(options: &Options) {
    let bold = |text: &str| paint(Colour::Bold, text);
    let Options { port, http_port } = options;
    say("");
    say(&format!("  Redis clients  {}", bold(&format!("redis://127.0.0.1:{port}"))));
    say(&format!("  Tutorial       {}", bold(&format!("http://127.0.0.1:{http_port}/"))));
    say("");
    say("Ctrl-C stops both.");
}
