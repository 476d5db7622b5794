//! Kernels and what is around the functions: entry points, virtual threads, work-sharing loops, reductions.

use super::{Dealt, Printer, c_type};
use crate::deal;
use crate::frame;
use crate::instructions::Ty;
use crate::ir::{Chunk, Dispatch, Expr, Function, Iterations, Var};
use crate::openmp::Role;
use crate::{Entries, Kernel, Options, Program};
use std::fmt::Write;

/// Longer accumulators would not fit into a work-group's local memory.
pub(super) const MAX_ACCUMULATOR: usize = 160;

/// How many virtual threads of a reduction are run at a time.
const AT_A_TIME: usize = 4;

/// What the text of a kernel depends on, beside its functions.
pub(super) struct Shape<'p> {
    pub globals: &'p [(u32, Ty)],
    pub is_region: bool,
    pub entries: Entries,
    /// Parameters that are parts of addresses, and what they are multiples of, mostly; whether they are given divided by that.
    pub pointers: Vec<usize>,
    pub multiple: u32,
    pub are_aligned: bool,
    /// The function that reduces private copies, and the microtask, if the region has reductions.
    pub reduction: Option<(u32, &'p Function)>,
    pub parameters: usize,
    pub entry: u32,
    /// Whether something in its functions may trap.
    pub may_trap: bool,
    pub has_blocks: bool,
}

impl<'p> Shape<'p> {
    pub fn new(program: &'p Program, globals: &'p [(u32, Ty)], shared: &deal::Loop, options: &Options) -> Self {
        let entry = program.entry();
        let is_region = program.entry_role == Role::Microtask;
        let space = shared.space.as_ref().filter(|_| shared.is_single && !options.blocks);
        let tiles = space.is_some_and(|space| space.width.is_some());
        Self {
            globals,
            is_region,
            entries: Entries { tiles, sure: space.is_some() && !tiles },
            pointers: if is_region { deal::pointers(entry) } else { Vec::new() },
            multiple: deal::longest_access(entry),
            are_aligned: options.aligned,
            reduction: entry.combiner().map(|combiner| (combiner, entry)),
            parameters: entry.params - if is_region { 2 } else { 3 },
            entry: program.entry,
            may_trap: true,
            has_blocks: options.blocks,
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
        out.push_str("typedef struct {\n    __global uchar *memory;\n    ulong size;\n    uint trapped;\n");
        if self.is_region {
            out.push_str(if self.has_blocks {
                "    ulong thread, threads, block, end;\n"
            } else {
                "    ulong thread, threads;\n"
            });
        }
        if self.entries.tiles {
            out.push_str("    uint row, column;\n    ulong index, width;\n");
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

static uint local_id(void)
{{
    return get_local_id(1) * get_local_size(0) + get_local_id(0);
}}

/* Gives a work-group's first item what all of them have. */
static void share(machine *m, __local accumulator *totals)
{{
    uint me = local_id(), left = get_local_size(0) * get_local_size(1);
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
        let mut out = self.head(Kernel::ENTRY);
        if !self.is_region {
            out.push_str("    if (get_global_id(0) >= count)\n        return;\n");
            let parameters = self.arguments();
            let call = "(&state, first + (uint)get_global_id(0), num_threads, block_size";
            let _ = writeln!(out, "    function_{}{call}{parameters});\n{}}}", self.entry, self.record());
            return out;
        }
        let (entry, arguments) = (self.entry, self.arguments());
        // The first virtual thread finds out how many there are.
        let _ = write!(
            out,
            "    state.threads = get_global_id(0) < count ? ~0ul : 0ul;
    for (state.thread = get_global_id(0); state.thread < state.threads && !state.trapped; state.thread += count) {{
        state.threads = 0ul;
        microtask_{entry}(&state{arguments});
    }}
"
        );
        self.end(&mut out);
        if self.entries.sure {
            out.push('\n');
            out.push_str(&self.head(Kernel::SURE));
            out.push_str(&self.sure());
            self.end(&mut out);
        }
        if self.entries.tiles {
            out.push('\n');
            out.push_str(&self.head(Kernel::TILES));
            let _ = write!(
                out,
                "    state.width = num_threads;
    state.column = get_global_id(0);
    state.row = get_global_id(1);
    state.index = (ulong)state.row * num_threads + state.column;
    if (state.column < num_threads && state.row < count)
        tile_{entry}(&state{arguments});
"
            );
            self.end(&mut out);
        }
        if self.reduction.is_some() {
            out.push('\n');
            out.push_str(&self.head(Kernel::REDUCE));
            let _ = write!(
                out,
                "    for (uint group = local_id(); group < count; group += get_local_size(0)) {{
        accumulator part = ((__global accumulator *)partials)[group];
        if (part.has)
            accumulate(&state, &part);
    }}
    share(&state, totals);
    if (local_id() == 0u && state.total.has)
        last_{}(&state{});
{}}}
",
                self.entry,
                self.arguments(),
                self.record()
            );
        }
        out
    }

