//! The native dialect: C for the compiler of the machine that the program runs on, at its full width.
//!
//! A text is the closure of some functions: each is a C function `fn` with its index, and the first ones have entries that take arguments
//! from slots. Functions that are not in it are called by way of the host, by functions `host`. What the text expects of the host is `struct instance` of the prelude;
//! what it offers are `omp2wasi_native_entries`. For code that may fault or calls, the line table has the file `w`, and as the line where in the
//! module the instruction is.
//!
//! Invariants: nothing of the module gets into the text but numbers. Whatever other threads do to the memory meanwhile, what indexes the
//! table and what bulk operations count is read once, and checked as it is used.

mod prelude;

use super::c::{self, Context, Variant};
use super::{Dialect, opencl::OpenCl};
use crate::analysis::versions::versions;
use crate::analysis::worksharing::Worksharing;
use crate::ir::visit::{for_each_part, for_each_stmt};
use crate::ir::{Bits, Expr, Function, Op, Sign, Site, Stmt, Ty};
use crate::lift::Role;
use crate::lift::closure::Closure;
use crate::wasm::Module;
use crate::wasm::module::Signature;
use crate::{NativeOptions, Options};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The table of this dialect.
struct Native<'m> {
    module: &'m Module,
    closure: &'m Closure,
}

impl Dialect for Native<'_> {
    fn ty(&self, ty: Ty) -> &'static str {
        match ty {
            Ty::I32 => "u32",
            Ty::I64 => "u64",
            Ty::F32 => "float",
            Ty::F64 => "double",
            Ty::V128 => "vector",
        }
    }

    fn integer(&self, bytes: u32, sign: Sign) -> &'static str {
        match (bytes, sign) {
            (1, Sign::Unsigned) => "u8",
            (1, Sign::Signed) => "s8",
            (2, Sign::Unsigned) => "u16",
            (2, Sign::Signed) => "s16",
            (4, Sign::Unsigned) => "u32",
            (4, Sign::Signed) => "s32",
            (8, Sign::Unsigned) => "u64",
            (8, Sign::Signed) => "s64",
            _ => "vector",
        }
    }

    fn constant(&self, ty: Ty, bits: Bits) -> String {
        match ty {
            Ty::F32 if !f32::from_bits(bits as u32).is_finite() => {
                format!("((value){{.i32 = {:#x}u}}).f32", bits as u32)
            }
            Ty::F64 if !f64::from_bits(bits as u64).is_finite() => {
                format!("((value){{.i64 = {:#x}ul}}).f64", bits as u64)
            }
            Ty::V128 => {
                let words: Vec<_> = (0..4).map(|i| format!("{:#x}u", (bits >> (32 * i)) as u32)).collect();
                format!("((vector){{{}}})", words.join(", "))
            }
            Ty::I32 if (-65535..0).contains(&(bits as u32 as i32)) => format!("(u32){}", bits as u32 as i32),
            Ty::I64 if (-65535..0).contains(&(bits as u64 as i64)) => format!("(u64){}l", bits as u64 as i64),
            _ => OpenCl::default().constant(ty, bits),
        }
    }

    fn zero(&self, ty: Ty) -> &'static str {
        if ty == Ty::V128 { "{0}" } else { "0" }
    }

    fn reinterpret(&self, to: Ty, value: &str) -> String {
        let name = match to {
            Ty::I32 => "i32_reinterpret_f32",
            Ty::I64 => "i64_reinterpret_f64",
            Ty::F32 => "f32_reinterpret_i32",
            _ => "f64_reinterpret_i64",
        };
        format!("{name}({value})")
    }

    fn extract_lane(&self, op: Op, vector: &str, lane: u8) -> String {
        format!("{}({vector}, {lane}u)", op.name())
    }

    fn shuffle_lanes(&self, lanes: &[u8]) -> String {
        lanes.iter().map(|lane| format!("{lane}u")).collect::<Vec<_>>().join(", ")
    }

    fn function(&self, index: u32) -> String {
        if self.closure.functions.contains_key(&index) { format!("fn{index}") } else { format!("host{index}") }
    }

    fn machine(&self) -> (&'static str, &'static str) {
        ("instance *restrict m, u8 *mem", "m, mem")
    }

    fn global(&self, index: u32) -> String {
        let ty = self.module.globals.get(index as usize).map_or(Ty::I32, |global| global.ty);
        format!("m->globals[{index}].{}", ty.name())
    }

    fn offset(&self, site: Site) -> Option<usize> {
        Some(self.closure.sites[site].offset)
    }

    fn site(&self, site: Site) -> String {
        format!("{}u", self.closure.sites[site].offset)
    }

    fn float_freedom(&self, index: u32) -> &'static [&'static str] {
        use omp2wasi_abi::scalar::flags;
        let is_reassociated = self.module.float_flags(index) & flags::REASSOCIATE != 0;
        match (self.module.is_contracted(index), is_reassociated) {
            (false, false) => &[],
            (true, false) => &[c::CONTRACT],
            (false, true) => &["#pragma clang fp reassociate(on)"],
            (true, true) => &[c::CONTRACT, "#pragma clang fp reassociate(on)"],
        }
    }

    fn fuses(&self, _: u32) -> bool {
        false
    }

    fn entry(&self, index: u32) -> Option<String> {
        let mut calls = false;
        for_each_stmt(&self.closure.functions[&index].body, &mut |stmt| {
            calls |= matches!(stmt, Stmt::Call { .. } | Stmt::CallTable { .. });
        });
        calls.then(|| format!("check_stack(m, {}u);", self.module.code_offset(index)))
    }

    fn chosen_by(&self, index: &str) -> String {
        format!("pinned({index})")
    }

    fn goes_on_after_traps(&self) -> bool {
        false
    }

    /// It is the first table, and stays as it is: see [`Closure`].
    fn table_call(&self, ty: u32, _: u32, index: &str, site: Site) -> String {
        let site = self.site(site);
        let pointer = pointer(self, self.module.type_signature(ty));
        format!("(({pointer})callee(m, table, table_length, {index}, {}u, {site}))", self.module.canonical_type(ty) + 1)
    }
}

