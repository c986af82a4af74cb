//! Remembers from which inputs something was built, so that it is built only when they change.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::paths;

/// Folders that builds write into: an input only where a build names a file in them.
const OUTPUTS: [&str; 4] = ["node_modules", "dist", "build", "generated"];

/// A note of the inputs of one build.
pub struct Stamp {
    file: PathBuf,
    digest: String,
}

impl Stamp {
    /// Takes the digest of `inputs`, files and folders, for the build `name`.
    ///
    /// The note lies among the npm packages, beside what the build used and made, and not in
    /// Cargo's target directory, of which there may be several.
    pub fn of(name: &str, inputs: &[PathBuf]) -> Result<Self> {
        let mut hasher = DefaultHasher::new();
        for input in inputs {
            digest(input, &mut hasher)
                .with_context(|| format!("cannot read {}", paths::shown(input)))?;
        }
        let file = paths::www().join("node_modules/.cache/xtask").join(name);
        Ok(Self { file, digest: format!("{:016x}\n", hasher.finish()) })
    }

    /// Whether the last build had the same inputs and its `output` is still there.
    pub fn is_current(&self, output: &Path) -> bool {
        output.exists() && fs::read_to_string(&self.file).is_ok_and(|last| last == self.digest)
    }

    /// Notes that the build was done.
    pub fn write(&self) -> Result<()> {
        fs::create_dir_all(self.file.parent().expect("the file lies in a folder"))?;
        fs::write(&self.file, &self.digest)?;
        Ok(())
    }
}

fn digest(path: &Path, hasher: &mut DefaultHasher) -> Result<()> {
    path.hash(hasher);
    if !path.is_dir() {
        fs::read(path)?.hash(hasher);
        return Ok(());
    }
    let entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<_> = entries.into_iter().map(|entry| entry.file_name()).collect();
    names.retain(|name| !OUTPUTS.iter().any(|output| name == output));
    names.sort();
    for name in names {
        digest(&path.join(name), hasher)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::hash::{DefaultHasher, Hasher as _};
    use std::path::Path;

    fn digest(path: &Path) -> u64 {
        let mut hasher = DefaultHasher::new();
        super::digest(path, &mut hasher).unwrap();
        hasher.finish()
    }

    #[test]
    fn the_digest_follows_contents_and_names_but_not_outputs() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(folder.join("src")).unwrap();
        fs::write(folder.join("src/a.ts"), "1").unwrap();
        let first = digest(&folder);
        assert_eq!(digest(&folder), first);

        fs::create_dir_all(folder.join("dist")).unwrap();
        fs::write(folder.join("dist/a.js"), "1").unwrap();
        assert_eq!(digest(&folder), first, "what a build writes is not its input");

        fs::write(folder.join("src/a.ts"), "2").unwrap();
        let changed = digest(&folder);
        assert_ne!(changed, first);

        fs::rename(folder.join("src/a.ts"), folder.join("src/b.ts")).unwrap();
        assert_ne!(digest(&folder), changed);
        fs::remove_dir_all(&folder).unwrap();
    }
}
