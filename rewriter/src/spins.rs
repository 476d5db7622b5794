//! Has the machine code read memory again in each round of a loop that waits for another thread.
//!
//! ```wat
//! (loop $wait                                                          ;; before
//!   (br_if $wait (i32.eqz (i32.load offset=1024 (i32.const 0)))))
//!
//! (loop $wait                                                          ;; after
//!   (drop (i32.atomic.load (i32.const 0)))
//!   (br_if $wait (i32.eqz (i32.load offset=1024 (i32.const 0)))))
//! ```
//!
//! Threads that wait for a `volatile` variable, or with a barrier for the compiler, are what this is for: in the module that is an ordinary load.
//! If the same load stands before the loop, too, and nothing is written in between, Cranelift takes its value in the loop, which then never
//! ends. It does not do that across an atomic load, whose value nobody needs and whose machine code is that of any load.
//!
//! A loop gets one if nothing may be written between its beginning and the next round, while a load in it has an address that does not change
//! from round to round. LLVM moves such a load out of the loop, unless it is `volatile`, may not be executed, or is not optimised. So loops
//! that compute do not get one. (An inner loop that does is no reason for one more around it.)
//!
//! Levels are numbers of loops, counted from the outside: a value of level 2 may change from round to round in the two outermost loops of those
//! around it, and does not change in those within.
//!
//! Invariant: the machine code of no loop goes on with what has been loaded before that round, if the module says that it loads.

use crate::discover::sequences;
use std::collections::HashMap;
use walrus::ir::{Const, Drop, Instr, InstrSeqId, Load, LoadKind, MemArg, Value};
use walrus::{FunctionKind, GlobalId, LocalFunction, LocalId, MemoryId, Module};

mod values;

use values::Values;

/// How deep sequences may be nested in a function that is looked at: clang's are not nested so deep, and what takes the time is looking through
/// all that are around a loop.
const DEEPEST: usize = 4096;

/// Has loops that wait read memory again; false if there is no such loop.
pub(crate) fn reread(module: &mut Module) -> bool {
    // Nobody else writes into a memory that is not shared.
    let can_be_loaded =
        |memory: &walrus::Memory| memory.shared && memory.initial > 0 && memory.page_size_log2.is_none();
    let Some(memory) = module.memories.iter().next().filter(|memory| can_be_loaded(memory)).map(walrus::Memory::id)
    else {
        return false;
    };
    let mut is_changed = false;
    for function in module.funcs.iter_mut() {
        let FunctionKind::Local(function) = &mut function.kind else { continue };
        for body in waiting(function) {
            let code = &mut function.block_mut(body).instrs;
            let Some(&(_, at)) = code.first() else { continue };
            code.splice(0..0, barrier(memory).map(|instr| (instr, at)));
            is_changed = true;
        }
    }
    is_changed
}

/// What Cranelift moves no load across.
fn barrier(memory: MemoryId) -> [Instr; 3] {
    let kind = LoadKind::I32 { atomic: true };
    [
        Instr::Const(Const { value: Value::I32(0) }),
        Instr::Load(Load { memory, kind, arg: MemArg { align: 4, offset: 0 } }),
        Instr::Drop(Drop {}),
    ]
}

/// The loops of a function that wait, by their bodies.
fn waiting(function: &LocalFunction) -> Vec<InstrSeqId> {
    let is_loop = |(instr, _): &(Instr, _)| matches!(instr, Instr::Loop(_));
    if !sequences(function).iter().any(|&sequence| function.block(sequence).instrs.iter().any(is_loop)) {
        return Vec::new();
    }
    let Some(steps) = steps(function) else { return Vec::new() };
    let mut search = Search::new(&steps);
    for (at, step) in steps.iter().enumerate() {
        match step {
            Step::Begin(sequence, kind) => search.begin(at, *sequence, *kind),
            Step::End => search.end(),
            Step::Plain(instr) => {
                search.follow(at, instr);
                search.values.compute(at, instr);
            }
        }
    }
    search.found
}

