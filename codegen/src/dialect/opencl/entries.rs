//! What is around the functions of a kernel: types, entry points, and how work-items combine their accumulators.

use super::OpenCl;

use crate::Facts;
use crate::dialect::c::Context;
use crate::dialect::{Artifact, Dialect, EntryPoints, Param};
use crate::ir::visit::for_each_stmt;
use crate::ir::{Field, Sign, Stmt};
use crate::lift::program::Program;
use crate::lift::{ForeseenWord, Role};
use indoc::formatdoc;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many virtual threads of a reduction are run at a time.
const AT_A_TIME: usize = 4;

/// How many bytes of private memory the members of a team have together, if there are more than [`Artifact::MAX_GROUP`].
const MAX_PRIVATE: usize = 4 << 20;

/// The entry points of a kernel, and what they are given.
pub(super) struct Entries<'p> {
    context: &'p Context<'p, OpenCl>,
    facts: &'p Facts,
    pub points: EntryPoints,
    pub params: Vec<Param>,
    may_trap: bool,
    /// The function that combines private copies, if the region has reductions.
    reduction: Option<u32>,
    /// Functions that combine private copies, and what their accumulators have: the region's, or all of a league.
    combiners: BTreeMap<u32, &'p [Field]>,
    /// How many bytes the largest accumulator has.
    largest: usize,
    /// How many results one member of a team has for the others at a time.
    results: usize,
    /// Index of the kernel's function.
    entry: u32,
}

impl<'p> Entries<'p> {
    pub fn new(program: &'p Program, context: &'p Context<'p, OpenCl>, facts: &'p Facts) -> Self {
        let options = context.options;
        let entry = program.entry();
        let space = facts.worksharing.space.as_ref().filter(|_| facts.worksharing.is_single && !options.blocks);
        let tiles = space.is_some_and(|space| space.width.is_some());
        let reduction = entry.combiner();
        let joint = program.order.iter().copied().filter(|(_, role)| *role == Role::Joint);
        let mut microtasks: Vec<_> = program.forked().chain(joint).map(|key| &program.functions[&key]).collect();
        microtasks.extend(facts.is_league.then_some(entry));
        let combiners = microtasks.iter().flat_map(|function| {
            let accumulated = function.accumulated.iter().map(|(combiner, fields)| (*combiner, &fields[..]));
            accumulated.filter(|_| function.combiner().is_some())
        });
        let largest = microtasks.iter().filter_map(|function| function.accumulator_size()).max().unwrap_or(0);
        // Of a wide team no two groups have the same local memory.
        let forks_for_virtual_threads = program.forked().all(|(_, role)| role == Role::Microtask);
        let forks_for_virtual_threads = forks_for_virtual_threads && program.forked().next().is_some();
        let wide = context.has_teams && forks_for_virtual_threads && largest == 0 && facts.team_memory == 0;
        let points = EntryPoints { tiles, one_each: space.is_some() && !tiles, reduce: reduction.is_some(), wide };
        let may_trap = facts.may_trap(options.bounds);
        let mut params = vec![Param::Memory, Param::MemorySize];
        params.extend(may_trap.then_some(Param::TrapRecord));
        params.extend(options.marks.then_some(Param::Marks));
        // A region that is given blocks could do without its first thread id, which is 0; but PoCL's compiler makes code of some that
        // takes twice as long then.
        let has_blocks = !facts.is_region || (options.blocks && !facts.is_league);
        params.extend(has_blocks.then_some(Param::FirstThread));
        params.extend([Param::Count, Param::NumThreads]);
        params.extend(has_blocks.then_some(Param::BlockSize));
        params.extend(points.reduce.then_some(Param::Partials));
        params.extend((!context.locks.is_empty()).then_some(Param::Locks));
        params.extend(points.wide.then_some(Param::Team));
        params.extend(facts.prints.then_some(Param::Printed));
        params.extend(facts.asks_for_device.then_some(Param::Device));
        params.extend(facts.asks_for_devices.then_some(Param::Devices));
        params.extend((0..facts.parameters).map(Param::Parameter));
        params.extend(facts.globals.iter().map(|(index, ty)| Param::Global(*index, *ty)));
        let (combiners, entry) = (combiners.collect(), entry.index);
        Self {
            context,
            facts,
            points,
            params,
            may_trap,
            reduction,
            combiners,
            largest,
            results: results(program),
            entry,
        }
    }

