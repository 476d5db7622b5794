//! What is around the functions of a kernel: types, entry points, and how work-items combine their accumulators.

use super::OpenCl;

use crate::Facts;
use crate::dialect::c::Context;
use crate::dialect::{Artifact, Dialect, EntryPoints, Param};
use crate::ir::{Field, Sign};
use crate::lift::program::Program;
use indoc::formatdoc;
use std::fmt::Write;

/// How many virtual threads of a reduction are run at a time.
const AT_A_TIME: usize = 4;

/// The entry points of a kernel, and what they are given.
pub(super) struct Entries<'p> {
    context: &'p Context<'p, OpenCl>,
    facts: &'p Facts,
    pub points: EntryPoints,
    pub params: Vec<Param>,
    may_trap: bool,
    /// The function that combines private copies, and what an accumulator has, if the region has reductions.
    reduction: Option<(u32, &'p [Field])>,
    /// Index of the kernel's function.
    entry: u32,
}

impl<'p> Entries<'p> {
    pub fn new(program: &'p Program, context: &'p Context<'p, OpenCl>, facts: &'p Facts) -> Self {
        let options = context.options;
        let entry = program.entry();
        let space = facts.worksharing.space.as_ref().filter(|_| facts.worksharing.is_single && !options.blocks);
        let tiles = space.is_some_and(|space| space.width.is_some());
        let reduction = entry.combiner().map(|combiner| (combiner, &entry.accumulated[..]));
        let points = EntryPoints { tiles, one_each: space.is_some() && !tiles, reduce: reduction.is_some() };
        let may_trap = facts.may_trap(options.bounds);
        let mut params = vec![Param::Memory, Param::MemorySize];
        params.extend(may_trap.then_some(Param::TrapRecord));
        // A region that is given blocks could do without its first thread id, which is 0; but PoCL's compiler makes code of some that
        // takes twice as long then.
        params.extend((!facts.is_region || options.blocks).then_some(Param::FirstThread));
        params.extend([Param::Count, Param::NumThreads]);
        params.extend((!facts.is_region || options.blocks).then_some(Param::BlockSize));
        params.extend(points.reduce.then_some(Param::Partials));
        params.extend((0..facts.parameters).map(Param::Parameter));
        params.extend(facts.globals.iter().map(|(index, ty)| Param::Global(*index, *ty)));
        Self { context, facts, points, params, may_trap, reduction, entry: entry.index }
    }

    /// The types: what a work-item has beside its variables.
    pub fn types(&self) -> String {
        let facts = self.facts;
        let mut out = String::new();
        if let Some((_, fields)) = self.reduction {
            out.push_str("typedef struct {\n");
            for (number, field) in fields.iter().enumerate() {
                let _ = writeln!(out, "    {} r{number};", self.context.dialect.integer(field.bytes, Sign::Unsigned));
            }
            out.push_str("    uint has;\n} accumulator;\n");
        }
        if facts.private_memory > 0 {
            let _ = writeln!(out, "#define FRAMES {}ul", facts.private_memory);
        }
        out.push_str("typedef struct {\n    __global uchar *memory;\n    ulong size;\n    uint trapped;\n");
        if facts.is_region {
            out.push_str(if self.context.options.blocks {
                "    ulong thread, threads, block, end;\n"
            } else {
                "    ulong thread, threads;\n"
            });
        }
        if self.points.tiles {
            out.push_str("    uint row, column;\n    ulong index, width;\n");
        }
        if self.reduction.is_some() {
            out.push_str("    accumulator total;\n");
        }
        if facts.private_memory > 0 {
            out.push_str("    uchar *frames;\n");
        }
        for (index, ty) in &facts.globals {
            let _ = writeln!(out, "    {} g{index};", self.context.dialect.ty(*ty));
        }
        out.push_str("} machine;");
        out
    }

