//! The oracle: a real Redis on a socket of its own, whose clocks are ours.

use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};

use notation::text::request;

use super::connection::Connection;
use crate::process;

/// The Redis whose behaviour the project follows.
pub const VERSION: &str = "8.10.2";

/// The oldest one that exports are for; any of its patches.
const OLDEST: &str = "7.0.";

/// How it is started. Payloads of DUMP are plain. jemalloc's threads would sleep by the wall clock,
/// which means that they would never sleep.
const SETTINGS: [&str; 14] = [
    "--port",
    "0",
    "--save",
    "",
    "--appendonly",
    "no",
    "--loglevel",
    "warning",
    "--enable-debug-command",
    "yes",
    "--rdbcompression",
    "no",
    "--jemalloc-bg-thread",
    "no",
];

/// How many this process has started: each has a directory of its own.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A running server; it ends with this value.
pub struct Oracle {
    path: PathBuf,
    /// What its version begins with.
    version: &'static str,
    server: Child,
    directory: PathBuf,
    clock: File,
    /// Microseconds of the monotonic clock.
    monotonic: i64,
    /// How many turns of its timer the server's periodic work takes: its `hz`.
    turns: u32,
    control: Option<Connection>,
}

impl Oracle {
    /// Starts the server at `path`, or at `REDIS_SERVER`.
    pub fn start(path: Option<&Path>) -> Result<Self> {
        ensure!(cfg!(target_os = "linux"), "the oracle's clock can be set on Linux only");
        let path =
            path.map(Path::to_owned).or_else(|| std::env::var_os("REDIS_SERVER").map(Into::into));
        let path = path.with_context(|| {
            format!("a Redis to compare with is needed: --server PATH or REDIS_SERVER, {VERSION}")
        })?;
        Self::start_version(path, VERSION)
    }

    /// Starts the oldest Redis that exports are for.
    pub fn start_oldest(path: PathBuf) -> Result<Self> {
        Self::start_version(path, OLDEST)
    }

    /// Whether it is the oldest that exports are for.
    pub fn is_oldest(&self) -> bool {
        self.version == OLDEST
    }

    fn start_version(path: PathBuf, version: &'static str) -> Result<Self> {
        let count = STARTED.fetch_add(1, Ordering::Relaxed);
        let name = format!("oracle-{}-{count}", std::process::id());
        let directory = crate::paths::scratch().join(name);
        fs::create_dir_all(&directory)?;
        let library = directory.join("clock.so");
        compile_clock(&library)?;
        let clock_file = directory.join("clock");
        fs::write(&clock_file, [0_u8; 16])?;
        let clock = OpenOptions::new().write(true).open(&clock_file)?;
        let server = spawn(&path, &directory, &[])?;
        let (monotonic, turns) = (0, 10);
        let control = None;
        let mut oracle =
            Self { path, version, server, directory, clock, monotonic, turns, control };
        oracle.prepare()?;
        Ok(oracle)
    }

    /// Kills the server and starts it again, with other settings; connections are gone.
    pub fn restart(&mut self, settings: &[String]) -> Result<()> {
        self.control = None;
        self.server.kill()?;
        self.server.wait()?;
        self.server = spawn(&self.path, &self.directory, settings)?;
        self.prepare()
    }

    /// Where the server's files may lie.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The program that runs.
    pub fn server_path(&self) -> &Path {
        &self.path
    }

