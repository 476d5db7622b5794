//! Kernels and what is around the functions: entry points, virtual threads, work-sharing loops, reductions.

use super::{Printer, c_type};
use crate::frame;
use crate::instructions::Ty;
use crate::ir::{Chunk, Dispatch, Function, Iterations, Var};
use crate::openmp::Role;
use crate::{Kernel, Program};
use std::fmt::Write;

/// Longer accumulators would not fit into a work-group's local memory.
pub(super) const MAX_ACCUMULATOR: usize = 160;

/// What the text of a kernel depends on, beside its functions.
pub(super) struct Shape<'p> {
    pub globals: &'p [(u32, Ty)],
    pub is_region: bool,
    pub is_tiled: bool,
    /// The function that reduces private copies, and the microtask, if the region has reductions.
    pub reduction: Option<(u32, &'p Function)>,
    pub parameters: usize,
    pub entry: u32,
}

impl<'p> Shape<'p> {
    pub fn new(program: &'p Program, globals: &'p [(u32, Ty)], is_tiled: bool) -> Self {
        let entry = program.entry();
        let is_region = program.entry_role == Role::Microtask;
        Self {
            globals,
            is_region,
            is_tiled,
            reduction: entry.combiner().map(|combiner| (combiner, entry)),
            parameters: entry.params - if is_region { 2 } else { 3 },
            entry: program.entry,
        }
    }

    /// Bytes that hold an accumulator: each part aligned as it may be, and whether there is anything.
    pub fn accumulator(&self) -> Option<usize> {
        self.reduction.map(|(_, function)| {
            let parts: usize = function.accumulated.iter().map(|(_, _, bytes)| (*bytes as usize).max(8)).sum();
            (parts + 8).next_multiple_of(16)
        })
    }

    /// The types: what a work-item has beside its variables.
    pub fn types(&self) -> String {
        let mut out = String::new();
        if let Some((_, function)) = self.reduction {
            out.push_str("typedef struct {\n");
            for (number, (_, _, bytes)) in function.accumulated.iter().enumerate() {
                let _ = writeln!(out, "    {} r{number};", bits_type(*bytes));
            }
            out.push_str("    uint has;\n} accumulator;\n");
        }
        out.push_str("typedef struct {\n    __global uchar *memory;\n    ulong size;\n    __global uint *trap;\n    uint trapped;\n");
        if self.is_region {
            out.push_str("    ulong thread, threads, block, end;\n");
        }
        if self.is_tiled {
            out.push_str("    uint tiled, row, column;\n    ulong index, width;\n");
        }
        if self.reduction.is_some() {
            out.push_str("    accumulator total;\n");
        }
        for (index, ty) in self.globals {
            let _ = writeln!(out, "    {} g{index};", c_type(*ty));
        }
        out.push_str("} machine;\n");
        out
    }

    /// What is between the functions that combine and those that reduce.
    pub fn accumulate(&self) -> String {
        let Some((combiner, _)) = self.reduction else {
            return String::new();
        };
        format!(
            "
/* Adds to what this work-item has. */
static void accumulate(machine *m, accumulator *part)
{{
    if (m->total.has)
        combine_{combiner}(m, &m->total, part);
    else
        m->total = *part;
    m->total.has = 1u;
}}

/* Gives a work-group's first item what all of them have. */
static void share(machine *m, __local accumulator *totals)
{{
    uint me = get_local_id(0), left = get_local_size(0);
    totals[me] = m->total;
    while (left > 1u) {{
        uint middle = (left + 1u) / 2u;
        barrier(CLK_LOCAL_MEM_FENCE);
        if (me < left / 2u && totals[me + middle].has) {{
            accumulator part = totals[me + middle];
            accumulate(m, &part);
            totals[me] = m->total;
        }}
        left = middle;
    }}
}}
"
        )
    }

