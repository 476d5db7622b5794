//! Worksharing loops and reductions, for virtual threads: what the statements for calls of the OpenMP runtime are in C.
//!
//! Of a virtual thread the machine has its number (`thread`), how many there are (`threads`, which the loop finds out), and, where virtual
//! threads get blocks of iterations, how long those are (`block`) and the last iteration of this one's (`end`); for tiles, the iteration
//! that this one stands for (`index`); and what its work-item has accumulated (`total`).

use super::{Printer, Variant};
use crate::dialect::Dialect;
use crate::ir::{Chunk, Dispatch, Expr, LoopBounds, Slot, Var};
use crate::lift::Role;
use indoc::formatdoc;

/// Of loops whose virtual threads are to be few there are as many as a team has work-items. Where there are no such teams there are so many, on
/// GPUs and on processors, or more where each would have more than [`LONGEST_SHARE`] iterations.
const SHARES: u32 = 4096;
const BLOCKS: u32 = 64;
const LONGEST_SHARE: u32 = 1024;

/// How many iterations a virtual thread has of a loop that is for so many.
fn share_of(threads: u32) -> String {
    format!("min({LONGEST_SHARE}ul, trip / {threads}ul + 1ul)")
}

/// The variables with the bounds of the one iteration that a virtual thread has, and their type.
pub(super) struct SingleIteration {
    lower: String,
    upper: String,
    ty: &'static str,
}

