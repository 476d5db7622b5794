//! What all members of a team execute alike: parallel regions that they fork, and what is for one of them alone.
//!
//! A team is a work-group, and its members are the work-items. The machine has the item's number and how many there are (`item`, `items`), the
//! team's number and how many those are (`team`, `teams`), and what the group shares (`shared`). `meet` is a barrier, after which a trap
//! of one member is one of all: so they stay together. Where a team has one item there is nobody to meet.

use super::Printer;
use crate::dialect::Dialect;
use crate::ir::{Chunk, Dispatch, Expr, LoopBounds, Number, Slot, Stmt, Ty, Var};
use indoc::formatdoc;

impl<D: Dialect> Printer<'_, D> {
    /// The members share out the virtual threads of a microtask. If it reduces, all get the total, and each of them executes the end.
    pub(super) fn fork(&mut self, microtask: u32, arguments: &[Expr], captured: &[Slot], threads: Option<&Expr>) {
        self.line("{");
        self.indented(|printer| printer.fork_inside(microtask, arguments, captured, threads));
        self.line("}");
    }

    fn fork_inside(&mut self, microtask: u32, arguments: &[Expr], captured: &[Slot], threads: Option<&Expr>) {
        for (number, argument) in arguments.iter().enumerate() {
            self.line(&format!("const uint w{number} = {};", self.top(argument)));
        }
        let mut words: String = (0..arguments.len()).map(|number| format!(", w{number}")).collect();
        words.extend(captured.iter().map(|slot| format!(", {}", self.slot(*slot))));
        match threads {
            // One member executes all, in order.
            Some(threads) => self.lines(&formatdoc! {"
                m->members = min(max({}, 1u), m->items);
                const ulong first = m->item < m->members ? m->item : ~0ul;
            ", self.expr(threads)}),
            None => self.lines("m->members = m->items;\nconst ulong first = m->item;"),
        }
        let combiner = self.context.combiners.get(&microtask).copied();
        if let Some(combiner) = combiner {
            self.line(&format!("m->total_{combiner}.has = 0u;"));
        }
        self.meet();
        if let Some(has_barriers) = self.context.members.get(&microtask) {
            // With barriers all of the team are members, and it can be seen that all come to them.
            let condition = if *has_barriers { "" } else { "if (m->item < m->members)\n    " };
            self.lines(&format!("{condition}member_{microtask}(m{words});"));
            self.has_met = false;
            return self.meet();
        }
        self.lines(&formatdoc! {"
            m->threads = ~0ul;
            for (m->thread = first; m->thread < m->threads && !m->trapped; m->thread += m->members) {{
                m->threads = 0ul;
                microtask_{microtask}(m{words});
            }}
        "});
        self.has_met = false;
        self.meet();
        if let Some(combiner) = combiner {
            self.has_met = false;
            if self.context.has_teams {
                self.share(combiner);
            }
            self.lines(&format!("if (m->total_{combiner}.has)\n    last_{microtask}(m{words});"));
        }
    }

    /// All members meet, unless they have met and nothing has happened since that others could see.
    pub(super) fn meet(&mut self) {
        if self.context.has_teams && !std::mem::replace(&mut self.has_met, true) {
            self.line("meet(m);");
        }
    }

    /// The private copies of all members are combined, and all have the result in theirs.
    pub(super) fn reduce_members(&mut self, slots: &[Slot], combiner: u32) {
        if !self.context.has_teams {
            return;
        }
        let fields: Vec<_> = slots.iter().map(|slot| self.slot(*slot)).enumerate().collect();
        for (number, slot) in &fields {
            self.line(&format!("m->total_{combiner}.r{number} = {slot};"));
        }
        self.line(&format!("m->total_{combiner}.has = 1u;"));
        self.share(combiner);
        for (number, slot) in &fields {
            self.line(&format!("{slot} = m->total_{combiner}.r{number};"));
        }
    }

    /// All members have in their private copies what the first one has.
    pub(super) fn copy_first(&mut self, slots: &[Slot], combiner: u32) {
        if !self.context.has_teams {
            return;
        }
        let fields: Vec<_> = slots.iter().map(|slot| self.slot(*slot)).enumerate().collect();
        let all = format!("((__local accumulator_{combiner} *)m->totals)");
        self.meet();
        self.line("if (m->item == 0u) {");
        self.indented(|printer| fields.iter().for_each(|(at, slot)| printer.line(&format!("{all}->r{at} = {slot};"))));
        self.line("}");
        self.has_met = false;
        self.meet();
        fields.iter().for_each(|(at, slot)| self.line(&format!("{slot} = {all}->r{at};")));
        // They are read before others are written.
        self.has_met = false;
        self.meet();
    }

    /// All members get the sum of what they have. The next meeting comes before the next reduction.
    fn share(&mut self, combiner: u32) {
        self.lines(&formatdoc! {"
            share_{combiner}(m, (__local accumulator_{combiner} *)m->totals);
            meet(m);
            m->total_{combiner} = *(__local accumulator_{combiner} *)m->totals;
        "});
    }

    /// One member executes statements, and hands the results to the others.
    pub(super) fn alone(&mut self, body: &[Stmt], results: &[Var]) {
        if !self.context.has_teams {
            return self.stmts(body, None);
        }
        self.meet();
        self.line("if (m->item == 0u) {");
        self.indented(|printer| {
            printer.stmts(body, None);
            for (number, var) in results.iter().enumerate() {
                printer.line(&format!("m->shared->results[{number}] = {};", printer.var(*var)));
            }
        });
        self.line("}");
        self.has_met = false;
        self.meet();
        // The results are read before the next ones are written.
        self.has_met = results.is_empty();
        for (number, var) in results.iter().enumerate() {
            let ty = self.ty(self.function.vars[*var]);
            self.line(&format!("{} = ({ty})m->shared->results[{number}];", self.var(*var)));
        }
    }

    /// A critical section. Who gets the lock does what is in it, and gives it back; the others try again. So work-items that can only go on
    /// together get it one after the other.
    pub(super) fn critical(&mut self, lock: u32, body: &[Stmt]) {
        let number = self.context.locks.binary_search(&lock).unwrap_or_default();
        self.lines(&formatdoc! {"
            for (uint waits = 1u; waits && !m->trapped;) {{
                if (atomic_cmpxchg(m->locks + {number}, 0u, 1u) == 0u) {{
                    fence_device();
        "});
        self.criticals += 1;
        self.indented(|printer| printer.indented(|printer| printer.stmts(body, None)));
        self.criticals -= 1;
        self.lines(&formatdoc! {"
                    fence_device();
                    atomic_xchg(m->locks + {number}, 0u);
                    waits = 0u;
                }}
            }}
        "});
    }

    pub(super) fn number(&mut self, result: Var, of: Number) {
        let number = match of {
            Number::Team => "team",
            Number::Teams => "teams",
            Number::Thread => "item",
            Number::Threads => "members",
            Number::Device => "device",
            Number::Devices => "devices",
            Number::Limit => "items",
            Number::Level => return self.line(&format!("{} = 1u;", self.var(result))),
            Number::Final => return self.line(&format!("{} = 0u;", self.var(result))),
            Number::Time => return self.line(&format!("{} = wall_time();", self.var(result))),
        };
        self.line(&format!("{} = m->{number};", self.var(result)));
    }

    /// The iterations of a loop that are this team's or member's, which has a number of so many: consecutive ones where the program leaves
    /// that open, else its chunks in turn.
    pub(super) fn deal(&mut self, bounds: &LoopBounds, [number, count]: [&str; 2]) {
        let Some([last, lower, upper, stride]) = self.bounds(bounds) else {
            return;
        };
        let ty = self.ty(bounds.ty);
        let chunk = match &bounds.chunk {
            Chunk::Free | Chunk::Many => format!("max(1ul, trip / {count} + (trip % {count} != 0ul))"),
            Chunk::One => "1ul".to_owned(),
            Chunk::Size(size) => format!("max(1ul, (ulong)({}))", self.top(size)),
        };
        let zero = self.context.dialect.zero(Ty::I32);
        self.line("{");
        self.indented(|printer| {
            printer.lines(&formatdoc! {"
                ulong trip = {};
                ulong chunk = min({chunk}, max(trip, 1ul));
                ulong chunks = trip / chunk + (trip % chunk != 0ul);
                if ({number} < chunks) {{
                    ulong at = {number} * chunk, left = trip - at;
                    {lower} += ({ty})at;
                    {upper} = {lower} + ({ty})(min(chunk, left) - 1ul);
                    {stride} = ({ty})({count} < chunks - {number} ? {count} * chunk : left);
                    {last} = (uint)((trip - 1ul) / chunk % {count} == {number});
                }} else {{
                    {lower} = 1;
                    {upper} = {zero};
                    {stride} = 1;
                    {last} = {zero};
                }}
            ", printer.trip_count(&lower, &upper, bounds)});
        });
        self.line("}");
    }

    /// All members come to each chunk of a loop with ordered regions: one of them gets it, and the others nothing; then they meet.
    fn next_in_order(&mut self, dispatch: &Dispatch, chunk: &LoopBounds, result: Var) {
        let Some([last, lower, upper, stride]) = self.bounds(chunk) else {
            return;
        };
        let (ty, result) = (self.ty(chunk.ty), self.var(result));
        let [first_value, last_value, size, left] = dispatch.vars().map(|var| self.var(var));
        let (trip_count, [number, count]) = (self.trip_count(&first_value, &last_value, chunk), self.member());
        let size = match dispatch.chunk {
            Some(_) => size,
            None => format!("max(1ul, trip / {count} + (trip % {count} != 0ul))"),
        };
        self.has_met = false;
        self.meet();
        self.lines(&formatdoc! {"
            {result} = 0u;
            {{
                ulong trip = {trip_count};
                ulong chunk = min({size}, max(trip, 1ul));
                if ({left} < trip / chunk + (trip % chunk != 0ul)) {{
                    ulong at = {left} * chunk, taken = min(chunk, trip - at);
                    uint is_own = {left} % {count} == {number};
                    {left} += 1ul;
                    {lower} = is_own ? {first_value} + ({ty})at : ({ty})1;
                    {upper} = is_own ? {lower} + ({ty})(taken - 1ul) : ({ty})0;
                    {stride} = 1u;
                    {last} = (uint)(is_own && at + taken == trip);
                    {result} = 1u;
                }}
            }}
        "});
    }

    /// The number of a thread, and how many there are: outside of a parallel region it is the only one.
    pub(super) fn member(&self) -> [&'static str; 2] {
        if self.role.is_of_members() { ["m->item", "m->members"] } else { ["0ul", "1ul"] }
    }

    /// A member asks for chunks of a loop with a dynamic schedule: it gets each so many-th one.
    pub(super) fn next_of_member(&mut self, dispatch: &Dispatch, chunk: &LoopBounds, result: Var) {
        let Some([last, lower, upper, stride]) = self.bounds(chunk) else {
            return;
        };
        if dispatch.is_ordered {
            return self.next_in_order(dispatch, chunk, result);
        }
        let (ty, result) = (self.ty(chunk.ty), self.var(result));
        let [first_value, last_value, size, left] = dispatch.vars().map(|var| self.var(var));
        let (trip_count, [_, count]) = (self.trip_count(&first_value, &last_value, chunk), self.member());
        self.lines(&formatdoc! {"
            {result} = 0u;
            {{
                ulong trip = {trip_count};
                ulong chunk = min({size}, max(trip, 1ul));
                if ({left} < trip / chunk + (trip % chunk != 0ul)) {{
                    ulong at = {left} * chunk, taken = min(chunk, trip - at);
                    {left} += {count};
                    {lower} = {first_value} + ({ty})at;
                    {upper} = {lower} + ({ty})(taken - 1ul);
                    {stride} = 1u;
                    {last} = (uint)(at + taken == trip);
                    {result} = 1u;
                }}
            }}
        "});
    }
}
