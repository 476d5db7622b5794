//! docs/openmp.md cannot lie. It is printed from docs/openmp.rows (`BLESS=1` prints it again), and each row is held to what there is:
//!
//! - what is said to be supported names a sample, and the sample has that construct in a directive, or calls that routine;
//! - a routine that is said to be supported is defined in the runtime library, and one that is not said to be is not;
//! - the library defines nothing that neither a row nor the table of entry points in docs/abi.md has (which tests/shim.rs keeps);
//! - what is said to be `not yet` is in no sample. `BLESS=1` makes it `yes`, by the samples that have it, and takes entry points away that are
//!   there.
//!
//! The file is made of lines. `= KIND: TITLE` begins a section, whose kind is one of those of [`Kind`]; `> TEXT` is text of the page; a line
//! that begins with `#` is a remark; all others are rows:
//!
//! ```text
//! VERSION | NAME | STATUS | SAMPLES | REMARK
//! ```
//!
//! The name of a clause is `DIRECTIVE: CLAUSE`, with `…` for what may be anything. The status is `yes`, `partly` (the remark says what), `no` (why) or `not yet`. Samples are
//! names of files in openmp-samples/constructs, or of others by their path. Several samples have commas between them, and several routines or
//! variables: then each has to be in one of the samples, and each sample has to have one of them.

mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{files, omp2wasi, root, scratch, stem, succeed};

const VERSIONS: [&str; 7] = ["3.1", "4.0", "4.5", "5.0", "5.1", "5.2", "6.0"];

/// What the rows of a section are about.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Directives, and their clauses.
    Constructs,
    /// Functions that programs call.
    Routines,
    Variables,
    /// Functions that clang calls, and that are not there.
    Missing,
    /// No rows.
    Text,
}

#[derive(Clone, Copy, PartialEq)]
enum Status {
    Yes,
    Partly,
    No,
    NotYet,
}

struct Row {
    line: usize,
    kind: Kind,
    version: String,
    /// More than one of routines and variables.
    names: Vec<String>,
    status: Status,
    samples: Vec<String>,
    remark: String,
}

/// A line of the page, or a row of one of its tables.
enum Part {
    Title(String),
    Text(String),
    Row(Row),
}

fn main() {
    let arguments = Arguments::from_args();
    if std::env::var_os("BLESS").is_some() {
        // Before the page is printed from it.
        bless().unwrap_or_else(|failed| panic!("{}", failed.message().unwrap_or_default()));
    }
    let trials = vec![
        Trial::test("page", page),
        Trial::test("samples_have_what_they_are_named_for", samples),
        Trial::test("what_is_not_yet", not_yet),
        Trial::test("routines_and_entry_points", symbols),
    ];
    libtest_mimic::run(&arguments, trials).exit();
}

fn read() -> Result<Vec<Part>, Failed> {
    let text = std::fs::read_to_string(root().join("docs/openmp.rows"))?;
    let mut parts = Vec::new();
    let mut kind = Kind::Text;
    let mut seen = BTreeSet::new();
    for (line, number) in text.lines().zip(1..) {
        if let Some(title) = line.strip_prefix("= ") {
            let (name, title) = title.split_once(": ").ok_or_else(|| format!("line {number}: no kind"))?;
            kind = match name {
                "constructs" => Kind::Constructs,
                "routines" => Kind::Routines,
                "variables" => Kind::Variables,
                "missing" => Kind::Missing,
                "text" => Kind::Text,
                _ => return Err(format!("line {number}: there is no kind `{name}`").into()),
            };
            parts.push(Part::Title(title.to_owned()));
        } else if let Some(text) = line.strip_prefix('>') {
            parts.push(Part::Text(text.trim().to_owned()));
        } else if !line.starts_with('#') && !line.trim().is_empty() {
            let row = row(line, number, kind).map_err(|what| format!("docs/openmp.rows, line {number}: {what}"))?;
            if let Some(name) = row.names.iter().find(|name| !seen.insert((*name).clone())) {
                return Err(format!("docs/openmp.rows, line {number}: `{name}` stands there before").into());
            }
            parts.push(Part::Row(row));
        }
    }
    Ok(parts)
}

