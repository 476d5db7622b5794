//! Keeps the functions of target regions, so that they can run on devices as a whole, and as one.
//!
//! clang identifies a target region by the address of a byte (`region_id`), and inlines the region's code for the host where the region is.
//! Regions that are no teams regions have their own code around parallel regions, or none: a device needs all of it. So the source is
//! compiled in two steps, and between them the function itself takes the byte's place: its table index identifies the region
//! then, and it stays. What else clang makes of the source is the same.
//!
//! The function is the object's own, as it was. Two objects may have a region of the same name, of a header that both include: of their
//! entries the linker keeps one, as it did before, and the region of the other object runs on the host.
//!
//! Invariant: only text that clang has just written is looked at, line by line; what does not look as expected stays as it is.

use std::collections::BTreeSet;

/// The function that launches a target region: its third argument is how many teams there are, its fifth one the region's `region_id`. It says
/// whether the region's code for the host is to be executed.
const LAUNCH: &str = "@__tgt_target_kernel(";

/// What does the same and is told when that code has been, and what tells it: they are the shim's (`shim/src/target/region.c`).
const LAUNCH_WITH_END: &str = "@omp2wasi_target_kernel(";
const END: &str = "@omp2wasi_target_end(";

/// Whether an object may have target regions.
pub fn may_have_regions(object: &[u8]) -> bool {
    let name = LAUNCH.trim_start_matches('@').trim_end_matches('(').as_bytes();
    object.windows(name.len()).any(|window| window == name)
}

/// LLVM's text in which target regions say when their code for the host ends, those without teams are identified by their functions, and
/// functions with debugging information are inlined into those that clang puts around them; `None` if there is nothing of that.
pub fn kept(text: &str) -> Option<String> {
    let identified = identified(text);
    let ended = ended(identified.as_deref().unwrap_or(text));
    let known = ended.or(identified);
    if inlined(text) { Some(inline(known.as_deref().unwrap_or(text))) } else { known }
}

/// The text in which the runtime is told when a region's code for the host has been executed, with what its launch has answered; `None` if there
/// is no such region.
fn ended(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut any = false;
    for function in text.split_inclusive("\n}\n") {
        // How the lines begin that call the code for the host, and the answers to the launches before them.
        let mut expected: Vec<(String, &str)> = Vec::new();
        for line in function.split_inclusive('\n') {
            let call = |launch: Launch<'_>| format!("  call void {}(", function_of(launch.region));
            let launch = launch(line).filter(|launch| function.contains(call(*launch).as_str()));
            match launch {
                Some(_) => out.push_str(&line.replacen(LAUNCH, LAUNCH_WITH_END, 1)),
                None => out.push_str(line),
            }
            expected.extend(launch.map(|launch| (call(launch), launch.answer)));
            any |= launch.is_some();
            if let Some(at) = expected.iter().position(|(call, _)| line.starts_with(call.as_str())) {
                let (_, answer) = expected.remove(at);
                out.push_str(&format!("  call void {END}i32 {answer})\n"));
            }
        }
    }
    out.push_str(&format!("declare i32 {LAUNCH_WITH_END}ptr, i64, i32, i32, ptr, ptr)\ndeclare void {END}i32)\n"));
    any.then_some(out)
}

/// A line that launches a region.
#[derive(Clone, Copy)]
struct Launch<'t> {
    /// The variable that has the answer.
    answer: &'t str,
    /// How many teams there are, as an argument.
    teams: &'t str,
    /// The region's `region_id`, or its function.
    region: &'t str,
}

fn launch(line: &str) -> Option<Launch<'_>> {
    let (call, arguments) = line.split_once(LAUNCH)?;
    let (answer, _) = call.split_once(" = ")?;
    let arguments: Vec<&str> = arguments.split(", ").collect();
    let [_, _, teams, _, region, ..] = arguments[..] else { return None };
    let region = region.strip_prefix("ptr ").filter(|region| region.len() == length(region))?;
    Some(Launch { answer: answer.trim_start(), teams, region })
}

/// With debugging information clang puts a function of a region's name around the region's own, whose name has this end. Without optimisation
/// they would stay two, and the inner one has parameters that the runtime does not know of.
const INNER: &str = "_debug__";

