//! Keeps clang from vectorizing loops whose iterations depend on each other.
//!
//! Of a loop with a dynamic or guided schedule, `simd`, `order(concurrent)` or `bind(thread)`, clang says that no iteration depends on another (LLVM's
//! `llvm.access.group`). Of the first kind that is wrong: a thread executes its iterations one after the other, and they may add to what it has for
//! itself, `counts[key[i]]++` (llvm-project#200032). And of both it is wrong for an array that is declared inside, which is one and the same
//! memory for all iterations by then. Natively, too, such loops give wrong results where they are vectorized (clang 19 and 22 with
//! `-O3 -mavx2`); for WebAssembly's vectors that happens at `-O2`. So what clang says is left out of functions with loops of the first kind, and
//! of those with arrays; then LLVM finds out itself which iterations depend on others.
//!
//! Invariant: only LLVM's text before optimisation is looked at, line by line; what does not look as expected stays as it is.

use std::collections::BTreeSet;

/// Whether an object, or the source that it was made of, may have such a loop: with `simd`, `order(concurrent)` or `bind(thread)`, or a schedule
/// that is dynamic. (One that is in a header alone is missed, if its schedule is static.)
pub fn are_possible(object: &[u8], source: &[u8]) -> bool {
    let has = |text: &[u8], word: &[u8]| text.windows(word.len()).any(|window| window == word);
    has(object, NEXT.as_bytes()) || ["simd", "concurrent", "bind"].iter().any(|word| has(source, word.as_bytes()))
}

/// What gives a thread iterations of a loop with a dynamic or guided schedule.
const NEXT: &str = "__kmpc_dispatch_next";

/// The mark of an access in a loop whose iterations do not depend on each other.
const MARK: &str = ", !llvm.access.group !";

/// LLVM's text without the marks in functions that have loops with a dynamic or guided schedule, or arrays, and at calls of the latter, which may
/// be inlined; `None` if there are no such marks.
pub fn unmarked(text: &str) -> Option<String> {
    let types = types_with_arrays(text);
    let functions: Vec<&str> = text.split_inclusive("\n}\n").collect();
    let own: Vec<bool> =
        functions.iter().map(|function| function.lines().any(|line| allocates_array(line, &types))).collect();
    let with_arrays = names_with_arrays(&functions, &own);
    let mut out = String::with_capacity(text.len());
    let mut found = false;
    for (function, has_own) in functions.into_iter().zip(own) {
        let is_whole = has_own || function.lines().filter_map(called).any(|name| name.starts_with(NEXT));
        for line in function.split_inclusive('\n') {
            let is_meant = || is_whole || called(line).is_some_and(|name| with_arrays.contains(name));
            match line.split_once(MARK).filter(|_| is_meant()) {
                Some((before, behind)) => {
                    found = true;
                    out.push_str(before);
                    out.push_str(behind.trim_start_matches(|c: char| c.is_ascii_digit()));
                }
                None => out.push_str(line),
            }
        }
    }
    found.then_some(out)
}

/// The names of the functions that have arrays, which `own` says of each, or call one that has.
fn names_with_arrays<'t>(functions: &[&'t str], own: &[bool]) -> BTreeSet<&'t str> {
    let defined = |function: &'t str| function.lines().find(|line| line.starts_with("define ")).and_then(global);
    let all = functions.iter().zip(own);
    let mut names: BTreeSet<&str> =
        all.filter(|(_, has_own)| **has_own).filter_map(|(function, _)| defined(function)).collect();
    loop {
        let before = names.len();
        for function in functions {
            if function.lines().filter_map(called).any(|name| names.contains(name)) {
                names.extend(defined(function));
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

/// The function that a line calls.
fn called(line: &str) -> Option<&str> {
    let (_, call) = line.split_once(" call ").or_else(|| line.split_once(" invoke "))?;
    global(call)
}

/// The first global that a text names.
fn global(text: &str) -> Option<&str> {
    let (_, name) = text.split_once('@')?;
    name.split(['(', ' ', ',', ')']).next()
}

/// The names of structures with arrays in them, or with other structures.
fn types_with_arrays(text: &str) -> BTreeSet<&str> {
    let types = text.lines().filter_map(|line| line.split_once(" = type "));
    types.filter(|(_, members)| members.contains(['[', '%'])).map(|(name, _)| name).collect()
}

fn allocates_array(line: &str, types: &BTreeSet<&str>) -> bool {
    let Some((_, ty)) = line.split_once(" = alloca ") else { return false };
    let name = ty.split([',', ' ']).next().unwrap_or_default();
    ty.starts_with('[') || types.contains(name) || ty.contains(", i32 %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_with_arrays_lose_the_marks() {
        let text = "%struct.row = type { i32, [3 x i32] }
%struct.pair = type { i32, i32 }
define void @array() {
  %1 = alloca [6 x i32], align 16
  %2 = load i32, ptr %1, align 4, !tbaa !3, !llvm.access.group !15
  call void @f(ptr %1), !llvm.access.group !15, !srcloc !1
}
define void @row() {
  %1 = alloca %struct.row, align 16
  store i32 1, ptr %1, !llvm.access.group !15
}
define void @pair() {
  %1 = alloca %struct.pair, align 16
  store i32 1, ptr %1, !llvm.access.group !15
}
";
        let expected = "%struct.row = type { i32, [3 x i32] }
%struct.pair = type { i32, i32 }
define void @array() {
  %1 = alloca [6 x i32], align 16
  %2 = load i32, ptr %1, align 4, !tbaa !3
  call void @f(ptr %1), !srcloc !1
}
define void @row() {
  %1 = alloca %struct.row, align 16
  store i32 1, ptr %1
}
define void @pair() {
  %1 = alloca %struct.pair, align 16
  store i32 1, ptr %1, !llvm.access.group !15
}
";
        assert_eq!(unmarked(text).as_deref(), Some(expected));
        assert_eq!(unmarked(expected), None);
    }

    #[test]
    fn so_do_calls_of_them() {
        let text = "define i32 @inner(i32 %0) {
  %1 = alloca [6 x i32], align 16
}
define i32 @outer(i32 %0) {
  %1 = call i32 @inner(i32 %0)
}
define void @loop() {
  %1 = call i32 @outer(i32 1), !llvm.access.group !2
  store i32 %1, ptr @out, !llvm.access.group !2
  %2 = call i32 @other(i32 1), !llvm.access.group !2
}
";
        let expected = text.replacen("(i32 1), !llvm.access.group !2", "(i32 1)", 1);
        assert_eq!(unmarked(text), Some(expected));
    }

    #[test]
    fn loops_with_dynamic_schedules_lose_them() {
        let text = "define void @loop() {
  %1 = call i32 @__kmpc_dispatch_next_4(ptr @1)
  store i32 %1, ptr @out, !llvm.access.group !2
}
";
        assert_eq!(unmarked(text), Some(text.replace(", !llvm.access.group !2", "")));
    }

    #[test]
    fn arrays_of_variable_length_count() {
        let text = "define void @f(i32 %n) {
  %1 = alloca i32, i32 %n, align 16
  store i32 1, ptr %1, !llvm.access.group !2
}
";
        assert_eq!(unmarked(text), Some(text.replace(", !llvm.access.group !2", "")));
    }
}
