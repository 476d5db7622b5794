//! Warns of directives of which clang makes something else than OpenMP says, without a word of its own.
//!
//! The object does not show them, so clang is asked to print the source as it has understood it, where each directive is a line: macros,
//! comments and code that is not compiled do not deceive. That takes as long as reading the source once more; hence it is done for sources with
//! the words of such a directive only. (One that is in a header alone is missed.)
//!
//! Invariant: a compilation has the same outcome with and without this.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::time::Duration;

use super::exec::Program;

/// A kind of directive that clang misreads.
struct Misreading {
    /// Words that a source with such a directive has.
    words: &'static [&'static str],
    /// Whether a directive, as clang prints it behind `#pragma omp`, is one.
    is: fn(&str) -> bool,
    /// The last version of clang that does.
    last: u32,
    what: &'static str,
}

/// What docs/openmp.md says of clang's limits, as far as it can be seen in the source.
const MISREADINGS: &[Misreading] = &[
    Misreading {
        words: &["target", "update", "["],
        is: |directive| directive.starts_with("target update") && has_stride(directive),
        last: 22,
        what: "does not pass the stride on rightly, and a device updates other elements: update all, or one after the other \
               (llvm-project#144635, #156889)",
    },
    Misreading {
        words: &["lastprivate", "conditional"],
        is: |directive| directive.contains("lastprivate(conditional:"),
        last: 21,
        what: "does not see assignments in C, and the variable has any value afterwards: use a reduction of the number of the \
               iteration (llvm-project#156004)",
    },
    Misreading {
        words: &["ordered", "simd"],
        is: |directive| directive.starts_with("ordered") && directive.ends_with("simd"),
        last: 20,
        what: "vectorizes the region all the same: leave `simd` out of the loop's directive (llvm-project#95611)",
    },
    Misreading {
        words: &["masked", "taskloop"],
        is: |directive| directive.starts_with("masked taskloop"),
        last: 19,
        what: "compiles nothing of it, not even the loop: write `masked` and `taskloop` one after the other \
               (llvm-project#121914)",
    },
    Misreading {
        words: &["masked", "taskloop"],
        is: |directive| directive.starts_with("parallel masked taskloop"),
        last: 22,
        what: "compiles nothing of it, not even the loop, or, since version 20, takes shared variables for private ones: \
               write `parallel masked` and `taskloop` one after the other (llvm-project#121741)",
    },
    Misreading {
        words: &["taskloop", "strict"],
        is: |directive| directive.contains("taskloop") && directive.contains("(strict:"),
        last: 19,
        what: "ignores `strict`, and the tasks have other sizes: let the program divide the loop (llvm-project#117196)",
    },
    Misreading {
        words: &["inscan"],
        is: |directive| directive.starts_with("for") && directive.contains("reduction(inscan"),
        last: u32::MAX,
        what: "gives each thread a buffer of its own, and the sums are wrong: combine it with its `parallel` \
               (llvm-project#87466)",
    },
];

/// Whether `source` may have something that this version of clang misreads.
pub fn is_suspect(source: &[u8], version: u32) -> bool {
    let has = |word: &&str| source.windows(word.len()).any(|window| window == word.as_bytes());
    MISREADINGS.iter().any(|kind| version <= kind.last && kind.words.iter().all(has))
}

/// What to say of the directives that clang has read as `program`, which compiles a source, says; nothing if it does not answer.
pub fn warnings(mut program: Program, version: u32) -> BTreeSet<String> {
    program.args = without_outputs(program.args);
    program.args(["-w", "-fsyntax-only", "-Xclang", "-ast-print"]);
    // As long as compilers take for the largest sources.
    let Ok(answer) = program.ask(Duration::from_secs(60)) else { return BTreeSet::new() };
    let directives = answer.stdout.lines().filter_map(|line| line.trim_start().strip_prefix("#pragma omp "));
    directives.flat_map(|directive| misreadings(directive.trim_end(), version)).collect()
}

fn misreadings(directive: &str, version: u32) -> impl Iterator<Item = String> {
    let kinds = MISREADINGS.iter().filter(move |kind| version <= kind.last && (kind.is)(directive));
    kinds.map(move |kind| format!("`#pragma omp {directive}`: clang {version} {}", kind.what))
}

