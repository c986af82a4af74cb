//! A real Redis, measured by its own account: `INFO commandstats` counts what a command takes once
//! it is parsed and before its reply is sent.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use super::contender::{Contender, Memory};
use super::pipeline::Pipeline;
use super::workload::{Sample, Stage};
use crate::background::Background;
use crate::{paths, process};

/// An entry of one field is three bulk strings of a reply: ID, field, value.
const BULKS_OF_AN_ENTRY: u64 = 3;

/// A running server; it ends with this value.
pub struct Redis {
    /// Where it listens.
    pub port: u16,
    /// What it says it is.
    pub version: String,
    /// The program that drives it over the network, where it lies beside the server.
    pub benchmark: Option<PathBuf>,
    _server: Background,
}

impl Redis {
    /// Starts the server at `path`, without persistence.
    pub fn start(path: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = process::command(path);
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
        command.args(["--appendonly", "no", "--loglevel", "warning"]).stdout(Stdio::null());
        std::fs::create_dir_all(paths::scratch())?;
        command.arg("--dir").arg(paths::scratch());
        let mut server = Background::start("the Redis to measure beside", command)?;
        server.wait_until_listening(port)?;
        let info = Pipeline::connect(port)?.info("server")?;
        let version = field(&info, "redis_version").context("a server that is no Redis")?;
        let benchmark = path.with_file_name("redis-benchmark");
        let benchmark = benchmark.is_file().then_some(benchmark);
        Ok(Self { port, version: version.to_owned(), benchmark, _server: server })
    }
}

/// A port of this machine that nothing listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Redis as a contender.
pub struct ServerSide {
    pipeline: Pipeline,
    stage: Option<Stage>,
}

impl ServerSide {
    /// A contender of its own connection.
    pub fn new(redis: &Redis) -> Result<Self> {
        Ok(Self { pipeline: Pipeline::connect(redis.port)?, stage: None })
    }

    fn used_memory(&mut self) -> Result<f64> {
        let info = self.pipeline.info("memory")?;
        Ok(field(&info, "used_memory").context("no used_memory in INFO")?.parse()?)
    }
}

impl Contender for ServerSide {
    fn fill(&mut self, stage: Stage) -> Result<Memory> {
        self.pipeline.ask("FLUSHALL SYNC")?;
        let empty = self.used_memory()?;
        self.pipeline.run(stage.filling())?;
        let filled = self.used_memory()?;
        self.pipeline.run(stage.delivery())?;
        let pending = self.used_memory()? - filled;
        self.stage = Some(stage);
        let each = |bytes: f64, count: u64| bytes / count.max(1) as f64;
        Ok(Memory {
            entry: each(filled - empty, stage.entries),
            pending: each(pending, stage.pending),
        })
    }

    fn sample(&mut self, sample: Sample) -> Result<f64> {
        let stage = self.stage.context("a stage before its samples")?;
        self.pipeline.run(sample.preparation(stage))?;
        self.pipeline.ask("CONFIG RESETSTAT")?;
        let bulks = self.pipeline.run(sample.commands(stage))?;
        let least = sample.times * sample.workload.entries() * BULKS_OF_AN_ENTRY;
        ensure!(bulks >= least, "replies miss entries: {bulks} bulk strings of {least}");
        let micros = stream_micros(&self.pipeline.info("commandstats")?);
        Ok(micros * 1000.0 / sample.times as f64)
    }
}

fn field<'i>(info: &'i str, name: &str) -> Option<&'i str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}

/// The time of all commands on streams, their names being the only ones that begin with an X.
fn stream_micros(info: &str) -> f64 {
    let lines = info.lines().filter(|line| line.starts_with("cmdstat_x"));
    let micros = lines.filter_map(|line| line.split(',').find_map(|it| it.strip_prefix("usec=")));
    micros.filter_map(|micros| micros.parse::<f64>().ok()).sum()
}

#[cfg(test)]
mod tests {
    use super::{field, stream_micros};

    #[test]
    fn only_commands_on_streams_count() {
        let info = "# Commandstats\r\n\
                    cmdstat_xack:calls=2,usec=10,usec_per_call=5.00,rejected_calls=0\r\n\
                    cmdstat_info:calls=1,usec=900,usec_per_call=900.00\r\n\
                    cmdstat_xreadgroup:calls=2,usec=30,usec_per_call=15.00\r\n";
        assert!((stream_micros(info) - 40.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_field_is_found_by_its_whole_name() {
        let info = "used_memory_rss:9\r\nused_memory:7\r\n";
        assert_eq!(field(info, "used_memory"), Some("7"));
        assert_eq!(field(info, "used"), None);
    }
}