    pub fn entry_points(&self) -> String {
        let parameters: String = (0..self.parameters).map(|i| format!(", p{i}")).collect();
        let mut out = self.head(Kernel::ENTRY);
        if !self.is_region {
            out.push_str("    if (get_global_id(0) >= count)\n        return;\n");
            let call = "(&state, first + (uint)get_global_id(0), num_threads, block_size";
            let _ = writeln!(out, "    function_{}{call}{parameters});\n}}", self.entry);
            return out;
        }
        // The first virtual thread finds out how many there are.
        let _ = write!(
            out,
            "    state.thread = get_global_id(0);
    if (state.thread < count) {{
        do {{
            state.threads = 0ul;
            microtask_{}(&state{parameters});
            state.thread += count;
        }} while (state.thread < state.threads && !state.trapped);
    }}
",
            self.entry
        );
        if self.reduction.is_none() {
            out.push_str("}\n");
            return out;
        }
        out.push_str(
            "    share(&state, totals);
    if (get_local_id(0) == 0u)
        ((__global accumulator *)partials)[get_group_id(0)] = state.total;
}

",
        );
        out.push_str(&self.head(Kernel::REDUCE));
        let _ = write!(
            out,
            "    for (uint group = get_local_id(0); group < count; group += get_local_size(0)) {{
        accumulator part = ((__global accumulator *)partials)[group];
        if (part.has)
            accumulate(&state, &part);
    }}
    share(&state, totals);
    if (get_local_id(0) == 0u && state.total.has)
        last_{}(&state{parameters});
}}
",
            self.entry
        );
        out
    }

    /// An entry point up to where it has its state.
    fn head(&self, name: &str) -> String {
        let mut out = format!(
            "__kernel void {name}(__global uchar *memory, ulong size, __global uint *trap,\n        uint first, uint count, uint num_threads, uint block_size"
        );
        if self.reduction.is_some() {
            out.push_str(", __global uchar *partials");
        }
        for i in 0..self.parameters {
            let _ = write!(out, ", uint p{i}");
        }
        for (index, ty) in self.globals {
            let _ = write!(out, ", {} g{index}", c_type(*ty));
        }
        out.push_str(")\n{\n");
        if self.reduction.is_some() {
            let _ = writeln!(out, "    __local accumulator totals[{}];", Kernel::MAX_GROUP);
        }
        out.push_str("    machine state;\n    state.memory = memory;\n    state.size = size;\n    state.trap = trap;\n    state.trapped = 0u;\n");
        if self.is_region {
            out.push_str("    state.block = block_size;\n");
        }
        if self.reduction.is_some() {
            out.push_str("    state.total.has = 0u;\n");
        }
        for (index, _) in self.globals {
            let _ = writeln!(out, "    state.g{index} = g{index};");
        }
        out
    }
}

/// A type with so many bytes.
pub(super) fn bits_type(bytes: u32) -> &'static str {
    match bytes {
        1 => "uchar",
        2 => "ushort",
        4 => "uint",
        8 => "ulong",
        _ => "uint4",
    }
}

impl Printer<'_, '_> {
    fn lines(&mut self, text: &str) {
        text.lines().for_each(|line| self.line(line));
    }

    /// This virtual thread's iterations; the function ends here where there are none.
    ///
    /// Where it gets one iteration, clang's code makes sure that the upper bound is not above the loop's, which it is not. Saying that it
    /// is still the lower bound lets the compiler see that loops around the body run once.
    pub(super) fn iterations(&mut self, iterations: &Iterations) {
        let [last, lower, upper, stride] = self.bounds(iterations);
        let (ty, signed) = types(iterations);
        if self.role == Role::LastMicrotask {
            // No iteration, and not the last one.
            return self.lines(&format!("{lower} = {upper} + 1u;\n{stride} = 1u;\n{last} = 0u;"));
        }
        self.line("{");
        self.indent += 1;
        self.line(&format!("ulong trip = {signed}{upper} < {signed}{lower} ? 0ul : (ulong)({upper} - {lower}) + 1ul;"));
        let chunk = match &iterations.chunk {
            Chunk::Size(size) => Some(format!("max(1ul, (ulong)({}))", self.top(size))),
            Chunk::Free if self.options.blocks => Some("m->block".to_owned()),
            Chunk::One if self.options.blocks && self.shared.strided.is_some() => Some("m->block".to_owned()),
            Chunk::Free | Chunk::One => None,
        };
        match (chunk, &self.shared.expanded_width) {
            (Some(chunk), _) => self.lines(&format!(
                "ulong chunk = {chunk}, at = m->thread * chunk;\nm->threads = (trip + chunk - 1ul) / chunk;"
            )),
            (None, Some(width)) => {
                let width = self.top(width);
                self.lines(&format!("ulong at = deal_tiles(m, trip, {lower}, {width});"));
            }
            (None, None) => self.lines("ulong at = m->thread;\nm->threads = trip;"),
        }
        self.lines(&format!("if (at >= trip)\n    return;\n{lower} += ({ty})at;"));
        match (&iterations.chunk, self.options.blocks) {
            (Chunk::One, true) if self.shared.strided.is_some() => {
                // The loop counts to the upper bound by the stride: it is left at the end of this block.
                self.lines(&format!(
                    "ulong left = min(chunk, trip - at);
m->end = (ulong)({lower} + ({ty})(left - 1ul));
{stride} = 1u;
{last} = (uint)(at + left == trip);"
                ));
            }
            (Chunk::Size(_), _) | (Chunk::Free, true) => self.lines(&format!(
                "ulong left = min(chunk, trip - at);
{stride} = ({ty})trip;
{upper} = {lower} + ({ty})(left - 1ul);
{last} = (uint)(at + left == trip);"
            )),
            _ => {
                self.lines(&format!("{stride} = ({ty})trip;\n{upper} = {lower};\n{last} = (uint)(at + 1ul == trip);"));
                if self.is_tiled() {
                    self.line(&format!("m->index = {lower};"));
                }
                self.single = Some((lower, upper));
            }
        }
        self.indent -= 1;
        self.line("}");
    }