/// The arguments without those that make clang write files beside its output, which are there already.
fn without_outputs(args: Vec<OsString>) -> Vec<OsString> {
    let mut kept = Vec::with_capacity(args.len());
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        if matches!(&*text, "-MF" | "-MT" | "-MQ" | "-MJ" | "-serialize-diagnostics" | "--serialize-diagnostics") {
            args.next();
        } else if !["-M", "-Wp,-M", "-save-temps", "--save-temps", "-ftime-trace"].iter().any(|p| text.starts_with(p)) {
            kept.push(arg);
        }
    }
    kept
}

/// Whether a section has a stride other than 1: a second colon in brackets, that is not in other brackets or of a conditional expression.
fn has_stride(directive: &str) -> bool {
    // For each bracket that is open, whether it is a square one, and where the operands after colons of sections start.
    let mut open: Vec<(bool, usize, Vec<usize>)> = Vec::new();
    for (at, letter) in directive.char_indices() {
        match letter {
            '[' | '(' => open.push((letter == '[', 0, Vec::new())),
            '?' => open.iter_mut().last().into_iter().for_each(|(_, conditionals, _)| *conditionals += 1),
            ':' => match open.last_mut() {
                Some((_, conditionals @ 1.., _)) => *conditionals -= 1,
                Some((true, _, colons)) => colons.push(at + 1),
                _ => {}
            },
            ']' | ')' => {
                if let Some((true, _, colons)) = open.pop()
                    && let Some(stride) = colons.get(1)
                    && directive[*stride..at].trim() != "1"
                {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strides() {
        for strided in ["v[1:50:3]", "v[:n:k]", "g[2:5:3][0:50]", "g[0:4][a[1]:b(c[0:1]):2]", "v[a ? 1 : 2:3:4]"] {
            assert!(has_stride(&format!("target update from({strided})")), "{strided}");
        }
        for plain in ["v", "v[1]", "v[1:50]", "v[1:50:1]", "g[1:2][3:4]", "v[a ? 1 : 2:3]", "v[0:n] device(a ? b : c)"]
        {
            assert!(!has_stride(&format!("target update from({plain})")), "{plain}");
        }
    }

    #[test]
    fn which_versions() {
        let count = |directive: &str, version| misreadings(directive, version).count();
        assert_eq!(count("parallel for lastprivate(conditional: x)", 19), 1);
        assert_eq!(count("parallel for lastprivate(conditional: x)", 22), 0);
        assert_eq!(count("parallel for lastprivate(x)", 19), 0);
        assert_eq!(count("parallel masked taskloop simd", 19), 1);
        assert_eq!(count("parallel masked taskloop", 22), 1);
        assert_eq!(count("masked taskloop", 20), 0);
        assert_eq!(count("parallel masked", 19), 0);
        assert_eq!(count("taskloop grainsize(strict: 3)", 19), 1);
        assert_eq!(count("taskloop grainsize(3)", 19), 0);
        assert_eq!(count("ordered simd", 20), 1);
        assert_eq!(count("ordered threads", 19), 0);
        assert_eq!(count("parallel for simd ordered", 19), 0);
        assert_eq!(count("for reduction(inscan, +: s)", 22), 1);
        assert_eq!(count("parallel for reduction(inscan, +: s)", 19), 0);
        assert!(is_suspect(b"#pragma omp parallel for lastprivate(conditional: x)", 19));
        assert!(!is_suspect(b"#pragma omp parallel for lastprivate(conditional: x)", 22));
        assert!(!is_suspect(b"#pragma omp parallel for lastprivate(x)", 19));
    }

    #[test]
    fn no_file_is_written_twice() {
        let args = ["-O2", "-MD", "-MF", "x.d", "-MT", "x.o", "-Wp,-MMD,y.d", "-D", "M", "-fopenmp", "-save-temps=obj"];
        let kept = without_outputs(args.map(OsString::from).to_vec());
        assert_eq!(kept, ["-O2", "-D", "M", "-fopenmp"]);
    }
}
