//! Memory that a function is given by the runtime: pieces of its frame.
//!
//! What one thread is given is in its private memory, what a team's serial code is given is one of the team's variables; both are big enough, so
//! nobody gets a null pointer. Nothing is free again before the function ends.
//!
//! A piece is the same whenever its call is executed. clang gives back what an `allocate` clause or directive asks for where the variable's scope
//! ends, so it is not needed any more when the call is executed again. What the program asks for itself is only given where that is certain:
//! where the call is executed once, or is followed by the one that gives it back, in the same block.
//!
//! Invariant: a piece is below all that the stack pointer has been in the function, and stays so; no two calls have the same.

use super::Lift;
use super::frame::ALIGNMENT;
use crate::ir::visit;
use crate::ir::{Expr, Op, Operation, Place, Stmt, Ty};
use crate::refusal::Reason;
use omp2wasi_abi::llvm::{allocator_trait, entry_point};

/// More than this is never there.
const MAX_PIECE: u32 = super::program::MAX_FRAMES;

/// What C's types are multiples of at most.
const FUNDAMENTAL_ALIGNMENT: u32 = 16;

/// Predefined allocators, which have no traits that matter, are up to this one (`omp.h`, `omp_allocator_handle_t`).
const LAST_PREDEFINED: u32 = 8;

/// The allocator that a region makes: it is none of the predefined ones.
const MADE: u32 = 64;

/// A program's traits for one allocator: there are fewer keys.
const MAX_TRAITS: u32 = 16;

/// Memory that the program has to give back in the same block.
pub(super) struct Lent {
    place: Place,
    /// In how many blocks that is, and how many statements are before it there.
    depth: usize,
    before: usize,
}

fn kept_too_long() -> Reason {
    Reason::Construct("omp_alloc".to_owned(), "the memory may be asked for again before it is given back")
}