    /// How many bytes of local memory a work-group takes.
    pub fn local_memory(&self) -> usize {
        let shared = if self.context.has_teams { self.team_size() } else { 0 };
        let rooms = usize::from(self.reduction.is_some()) + usize::from(self.context.has_teams);
        self.largest * Artifact::MAX_GROUP * rooms + shared + self.facts.team_memory as usize
    }

    /// How many bytes the members of a team share, beside frames and accumulators.
    pub fn team_size(&self) -> usize {
        8 * self.results.max(1) + 16
    }

    /// How many work-items a work-group may have. Where a processor's thread executes all of a group, their private memory is on its stack.
    pub fn longest_group(&self) -> usize {
        let is_long = self.context.has_teams
            && self.largest == 0
            && Artifact::MAX_TEAM * self.facts.private_memory as usize <= MAX_PRIVATE;
        if is_long { Artifact::MAX_TEAM } else { Artifact::MAX_GROUP }
    }

    /// The types: what a work-item has beside its variables.
    pub fn types(&self) -> String {
        let facts = self.facts;
        let mut out = String::new();
        for (combiner, fields) in &self.combiners {
            out.push_str("typedef struct {\n");
            for (number, field) in fields.iter().enumerate() {
                let _ = writeln!(out, "    {} r{number};", self.context.dialect.integer(field.bytes, Sign::Unsigned));
            }
            let _ = writeln!(out, "    uint has;\n}} accumulator_{combiner};");
        }
        if self.context.has_teams {
            let results = self.results.max(1);
            let numbers = "uint trapped[2], arrived, left;";
            let _ = writeln!(out, "typedef struct {{\n    ulong results[{results}];\n    {numbers}\n}} team;");
            match self.points.wide {
                true => out.push_str(&either("#define TEAM_SPACE __global", "#define TEAM_SPACE __local")),
                false => out.push_str("#define TEAM_SPACE __local\n"),
            }
        }
        if facts.private_memory > 0 {
            let _ = writeln!(out, "#define FRAMES {}ul", facts.private_memory);
        }
        if facts.prints {
            let _ = writeln!(out, "#define PRINTED {}u", Artifact::PRINTED);
        }
        if facts.team_memory > 0 {
            let _ = writeln!(out, "#define TEAM_FRAMES {}ul", facts.team_memory);
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
        for combiner in self.combiners.keys() {
            let _ = writeln!(out, "    accumulator_{combiner} total_{combiner};");
        }
        if facts.is_league {
            out.push_str("    uint item, items, members, team, teams;\n");
        }
        if self.context.options.marks {
            out.push_str("    __global uchar *marks;\n");
        }
        if facts.asks_for_device {
            out.push_str("    uint device;\n");
        }
        if facts.prints {
            out.push_str("    __global uint *printed;\n");
        }
        if facts.asks_for_devices {
            out.push_str("    uint devices;\n");
        }
        if !self.context.locks.is_empty() {
            out.push_str("    volatile __global uint *locks;\n");
        }
        if self.context.has_teams {
            out.push_str(
                "    uint meetings, stopped, awaited;\n    TEAM_SPACE team *shared;\n    __local uint4 *totals;\n",
            );
        }
        if facts.private_memory > 0 {
            out.push_str("    uchar *frames;\n");
            if facts.growing > 0 {
                out.push_str("    uint cleared;\n");
            }
        }
        if facts.team_memory > 0 {
            out.push_str("    __local uchar *team_frames;\n");
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
        if self.combiners.is_empty() {
            return String::new();
        }
        let one = |combiner: &u32| {
            formatdoc! {"

                /* Adds to what this work-item has. */
                static void accumulate_{combiner}(machine *m, accumulator_{combiner} *part)
                {{
                    if (m->total_{combiner}.has)
                        combine_{combiner}(m, &m->total_{combiner}, part);
                    else
                        m->total_{combiner} = *part;
                    m->total_{combiner}.has = 1u;
                }}

                /* Gives a work-group's first item what all of them have. */
                static void share_{combiner}(machine *m, __local accumulator_{combiner} *totals)
                {{
                    uint me = local_id(), left = get_local_size(0) * get_local_size(1);
                    totals[me] = m->total_{combiner};
                    while (left > 1u) {{
                        uint middle = (left + 1u) / 2u;
                        barrier(CLK_LOCAL_MEM_FENCE);
                        if (me < left / 2u && totals[me + middle].has) {{
                            accumulator_{combiner} part = totals[me + middle];
                            accumulate_{combiner}(m, &part);
                            totals[me] = m->total_{combiner};
                        }}
                        left = middle;
                    }}
                }}
            "}
        };
        LOCAL_ID.to_owned() + &self.combiners.keys().map(one).collect::<String>()
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
        if self.facts.is_league {
            let _ = writeln!(out, "    league_{entry}(&state{arguments});");
            self.end(&mut out);
            if self.points.wide {
                let mut wide = self.head(Artifact::WIDE);
                let _ = writeln!(wide, "    league_{entry}(&state{arguments});\n    leave(&state);");
                self.end(&mut wide);
                out = either(&wide, &out);
            }
            self.print_reduce(&mut out);
            return out;
        }
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
        let special = match self.points {
            EntryPoints { tiles: true, .. } => Some(self.head(Artifact::TILES) + &self.tiles()),
            EntryPoints { one_each: true, .. } => Some(self.head(Artifact::ONE_EACH) + &self.one_each()),
            _ => None,
        };
        if let Some(mut special) = special {
            self.end(&mut special);
            out = either(&special, &out);
        }
        self.print_reduce(&mut out);
        out
    }

    /// [`Artifact::REDUCE`], if the region has reductions.
    fn print_reduce(&self, out: &mut String) {
        let Some(combiner) = self.reduction else { return };
        let (entry, arguments, record) = (self.entry, self.arguments(), self.record());
        out.push('\n');
        out.push_str(&self.head(Artifact::REDUCE));
        let _ = write!(
            out,
            "    for (uint group = local_id(); group < count; group += get_local_size(0)) {{
        accumulator_{combiner} part = ((__global accumulator_{combiner} *)partials)[group];
        if (part.has)
            accumulate_{combiner}(&state, &part);
    }}
    share_{combiner}(&state, totals);
    if (local_id() == 0u && state.total_{combiner}.has)
        last_{entry}(&state{arguments});
{record}}}
"
        );
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
        if let Some(combiner) = self.reduction {
            let _ = write!(
                out,
                "    share_{combiner}(&state, totals);
    if (local_id() == 0u)
        ((__global accumulator_{combiner} *)partials)[get_group_id(1) * get_num_groups(0) + get_group_id(0)] = state.total_{combiner};
"
            );
        }
        let _ = writeln!(out, "{}}}", self.record());
    }

    /// The functions of the prelude that what is around the kernel's functions calls.
    pub fn own_functions(&self) -> impl Iterator<Item = &'static str> + use<> {
        // It writes down what has trapped, if something may.
        let record = self.may_trap.then_some("record");
        let meet = self.context.has_teams.then_some(["meet", "begin"]).into_iter().flatten();
        let leave = self.points.wide.then_some("leave");
        let fence = (!self.context.locks.is_empty()).then_some("fence_device");
        let time = self.facts.asks_for_time.then_some("wall_time");
        record.into_iter().chain(meet).chain(leave).chain(fence).chain(time)
    }

    fn record(&self) -> &'static str {
        if self.may_trap { "    record(&state, traps);\n" } else { "" }
    }

    /// A team begins: whoever is beyond the last one has nothing to do. Where a team is one work-item, it does all iterations at once.
    fn head_of_team(&self, is_wide: bool, out: &mut String) {
        if is_wide {
            out.push_str("    state.team = 0u;\n    state.teams = 1u;\n    state.item = get_global_id(0);\n");
            out.push_str(
                "    state.items = get_global_size(0);\n    state.meetings = state.stopped = state.awaited = 0u;\n",
            );
            out.push_str("    state.shared = (__global team *)shared;\n    state.totals = 0;\n");
            return;
        }
        out.push_str("    if (get_group_id(0) >= count)\n        return;\n");
        out.push_str("    state.team = get_group_id(0);\n    state.teams = count;\n");
        if !self.context.has_teams {
            out.push_str("    state.item = 0u;\n    state.items = 1u;\n");
            if self.context.options.blocks {
                out.push_str("    state.block = 1ul << 62;\n");
            }
            return self.team_frames(out);
        }
        out.push_str("    state.item = get_local_id(0);\n    state.items = get_local_size(0);\n");
        if self.facts.private_memory > 0 {
            // The thread numbers of members whose frames are there: see `Function::THREAD_NUMBERS`.
            let first = self.facts.thread_numbers / 4;
            let _ = writeln!(
                out,
                "    ((uint *)frames)[{}] = ((uint *)frames)[{}] = get_local_id(0);",
                first + 1,
                first + 3
            );
        }
        let shared = if self.points.wide { "own" } else { "shared" };
        let _ = writeln!(out, "    state.meetings = state.stopped = 0u;\n    state.shared = &{shared};");
        self.team_frames(out);
        let totals = if self.largest > 0 { "room" } else { "0" };
        let _ = writeln!(out, "    state.totals = {totals};");
        let _ = writeln!(
            out,
            "    if (state.item == 0u)\n        {shared}.trapped[0] = {shared}.trapped[1] = 0u;\n    barrier(CLK_LOCAL_MEM_FENCE);"
        );
    }

    /// The team's stack frames, cleared by all of its members. A barrier comes before they are used.
    fn team_frames(&self, out: &mut String) {
        if self.facts.team_memory > 0 {
            out.push_str(
                "    for (uint i = state.item; i < TEAM_FRAMES / 16ul; i += state.items)
        team_frames[i] = (uint4)(0u);
    state.team_frames = (__local uchar *)team_frames;
",
            );
        }
    }

    /// Where the memory has other words than were foreseen, nobody has anything to do, as if that had been a trap. All find the same, as
    /// the words do not change, and there are no branches before the first barrier. The words are inside of the memory, and aligned.
    fn compare_foreseen(&self, out: &mut String) {
        let first = self.facts.parameters - self.facts.foreseen.len();
        let differs = |(number, word): (usize, &ForeseenWord)| {
            let base = word.base.map_or_else(String::new, |base| format!("p{base} + "));
            format!("(*(__global uint *)(memory + ({base}{}u)) ^ p{number})", word.offset)
        };
        let differ: Vec<String> = (first..).zip(&self.facts.foreseen).map(differs).collect();
        if !differ.is_empty() {
            let _ = writeln!(out, "    bool differs = ({}) != 0u;", differ.join("\n        | "));
            let _ = writeln!(out, "    state.trapped = differs ? {:#x}u : 0u;", crate::Kernel::UNFORESEEN);
            out.push_str("    count = differs ? 0u : count;\n    num_threads = differs ? 0u : num_threads;\n");
        }
    }

    fn arguments(&self) -> String {
        (0..self.facts.parameters).map(|i| format!(", p{i}")).collect()
    }

    /// An entry point up to where it has its state.
    fn head(&self, name: &str) -> String {
        let facts = self.facts;
        let params: Vec<_> = self.params.iter().map(|param| declared(*param)).collect();
        // The addresses and sizes are on the first line.
        let is_first =
            |param: &&Param| matches!(param, Param::Memory | Param::MemorySize | Param::TrapRecord | Param::Marks);
        let first = self.params.iter().take_while(is_first).count();
        let mut out = format!(
            "__kernel void {name}({},\n        {})\n{{\n",
            params[..first].join(", "),
            params[first..].join(", ")
        );
        if let Some(combiner) = self.reduction {
            let _ = writeln!(out, "    __local accumulator_{combiner} totals[{}];", Artifact::MAX_GROUP);
        }
        let is_wide = name == Artifact::WIDE;
        if self.context.has_teams && !is_wide {
            out.push_str(if self.points.wide { "    __local team own;\n" } else { "    __local team shared;\n" });
            if self.largest > 0 {
                let _ = writeln!(out, "    __local uint4 room[{}];", self.largest.div_ceil(16) * Artifact::MAX_GROUP);
            }
        }
        if facts.team_memory > 0 {
            out.push_str("    __local uint4 team_frames[TEAM_FRAMES / 16ul];\n");
        }
        out.push_str(
            "    machine state;\n    state.memory = memory;\n    state.size = size;\n    state.trapped = 0u;\n",
        );
        if self.context.options.marks {
            out.push_str("    state.marks = marks;\n");
        }
        if facts.private_memory > 0 {
            out.push_str("    uint4 frames[FRAMES / 16ul];\n");
            // Whatever was there before is not the program's.
            for range in &facts.cleared {
                let end = match range.end == facts.private_memory {
                    true => "FRAMES / 16ul".to_owned(),
                    false => format!("{}u", range.end / 16),
                };
                let _ = writeln!(
                    out,
                    "    for (uint i = {}u; i < {end}; i++)\n        frames[i] = (uint4)(0u);",
                    range.start / 16
                );
            }
            out.push_str("    state.frames = (uchar *)frames;\n");
            if facts.growing > 0 {
                let _ = writeln!(out, "    state.cleared = {}u;", facts.growing);
            }
        }
        if facts.is_league && name == Artifact::REDUCE {
            // One work-item executes code of the team; there are no meetings. (PoCL loses the first item of a group in branches before those.)
            out.push_str("    state.team = 0u;\n    state.teams = state.items = 1u;\n    state.item = 0u;\n");
            self.team_frames(&mut out);
        } else if facts.is_league {
            self.head_of_team(is_wide, &mut out);
        } else if facts.is_region && self.context.options.blocks {
            out.push_str("    state.block = block_size;\n");
        }
        if facts.asks_for_device {
            out.push_str("    state.device = device;\n");
        }
        if facts.prints {
            out.push_str("    state.printed = printed;\n");
        }
        if facts.asks_for_devices {
            out.push_str("    state.devices = devices;\n");
        }
        if !self.context.locks.is_empty() {
            out.push_str("    state.locks = locks;\n");
        }
        for number in facts.pointers.iter().filter(|_| self.context.options.aligned) {
            let _ = writeln!(out, "    p{number} *= {}u;", facts.alignment);
        }
        self.compare_foreseen(&mut out);
        if let Some(combiner) = self.reduction {
            let _ = writeln!(out, "    state.total_{combiner}.has = 0u;");
        }
        for (index, _) in &facts.globals {
            let _ = writeln!(out, "    state.g{index} = g{index};");
        }
        out
    }
}

