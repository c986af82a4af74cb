//! The same program over the network: redis-benchmark against Redis and `brooklet serve`.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result};

use super::Options;
use super::contender::Hall;
use super::pipeline::Pipeline;
use super::redis::free_port;
use super::samples::{Samples, Verdicts, digits};
use super::table::Table;
use super::workload::Stage;
use crate::background::Background;
use crate::report::step;
use crate::{brooklet, interrupt, process};

/// A command, and how many of it are sent alone and 64 at a time.
struct Row {
    command: &'static str,
    alone: u64,
    piped: u64,
}

const VALUE: &str = "0123456789abcdef";

const ROWS: [Row; 5] = [
    Row { command: "XADD a * f VALUE", alone: 4_000, piped: 40_000 },
    Row {
        command: "XADD b * f0 VALUE f1 VALUE f2 VALUE f3 VALUE f4 VALUE",
        alone: 4_000,
        piped: 40_000,
    },
    Row { command: "XREADGROUP GROUP r c COUNT 1 STREAMS s >", alone: 4_000, piped: 20_000 },
    Row { command: "XRANGE s - + COUNT 100", alone: 2_000, piped: 6_400 },
    Row { command: "XAUTOCLAIM s g d 0 0-0 COUNT 100", alone: 2_000, piped: 6_400 },
];

const DEPTHS: [u64; 2] = [1, 64];
const ROUNDS: usize = 3;

/// One connection to each server, both depths, in turns.
pub fn section(hall: &Hall, options: &Options, _: &mut Verdicts) -> Result<Option<String>> {
    if !options.wants("loopback") {
        return Ok(None);
    }
    let title = "### Over loopback, µs a command";
    let Some((redis, benchmark)) =
        hall.redis.as_ref().and_then(|redis| Some((redis, redis.benchmark.as_ref()?)))
    else {
        return Ok(Some(format!("{title}\n\nNot measured: no redis-benchmark beside a Redis.")));
    };
    let samples = step("Measure over loopback", || {
        let (_server, port) = serve()?;
        measure(benchmark, [redis.port, port])
    })?;
    let note = format!(
        "redis-benchmark with one connection, one command at a time (-P 1) and 64 (-P 64): the \
         median of {ROUNDS} rounds, the network and redis-benchmark itself included."
    );
    Ok(Some(format!("{title}\n\n{note}\n\n{}", table(&samples))))
}

/// `brooklet serve`, ready.
fn serve() -> Result<(Background, u16)> {
    let port = free_port()?;
    let mut command = brooklet::command();
    command.arg("serve").arg("--port").arg(port.to_string()).stdout(Stdio::null());
    let mut server = Background::start("brooklet serve", command)?;
    server.wait_until_listening(port)?;
    Ok((server, port))
}

/// Microseconds, by row, then by depth, then by server.
type Figures = Vec<[[Samples; 2]; 2]>;

fn measure(benchmark: &Path, ports: [u16; 2]) -> Result<Figures> {
    for port in ports {
        let mut pipeline = Pipeline::connect(port)?;
        pipeline.ask("FLUSHALL SYNC")?;
        pipeline.run(Stage::COMMANDS.filling().chain(Stage::COMMANDS.delivery()))?;
    }
    let mut figures: Figures = ROWS.iter().map(|_| Default::default()).collect();
    for _ in 0..ROUNDS {
        for (row, figures) in ROWS.iter().zip(&mut figures) {
            for (depth, figures) in DEPTHS.into_iter().zip(figures) {
                for (port, samples) in ports.into_iter().zip(figures) {
                    interrupt::check()?;
                    renew_readers(port)?;
                    samples.push(row.micros(benchmark, port, depth)?);
                }
            }
        }
    }
    Ok(figures)
}

/// Lets the group of XREADGROUP begin anew, so that there is always something to read.
fn renew_readers(port: u16) -> Result<()> {
    let mut pipeline = Pipeline::connect(port)?;
    pipeline.ask("XGROUP DESTROY s r")?;
    pipeline.ask("XGROUP CREATE s r 0").map(drop)
}

impl Row {
    fn micros(&self, benchmark: &Path, port: u16, depth: u64) -> Result<f64> {
        let count = if depth == 1 { self.alone } else { self.piped };
        let mut command = process::command(benchmark);
        command.args(["-p", &port.to_string(), "-c", "1", "-P", &depth.to_string(), "--csv"]);
        command.args(["-n", &count.to_string()]);
        command
            .args(self.command.split(' ').map(|word| if word == "VALUE" { VALUE } else { word }));
        let output = process::output(command)?;
        let rate = rate(&output).with_context(|| format!("redis-benchmark said {output:?}"))?;
        Ok(1_000_000.0 / rate)
    }
}

/// The requests a second in redis-benchmark's CSV: the cell after the command's name.
fn rate(csv: &str) -> Option<f64> {
    let line = csv.lines().rfind(|line| !line.is_empty())?;
    line.split("\",\"").nth(1)?.parse().ok()
}

fn table(figures: &Figures) -> String {
    let mut headings = vec![String::new()];
    for depth in DEPTHS {
        let servers = ["Redis", "brooklet serve", "×"];
        headings.extend(servers.map(|server| format!("{server}, -P {depth}")));
    }
    let mut table = Table::new(headings);
    for (row, figures) in ROWS.iter().zip(figures) {
        let mut cells = vec![row.command.replace(VALUE, "VALUE")];
        for [redis, brooklet] in figures {
            let medians = [redis.median(), brooklet.median()];
            cells.extend(medians.map(digits));
            cells.push(digits(medians[1] / medians[0]));
        }
        table.push(cells);
    }
    table.text()
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn the_rate_stands_after_the_name() {
        let csv = "\"test\",\"rps\",\"avg_latency_ms\"\n\"XADD s * f v\",\"17500.50\",\"0.057\"\n";
        assert_eq!(rate(csv), Some(17500.5));
        assert_eq!(rate("Could not connect"), None);
    }
}
