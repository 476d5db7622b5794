//! Judges arguments for the linker, which programs write for ELF linkers.
//!
//! Invariant: an argument is dropped only when it asks for what is the rule here (archives are searched in any order, no
//! symbol may be undefined), for something that only a dynamic ELF program has, or for colours, which would not survive
//! that wasm-ld's messages are escaped. All else reaches wasm-ld, which refuses what it does not know.

/// Flags of wasm-ld's ELF sibling without a value; what they ask for is either the rule here or means nothing.
const ELF_ONLY: &[&str] = &[
    "(",
    ")",
    "start-group",
    "end-group",
    "as-needed",
    "no-as-needed",
    "push-state",
    "pop-state",
    "add-needed",
    "no-add-needed",
    "copy-dt-needed-entries",
    "no-copy-dt-needed-entries",
    "enable-new-dtags",
    "disable-new-dtags",
    "eh-frame-hdr",
    "no-eh-frame-hdr",
    "Bsymbolic-functions",
    "no-undefined",
    "allow-shlib-undefined",
    "no-allow-shlib-undefined",
    "no-undefined-version",
    "undefined-version",
    "no-dynamic-linker",
    "no-ld-generated-unwind-info",
    "relax",
    "no-relax",
    "warn-common",
    "warn-once",
    "no-warn-mismatch",
    "no-warn-execstack",
    "no-warn-rwx-segments",
    "no-keep-memory",
    "reduce-memory-overheads",
    "sort-common",
    "discard-all",
    "discard-locals",
    "omagic",
    "nmagic",
    "no-omagic",
    "x",
    "X",
    "n",
    "N",
];

/// The same with a value, joined by `=` or in the next argument.
const ELF_ONLY_WITH_VALUE: &[&str] = &[
    "rpath",
    "rpath-link",
    "soname",
    "dynamic-linker",
    "hash-style",
    "version-script",
    "dynamic-list",
    "exclude-libs",
    "sort-common",
    "sort-section",
    "compress-debug-sections",
    "plugin",
    "plugin-opt",
    "icf",
    "audit",
    "depaudit",
    "orphan-handling",
];

/// One-letter ELF flags whose value is joined, or in the next argument.
const ELF_ONLY_LETTERS: &[&str] = &["R", "h", "I", "m"];

/// What becomes of an argument for the linker.
#[derive(Debug, PartialEq, Eq)]
pub enum LinkerFlag {
    Keep,
    Drop,
    DropWithValue,
    /// `-z`, whose value decides.
    Z,
    StripAll,
}

/// Judges an argument for the linker. An operand (a file, a value) is kept.
pub fn judge(flag: &str) -> LinkerFlag {
    let Some(name) = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-')) else {
        return LinkerFlag::Keep;
    };
    let base = name.split_once('=').map_or(name, |(base, _)| base);
    if name == "s" || name == "strip-all" {
        LinkerFlag::StripAll
    } else if name == "z" {
        LinkerFlag::Z
    } else if ELF_ONLY.contains(&name) {
        LinkerFlag::Drop
    } else if ELF_ONLY_WITH_VALUE.contains(&base) {
        // `--sort-common` alone was dropped above.
        if base == name { LinkerFlag::DropWithValue } else { LinkerFlag::Drop }
    } else if base == "color-diagnostics" {
        LinkerFlag::Drop
    } else if flag.starts_with("--") {
        LinkerFlag::Keep
    } else if ELF_ONLY_LETTERS.contains(&name) {
        LinkerFlag::DropWithValue
    } else if name.starts_with("melf") || name.starts_with("R/") || name.starts_with("hlib") {
        LinkerFlag::Drop
    } else if let Some(value) = name.strip_prefix('z') {
        if is_z_value(value) { LinkerFlag::Keep } else { LinkerFlag::Drop }
    } else {
        LinkerFlag::Keep
    }
}

/// Whether wasm-ld answers this flag and stops.
pub fn is_question(flag: &str) -> bool {
    let name = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-')).unwrap_or_default();
    matches!(name, "version" | "v" | "help" | "help-hidden")
}

/// Whether wasm-ld knows this value of `-z`; it refuses all others.
pub fn is_z_value(value: &str) -> bool {
    value.starts_with("stack-size=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements() {
        use LinkerFlag::{Drop, DropWithValue, Keep, StripAll, Z};
        let cases = [
            ("--export=foo", Keep),
            ("-Map=x.map", Keep),
            ("--gc-sections", Keep),
            ("--no-gc-sections", Keep),
            ("--whole-archive", Keep),
            ("file.o", Keep),
            ("(", Keep),
            ("-(", Drop),
            ("--start-group", Drop),
            ("-start-group", Drop),
            ("-rpath", DropWithValue),
            ("--rpath=/usr/lib", Drop),
            ("-rpath-link=/x", Drop),
            ("-soname", DropWithValue),
            ("--sort-common", Drop),
            ("--sort-common=descending", Drop),
            ("-z", Z),
            ("-zrelro", Drop),
            ("-zstack-size=65536", Keep),
            ("-s", StripAll),
            ("--strip-all", StripAll),
            ("--strip-debug", Keep),
            ("-m", DropWithValue),
            ("-melf_x86_64", Drop),
            ("-mllvm", Keep),
            ("-R/usr/lib", Drop),
            ("-h", DropWithValue),
            ("--hash-style=gnu", Drop),
            ("--color-diagnostics=always", Drop),
            ("-color-diagnostics", Drop),
        ];
        for (flag, want) in cases {
            assert_eq!(judge(flag), want, "{flag}");
        }
    }

    #[test]
    fn questions() {
        for flag in ["--version", "-version", "-v", "--help", "-help"] {
            assert!(is_question(flag), "{flag}");
        }
        for flag in ["version", "--verbose", "--export=help", "-", "--"] {
            assert!(!is_question(flag), "{flag}");
        }
    }
}