/// What stands in a function's code, one after the other.
enum Step<'f> {
    Begin(InstrSeqId, Kind),
    End,
    Plain(&'f Instr),
}

/// What a sequence is to the one around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Loop,
    Consequent,
    /// Comes right after its consequent, and may be empty.
    Alternative,
}

/// A function's code; `None` if it is nested too deep.
fn steps(function: &LocalFunction) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut pending = vec![Step::End, Step::Begin(function.entry_block(), Kind::Block)];
    let mut depth = 0;
    while let Some(step) = pending.pop() {
        match step {
            Step::Begin(sequence, _) => {
                depth += 1;
                if depth > DEEPEST {
                    return None;
                }
                pending.extend(function.block(sequence).instrs.iter().rev().map(|(instr, _)| Step::Plain(instr)));
            }
            Step::End => depth -= 1,
            Step::Plain(instr) => {
                let nested: &[_] = match instr {
                    Instr::Block(block) => &[(block.seq, Kind::Block)],
                    Instr::Loop(block) => &[(block.seq, Kind::Loop)],
                    Instr::IfElse(branch) => {
                        &[(branch.alternative, Kind::Alternative), (branch.consequent, Kind::Consequent)]
                    }
                    _ => &[],
                };
                pending.extend(nested.iter().flat_map(|&(sequence, kind)| [Step::End, Step::Begin(sequence, kind)]));
                if !nested.is_empty() {
                    continue;
                }
            }
        }
        steps.push(step);
    }
    Some(steps)
}

/// A local or a global variable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Variable {
    Local(LocalId),
    Global(GlobalId),
}

/// A sequence around the place that the search has come to.
struct Frame {
    sequence: InstrSeqId,
    kind: Kind,
    /// How many loops there are around its end, and around its beginning too: a loop itself does not count.
    level: usize,
    /// [`Search::written`] where it begins.
    before: Option<usize>,
    /// [`Search::written`] at its end, as far as branches to it have been seen. Not for loops, whose label is their beginning.
    after: Option<usize>,
    /// The latest branch to it.
    branch: Option<usize>,
}

/// A walk through a function's code, from its beginning to its end.
struct Search {
    frames: Vec<Frame>,
    /// Where a sequence is in `frames`.
    index: HashMap<InstrSeqId, usize>,
    values: Values,
    /// For each loop around, whether something may be written between its beginning and the next round.
    is_written: Vec<bool>,
    /// In how many of the loops around, counted from the outside, something may have been written in the current round; `None` where nothing
    /// leads to. (What is written in an inner loop is written in those around it.)
    written: Option<usize>,
    found: Vec<InstrSeqId>,
}

impl Search {
    fn new(steps: &[Step]) -> Self {
        Self {
            frames: Vec::new(),
            index: HashMap::new(),
            values: Values::new(steps),
            is_written: Vec::new(),
            written: Some(0),
            found: Vec::new(),
        }
    }

    fn begin(&mut self, at: usize, sequence: InstrSeqId, kind: Kind) {
        let mut frame =
            Frame { sequence, kind, level: self.is_written.len(), before: self.written, after: None, branch: None };
        match kind {
            Kind::Block | Kind::Consequent => {}
            Kind::Loop => self.is_written.push(false),
            Kind::Alternative => {
                // It begins where its consequent does, and both end here; `end` has left that one for this.
                if let Some(consequent) = self.frames.pop() {
                    frame.after = self.written;
                    self.written = consequent.before;
                }
            }
        }
        self.values.begin(at, kind == Kind::Loop);
        self.index.insert(sequence, self.frames.len());
        self.frames.push(frame);
    }

    fn end(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        let loads = self.values.end(frame.kind == Kind::Loop);
        self.index.remove(&frame.sequence);
        self.written = self.written.max(frame.after);
        match frame.kind {
            Kind::Block | Kind::Alternative => {}
            // For its alternative, which comes next.
            Kind::Consequent => self.frames.push(frame),
            Kind::Loop => {
                let Some((begin, lowest)) = loads else { return };
                let mut is_written = self.is_written.pop().unwrap_or_default();
                if !is_written && lowest <= frame.level && frame.branch.is_some() {
                    self.found.push(frame.sequence);
                    // Its barrier counts as well.
                    is_written = true;
                }
                self.written = self.written.map(|written| written.min(frame.level));
                if is_written {
                    self.leave_written(begin, frame.level);
                }
            }
        }
    }