/// The type of a pointer to a function.
fn pointer(dialect: &Native, signature: Option<&Signature>) -> String {
    let Some(signature) = signature else {
        return "code".to_owned();
    };
    let result = result(dialect, signature);
    let mut out = format!("{result} (*)(instance *restrict, u8 *");
    signature.params.iter().for_each(|ty| out += &format!(", {}", dialect.ty(*ty)));
    if signature.results.len() > 1 {
        signature.results.iter().for_each(|ty| out += &format!(", {} *", dialect.ty(*ty)));
    }
    out + ")"
}

fn result(dialect: &Native, signature: &Signature) -> &'static str {
    if let [ty] = signature.results[..] { dialect.ty(ty) } else { "void" }
}

/// The head of a function's definition.
fn head(dialect: &Native, index: u32, signature: &Signature) -> String {
    let (result, name) = (result(dialect, signature), dialect.function(index));
    let mut out = format!("static {result} {name}({}", dialect.machine().0);
    for (i, ty) in signature.params.iter().enumerate() {
        let _ = write!(out, ", {} a{i}", dialect.ty(*ty));
    }
    if signature.results.len() > 1 {
        for (i, ty) in signature.results.iter().enumerate() {
            let _ = write!(out, ", {} *r{i}", dialect.ty(*ty));
        }
    }
    out + ")"
}

/// Stands between the prelude and the functions.
const FUNCTIONS: &str = "/* The functions of the module. */\n";

/// Prints functions, and what is around them. `None` if `is_over` says meanwhile that nobody wants it any more.
pub(crate) fn translate(
    module: &Module,
    closure: &Closure,
    roots: &[u32],
    options: &NativeOptions,
    is_over: &dyn Fn() -> bool,
) -> Option<String> {
    let native = Native { module, closure };
    // Only people ask for names.
    let named = closure.functions.keys().filter(|_| options.comments);
    let names: Vec<_> = named.map(|index| (*index, module.function_name(*index))).collect();
    let common = Options { comments: options.comments, ..Options::default() };
    let versions = |(index, function): (&u32, _)| (!is_over()).then(|| (*index, versions(function)));
    let versions: BTreeMap<u32, _> = match options.versions {
        true => closure.functions.iter().map(versions).collect::<Option<_>>()?,
        false => BTreeMap::new(),
    };
    let none = BTreeMap::new();
    let mut called = called(closure);
    for version in versions.values().flat_map(BTreeMap::values) {
        called.extend([
            "PIN",
            "counts",
            "just",
            "moved",
            "moved_by",
            "spread",
            "just_64",
            "moved_64",
            "steady32_s",
            "steady32_u",
            "steady64_s",
            "steady64_u",
            "stays",
            "disjoint",
            "apart",
            "touches",
        ]);
        called.extend(version.levels.iter().map(|level| c::trips_function(&level.trips)));
        // Whole values are loaded and stored around the loop.
        let kept = version.pointers.iter().filter_map(|pointer| pointer.kept);
        called.extend(kept.flat_map(|kept| prelude::whole(kept.op.accessed())));
        called.extend(version.reinterpretations());
    }
    let mut text = prelude::needed(called) + FUNCTIONS;
    let all = closure.functions.keys().chain(closure.left_out.keys());
    for index in all {
        if let Some(signature) = module.signature(*index) {
            // Each call is at a place of its own.
            let _ = writeln!(text, "__attribute__((nomerge)) {};", head(&native, *index, signature));
        }
    }
    text.push('\n');
    for index in closure.left_out.keys() {
        text += &by_host(&native, *index);
    }
    if !closure.table_types.is_empty() {
        text += &table(&native);
    }
    for function in closure.functions.values() {
        if is_over() {
            return None;
        }
        let context = Context {
            dialect: &native,
            versions: versions.get(&function.index).unwrap_or(&none),
            worksharing: &Worksharing::default(),
            combiners: &BTreeMap::new(),
            members: &BTreeMap::new(),
            has_teams: false,
            locks: &[],
            meeting: &BTreeSet::new(),
            options: &common,
            names: &names,
        };
        text += &c::print(&context, function, Role::Native, Variant::Checked);
    }
    if !options.comments {
        // Nothing from here on is in the module.
        text += "#line 1 \"entries\"\n";
    }
    text += &exports(&native, roots);
    Some(text)
}