/// The attributes of an inner function, by the number of their group, if the line defines one.
fn inner(line: &str) -> Option<&str> {
    let defined = line.strip_prefix("define ")?;
    let name = &defined[defined.find('@')?..];
    let own = name[..length(name)].trim_matches(['@', '"']);
    let is_inner = own.ends_with(INNER) && (own.starts_with("__omp_offloading_") || own.contains(".omp_outlined"));
    let (_, behind) = name.rsplit_once(") ")?;
    behind.split(' ').find(|word| word.starts_with('#')).filter(|_| is_inner)
}

fn inlined(text: &str) -> bool {
    text.lines().any(|line| inner(line).is_some())
}

/// The text with inner functions that are to be inlined.
fn inline(text: &str) -> String {
    let groups: BTreeSet<&str> = text.lines().filter_map(inner).collect();
    let numbers =
        text.lines().filter_map(|line| line.strip_prefix("attributes #")?.split(' ').next()?.parse::<u32>().ok());
    let free = numbers.max().map_or(0, |most| most + 1);
    let number = |group: &str| free + groups.iter().position(|known| *known == group).unwrap_or(0) as u32;
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match inner(line) {
            Some(group) => out.push_str(&line.replacen(&format!(" {group} "), &format!(" #{} ", number(group)), 1)),
            None => out.push_str(line),
        }
        out.push('\n');
        let group = line.strip_prefix("attributes ").and_then(|rest| rest.split_once(" = { "));
        if let Some((group, attributes)) = group.filter(|(group, _)| groups.contains(group)) {
            let kept =
                attributes.split(' ').filter(|word| !["noinline", "optnone", "optsize", "minsize"].contains(word));
            let kept: Vec<&str> = kept.collect();
            out.push_str(&format!("attributes #{} = {{ alwaysinline {}\n", number(group), kept.join(" ")));
        }
    }
    out
}

/// LLVM's text in which target regions without teams are identified by their functions.
fn identified(text: &str) -> Option<String> {
    let regions: BTreeSet<&str> = text.lines().filter_map(launched).collect();
    if regions.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if line.split_once(" = ").is_some_and(|(name, _)| regions.contains(name)) {
            continue;
        }
        let (mut rest, mut changed) = (line, String::new());
        while let Some(at) = rest.find('@') {
            let (before, global) = rest.split_at(at);
            let name = &global[..length(global)];
            changed.push_str(before);
            if regions.contains(name) {
                changed.push_str(&function_of(name));
            } else {
                changed.push_str(name);
            }
            rest = &global[name.len()..];
        }
        changed.push_str(rest);
        out.push_str(&changed);
        out.push('\n');
    }
    Some(out)
}

/// The `region_id` of a region without teams, or with one that may be a parallel region's, if the line launches one.
fn launched(line: &str) -> Option<&str> {
    let Launch { teams, region, .. } = launch(line)?;
    (matches!(teams, "i32 -1" | "i32 1") && function_of(region) != region).then_some(region)
}

/// The function of a region, by the name of its `region_id`; or what it is given, if that is no such name.
fn function_of(region: &str) -> String {
    let is_quoted = region.starts_with("@\"");
    let (begin, end) = if is_quoted { ("@\".", ".region_id\"") } else { ("@.", ".region_id") };
    let name = region.strip_prefix(begin).and_then(|name| name.strip_suffix(end));
    match name {
        Some(name) if is_quoted => format!("@\"{name}\""),
        Some(name) => format!("@{name}"),
        None => region.to_owned(),
    }
}