    /// Notes that whatever leads out of the loop which began at `begin` may have written in the `level` loops around it.
    fn leave_written(&mut self, begin: usize, level: usize) {
        self.written = self.written.map(|_| level);
        for frame in self.frames.iter_mut().filter(|frame| frame.branch.is_some_and(|branch| branch > begin)) {
            match frame.kind {
                Kind::Loop => self.is_written[frame.level] = true,
                _ => frame.after = Some(frame.level),
            }
        }
    }

    /// Goes where an instruction leads, and notes what it writes.
    fn follow(&mut self, at: usize, instr: &Instr) {
        match instr {
            // Calls may write. So may others, for which a barrier too many does not matter.
            Instr::Store(_) | Instr::Call(_) | Instr::CallIndirect(_) => self.write(),
            // Cranelift lets these be as well.
            Instr::AtomicRmw(_) | Instr::Cmpxchg(_) | Instr::AtomicFence(_) => self.write(),
            Instr::Load(load) if load.kind.atomic() => self.write(),
            Instr::BrIf(br) => self.branch(at, br.block),
            Instr::Br(br) => {
                self.branch(at, br.block);
                self.written = None;
            }
            Instr::BrTable(table) => {
                table.blocks.iter().chain([&table.default]).for_each(|&target| self.branch(at, target));
                self.written = None;
            }
            Instr::Return(_) | Instr::Unreachable(_) | Instr::ReturnCall(_) | Instr::ReturnCallIndirect(_) => {
                self.written = None;
            }
            _ => {}
        }
    }

    fn write(&mut self) {
        self.written = self.written.map(|_| self.is_written.len());
    }

