//! The OpenCL C dialect: its types, its operations, and what is around the functions (`entries`). Instructions that OpenCL C has no
//! operator for are functions of the `prelude`, of which those that are used are printed.
//!
//! Invariant: text is put together from the IR, the facts and numbers; nothing of it is read again.

mod entries;
mod prelude;

use super::c::{self, Context, Variant};
use super::{Artifact, Dialect, EntryPoints};
use crate::ir::visit::{for_each_part, for_each_stmt};
use crate::ir::{Bits, Expr, Kind, Op, Operation, Sign, Site, Stmt, Ty};
use crate::lift::Role;
use crate::lift::program::{Key, Program};
use crate::{Facts, Options};
use entries::Entries;
use prelude::Variants;
use std::collections::{BTreeMap, BTreeSet};

/// The table of this dialect.
#[derive(Default)]
pub(super) struct OpenCl {
    /// Functions of the module in which products and sums may be fused.
    contracted: BTreeSet<u32>,
    /// Whether the device has instructions for that, as GPUs have.
    has_fused: bool,
}

impl Dialect for OpenCl {
    fn ty(&self, ty: Ty) -> &'static str {
        match ty {
            Ty::I32 => "uint",
            Ty::I64 => "ulong",
            Ty::F32 => "float",
            Ty::F64 => "double",
            Ty::V128 => "uint4",
        }
    }

    fn integer(&self, bytes: u32, sign: Sign) -> &'static str {
        match (bytes, sign) {
            (1, Sign::Unsigned) => "uchar",
            (1, Sign::Signed) => "char",
            (2, Sign::Unsigned) => "ushort",
            (2, Sign::Signed) => "short",
            (4, Sign::Unsigned) => "uint",
            (4, Sign::Signed) => "int",
            (8, Sign::Unsigned) => "ulong",
            (8, Sign::Signed) => "long",
            _ => "uint4",
        }
    }

    fn constant(&self, ty: Ty, bits: Bits) -> String {
        match ty {
            Ty::I32 => word(bits as u32),
            Ty::I64 => long(bits as u64),
            Ty::F32 => {
                let value = f32::from_bits(bits as u32);
                let text = format!("{value:?}f");
                if value.is_finite() { parenthesised(text) } else { format!("as_float({:#x}u)", bits as u32) }
            }
            Ty::F64 => {
                let value = f64::from_bits(bits as u64);
                let text = format!("{value:?}");
                if value.is_finite() { parenthesised(text) } else { format!("as_double({:#x}ul)", bits as u64) }
            }
            Ty::V128 => {
                let words: Vec<_> = (0..4).map(|i| format!("{:#x}u", (bits >> (32 * i)) as u32)).collect();
                format!("(uint4)({})", words.join(", "))
            }
        }
    }

    fn zero(&self, ty: Ty) -> &'static str {
        if ty == Ty::V128 { "(uint4)(0u)" } else { "0" }
    }

    fn reinterpret(&self, to: Ty, value: &str) -> String {
        format!("as_{}({value})", self.ty(to))
    }

    fn alignment(&self, access: &Operation) -> &'static str {
        alignment(access)
    }

    fn extract_lane(&self, op: Op, vector: &str, lane: u8) -> String {
        let (ty, cast) = match op {
            Op::I8x16ExtractLaneS => ("char16", "(uint)(int)"),
            Op::I8x16ExtractLaneU => ("uchar16", "(uint)"),
            Op::I16x8ExtractLaneS => ("short8", "(uint)(int)"),
            Op::I16x8ExtractLaneU => ("ushort8", "(uint)"),
            Op::I64x2ExtractLane => ("ulong2", ""),
            Op::F32x4ExtractLane => ("float4", ""),
            Op::F64x2ExtractLane => ("double2", ""),
            _ => ("uint4", ""),
        };
        format!("{cast}as_{ty}({vector}).s{lane:x}")
    }

    fn shuffle_lanes(&self, lanes: &[u8]) -> String {
        let lanes: Vec<_> = lanes.iter().map(u8::to_string).collect();
        format!("(uchar16)({})", lanes.join(", "))
    }

    fn function(&self, index: u32) -> String {
        format!("function_{index}")
    }

    fn machine(&self) -> (&'static str, &'static str) {
        ("machine *m", "m")
    }

    fn global(&self, index: u32) -> String {
        format!("m->g{index}")
    }

    fn offset(&self, _: Site) -> Option<usize> {
        None
    }

    fn site(&self, site: Site) -> String {
        format!("{}u", site.as_u32())
    }

    fn float_freedom(&self, index: u32) -> &'static [&'static str] {
        if self.contracted.contains(&index) && !self.has_fused { &["#pragma OPENCL FP_CONTRACT ON"] } else { &[] }
    }

    /// NVIDIA's compiler does not heed the pragma.
    fn fuses(&self, index: u32) -> bool {
        self.has_fused && self.contracted.contains(&index)
    }

    fn entry(&self, _: u32) -> Option<String> {
        None
    }

    fn chosen_by(&self, index: &str) -> String {
        index.to_owned()
    }

    fn goes_on_after_traps(&self) -> bool {
        true
    }

    /// Only native code has such calls.
    fn table_call(&self, _: u32, _: u32, index: &str, _: Site) -> String {
        index.to_owned()
    }
}