    /// Names of what a loop has in the frame: last, lower, upper, stride.
    fn bounds(&self, iterations: &Iterations) -> [String; 4] {
        frame::iteration_slots(iterations).map(|slot| self.slot(slot))
    }

    pub(super) fn dispatch(&mut self, dispatch: &Dispatch) {
        let size = match &dispatch.chunk {
            Some(size) => format!("max(1ul, (ulong){})", self.expr(size)),
            None if self.options.blocks => "m->block".to_owned(),
            None => "1ul".to_owned(),
        };
        let (lower, upper) = (self.top(&dispatch.lower), self.top(&dispatch.upper));
        let [first, last, size_var, left] =
            [dispatch.first, dispatch.last, dispatch.size, dispatch.left].map(|var| self.var(var));
        self.lines(&format!("{first} = {lower};\n{last} = {upper};\n{size_var} = {size};\n{left} = 1u;"));
    }

    /// A virtual thread asks for chunks until there are none: it gets one.
    pub(super) fn next_chunk(&mut self, dispatch: &Dispatch, chunk: &Iterations, result: Var) {
        let result = self.var(result);
        if self.role == Role::LastMicrotask {
            return self.line(&format!("{result} = 0u;"));
        }
        let [last, lower, upper, stride] = self.bounds(chunk);
        let (ty, signed) = types(chunk);
        let [first_value, last_value, size, left] =
            [dispatch.first, dispatch.last, dispatch.size, dispatch.left].map(|var| self.var(var));
        self.lines(&format!(
            "{result} = 0u;
if ({left} != 0u) {{
    ulong trip = {signed}{last_value} < {signed}{first_value} ? 0ul : (ulong)({last_value} - {first_value}) + 1ul;
    ulong at = m->thread * {size}, count = min({size}, trip - min(at, trip));
    m->threads = (trip + {size} - 1ul) / {size};
    {left} = 0u;
    if (count != 0ul) {{
        {lower} = {first_value} + ({ty})at;
        {upper} = {lower} + ({ty})(count - 1ul);
        {stride} = 1u;
        {last} = (uint)(at + count == trip);
        {result} = 1u;
    }}
}}"
        ));
    }

    /// A virtual thread's private copies go into its work-item's accumulator; at the very end, what has been accumulated goes there.
    pub(super) fn reduce(&mut self, privates: &[i32]) {
        let fields = self.function.accumulated.iter().enumerate();
        let fields: Vec<_> =
            fields.map(|(number, field)| (number, self.slot(frame::reduced_slot(privates, *field)))).collect();
        if self.role == Role::LastMicrotask {
            for (number, slot) in fields {
                self.line(&format!("{slot} = m->total.r{number};"));
            }
            return;
        }
        self.line("{");
        self.indent += 1;
        self.line("accumulator part;");
        for (number, slot) in fields {
            self.line(&format!("part.r{number} = {slot};"));
        }
        self.lines("part.has = 1u;\naccumulate(m, &part);");
        self.indent -= 1;
        self.line("}");
    }
}

/// The C type of a loop variable, and the cast that gives it its sign.
fn types(iterations: &Iterations) -> (&'static str, &'static str) {
    match (iterations.ty, iterations.signed) {
        (Ty::I64, true) => ("ulong", "(long)"),
        (Ty::I64, false) => ("ulong", ""),
        (_, true) => ("uint", "(int)"),
        (_, false) => ("uint", ""),
    }
}
