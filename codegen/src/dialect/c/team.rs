//! What all members of a team execute alike: parallel regions that they fork, and what is for one of them alone.
//!
//! A team is a work-group, and its members are the work-items. The machine has the item's number and how many there are (`item`, `items`), the
//! team's number and how many those are (`team`, `teams`), and what the group shares (`shared`). `meet` is a barrier, after which a trap
//! of one member is one of all: so they stay together. Where a team has one item there is nobody to meet.

use super::Printer;
use crate::dialect::Dialect;
use crate::ir::{Chunk, Expr, LoopBounds, Number, Stmt, Ty, Var};
use indoc::formatdoc;

impl<D: Dialect> Printer<'_, D> {
    /// The members share out the virtual threads of a microtask. If it reduces, all get the total, and each of them executes the end.
    pub(super) fn fork(&mut self, microtask: u32, arguments: &[Expr], threads: Option<&Expr>) {
        self.line("{");
        self.indented(|printer| printer.fork_inside(microtask, arguments, threads));
        self.line("}");
    }

    fn fork_inside(&mut self, microtask: u32, arguments: &[Expr], threads: Option<&Expr>) {
        for (number, argument) in arguments.iter().enumerate() {
            self.line(&format!("const uint w{number} = {};", self.top(argument)));
        }
        let words: String = (0..arguments.len()).map(|number| format!(", w{number}")).collect();
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
        self.lines(&formatdoc! {"
            m->threads = ~0ul;
            for (m->thread = first; m->thread < m->threads && !m->trapped; m->thread += m->members) {{
                m->threads = 0ul;
                microtask_{microtask}(m{words});
            }}
        "});
        self.meet();
        if let Some(combiner) = combiner {
            if !self.context.options.blocks {
                self.lines(&formatdoc! {"
                    share_{combiner}(m, (__local accumulator_{combiner} *)m->totals);
                    meet(m);
                    m->total_{combiner} = *(__local accumulator_{combiner} *)m->totals;
                "});
            }
            self.line(&format!("if (m->total_{combiner}.has)\n    last_{microtask}(m{words});"));
        }
    }

    fn meet(&mut self) {
        if !self.context.options.blocks {
            self.line("meet(m);");
        }
    }

    /// One member executes statements, and hands the results to the others.
    pub(super) fn alone(&mut self, body: &[Stmt], results: &[Var]) {
        if self.context.options.blocks {
            return self.stmts(body, None);
        }
        self.lines("meet(m);\nif (m->item == 0u) {");
        self.indented(|printer| {
            printer.stmts(body, None);
            for (number, var) in results.iter().enumerate() {
                printer.line(&format!("m->shared->results[{number}] = {};", printer.var(*var)));
            }
        });
        self.lines("}\nmeet(m);");
        for (number, var) in results.iter().enumerate() {
            let ty = self.ty(self.function.vars[*var]);
            self.line(&format!("{} = ({ty})m->shared->results[{number}];", self.var(*var)));
        }
    }

    pub(super) fn number(&mut self, result: Var, of: Number) {
        let number = match of {
            Number::Team => "team",
            Number::Teams => "teams",
            Number::Thread => "item",
            Number::Threads => "members",
            Number::Device => "device",
        };
        self.line(&format!("{} = m->{number};", self.var(result)));
    }

    /// This team's iterations of a loop that a league shares: consecutive ones where the program leaves that open, else its chunks in turn.
    pub(super) fn distribute(&mut self, bounds: &LoopBounds) {
        let Some([last, lower, upper, stride]) = self.bounds(bounds) else {
            return;
        };
        let ty = self.ty(bounds.ty);
        let chunk = match &bounds.chunk {
            Chunk::Free => "max(1ul, trip / m->teams + (trip % m->teams != 0ul))".to_owned(),
            Chunk::One => "1ul".to_owned(),
            Chunk::Size(size) => format!("max(1ul, (ulong)({}))", self.top(size)),
        };
        let zero = self.context.dialect.zero(Ty::I32);
        self.line("{");
        self.indented(|printer| {
            printer.lines(&formatdoc! {"
                ulong trip = {};
                ulong chunk = {chunk}, at = m->team * chunk;
                if (at < trip) {{
                    ulong left = trip - at;
                    {lower} += ({ty})at;
                    {upper} = {lower} + ({ty})(min(chunk, left) - 1ul);
                    {stride} = ({ty})min(m->teams * chunk, left);
                    {last} = (uint)((trip - 1ul) / chunk % m->teams == m->team);
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
}