impl<D: Dialect> Printer<'_, D> {
    /// The program bounds the one iteration that a virtual thread has; `stored` is what it stores.
    ///
    /// Saying that the upper bound is still the lower bound lets the compiler see that loops around the body run once.
    pub(super) fn clamp(&mut self, stored: &Expr) {
        let Some(SingleIteration { lower, upper, ty }) = self.single.take() else {
            return;
        };
        let var = match stored {
            Expr::Var(var) => format!("\n{} = {lower};", self.var(*var)),
            _ => String::new(),
        };
        if self.variant != Variant::Checked {
            return self.lines(&format!("{upper} = {lower};{var}"));
        }
        // What is set on all ways is simpler for compilers, and they forget what a comparison said.
        self.line("{");
        self.indented(|printer| {
            printer
                .lines(&format!("{ty} bound = {upper};\n{upper} = {lower};{var}\nif (bound != {lower})\n    return;"));
        });
        self.line("}");
    }

    /// This virtual thread's iterations; the function ends here where there are none. The stride leads behind the last one, no further: the
    /// sum has to fit into the loop's type.
    pub(super) fn static_init(&mut self, bounds: &LoopBounds) {
        self.is_before_iterations = false;
        let Some([last, lower, upper, stride]) = self.bounds(bounds) else {
            return;
        };
        if self.role == Role::LastMicrotask {
            // No iteration, and not the last one.
            return self.lines(&format!("{lower} = {upper} + 1u;\n{stride} = 1u;\n{last} = 0u;"));
        }
        self.line("{");
        self.indented(|printer| printer.assign_iterations(bounds, [&last, &lower, &upper, &stride]));
        self.line("}");
    }

    fn assign_iterations(&mut self, bounds: &LoopBounds, [last, lower, upper, stride]: [&str; 4]) {
        let ty = self.ty(bounds.ty);
        let (has_blocks, is_strided) = (self.context.options.blocks, self.context.worksharing.strided.is_some());
        self.line(&format!("ulong trip = {};", self.trip_count(lower, upper, bounds)));
        let chunk = match &bounds.chunk {
            Chunk::Size(size) => Some(format!("max(1ul, (ulong)({}))", self.top(size))),
            Chunk::Many if self.context.has_teams => Some("trip / m->items + 1ul".to_owned()),
            Chunk::Many if has_blocks => Some(format!("max(m->block, {})", share_of(BLOCKS))),
            Chunk::Many => Some(share_of(SHARES)),
            Chunk::Free if has_blocks => Some("m->block".to_owned()),
            Chunk::One if has_blocks && is_strided => Some("m->block".to_owned()),
            Chunk::Free | Chunk::One => None,
        };
        match (chunk, self.variant) {
            (Some(chunk), _) => self.lines(&formatdoc! {"
                ulong chunk = min({chunk}, max(trip, 1ul));
                m->threads = trip / chunk + (trip % chunk != 0ul);
                ulong at = m->thread < m->threads ? m->thread * chunk : trip;
            "}),
            (None, Variant::Tile) => self.line("ulong at = m->index;"),
            (None, _) => self.lines("ulong at = m->thread;\nm->threads = trip;"),
        }
        // Rows begin at iteration 0: see `IterationSpace::evaluate`.
        let plus = if self.variant == Variant::Tile { "" } else { "+" };
        self.line(&format!("{lower} {plus}= ({ty})at;"));
        match (&bounds.chunk, has_blocks) {
            // The loop counts to the upper bound by the stride: it is left at the end of this block.
            (Chunk::One, true) if is_strided => self.lines(&formatdoc! {"
                ulong left = min(chunk, trip - at);
                m->end = (ulong)({lower} + ({ty})(left - 1ul));
                {stride} = 1u;
                {last} = (uint)(at + left == trip);
            "}),
            (Chunk::Size(_) | Chunk::Many, _) | (Chunk::Free, true) => self.lines(&formatdoc! {"
                ulong left = min(chunk, trip - at);
                {stride} = ({ty})(trip - at);
                {upper} = {lower} + ({ty})(left - 1ul);
                {last} = (uint)(at + left == trip);
            "}),
            _ => {
                self.lines(&formatdoc! {"
                    {stride} = ({ty})(trip - at);
                    {upper} = {lower};
                    {last} = (uint)(at + 1ul == trip);
                "});
                self.single = Some(SingleIteration { lower: lower.to_owned(), upper: upper.to_owned(), ty });
            }
        }
        // Last: what is set on all ways is simpler for compilers.
        if self.variant == Variant::Checked {
            self.lines("if (at >= trip)\n    return;");
        }
    }

    /// The variables that have a loop's bounds: last, lower, upper, stride.
    pub(super) fn bounds(&self, bounds: &LoopBounds) -> Option<[String; 4]> {
        bounds.slots.map(|slots| slots.map(|slot| self.slot(slot)))
    }

    /// How many iterations a loop has between two values of its variable.
    pub(super) fn trip_count(&self, lower: &str, upper: &str, bounds: &LoopBounds) -> String {
        let signed = if bounds.signed { format!("({})", self.signed(bounds.ty)) } else { String::new() };
        format!("{signed}{upper} < {signed}{lower} ? 0ul : (ulong)({upper} - {lower}) + 1ul")
    }

    pub(super) fn dispatch_init(&mut self, dispatch: &Dispatch) {
        let size = match &dispatch.chunk {
            Some(size) => format!("max(1ul, (ulong){})", self.expr(size)),
            None if self.context.options.blocks => "m->block".to_owned(),
            None => "1ul".to_owned(),
        };
        let left_at_first = match dispatch.is_ordered {
            true => "0ul",
            false if self.role.is_of_threads() => self.member()[0],
            false => "1u",
        };
        let (lower, upper) = (self.top(&dispatch.lower), self.top(&dispatch.upper));
        let [first, last, size_var, left] = dispatch.vars().map(|var| self.var(var));
        self.lines(&format!("{first} = {lower};\n{last} = {upper};\n{size_var} = {size};\n{left} = {left_at_first};"));
    }

    /// A virtual thread asks for chunks until there are none: it gets one, or has nothing to do.
    pub(super) fn dispatch_next(&mut self, dispatch: &Dispatch, chunk: &LoopBounds, result: Var) {
        if self.role.is_of_threads() {
            return self.next_of_member(dispatch, chunk, result);
        }
        let result = self.var(result);
        if self.role == Role::LastMicrotask {
            return self.line(&format!("{result} = 0u;"));
        }
        let Some([last, lower, upper, stride]) = self.bounds(chunk) else {
            return;
        };
        let ty = self.ty(chunk.ty);
        let [first_value, last_value, size, left] = dispatch.vars().map(|var| self.var(var));
        let trip_count = self.trip_count(&first_value, &last_value, chunk);
        self.lines(&formatdoc! {"
            {result} = 0u;
            if ({left} != 0u) {{
                ulong trip = {trip_count};
                ulong chunk = min({size}, max(trip, 1ul));
                m->threads = trip / chunk + (trip % chunk != 0ul);
                ulong at = m->thread < m->threads ? m->thread * chunk : trip;
                if (at >= trip)
                    return;
                ulong count = min(chunk, trip - at);
                {lower} = {first_value} + ({ty})at;
                {upper} = {lower} + ({ty})(count - 1ul);
                {stride} = 1u;
                {last} = (uint)(at + count == trip);
                {left} = 0u;
                {result} = 1u;
            }}
        "});
    }

    /// A virtual thread's private copies go into its work-item's accumulator; at the very end, what has been accumulated goes there.
    pub(super) fn reduce(&mut self, slots: &[Slot], combiner: u32) {
        let fields: Vec<_> = slots.iter().map(|slot| self.slot(*slot)).enumerate().collect();
        if self.role == Role::LastMicrotask {
            for (number, slot) in fields {
                self.line(&format!("{slot} = m->total_{combiner}.r{number};"));
            }
            return;
        }
        self.line("{");
        self.indented(|printer| {
            printer.line(&format!("accumulator_{combiner} part;"));
            for (number, slot) in fields {
                printer.line(&format!("part.r{number} = {slot};"));
            }
            // What a team has its members all have.
            let condition = if printer.role.is_of_team() { "if (m->item == 0u)\n    " } else { "" };
            printer.lines(&format!("part.has = 1u;\n{condition}accumulate_{combiner}(m, &part);"));
        });
        self.line("}");
    }
}