    /// `accumulate`, which adds a virtual thread's part to what its work-item has, and `share`, which combines what the items of a group
    /// have. They stand after the functions that combine and before those that reduce.
    pub fn accumulate(&self) -> String {
        let Some((combiner, _)) = self.reduction else {
            return String::new();
        };
        formatdoc! {"

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
        "}
    }

    /// The entry points.
    pub fn print(&self) -> String {
        let mut out = self.head(Artifact::ENTRY);
        if !self.facts.is_region {
            out.push_str("    if (get_global_id(0) >= count)\n        return;\n");
            let call = "(&state, first + (uint)get_global_id(0), num_threads, block_size";
            let _ = writeln!(out, "    function_{}{call}{});\n{}}}", self.entry, self.arguments(), self.record());
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
        if self.points.one_each {
            out.push('\n');
            out.push_str(&self.head(Artifact::ONE_EACH));
            out.push_str(&self.one_each());
            self.end(&mut out);
        }
        if self.points.tiles {
            out.push('\n');
            out.push_str(&self.head(Artifact::TILES));
            out.push_str(&self.tiles());
            self.end(&mut out);
        }
        if self.points.reduce {
            out.push('\n');
            out.push_str(&self.head(Artifact::REDUCE));
            let _ = write!(
                out,
                "    for (uint group = local_id(); group < count; group += get_local_size(0)) {{
        accumulator part = ((__global accumulator *)partials)[group];
        if (part.has)
            accumulate(&state, &part);
    }}
    share(&state, totals);
    if (local_id() == 0u && state.total.has)
        last_{entry}(&state{arguments});
{}}}
",
                self.record()
            );
        }
        out
    }

    /// What [`Artifact::TILES`] does. For a reduction there are fewer rows of work-items than of iterations, as each work-group has an
    /// accumulator.
    fn tiles(&self) -> String {
        let run = format!("tile_{}(&state{});", self.entry, self.arguments());
        if self.reduction.is_none() {
            return format!(
                "    state.width = num_threads;
    state.column = get_global_id(0);
    state.row = get_global_id(1);
    state.index = (ulong)state.row * num_threads + state.column;
    if (state.column < num_threads && state.row < count)
        {run}
"
            );
        }
        format!(
            "    state.width = num_threads;
    state.column = get_global_id(0);
    uint rows = state.column < num_threads ? count : 0u;
    for (state.row = get_global_id(1); state.row < rows && !state.trapped; state.row += get_global_size(1)) {{
        state.index = (ulong)state.row * num_threads + state.column;
        {run}
    }}
"
        )
    }

    /// What [`Artifact::ONE_EACH`] does.
    ///
    /// A reduction has many virtual threads for a work-item. The first one is apart: from then on there is something to add to. The others
    /// run several at a time: their loads need not wait for each other.
    fn one_each(&self) -> String {
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

    /// The function that writes down what has trapped, if something may.
    pub fn record_function(&self) -> Option<&'static str> {
        self.may_trap.then_some("record")
    }

    fn record(&self) -> &'static str {
        if self.may_trap { "    record(&state, traps);\n" } else { "" }
    }

    fn arguments(&self) -> String {
        (0..self.facts.parameters).map(|i| format!(", p{i}")).collect()
    }

    /// An entry point up to where it has its state.
    fn head(&self, name: &str) -> String {
        let facts = self.facts;
        let params: Vec<_> = self.params.iter().map(|param| declared(*param)).collect();
        // The addresses and sizes are on the first line.
        let is_first = |param: &&Param| matches!(param, Param::Memory | Param::MemorySize | Param::TrapRecord);
        let first = self.params.iter().take_while(is_first).count();
        let mut out = format!(
            "__kernel void {name}({},\n        {})\n{{\n",
            params[..first].join(", "),
            params[first..].join(", ")
        );
        if self.reduction.is_some() {
            let _ = writeln!(out, "    __local accumulator totals[{}];", Artifact::MAX_GROUP);
        }
        out.push_str(
            "    machine state;\n    state.memory = memory;\n    state.size = size;\n    state.trapped = 0u;\n",
        );
        if facts.private_memory > 0 {
            // Cleared, as whatever was there before is not the program's.
            out.push_str(
                "    uint4 frames[FRAMES / 16ul];
    for (uint i = 0u; i < FRAMES / 16ul; i++)
        frames[i] = (uint4)(0u);
    state.frames = (uchar *)frames;
",
            );
        }
        if facts.is_region && self.context.options.blocks {
            out.push_str("    state.block = block_size;\n");
        }
        for number in facts.pointers.iter().filter(|_| self.context.options.aligned) {
            let _ = writeln!(out, "    p{number} *= {}u;", facts.alignment);
        }
        if self.reduction.is_some() {
            out.push_str("    state.total.has = 0u;\n");
        }
        for (index, _) in &facts.globals {
            let _ = writeln!(out, "    state.g{index} = g{index};");
        }
        out
    }
}

/// The declaration of a parameter.
fn declared(param: Param) -> String {
    match param {
        Param::Memory => "__global uchar *memory".to_owned(),
        Param::MemorySize => "ulong size".to_owned(),
        Param::TrapRecord => "__global uint *traps".to_owned(),
        Param::FirstThread => "uint first".to_owned(),
        Param::Count => "uint count".to_owned(),
        Param::NumThreads => "uint num_threads".to_owned(),
        Param::BlockSize => "uint block_size".to_owned(),
        Param::Partials => "__global uchar *partials".to_owned(),
        Param::Parameter(number) => format!("uint p{number}"),
        Param::Global(index, ty) => format!("{} g{index}", OpenCl::default().ty(ty)),
    }
}