    /// What [`Kernel::SURE`] does.
    ///
    /// A reduction has many virtual threads for a work-item. The first one is apart: from then on there is something to add to. The others
    /// run several at a time: their loads need not wait for each other.
    fn sure(&self) -> String {
        let run = format!("sure_{}(&state{});", self.entry, self.arguments());
        if self.reduction.is_none() {
            return format!(
                "    state.thread = get_global_id(0);
    if (state.thread < num_threads)
        {run}
"
            );
        }
        let one = format!("{run} state.thread += count;\n");
        format!(
            "    ulong threads = get_global_id(0) < count ? num_threads : 0ul;
    state.thread = get_global_id(0);
    if (state.thread < threads) {{
        {one}        while (state.thread + {}ul * count < threads && !state.trapped) {{
{}        }}
        while (state.thread < threads && !state.trapped) {{
            {one}        }}
    }}
",
            AT_A_TIME - 1,
            format!("            {one}").repeat(AT_A_TIME)
        )
    }

    /// The end of an entry point: a group's accumulators are combined.
    fn end(&self, out: &mut String) {
        if self.reduction.is_some() {
            out.push_str(
                "    share(&state, totals);
    if (local_id() == 0u)
        ((__global accumulator *)partials)[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = state.total;
",
            );
        }
        let _ = writeln!(out, "{}}}", self.record());
    }

    fn record(&self) -> &'static str {
        if self.may_trap { "    record(&state, traps);\n" } else { "" }
    }

    /// Whether entry points are given a block size.
    pub fn has_block_size(&self) -> bool {
        !self.is_region || self.has_blocks
    }

    fn arguments(&self) -> String {
        (0..self.parameters).map(|i| format!(", p{i}")).collect()
    }

