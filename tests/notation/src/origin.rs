//! Where a script's replies come from: its first line.

/// Who said what a script expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// `recorded from Redis 8.10.2`: the real server of this version.
    Recorded(String),
    /// `written by hand: why`: nobody but the author.
    Written(String),
}

const RECORDED: &str = "recorded from Redis ";
const WRITTEN: &str = "written by hand: ";

impl Origin {
    /// Reads a first line; `None` when it says nothing of this.
    pub(crate) fn parse(line: &str) -> Result<Option<Self>, String> {
        let told = |rest: &str, what: &str| match rest.trim() {
            "" => Err(format!("it is not said {what}")),
            rest => Ok(rest.to_owned()),
        };
        if let Some(version) = line.strip_prefix(RECORDED) {
            return told(version, "from which version").map(|it| Some(Self::Recorded(it)));
        }
        if let Some(why) = line.strip_prefix(WRITTEN) {
            return told(why, "why").map(|it| Some(Self::Written(it)));
        }
        Ok(None)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Recorded(version) => write!(out, "{RECORDED}{version}"),
            Self::Written(why) => write!(out, "{WRITTEN}{why}"),
        }
    }
}