/// Text for a program that has special entry points, or for one that has not: see [`Artifact::SPECIAL`].
pub(super) fn either(special: &str, general: &str) -> String {
    format!("\n#ifdef {}\n{}\n#else\n{}\n#endif\n", Artifact::SPECIAL, special.trim(), general.trim())
}

/// The number of a work-item in its group.
const LOCAL_ID: &str = "
static uint local_id(void)
{
    return get_local_id(1) * get_local_size(0) + get_local_id(0);
}
";

/// How many results one member of a team has for the others at a time, at most.
fn results(program: &Program) -> usize {
    let mut most = 0;
    for function in program.functions.values() {
        for_each_stmt(&function.body, &mut |stmt| {
            if let Stmt::Alone { results, .. } = stmt {
                most = most.max(results.len());
            }
        });
    }
    most
}

/// The declaration of a parameter.
fn declared(param: Param) -> String {
    match param {
        Param::Memory => "__global uchar *memory".to_owned(),
        Param::MemorySize => "ulong size".to_owned(),
        Param::TrapRecord => "__global uint *traps".to_owned(),
        Param::Marks => "__global uchar *marks".to_owned(),
        Param::FirstThread => "uint first".to_owned(),
        Param::Count => "uint count".to_owned(),
        Param::NumThreads => "uint num_threads".to_owned(),
        Param::BlockSize => "uint block_size".to_owned(),
        Param::Partials => "__global uchar *partials".to_owned(),
        Param::Locks => "__global uint *locks".to_owned(),
        Param::Team => "__global uchar *shared".to_owned(),
        Param::Printed => "__global uint *printed".to_owned(),
        Param::Device => "uint device".to_owned(),
        Param::Devices => "uint devices".to_owned(),
        Param::Parameter(number) => format!("uint p{number}"),
        Param::Global(index, ty) => format!("{} g{index}", OpenCl::default().ty(ty)),
    }
}