    /// An entry point up to where it has its state.
    fn head(&self, name: &str) -> String {
        let traps = if self.may_trap { ", __global uint *traps" } else { "" };
        let first = if self.is_region && !self.has_blocks { "" } else { "uint first, " };
        let block_size = if self.has_block_size() { ", uint block_size" } else { "" };
        let mut out = format!(
            "__kernel void {name}(__global uchar *memory, ulong size{traps},\n        {first}uint count, uint num_threads{block_size}"
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
        out.push_str(
            "    machine state;\n    state.memory = memory;\n    state.size = size;\n    state.trapped = 0u;\n",
        );
        if self.is_region && self.has_blocks {
            out.push_str("    state.block = block_size;\n");
        }
        for var in self.pointers.iter().filter(|_| self.are_aligned) {
            let _ = writeln!(out, "    p{} *= {}u;", var - 2, self.multiple);
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

/// How many iterations a loop has between two values of its variable.
fn trip(lower: &str, upper: &str, signed: &str) -> String {
    format!("{signed}{upper} < {signed}{lower} ? 0ul : (ulong)({upper} - {lower}) + 1ul")
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

    /// Where a virtual thread has one iteration: clang's code stores an upper bound that is not above the loop's. `stored` is what it
    /// stores, `text` the statement.
    ///
    /// The first store is meant: others belong to the next chunk. Saying that it is still the lower bound lets the compiler see that loops
    /// around the body run once.
    pub(super) fn clamp(&mut self, stored: &Expr, text: &str) {
        let single = self.single.take_if(|(_, upper, _)| text.starts_with(&format!("{upper} = ")));
        let Some((lower, upper, ty)) = single else {
            return;
        };
        let var = match stored {
            Expr::Op(op) => op.operands.get(1).filter(|operand| matches!(operand, Expr::Var(_))),
            _ => None,
        };
        let var = var.map_or(String::new(), |var| format!("\n{} = {lower};", self.top(var)));
        if self.dealt != Dealt::Checked {
            return self.lines(&format!("{upper} = {lower};{var}"));
        }
        // What is set on all ways is simpler for compilers, and they forget what a comparison said.
        self.line("{");
        self.indent += 1;
        self.lines(&format!("{ty} bound = {upper};\n{upper} = {lower};{var}\nif (bound != {lower})\n    return;"));
        self.indent -= 1;
        self.line("}");
    }

    /// This virtual thread's iterations; the function ends here where there are none. The stride leads behind the last one, no further: the
    /// sum has to fit into the loop's type.
    pub(super) fn iterations(&mut self, iterations: &Iterations) {
        self.is_before = false;
        let [last, lower, upper, stride] = self.bounds(iterations);
        let (ty, signed) = types(iterations);
        if self.role == Role::LastMicrotask {
            // No iteration, and not the last one.
            return self.lines(&format!("{lower} = {upper} + 1u;\n{stride} = 1u;\n{last} = 0u;"));
        }
        self.line("{");
        self.indent += 1;
        self.line(&format!("ulong trip = {};", trip(&lower, &upper, signed)));
        let chunk = match &iterations.chunk {
            Chunk::Size(size) => Some(format!("max(1ul, (ulong)({}))", self.top(size))),
            Chunk::Free if self.options.blocks => Some("m->block".to_owned()),
            Chunk::One if self.options.blocks && self.shared.strided.is_some() => Some("m->block".to_owned()),
            Chunk::Free | Chunk::One => None,
        };
        match (chunk, self.dealt == Dealt::Tile) {
            (Some(chunk), _) => self.lines(&format!(
                "ulong chunk = {chunk}, at = m->thread * chunk;\nm->threads = (trip + chunk - 1ul) / chunk;"
            )),
            (None, true) => self.line("ulong at = m->index;"),
            (None, false) => self.lines("ulong at = m->thread;\nm->threads = trip;"),
        }
        // Rows begin at iteration 0: see `Space::evaluate`.
        let plus = if self.dealt == Dealt::Tile { "" } else { "+" };
        self.line(&format!("{lower} {plus}= ({ty})at;"));
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
{stride} = ({ty})(trip - at);
{upper} = {lower} + ({ty})(left - 1ul);
{last} = (uint)(at + left == trip);"
            )),
            _ => {
                self.lines(&format!(
                    "{stride} = ({ty})(trip - at);\n{upper} = {lower};\n{last} = (uint)(at + 1ul == trip);"
                ));
                self.single = Some((lower, upper, ty));
            }
        }
        // Last: what is set on all ways is simpler for compilers.
        if self.dealt == Dealt::Checked {
            self.lines("if (at >= trip)\n    return;");
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
    ulong trip = {};
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
}}",
            trip(&first_value, &last_value, signed)
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
    (c_type(iterations.ty), signed(iterations.ty, iterations.signed))
}

fn signed(ty: Ty, is_signed: bool) -> &'static str {
    match (ty, is_signed) {
        (_, false) => "",
        (Ty::I64, true) => "(long)",
        (_, true) => "(int)",
    }
}