    fn branch(&mut self, at: usize, target: InstrSeqId) {
        let (Some(written), Some(&index)) = (self.written, self.index.get(&target)) else { return };
        let frame = &mut self.frames[index];
        frame.branch = Some(at);
        match frame.kind {
            Kind::Loop => self.is_written[frame.level] |= written > frame.level,
            _ => frame.after = frame.after.max(Some(written.min(frame.level))),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::for_host;

    /// The number of barriers that a function gets.
    fn barriers(memory: &str, code: &str) -> usize {
        let text = format!(
            r#"(module (import "env" "memory" (memory {memory})) (func $f) (global $g (mut i32) (i32.const 0))
                 (func (param $p i32) (param $n i32) (local $i i32) (local $s i32) {code}))"#
        );
        let Some(after) = for_host(&wat::parse_str(text).unwrap()).unwrap() else { return 0 };
        wasmparser::Validator::new().validate_all(&after).unwrap();
        assert!(for_host(&after).unwrap().is_none(), "once is enough");
        let text = wasmprinter::print_bytes(&after).unwrap();
        let is_barrier = |lines: &[&str]| {
            lines[0].trim_start().starts_with("loop ") && lines[1..] == ["i32.const 0", "i32.atomic.load", "drop"]
        };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let count = lines.windows(4).filter(|lines| is_barrier(lines)).count();
        assert_eq!(count, text.matches("i32.atomic.load\n").count(), "not at the beginning:\n{text}");
        count
    }

    #[test]
    fn loops_that_wait_read_again() {
        let waiting = [
            // At a constant, behind a pointer, at a variable of the thread, and as it is without optimisation.
            "(loop (br_if 0 (i32.eqz (i32.load offset=8 (i32.const 0)))))",
            "(loop (br_if 0 (f64.eq (f64.load (local.get $p)) (f64.const 0))))",
            "(loop (br_if 0 (i32.load16_s (i32.add (global.get $g) (i32.shl (local.get $n) (i32.const 2))))))",
            "(loop (local.set $i (i32.const 0)) (br_if 0 (i32.load offset=8 (local.get $i))))",
            "(loop (br_if 0 (i32.load (local.tee $i (i32.const 8)))))",
            // It counts, has two ways out, branches, or has what it does next within.
            "(loop (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if 0 (i32.load (local.get $p))))",
            "(block (loop (br_if 1 (i32.load (local.get $p))) (br_if 1 (i32.load (local.get $n))) (br 0)))",
            "(loop (if (i32.load (local.get $p)) (then (call $f)) (else (br 1))))",
            "(loop (if (i32.load (local.get $p)) (then (i32.store (local.get $n) (i32.const 1)) (return))) (br 0))",
            "(loop (block (br_table 0 1 0 (i32.load (local.get $p)))) (call $f))",
            // One flag after the other.
            "(loop (loop (br_if 0 (i32.load (local.get $i)))) (br_if 0 (local.tee $i (i32.add (local.get $i) (local.get $n)))))",
            // What is written before and after does not matter, nor does a variable that is set there.
            "(local.set $p (i32.const 8)) (call $f) (loop (br_if 0 (i32.load (local.get $p)))) (local.set $p (i32.const 4))",
        ];
        for code in waiting {
            assert_eq!(barriers("1 1 shared", code), 1, "{code}");
            assert_eq!(barriers("1 1", code) + barriers("0 1 shared", code), 0, "{code}");
        }
        let inner_and_outer = "(loop (loop (br_if 0 (i32.load (local.get $p)))) (br_if 0 (i32.load (local.get $p))))";
        assert_eq!(barriers("1 1 shared", inner_and_outer), 1, "the inner one's serves the outer one");
        let one_after_the_other =
            "(loop (br_if 0 (i32.load (local.get $p)))) (loop (br_if 0 (i32.load (local.get $n))))";
        assert_eq!(barriers("1 1 shared", one_after_the_other), 2);
        let beside = "(loop (if (local.get $n) (then (loop (br_if 0 (i32.load (local.get $p))) (return)))) (br_if 0 (i32.load (local.get $p))))";
        assert_eq!(barriers("1 1 shared", beside), 2, "the inner one does not lead to the outer one's next round");
    }

    #[test]
    fn loops_that_compute_stay() {
        let computing = [
            // The address changes.
            "(loop (local.set $s (i32.add (local.get $s) (i32.load (local.get $i))))
                   (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (local.get $n))))",
            "(loop (br_if 0 (local.tee $p (i32.load (local.get $p)))))",
            "(loop (loop (br_if 0 (i32.load (local.get $i)))
                         (br_if 0 (local.tee $i (i32.add (local.get $i) (i32.const 4))))) (br_if 0 (local.get $n)))",
            // Something is written, and so the machine code loads in each round.
            "(loop (i32.store (local.get $n) (i32.const 1)) (br_if 0 (i32.load (local.get $p))))",
            "(loop (br_if 0 (i32.load (local.get $p))) (call $f) (br 0))",
            "(block (loop (br_if 1 (i32.load (local.get $p))) (if (local.get $n) (then (call $f))) (br 0)))",
            "(loop (br_if 0 (i32.atomic.load8_u (i32.const 8))) (br_if 0 (i32.load (local.get $p))))",
            "(loop (atomic.fence) (br_if 0 (i32.load (local.get $p))))",
            "(loop (block (loop (br_if 1 (local.get $n)) (call $f) (br 0))) (br_if 0 (i32.load (local.get $p))))",
            // No loop, and no load.
            "(drop (i32.load (local.get $p)))",
            "(loop (br_if 0 (local.get $p)))",
        ];
        for code in computing {
            assert_eq!(barriers("1 1 shared", code), 0, "{code}");
        }
    }

    #[test]
    fn deep_nesting_takes_no_time() {
        for count in [1000, 100_000] {
            let ends = "(br_if 0 (local.get $n)) end ".repeat(count);
            let code = format!("{} (drop (i32.load (local.get $p))) {ends}", "loop ".repeat(count));
            assert_eq!(barriers("1 1 shared", &code), usize::from(count < super::DEEPEST));
        }
    }
}
