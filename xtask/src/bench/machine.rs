//! When and on what the figures were taken.

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::process;

/// Node looks, because it knows every system.
const SCRIPT: &str = r"
const os = require('node:os');
console.log(JSON.stringify({
  date: new Date().toISOString().slice(0, 10),
  processor: os.cpus()[0]?.model.trim() ?? os.arch(),
  cores: os.cpus().length,
  memory: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.machine()}`,
  load: os.loadavg()[0],
  node: process.version,
}));
";

/// The machine and the versions of what runs on it.
pub struct Machine {
    facts: Value,
    rust: String,
    redis: Option<String>,
}

impl Machine {
    /// Looks around.
    pub fn look(redis: Option<&str>) -> Result<Self> {
        let mut node = process::command("node");
        node.args(["-e", SCRIPT]);
        let facts = serde_json::from_str(&process::output(node)?).context("node told no facts")?;
        let mut rustc = process::command("rustc");
        rustc.arg("--version");
        let rust = process::probe(rustc).unwrap_or_default();
        let rust = rust.split(' ').nth(1).unwrap_or("unknown").to_owned();
        Ok(Self { facts, rust, redis: redis.map(str::to_owned) })
    }

    /// One paragraph.
    pub fn text(&self) -> String {
        let text = |name: &str| match &self.facts[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let redis = match &self.redis {
            Some(version) => format!("Redis {version}"),
            None => "no Redis to measure beside (`--server` or `REDIS_SERVER` names one)".into(),
        };
        let load = self.facts["load"].as_f64().unwrap_or(0.0);
        let cores = self.facts["cores"].as_f64().unwrap_or(1.0);
        let busy = if load > cores / 2.0 { ": a busy machine, compare ratios only" } else { "" };
        format!(
            "{}. {} ({} cores, {} GiB, {}), rustc {}, Node {}, {redis}. Load when it began: \
             {load:.1}{busy}.",
            text("date"),
            text("processor"),
            text("cores"),
            text("memory"),
            text("system"),
            self.rust,
            text("node"),
        )
    }
}
