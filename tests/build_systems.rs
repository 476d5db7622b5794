//! Build systems, with the sample in `openmp-samples/build`: each file of `tests/build_systems` is a shell script that builds it.
//!
//! A script runs in a copy of the sample, with this program and its links in the folder `../bin`, which is on PATH. It ends at the first
//! command that fails. `quietly COMMAND` shows what the command prints only if it fails. What the script prints is in the `.out` beside
//! it, which `BLESS=1` writes. A first line `# needs: PROGRAM...` says what it takes; without that the test is ignored.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::Command;
use support::{expect, files, root, scratch, stem, succeed};

/// What stands before each script.
const PRELUDE: &str = r#"quietly() { "$@" > "$log" 2>&1 || { cat "$log" >&2; exit 1; }; }
log="$PWD/../log"
export PATH="$PWD/../bin:$PATH"
"#;

fn main() {
    let arguments = Arguments::from_args();
    let scripts = files(&root().join("tests/build_systems"), "sh");
    let trials = scripts.into_iter().map(|script| {
        let is_ignored = !needs(&script).iter().all(|program| is_there(program));
        Trial::test(stem(&script), move || run(&script)).with_ignored_flag(is_ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// The programs that a script takes.
fn needs(script: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(script).unwrap_or_default();
    let programs = text.lines().next().and_then(|line| line.strip_prefix("# needs: ")).unwrap_or_default();
    programs.split_whitespace().map(str::to_owned).collect()
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn run(script: &Path) -> Result<(), Failed> {
    let dir = scratch(&format!("build-systems-{}", stem(script)));
    let (programs, project) = (dir.join("bin"), dir.join("project"));
    for folder in [&programs, &project] {
        std::fs::create_dir(folder)?;
    }
    std::fs::hard_link(env!("CARGO_BIN_EXE_omp2wasi"), programs.join("omp2wasi"))?;
    succeed(Command::new(programs.join("omp2wasi")).args(["toolchain", "--links"]).arg(&programs))?;
    for file in std::fs::read_dir(root().join("openmp-samples/build"))? {
        let file = file?;
        std::fs::copy(file.path(), project.join(file.file_name()))?;
    }
    let text = format!("{PRELUDE}{}", std::fs::read_to_string(script)?);
    // Nothing that the caller's build has said to its own programs.
    let variables = ["CC", "CFLAGS", "CPPFLAGS", "LDFLAGS", "AR", "RANLIB", "CONFIG_SITE", "MAKEFLAGS", "MAKELEVEL"];
    let mut shell = Command::new("sh");
    variables.iter().for_each(|name| {
        shell.env_remove(name);
    });
    let printed = succeed(shell.args(["-euc", &text]).current_dir(&project))?;
    expect(&script.with_extension("out"), &printed)
}