/// How long the name of a global is that a text begins with, the `@` included.
fn length(global: &str) -> usize {
    match global.strip_prefix("@\"") {
        Some(quoted) => quoted.find('"').map_or(global.len(), |end| end + 3),
        None => {
            let is_part = |c: char| c.is_ascii_alphanumeric() || "-$._".contains(c);
            global[1..].find(|c| !is_part(c)).map_or(global.len(), |end| end + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"@.__omp_offloading_1_main_l4.region_id = weak constant i8 0
@.__omp_offloading_1_main_l9.region_id = weak constant i8 0
@".__omp_offloading_1_$_0_l5.region_id" = weak constant i8 0
@.offloading.entry.__omp_offloading_1_main_l4 = weak constant %entry { ptr @.__omp_offloading_1_main_l4.region_id, ptr @name }
  %1 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 -1, i32 0, ptr @.__omp_offloading_1_main_l4.region_id, ptr %2)
  %3 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @.__omp_offloading_1_main_l9.region_id, ptr %2)
  %4 = invoke i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 1, i32 0, ptr @".__omp_offloading_1_$_0_l5.region_id", ptr %2)
  call void @__omp_offloading_1_main_l4(ptr %5)
define internal void @__omp_offloading_1_main_l4(ptr %0) #3 {
define internal void @__omp_offloading_1_main_l4.omp_outlined(ptr %0) #3 {
define internal void @"__omp_offloading_1_$_0_l5"(ptr %0) #3 {
"#;

    #[test]
    fn regions_without_teams_are_identified_by_their_functions() {
        let expected = r#"@.__omp_offloading_1_main_l9.region_id = weak constant i8 0
@.offloading.entry.__omp_offloading_1_main_l4 = weak constant %entry { ptr @__omp_offloading_1_main_l4, ptr @name }
  %1 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 -1, i32 0, ptr @__omp_offloading_1_main_l4, ptr %2)
  %3 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @.__omp_offloading_1_main_l9.region_id, ptr %2)
  %4 = invoke i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 1, i32 0, ptr @"__omp_offloading_1_$_0_l5", ptr %2)
  call void @__omp_offloading_1_main_l4(ptr %5)
define internal void @__omp_offloading_1_main_l4(ptr %0) #3 {
define internal void @__omp_offloading_1_main_l4.omp_outlined(ptr %0) #3 {
define internal void @"__omp_offloading_1_$_0_l5"(ptr %0) #3 {
"#;
        assert_eq!(identified(TEXT).as_deref(), Some(expected));
        assert_eq!(identified(expected), None, "a second time there is nothing to do");
        assert_eq!(kept("define void @f() {\n"), None);
    }

    #[test]
    fn regions_say_when_their_code_for_the_host_ends() {
        let text = "define void @f() {
  %1 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @.__omp_offloading_1_f_l9.region_id, ptr %2)
  %3 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @__omp_offloading_1_f_l8, ptr %2)
  call void @__omp_offloading_1_f_l8(i32 1), !dbg !3
  call void @__omp_offloading_1_f_l9(ptr %5) #2
  call void @__omp_offloading_1_f_l9(ptr %6) #2
}
define void @g() {
  %1 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @.__omp_offloading_1_g_l9.region_id, ptr %2)
}
";
        let expected = "define void @f() {
  %1 = call i32 @omp2wasi_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @.__omp_offloading_1_f_l9.region_id, ptr %2)
  %3 = call i32 @omp2wasi_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @__omp_offloading_1_f_l8, ptr %2)
  call void @__omp_offloading_1_f_l8(i32 1), !dbg !3
  call void @omp2wasi_target_end(i32 %3)
  call void @__omp_offloading_1_f_l9(ptr %5) #2
  call void @omp2wasi_target_end(i32 %1)
  call void @__omp_offloading_1_f_l9(ptr %6) #2
}
define void @g() {
  %1 = call i32 @__tgt_target_kernel(ptr @2, i64 -1, i32 0, i32 0, ptr @.__omp_offloading_1_g_l9.region_id, ptr %2)
}
declare i32 @omp2wasi_target_kernel(ptr, i64, i32, i32, ptr, ptr)
declare void @omp2wasi_target_end(i32)
";
        assert_eq!(ended(text).as_deref(), Some(expected));
        assert_eq!(ended(expected), None);
    }

    #[test]
    fn what_debugging_information_puts_functions_around_is_inlined() {
        let text = "define internal void @f.omp_outlined_debug__(ptr noundef %0, i32 (i32) %1) #3 !dbg !7 {
define internal void @f.omp_outlined(ptr noundef %0) #3 !dbg !8 {
attributes #3 = { noinline norecurse optnone \"target-cpu\"=\"generic\" }
attributes #12 = { nounwind }
";
        let expected = "define internal void @f.omp_outlined_debug__(ptr noundef %0, i32 (i32) %1) #13 !dbg !7 {
define internal void @f.omp_outlined(ptr noundef %0) #3 !dbg !8 {
attributes #3 = { noinline norecurse optnone \"target-cpu\"=\"generic\" }
attributes #13 = { alwaysinline norecurse \"target-cpu\"=\"generic\" }
attributes #12 = { nounwind }
";
        assert_eq!(kept(text).as_deref(), Some(expected));
    }
}