    /// Waits until the server answers, and checks that it is the one that is asked for.
    fn prepare(&mut self) -> Result<()> {
        let begun = Instant::now();
        let mut control = loop {
            if let Ok(connection) = self.connect() {
                break connection;
            }
            let running = self.server.try_wait()?.is_none();
            if !running || begun.elapsed() > Duration::from_secs(10) {
                bail!("the oracle does not start:\n{}", self.log());
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let info = control.ask(&[b"INFO", b"server"])?;
        let version = format!("redis_version:{}", self.version);
        let found = info.windows(version.len()).any(|it| it == version.as_bytes());
        let said = String::from_utf8_lossy(&info);
        ensure!(found, "the oracle is no Redis {}:\n{said}", self.version);
        // Keys expire when they are looked at, so that it is known when.
        control.ask(&[b"DEBUG", b"SET-ACTIVE-EXPIRE", b"0"])?;
        self.control = Some(control);
        Ok(())
    }

    /// What the server says of itself: why it ended, if it has.
    pub fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    /// Has the server do all of its periodic work in one turn.
    pub fn hurry(&mut self) -> Result<()> {
        self.turns = 1;
        self.control(&[b"CONFIG", b"SET", b"hz", b"1", b"dynamic-hz", b"no"]).map(drop)
    }

    /// A new connection.
    pub fn connect(&self) -> Result<Connection> {
        Connection::new(UnixStream::connect(self.directory.join("socket"))?)
    }

    /// Runs a command on the connection that belongs to the tests, not to a client in them.
    pub fn control(&mut self, words: &[&[u8]]) -> Result<Vec<u8>> {
        self.control.as_mut().context("the oracle is prepared")?.ask(words)
    }

    /// Sets the server's clock, in milliseconds past 1970.
    pub fn set_clock(&mut self, millis: i64) -> Result<()> {
        Ok(self.clock.write_all_at(&(millis * 1000).to_ne_bytes(), 0)?)
    }

    /// Lets happen what is due: keys that expire when they are looked at, idempotent IDs that the
    /// server forgets once a second, and waits that end.
    pub fn settle(&mut self, databases: u32) -> Result<()> {
        for _ in 1..self.turns {
            self.turn()?;
            self.control(&[b"PING"])?;
        }
        self.turn()?;
        let mut requests = Vec::new();
        for db in 0..databases {
            requests.extend(request(&["SELECT", &db.to_string()]));
            requests.extend(request(&["SCAN", "0", "COUNT", "10000"]));
        }
        self.control_all(&requests, 2 * databases as usize)?;
        self.barrier()
    }

    /// Makes the server's timer ring.
    fn turn(&mut self) -> Result<()> {
        self.monotonic += 1_000_000;
        Ok(self.clock.write_all_at(&self.monotonic.to_ne_bytes(), 8)?)
    }

    /// Sends several commands at once on the control connection.
    fn control_all(&mut self, requests: &[u8], replies: usize) -> Result<Vec<u8>> {
        let control = self.control.as_mut().context("the oracle is prepared")?;
        control.send(requests)?;
        control.hear_values(replies)?;
        Ok(control.take().0)
    }

    /// Returns once the server has written everything that it had to say to anybody: what a turn
    /// of its event loop has produced is written before the next turn reads.
    pub fn barrier(&mut self) -> Result<()> {
        self.control(&[b"PING"])?;
        self.control(&[b"PING"]).map(drop)
    }

    /// Empties the server and sets settings, in as few steps as can be. Connections stay.
    pub fn clear(&mut self, clock: i64, settings: &[(&str, &str)]) -> Result<()> {
        self.set_clock(clock)?;
        let mut config = vec!["CONFIG", "SET", "notify-keyspace-events", ""];
        config.extend(settings.iter().flat_map(|(name, value)| [*name, *value]));
        let requests = [request(&["FLUSHALL", "ASYNC"]), request(&config)].concat();
        let replies = self.control_all(&requests, 2)?;
        let text = String::from_utf8_lossy(&replies);
        ensure!(text == "+OK\r\n+OK\r\n", "FLUSHALL, CONFIG SET: {text}");
        Ok(())
    }

    /// Empties the server, its statistics too. Connections stay.
    pub fn flush(&mut self, clock: i64, settings: &[(&str, &str)]) -> Result<()> {
        self.set_clock(clock)?;
        self.control(&[b"FLUSHALL"])?;
        let mut config: Vec<&[u8]> = vec![b"CONFIG", b"SET"];
        config
            .extend(settings.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
        let reply = self.control(&config)?;
        ensure!(reply == b"+OK\r\n", "CONFIG SET: {}", String::from_utf8_lossy(&reply));
        self.control(&[b"CONFIG", b"RESETSTAT"]).map(drop)
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Nothing is left to do about a failure here; the server holds no data.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn spawn(path: &Path, directory: &Path, settings: &[String]) -> Result<Child> {
    let mut command = Command::new(path);
    command.args(SETTINGS).arg("--unixsocket").arg(directory.join("socket"));
    command.arg("--dir").arg(directory).args(settings);
    command.env("LD_PRELOAD", directory.join("clock.so"));
    command.env("BROOKLET_ORACLE_CLOCK", directory.join("clock"));
    command.stdin(Stdio::null()).stdout(File::create(directory.join("log"))?);
    command.spawn().with_context(|| format!("cannot run {}", path.display()))
}

fn compile_clock(library: &Path) -> Result<()> {
    let mut rustc = process::command(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition", "2024", "--crate-type", "cdylib", "-O", "-C", "panic=abort", "-o"]);
    rustc.arg(library).arg("xtask/src/differential/clock_preload.rs");
    process::quiet(rustc)
}