fn row(line: &str, number: usize, kind: Kind) -> Result<Row, String> {
    let columns: Vec<_> = line.split(" |").map(str::trim).collect();
    let [version, names, status, samples, remark] = columns[..] else { return Err("not five columns".to_owned()) };
    let status = match status {
        "yes" => Status::Yes,
        "partly" => Status::Partly,
        "no" => Status::No,
        "not yet" => Status::NotYet,
        _ => return Err(format!("there is no status `{status}`")),
    };
    let samples: Vec<_> = samples.split(", ").filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let is_there = matches!(status, Status::Yes | Status::Partly);
    if kind == Kind::Text || !(VERSIONS.contains(&version) || version == "-") {
        return Err("no row is expected here, or of this version".to_owned());
    }
    if is_there == samples.is_empty() {
        return Err("a sample has to show what is supported, and nothing else".to_owned());
    }
    if matches!(status, Status::Partly | Status::No) && remark.is_empty() {
        return Err("the remark has to say what is not supported".to_owned());
    }
    // The arguments of a clause have commas, too.
    let names: Vec<_> = match kind {
        Kind::Constructs => vec![names.to_owned()],
        _ => names.split(", ").map(str::to_owned).collect(),
    };
    Ok(Row { line: number, kind, version: version.to_owned(), names, status, samples, remark: remark.to_owned() })
}

