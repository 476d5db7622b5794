//! Prints `shim/include/omp2wasi/abi.h`, the C side of this crate.

use crate::{imports, layout, llvm};
use alloc::string::String;
use core::fmt::Write;

/// Byte offsets in shared records, by their names in C.
const OFFSETS: &[(&str, u32)] = &[
    ("TEAM_ARGV", layout::team::ARGV),
    ("TEAM_ARGC", layout::team::ARGC),
    ("TEAM_MICROTASK", layout::team::MICROTASK),
    ("TEAM_THREADS", layout::team::THREADS),
    ("TEAM_HEAD_SIZE", layout::team::HEAD_SIZE),
    ("THREAD_STACK_POINTER", layout::thread::STACK_POINTER),
    ("THREAD_STACK_LIMIT", layout::thread::STACK_LIMIT),
    ("THREAD_TLS_BASE", layout::thread::TLS_BASE),
    ("THREAD_GTID", layout::thread::GTID),
    ("THREAD_BTID", layout::thread::BTID),
    ("THREAD_HEAD_SIZE", layout::thread::HEAD_SIZE),
    ("RANGE_BEGIN", layout::range::BEGIN),
    ("RANGE_SIZE", layout::range::SIZE),
    ("RANGE_BASE", layout::range::BASE),
    ("RANGE_FLAGS", layout::range::FLAGS),
    ("RANGE_RECORD_SIZE", layout::range::RECORD_SIZE),
    ("LAUNCH_REGION", layout::launch::REGION),
    ("LAUNCH_MICROTASK", layout::launch::MICROTASK),
    ("LAUNCH_ARGC", layout::launch::ARGC),
    ("LAUNCH_ARGV", layout::launch::ARGV),
    ("LAUNCH_ITERATIONS", layout::launch::ITERATIONS),
    ("LAUNCH_RANGES", layout::launch::RANGES),
    ("LAUNCH_RANGES_LEN", layout::launch::RANGES_LEN),
    ("LAUNCH_TEAMS", layout::launch::TEAMS),
    ("LAUNCH_THREAD_LIMIT", layout::launch::THREAD_LIMIT),
    ("LAUNCH_RECORD_SIZE", layout::launch::RECORD_SIZE),
    ("PRINTED_SIZE", layout::printed::SIZE),
    ("PRINTED_FUNCTION", layout::printed::FUNCTION),
    ("PRINTED_FORMAT", layout::printed::FORMAT),
    ("PRINTED_STRINGS", layout::printed::STRINGS),
    ("PRINTED_ARGUMENTS", layout::printed::ARGUMENTS),
    ("PRINTED_MAX_SIZE", layout::printed::MAX_SIZE),
];

/// The text of `abi.h`.
pub fn c_header() -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = write_header(&mut out);
    out
}

fn write_header(out: &mut String) -> core::fmt::Result {
    out.push_str(
        "/* The contract between shim, rewriter, codegen and runtime. Printed by the crate omp2wasi-abi; change it there. */\n\
         #ifndef OMP2WASI_ABI_H\n#define OMP2WASI_ABI_H\n\n#include <stdint.h>\n",
    );
    for function in imports::ALL {
        let result = if function.results.is_empty() { "void" } else { "int32_t" };
        writeln!(out, "\n/* {} */", function.doc)?;
        writeln!(out, "__attribute__((import_module(\"{}\"), import_name(\"{}\")))", function.module, function.name)?;
        write!(out, "{result} omp2wasi_host_{}(", function.name)?;
        for (i, (name, _)) in function.params.iter().enumerate() {
            write!(out, "{}uint32_t {name}", if i == 0 { "" } else { ", " })?;
        }
        out.push_str(if function.params.is_empty() { "void);\n" } else { ");\n" });
    }
    writeln!(
        out,
        "\n/* The export that kernels call behind the microtask. */\n#define OMP2WASI_END_REGION \"{}\"",
        layout::END_REGION
    )?;
    out.push_str("\n/* Byte offsets in shared records: of what kernels read, of memory ranges, and of what regions print. */\nenum {\n");
    for (name, value) in OFFSETS {
        writeln!(out, "  OMP2WASI_{name} = {value},")?;
    }
    out.push_str("};\n");
    for (title, values) in [
        ("Results of wasi-parallel's functions", imports::Errno::ALL),
        ("Flags of memory ranges", imports::range::ALL),
        ("Directions of device_sync; a teams region that accesses no mapped memory itself", imports::device::ALL),
        ("Functions that regions print with", layout::printed::ALL),
    ] {
        writeln!(out, "\n/* {title} */\nenum {{")?;
        for (name, value) in values {
            writeln!(out, "  {name} = {value},")?;
        }
        out.push_str("};\n");
    }
    for (title, values) in [
        ("Kinds of schedules, and their modifiers (LLVM's kmp.h, enum sched_type).", llvm::sched_type::ALL),
        ("Flags of maps, and the positions of two more (LLVM's omptarget.h, enum tgt_map_type).", llvm::map_type::ALL),
        ("Flags of a construct's ident_t (LLVM's kmp.h, KMP_IDENT_*).", llvm::ident_flag::ALL),
        ("Flags of an explicit task (LLVM's kmp.h, kmp_tasking_flags_t).", llvm::task_flag::ALL),
        ("What clauses say about the sizes of a taskloop's tasks (LLVM's kmp_tasking.cpp).", llvm::task_size::ALL),
        ("How a task depends on others (LLVM's kmp.h, kmp_depend_info).", llvm::dependence::ALL),
        ("What is cancelled (LLVM's kmp.h, kmp_cancel_kind_t).", llvm::cancel::ALL),
        ("omp_proc_bind_t (OpenMP 5.2, section 18.3.1).", llvm::proc_bind::ALL),
    ] {
        writeln!(out, "\n/* {title} */\nenum {{")?;
        for (name, value) in values {
            writeln!(out, "  {name} = {value},")?;
        }
        out.push_str("};\n");
    }
    out.push_str("\n#endif\n");
    Ok(())
}