/// A 32-bit constant.
fn word(value: u32) -> String {
    let near_zero_below = (-65535..0).contains(&(value as i32));
    if near_zero_below {
        format!("(uint){}", value as i32)
    } else if value < 65536 {
        format!("{value}u")
    } else {
        format!("{value:#x}u")
    }
}

/// A 64-bit constant.
fn long(value: u64) -> String {
    let near_zero_below = (-65535..0).contains(&(value as i64));
    match (near_zero_below, value < 65536) {
        (true, _) => format!("(ulong){}l", value as i64),
        (_, true) => format!("{value}ul"),
        _ => format!("{value:#x}ul"),
    }
}

fn parenthesised(text: String) -> String {
    if text.starts_with('-') { format!("({text})") } else { text }
}

/// Translates a program.
pub(crate) fn translate(program: &Program, facts: &Facts, options: &Options, names: &[(u32, String)]) -> Artifact {
    let (worksharing, versions) = (&facts.worksharing, &BTreeMap::new());
    let dialect = OpenCl { contracted: program.contracted.clone(), has_fused: !options.blocks };
    let combiners = &combiners(program);
    let meeting = &program.meeting();
    let members = program.forked().filter(|(_, role)| *role == Role::Member);
    let members = &members.map(|key| (key.0, meeting.contains(&key))).collect();
    let has_teams = facts.is_league && facts.has_forks && !options.blocks;
    let locks = &locks(program);
    let context = Context {
        dialect: &dialect,
        versions,
        worksharing,
        combiners,
        members,
        has_teams,
        locks,
        meeting,
        options,
        names,
    };
    let entries = Entries::new(program, &context, facts);
    let print = |key: &Key, variant| {
        let worksharing = facts.forked.get(&key.0).filter(|_| key.1 == Role::Microtask).unwrap_or(worksharing);
        c::print(&Context { worksharing, ..context }, &program.functions[key], key.1, variant)
    };
    // Combiners first, then what uses them.
    let (first, others): (Vec<Key>, Vec<Key>) = program.order.iter().partition(|(_, role)| *role == Role::Combiner);
    let mut functions: String = first.iter().map(|key| print(key, Variant::Checked)).collect();
    functions.push_str(&entries.accumulate());
    let (entry, others): (Vec<Key>, Vec<Key>) = others.into_iter().partition(|key| *key == program.entry);
    functions.extend(others.iter().map(|key| print(key, Variant::Checked)));
    let entry = |variant| entry.iter().map(|key| print(key, variant)).collect::<String>();
    let special = match entries.points {
        EntryPoints { tiles: true, .. } => Some(Variant::Tile),
        EntryPoints { one_each: true, .. } => Some(Variant::OneEach),
        _ => None,
    };
    match special {
        Some(special) => functions.push_str(&entries::either(&entry(special), &entry(Variant::Checked))),
        None => functions.push_str(&entry(Variant::Checked)),
    }
    functions.push('\n');
    functions.push_str(&entries.print());

    let has_calls = program.functions.values().any(|function| !function.callees.is_empty());
    let is_ordered = !entries.points.reduce && !has_calls && !facts.is_league;
    let has_team_memory = facts.team_memory > 0;
    let may_trap = facts.may_trap(options.bounds);
    let variants = Variants {
        bounds: options.bounds,
        blocks: options.blocks,
        is_ordered,
        may_trap,
        has_team_memory,
        marks: options.marks,
        grows: facts.growing > 0,
    };
    let mut called = called(program, facts, entries.points);
    called.extend(entries.own_functions().map(str::to_owned));
    let prelude = prelude::needed(called.iter().map(String::as_str), &variants);
    let (header, types) = (header(facts, options), entries.types());
    Artifact {
        text: format!("{header}\n{types}\n\n{prelude}{}", functions.trim_start()),
        params: entries.params.clone(),
        entries: entries.points,
        accumulator: program.entry().accumulator_size(),
        local_memory: entries.local_memory(),
        longest_group: entries.longest_group(),
        team_size: entries.team_size(),
        locks: locks.len(),
    }
}