fn rows() -> Result<Vec<Row>, Failed> {
    let rows = read()?.into_iter().filter_map(|part| match part {
        Part::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows.collect())
}

fn page() -> Result<(), Failed> {
    let mut page = String::new();
    let mut in_table = false;
    for part in read()? {
        match part {
            Part::Title(title) => {
                let depth = if page.is_empty() { "#" } else { "##" };
                let space = if page.is_empty() { "" } else { "\n" };
                write!(page, "{space}{depth} {title}\n\n")?;
                in_table = false;
            }
            Part::Text(text) if text == "COUNTS" => page += &counts()?,
            Part::Text(text) => writeln!(page, "{text}")?,
            Part::Row(row) => {
                if !in_table {
                    if !page.ends_with("\n\n") {
                        page.push('\n');
                    }
                    page += "| since | | supported | sample, remark |\n|---|---|---|---|\n";
                    in_table = true;
                }
                page += &printed(&row);
            }
        }
    }
    support::expect(&root().join("docs/openmp.md"), &page)
}

fn printed(row: &Row) -> String {
    let status = match row.status {
        Status::Yes => "yes",
        Status::Partly => "partly",
        Status::No => "no",
        Status::NotYet => "not yet",
    };
    let link = |sample: &String| {
        let path = path(sample);
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let target = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        format!("[{name}](../{target})")
    };
    let samples = row.samples.iter().map(link).collect::<Vec<_>>().join(", ");
    let last = [samples, row.remark.clone()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("; ");
    let name = |name: &String| match name.split_once(": ").filter(|_| row.kind == Kind::Constructs) {
        Some((directive, clause)) => format!("`{clause}` on `{directive}`"),
        None => format!("`{name}`"),
    };
    let names: Vec<_> = row.names.iter().map(name).collect();
    // A bar would end the column.
    let names = names.join(", ").replace('|', "\\|");
    format!("| {} | {names} | {status} | {last} |\n", row.version)
}

/// How many rows of each version have which status.
fn counts() -> Result<String, Failed> {
    let mut counts: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for row in rows()?.iter().filter(|row| row.version != "-") {
        counts.entry(row.version.clone()).or_default()[row.status as usize] += 1;
    }
    let mut table = "| OpenMP | yes | partly | no | not yet |\n|---|---|---|---|---|\n".to_owned();
    for (version, [yes, partly, no, not_yet]) in counts {
        writeln!(table, "| {version} | {yes} | {partly} | {no} | {not_yet} |")?;
    }
    Ok(table)
}

/// The file of a sample.
fn path(sample: &str) -> PathBuf {
    if sample.starts_with("tests/") {
        root().join(sample)
    } else if sample.contains('/') {
        root().join("openmp-samples").join(sample).with_extension("c")
    } else {
        root().join("openmp-samples/constructs").join(sample).with_extension("c")
    }
}

fn samples() -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for row in rows()? {
        let mut lacking: BTreeSet<_> = row.names.iter().collect();
        for sample in &row.samples {
            let Ok(text) = std::fs::read_to_string(path(sample)) else {
                wrong.push(format!("line {}: there is no {}", row.line, path(sample).display()));
                continue;
            };
            let shown: Vec<_> = row.names.iter().filter(|name| shows(row.kind, name, &text)).collect();
            if shown.is_empty() {
                wrong.push(format!("line {}: {sample} does not have {:?}", row.line, row.names));
            }
            shown.iter().for_each(|name| _ = lacking.remove(name));
        }
        if !row.samples.is_empty() && !lacking.is_empty() {
            wrong.push(format!("line {}: {lacking:?} is in none of the samples", row.line));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// All that may be named as a sample: names and texts.
fn all_samples() -> Result<Vec<(String, String)>, Failed> {
    let mut all = Vec::new();
    let mut add = |folder: &str, extension: &str, name: &dyn Fn(&Path) -> String| {
        for file in files(&root().join(folder), extension) {
            all.push((name(&file), std::fs::read_to_string(&file)?));
        }
        Ok::<_, Failed>(())
    };
    add("openmp-samples/constructs", "c", &|file| stem(file))?;
    add("openmp-samples/target", "c", &|file| format!("target/{}", stem(file)))?;
    // Other folders have programs that are not to succeed.
    for name in ["environment", "shim", "variables"] {
        if root().join("tests").join(name).is_dir() {
            add(&format!("tests/{name}"), "c", &|file| format!("tests/{name}/{}.c", stem(file)))?;
        }
    }
    add("tests", "rs", &|file| format!("tests/{}.rs", stem(file)))?;
    all.retain(|(name, _)| name != "tests/conformance.rs");
    Ok(all)
}

/// Samples that have all that a row is about; nothing if there are not enough.
fn samples_for(row: &Row, all: &[(String, String)]) -> Vec<String> {
    let mut lacking: BTreeSet<_> = row.names.iter().collect();
    let mut chosen = Vec::new();
    for (sample, text) in all {
        let before = lacking.len();
        lacking.retain(|name| !shows(row.kind, name, text));
        if lacking.len() < before {
            chosen.push(sample.clone());
        }
    }
    if lacking.is_empty() { chosen } else { Vec::new() }
}

/// Rows that say `not yet` and should not, with what they should say. (Routines have to be there, too.)
fn outdated() -> Result<Vec<(Row, Vec<String>)>, Failed> {
    let (all, library) = (all_samples()?, Library::read()?);
    let rows = rows()?.into_iter().filter(|row| row.status == Status::NotYet);
    let outdated = rows.filter_map(|row| {
        let is_routine = matches!(row.kind, Kind::Routines | Kind::Missing);
        let is_there = !is_routine || row.names.iter().all(|name| library.has(name));
        let samples = if row.kind == Kind::Missing { Vec::new() } else { samples_for(&row, &all) };
        (is_there && (row.kind == Kind::Missing || !samples.is_empty())).then_some((row, samples))
    });
    Ok(outdated.collect())
}

fn not_yet() -> Result<(), Failed> {
    let wrong: Vec<_> = outdated()?
        .iter()
        .map(|(row, samples)| format!("line {}: {:?} is there: {}", row.line, row.names, samples.join(", ")))
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("BLESS=1 says so:\n{}", wrong.join("\n")).into()) }
}

/// Writes docs/openmp.rows without rows that are outdated.
fn bless() -> Result<(), Failed> {
    let path = root().join("docs/openmp.rows");
    let text = std::fs::read_to_string(&path)?;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for (row, samples) in outdated()?.into_iter().rev() {
        if row.kind == Kind::Missing {
            lines.remove(row.line - 1);
        } else {
            let yes = format!("| yes | {} |", samples.join(", "));
            lines[row.line - 1] = lines[row.line - 1].replacen("| not yet | |", &yes, 1);
        }
    }
    Ok(std::fs::write(&path, lines.join("\n") + "\n")?)
}

/// Whether a program uses something.
fn shows(kind: Kind, name: &str, program: &str) -> bool {
    let code = tokens(&without_comments(program));
    match kind {
        Kind::Variables => program.contains(name),
        Kind::Routines => code.windows(2).any(|pair| pair[0] == name && pair[1] == "("),
        Kind::Constructs => {
            let (directive, clause) = name.split_once(": ").unwrap_or((name, ""));
            let directive = tokens(directive);
            let parts: Vec<_> = clause.split('…').map(tokens).collect();
            // A macro may get the clause, with its arguments, as one of its own.
            let is_argument = || parts.len() == 1 && parts[0].len() > 1 && after(&parts[0], &code).is_some();
            directives(program).iter().any(|found| {
                let found = tokens(found);
                if clause.is_empty() {
                    return found.starts_with(&directive);
                }
                let Some(mut rest) = after(&directive, &found) else { return false };
                let is_here = parts.iter().all(|part| after(part, rest).map(|left| rest = left).is_some());
                is_here || is_argument()
            })
        }
        Kind::Missing | Kind::Text => false,
    }
}

/// What comes after a part of a text, if that has the part.
fn after<'a>(part: &[String], text: &'a [String]) -> Option<&'a [String]> {
    if part.is_empty() {
        return Some(text);
    }
    let at = text.windows(part.len()).position(|window| window == part)?;
    Some(&text[at + part.len()..])
}