/// Names of functions of the prelude that the text calls.
fn called(closure: &Closure) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::from(["trap", "check_stack"]);
    for function in closure.functions.values() {
        names.extend(names_in(function));
    }
    names
}

fn names_in(function: &Function) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for_each_stmt(&function.body, &mut |stmt| match stmt {
        Stmt::CallTable { .. } => drop(names.insert("callee")),
        Stmt::Switch { .. } => drop(names.insert("pinned")),
        _ => {}
    });
    for_each_part(&function.body, &mut |part| {
        if let Expr::Operation(operation) = part {
            names.insert(operation.op.name());
            names.extend(c::at_once(operation.op));
        }
    });
    names
}

/// A function that calls another one by way of the host: arguments and results are in slots.
fn by_host(native: &Native, index: u32) -> String {
    let Some(signature) = native.module.signature(index) else {
        return String::new();
    };
    let slots = signature.params.len().max(signature.results.len()).max(1);
    let mut out = format!("{}\n{{\n    value s[{slots}];\n", head(native, index, signature));
    for (i, ty) in signature.params.iter().enumerate() {
        let _ = writeln!(out, "    s[{i}].{} = a{i};", ty.name());
    }
    let _ = writeln!(out, "    if (__builtin_expect(m->call(m, {index}u, s), 0))\n        m->unwind(m);");
    match signature.results[..] {
        [] => {}
        [ty] => {
            let _ = writeln!(out, "    return s[0].{};", ty.name());
        }
        _ => {
            for (i, ty) in signature.results.iter().enumerate() {
                let _ = writeln!(out, "    *r{i} = s[{i}].{};", ty.name());
            }
        }
    }
    out + "}\n\n"
}

/// The table: the type of each entry, 0 for none, and the function.
fn table(native: &Native) -> String {
    let entries = native.module.table_entries();
    let length = native.module.table_length().unwrap_or(0);
    let mut out =
        format!("static const u32 table_length = {length}u;\n\nstatic const struct table_entry table[] = {{\n");
    let is_there =
        |index: &u32| native.closure.functions.contains_key(index) || native.closure.left_out.contains_key(index);
    for (at, function) in entries {
        let Some(ty) = native.module.function_type(function) else { continue };
        let ty = native.module.canonical_type(ty) + 1;
        // Nobody calls through the table what is not there: no call has its type.
        let code = if is_there(&function) { format!("(code){}", native.function(function)) } else { "0".to_owned() };
        let _ = writeln!(out, "    [{at}] = {{{ty}u, {code}}},");
    }
    out + &format!("    [{length}] = {{0u, 0}},\n}};\n\n")
}

/// What the host looks for.
fn exports(native: &Native, roots: &[u32]) -> String {
    let mut out = String::new();
    let roots: Vec<u32> = roots.iter().copied().filter(|root| native.closure.functions.contains_key(root)).collect();
    for root in &roots {
        let Some(signature) = native.module.signature(*root) else { continue };
        let _ = write!(out, "\nstatic void e{root}(instance *m, value *s)\n{{\n    ");
        for (i, ty) in signature.results.iter().enumerate().filter(|_| signature.results.len() > 1) {
            let _ = write!(out, "{} r{i}; ", native.ty(*ty));
        }
        if let [ty] = signature.results[..] {
            let _ = write!(out, "s[0].{} = ", ty.name());
        }
        let _ = write!(out, "fn{root}(m, m->memory");
        for (i, ty) in signature.params.iter().enumerate() {
            let _ = write!(out, ", s[{i}].{}", ty.name());
        }
        for (i, _) in signature.results.iter().enumerate().filter(|_| signature.results.len() > 1) {
            let _ = write!(out, ", &r{i}");
        }
        out += ");";
        for (i, ty) in signature.results.iter().enumerate().filter(|_| signature.results.len() > 1) {
            let _ = write!(out, "\n    s[{i}].{} = r{i};", ty.name());
        }
        out += "\n}\n";
    }
    out += "\n#define EXPORT __attribute__((visibility(\"default\"))) const\n";
    out += "EXPORT u32 omp2wasi_native_version = 2u;\n";
    out += "struct entry { u32 function, reserved; void (*code)(instance *, value *); };\n";
    out += "EXPORT struct entry omp2wasi_native_entries[] = {\n";
    roots.iter().for_each(|root| out += &format!("    {{{root}u, 0u, e{root}}},\n"));
    let _ = writeln!(out, "    {{0u, 0u, 0}},\n}};\nEXPORT u32 omp2wasi_native_entry_count = {}u;", roots.len());
    out
}