/// What combines the private copies of microtasks, by the microtask.
fn combiners(program: &Program) -> BTreeMap<u32, u32> {
    let microtasks = program.microtasks().into_iter();
    microtasks.filter_map(|key| Some((key.0, program.functions[&key].combiner()?))).collect()
}

/// Names of functions that the text calls, of those that the prelude may have.
fn called(program: &Program, facts: &Facts, points: EntryPoints) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for function in program.functions.values() {
        for_each_stmt(&function.body, &mut |stmt| {
            if matches!(stmt, Stmt::Unreachable(_) | Stmt::CheckStack(..) | Stmt::CallIndirect { .. }) {
                names.insert("trap".to_owned());
            }
            if matches!(stmt, Stmt::Print(_)) {
                names.insert("printed_record".to_owned());
            }
        });
        for_each_part(&function.body, &mut |part| {
            if let Expr::Operation(operation) = part {
                let name = [c::memory_prefix(operation.memory), operation.op.name(), alignment(operation)];
                names.insert(name.concat());
                let divides_rows = points.tiles
                    && operation.op.is_division()
                    && facts.worksharing.divisor.as_ref() == operation.operands.get(1);
                names.extend(divides_rows.then(|| format!("tiled_{}", operation.op.name())));
            }
        });
    }
    names
}

/// The locks of critical sections, in order.
fn locks(program: &Program) -> Vec<u32> {
    let mut locks = BTreeSet::new();
    for function in program.functions.values() {
        for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Critical { lock, .. } = stmt {
                locks.insert(*lock);
            }
        });
    }
    locks.into_iter().collect()
}

/// What the name of an access ends with: vectors of longer elements are read and written in halves of 8 bytes, not in four parts.
fn alignment(access: &Operation) -> &'static str {
    let is_whole_vector = matches!(access.op.kind(), Kind::Load(16, _) | Kind::Store(16));
    if is_whole_vector && access.alignment >= 8 { "_aligned8" } else { "" }
}

/// What stands first.
fn header(facts: &Facts, options: &Options) -> String {
    let mut header = String::new();
    if options.comments {
        header.push_str("/* Each work-item runs the kernel function for one thread id. `m` is what it has beside its variables: the memory,\n");
        header.push_str(
            " * the trap record, the globals. An instruction without an operator in C is a function of its name. */\n",
        );
    }
    header.push_str("#pragma OPENCL FP_CONTRACT OFF\n");
    if facts.uses_f64 {
        header.push_str("#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n");
    }
    if facts.uses_atomics64 {
        header.push_str("#pragma OPENCL EXTENSION cl_khr_int64_base_atomics : enable\n");
        header.push_str("#pragma OPENCL EXTENSION cl_khr_int64_extended_atomics : enable\n");
    }
    header
}