/// The texts of the OpenMP directives of a program, as `#pragma`, `_Pragma`, or of the samples' macro `PRAGMA`.
fn directives(program: &str) -> Vec<String> {
    let joined = without_comments(program).replace("\\\n", " ");
    let begins = ["#pragma omp ", "_Pragma(\"omp ", "PRAGMA(omp "];
    let in_line = |line: &str| {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        let texts = begins.iter().flat_map(|begin| line.split(begin).skip(1).map(str::to_owned).collect::<Vec<_>>());
        texts.collect::<Vec<_>>()
    };
    joined.lines().flat_map(in_line).collect()
}

fn without_comments(program: &str) -> String {
    let mut code = String::new();
    let mut rest = program;
    while let Some(start) = rest.find("/*") {
        code += &rest[..start];
        rest = rest[start..].split_once("*/").map_or("", |(_, rest)| rest);
        code.push(' ');
    }
    code += rest;
    code.lines().map(|line| line.split("//").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Words, and all other characters that are no space, each by itself.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut in_word = false;
    for letter in text.chars() {
        let is_of_word = letter.is_alphanumeric() || letter == '_';
        match tokens.last_mut() {
            Some(word) if in_word && is_of_word => word.push(letter),
            _ if letter.is_whitespace() => {}
            _ => tokens.push(letter.to_string()),
        }
        in_word = is_of_word;
    }
    tokens
}

/// What the runtime library defines for programs.
struct Library {
    symbols: BTreeSet<String>,
}

impl Library {
    fn read() -> Result<Self, Failed> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let kit = scratch(&format!("conformance-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        succeed(omp2wasi().args(["shim", "--install"]).arg(&kit))?;
        let archive = kit.join("lib/libomp2wasi.a");
        let listed = succeed(
            Command::new("llvm-nm-19").args(["--defined-only", "--extern-only", "--format=just-symbols"]).arg(archive),
        )?;
        let is_for_programs = |name: &&str| {
            let is_own = ["__wrap_", "omp2wasi_"].iter().any(|prefix| name.starts_with(prefix));
            !(is_own || name.is_empty() || name.ends_with(':') || *name == "_start")
        };
        let symbols = listed.lines().map(str::trim).filter(is_for_programs).map(str::to_owned).collect();
        Ok(Self { symbols })
    }

    /// omp.h gives some routines other names, because Fortran has those.
    fn has(&self, name: &str) -> bool {
        let in_c = name.strip_prefix("omp_").map(|rest| format!("ompc_{rest}"));
        self.symbols.contains(name) || in_c.is_some_and(|name| self.symbols.contains(&name))
    }
}

fn symbols() -> Result<(), Failed> {
    let library = Library::read()?;
    let mut wrong = Vec::new();
    let mut known = BTreeSet::new();
    for row in rows()?.iter().filter(|row| matches!(row.kind, Kind::Routines | Kind::Missing)) {
        for name in &row.names {
            let is_said = matches!(row.status, Status::Yes | Status::Partly);
            if is_said != library.has(name) {
                let what = if is_said { "not defined" } else { "defined: say so, and by which sample" };
                wrong.push(format!("line {}: `{name}` is {what}", row.line));
            }
            known.insert(name.clone());
            known.extend(name.strip_prefix("omp_").map(|rest| format!("ompc_{rest}")));
        }
    }
    let page = std::fs::read_to_string(root().join("docs/abi.md"))?;
    for name in page.split('`').filter(|name| name.starts_with("__")) {
        match name.strip_suffix("_S") {
            Some(stem) => known.extend(["4", "4u", "8", "8u"].map(|suffix| format!("{stem}_{suffix}"))),
            None => _ = known.insert(name.to_owned()),
        }
    }
    let unknown = library.symbols.difference(&known);
    wrong.extend(unknown.map(|name| format!("`{name}` is defined, and stands nowhere")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
