//! Makes wasm-bindgen's glue, which knows one instance a realm, a function that makes glue for one.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// What is kept of the glue ends here: behind it are ways to load a module, and the package has its
/// own.
const LOADING: &str = "async function __wbg_load(";
/// The same in the types.
const LOADING_TYPES: &str = "export type InitInput";

/// The module's frame: everything that the glue remembers is the function's own.
const HEAD: &str = "/** Glue for one instance, which can be dropped when it has failed. */
export function makeGlue() {
";
/// Objects that are collected after the instance was forgotten have nothing to free.
const FOOT: &str = "return {
    Engine,
    imports: __wbg_get_imports,
    start: __wbg_finalize_init,
    forget() {
        wasm = undefined;
    },
};
}
";
const FINALIZER: &str = "(ptr => wasm.";
const SAFE_FINALIZER: &str = "(ptr => wasm?.";

/// Not every user's TypeScript knows of it.
const DISPOSAL: &str = "    [Symbol.dispose](): void;\n";

const TYPES: &str = "/** Glue for one instance, which can be dropped when it has failed. */
export declare function makeGlue(): {
    Engine: typeof Engine;
    /** What the module imports. */
    imports(): WebAssembly.Imports;
    /** Makes the classes those of this instance. */
    start(instance: WebAssembly.Instance): { readonly memory: WebAssembly.Memory };
    /** Lets go of the instance: it is not entered any more. */
    forget(): void;
};
export {};
";

/// Rewrites `core.js` and `core.d.ts` of a folder.
pub fn frame(folder: &Path) -> Result<()> {
    for (name, rewrite) in [("core.js", script as fn(&str) -> Result<String>), ("core.d.ts", types)]
    {
        let file = folder.join(name);
        let text = fs::read_to_string(&file)?;
        fs::write(&file, rewrite(&text).with_context(|| format!("{name} is not as expected"))?)?;
    }
    Ok(())
}

fn script(glue: &str) -> Result<String> {
    let (kept, _) = glue.split_once(LOADING).context("it does not load modules")?;
    let (_, kept) = kept.split_once("*/\n").context("it has no head")?;
    let kept = kept.replace("\nexport class ", "\nclass ").replace(FINALIZER, SAFE_FINALIZER);
    anyhow::ensure!(!kept.contains("\nexport "), "it exports something else");
    Ok([HEAD, &kept, FOOT].concat())
}

fn types(glue: &str) -> Result<String> {
    let (kept, _) = glue.split_once(LOADING_TYPES).context("it does not load modules")?;
    let kept = kept.replace("\nexport class ", "\ndeclare class ").replace(DISPOSAL, "");
    Ok([&kept, TYPES].concat())
}

#[cfg(test)]
mod tests {
    const GLUE: &str = "/* types */

/** One. */
export class Engine {}

const EngineFinalization = new FinalizationRegistry(ptr => wasm.free(ptr, 1));
let wasm;
async function __wbg_load(module) {}
export { initSync, __wbg_init as default };
";

    #[test]
    fn everything_is_inside_of_one_function() {
        let made = super::script(GLUE).unwrap();
        assert_eq!(made.matches("export ").count(), 1);
        assert!(made.contains("\nclass Engine {}"), "{made}");
        assert!(made.contains("ptr => wasm?.free(ptr, 1)"), "{made}");
        assert!(!made.contains("__wbg_load"), "{made}");
    }

    #[test]
    fn glue_of_another_kind_is_refused() {
        assert!(super::script("export class Engine {}").is_err());
        assert!(super::script(&GLUE.replace("let wasm", "\nexport let wasm")).is_err());
    }
}