impl Lift<'_> {
    /// A piece of so many bytes. `alignment` is a power of two, of at most [`ALIGNMENT`].
    pub(super) fn piece_of_frame(&mut self, bytes: u32, alignment: u32) -> Result<Place, Reason> {
        let stack_pointer = &mut self.stack_pointer;
        if stack_pointer.var.is_some() {
            return Err(Reason::VariableFrame);
        }
        let above = stack_pointer.lowest.unsigned_abs();
        if bytes > MAX_PIECE || above > MAX_PIECE {
            return Err(Reason::LargeFrames(bytes.saturating_add(above)));
        }
        stack_pointer.given.get_or_insert(stack_pointer.lowest);
        stack_pointer.lowest = -((above + bytes).next_multiple_of(alignment) as i32);
        Ok(Place::Frame(stack_pointer.lowest))
    }

    /// Whether a call is one of the runtime's about allocators; if so, it is translated.
    pub(super) fn allocator_call(&mut self, name: &str, arguments: &[Expr]) -> Result<bool, Reason> {
        let one = Expr::Const(Ty::I32, 1);
        match (name, arguments) {
            (entry_point::ALLOC, [_, size, allocator]) => {
                self.allocate(name, &one, size, allocator)?;
            }
            (entry_point::ALIGNED_ALLOC, [_, alignment, size, allocator]) => {
                self.allocate(name, alignment, size, allocator)?;
            }
            ("omp_alloc", [size, allocator]) => self.lend(name, &one, size, allocator)?,
            ("omp_aligned_alloc", [alignment, size, allocator]) => self.lend(name, alignment, size, allocator)?,
            ("omp_calloc", [count, size, allocator]) => self.lend_cleared(name, &one, [count, size], allocator)?,
            ("omp_aligned_calloc", [alignment, count, size, allocator]) => {
                self.lend_cleared(name, alignment, [count, size], allocator)?;
            }
            ("omp_free", [memory, _]) => self.take_back(memory)?,
            (entry_point::INIT_ALLOCATOR, [_, _, count, traits]) | ("omp_init_allocator", [_, count, traits]) => {
                self.make_allocator(name, count, traits)?;
            }
            (entry_point::FREE | entry_point::DESTROY_ALLOCATOR, _) | ("omp_destroy_allocator", _) => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Gives the function memory; `None` if it asks for none, which gives a null pointer.
    fn allocate(
        &mut self,
        name: &str,
        alignment: &Expr,
        size: &Expr,
        allocator: &Expr,
    ) -> Result<Option<(Place, u32)>, Reason> {
        let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
        let (Expr::Const(_, alignment), Expr::Const(_, size)) = (alignment, size) else {
            return refuse("how much memory is allocated is computed");
        };
        let (alignment, size) = (*alignment as u32, *size as u32);
        // What a region makes may have a trait that says so: see `make_allocator`.
        let least = match allocator {
            Expr::Const(_, known) if *known as u32 <= LAST_PREDEFINED => FUNDAMENTAL_ALIGNMENT,
            _ => ALIGNMENT,
        };
        if !alignment.is_power_of_two() || alignment > ALIGNMENT {
            return refuse("the memory is to be aligned to more than 64 bytes");
        }
        if size == 0 {
            self.constant(Ty::I32, 0);
            return Ok(None);
        }
        let place = self.piece_of_frame(size, alignment.max(least))?;
        self.stack.push(Expr::Address(place));
        Ok(Some((place, size)))
    }

    /// Gives the function memory that the program itself asks for.
    fn lend(&mut self, name: &str, alignment: &Expr, size: &Expr, allocator: &Expr) -> Result<(), Reason> {
        let given = self.allocate(name, alignment, size, allocator)?;
        self.note_lent(given);
        Ok(())
    }

    /// The same for so many elements, which are zero.
    fn lend_cleared(
        &mut self,
        name: &str,
        alignment: &Expr,
        [count, size]: [&Expr; 2],
        allocator: &Expr,
    ) -> Result<(), Reason> {
        let (Expr::Const(_, count), Expr::Const(_, size)) = (count, size) else {
            return Err(Reason::Construct(name.to_owned(), "how much memory is allocated is computed"));
        };
        let bytes = Expr::Const(Ty::I32, count.saturating_mul(*size).min(u32::MAX.into()));
        let given = self.allocate(name, alignment, &bytes, allocator)?;
        self.note_lent(given);
        if let Some((place, _)) = given {
            let mut clear = Operation::new(Op::MemoryFill, vec![Expr::Address(place), Expr::Const(Ty::I32, 0), bytes]);
            clear.site = Some(self.site());
            self.emit(Stmt::Do(Expr::Operation(clear)));
        }
        Ok(())
    }

    /// Notes that memory has to be given back in this block, unless this is executed once.
    fn note_lent(&mut self, given: Option<(Place, u32)>) {
        let is_executed_once = !self.role.is_called() && !self.is_in_loop();
        if let Some((place, _)) = given.filter(|_| !is_executed_once) {
            let before = self.bodies.last().map_or(0, Vec::len);
            self.lent.push(Lent { place, depth: self.bodies.len(), before });
        }
    }

    /// The program gives memory back: between its allocation and this, nothing has led away.
    fn take_back(&mut self, memory: &Expr) -> Result<(), Reason> {
        let is_it = |lent: &Lent| *memory == Expr::Address(lent.place);
        let Some(number) = self.lent.iter().position(is_it) else { return Ok(()) };
        let Lent { depth, before, .. } = self.lent.remove(number);
        let body = self.bodies.last().filter(|_| depth == self.bodies.len()).and_then(|body| body.get(before..));
        match body {
            Some(body) if !visit::goes_outside(body, None) => Ok(()),
            _ => Err(kept_too_long()),
        }
    }

    /// A block, or the function, ends: what has been allocated in it has been given back.
    pub(super) fn check_lent(&self) -> Result<(), Reason> {
        match self.lent.last() {
            Some(lent) if lent.depth >= self.bodies.len() => Err(kept_too_long()),
            _ => Ok(()),
        }
    }

    /// An allocator of the region's own. Its traits must be such that they do not matter, or be kept to by all that is allocated.
    fn make_allocator(&mut self, name: &str, count: &Expr, traits: &Expr) -> Result<(), Reason> {
        let refuse = |why| Err(Reason::Construct(name.to_owned(), why));
        let count = match count {
            Expr::Const(_, count) if *count <= MAX_TRAITS.into() => *count as i32,
            _ => return refuse("the allocator's traits are not known"),
        };
        for number in 0..count {
            let Expr::Address(at) = traits else { return refuse("the allocator's traits are not known") };
            let at = at.plus(8 * number);
            let (Some(key), Some(value)) = (self.constant_word(at), self.constant_word(at.plus(4))) else {
                return refuse("the allocator's traits are not known");
            };
            match key {
                allocator_trait::ALIGNMENT if value <= ALIGNMENT => {}
                allocator_trait::SYNC_HINT
                | allocator_trait::ACCESS
                | allocator_trait::FALLBACK
                | allocator_trait::FB_DATA
                | allocator_trait::PARTITION => {}
                _ => return refuse("the allocator has a trait that a device cannot keep to"),
            }
        }
        self.constant(Ty::I32, MADE.into());
        Ok(())
    }
}
