//! Makes arguments of words that a region loads from structures, and from static data. So all is known of them that is known of
//! arguments: which iterations there are, which accesses are inside of the memory, whether pointers are aligned.
//!
//! C keeps the pointers to its arrays in structures, and a region that is given the structure's address loads them wherever it uses them.
//! Whoever launches it reads those words before, and gives them with the arguments; the kernel compares them with what the memory has, and
//! does nothing if they differ.
//!
//! Invariant: a word that has been compared stays as it is while the kernel runs. Whoever launches it sees to that: it knows what the kernel
//! writes, if the words are what was given ([`crate::Facts::effects`]).

use super::Role;
use super::program::Program;
use crate::ir::visit::{self, for_each_part, for_each_stmt};
use crate::ir::{Expr, Function, Memory, Op, Operation, Ty, Var};
use std::collections::{BTreeMap, BTreeSet};

/// A word of the linear memory, of 32 bits, that is an argument of a kernel beside those that its launch gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeseenWord {
    /// The argument that points to what it is in, by its number; `None` for static data.
    pub base: Option<usize>,
    /// How many bytes behind where that points, or its address in static data.
    pub offset: u32,
}

/// How many words there may be: each is compared by all work-items.
const MAX_WORDS: usize = 16;

/// The same region with such words as arguments, if it has pointers in structures.
pub(crate) fn foresee(program: &Program) -> Option<Program> {
    let words = words(program);
    if words.is_empty() {
        return None;
    }
    let mut foreseeing = program.clone();
    for role in [Role::Microtask, Role::LastMicrotask] {
        if let Some(function) = foreseeing.functions.get_mut(&(program.entry.0, role)) {
            replace(function, &words);
        }
    }
    let given = program.entry().arguments();
    let is_pointer = |number: &usize| *number >= given;
    crate::analysis::worksharing::pointers(&foreseeing).iter().any(is_pointer).then_some(foreseeing)
}

/// The words that a region loads from structures. What is an array, with elements at computed addresses, is none; nor is what it stores to.
fn words(program: &Program) -> BTreeSet<ForeseenWord> {
    let entry = program.entry();
    let mut bases: BTreeMap<Option<Var>, BTreeSet<ForeseenWord>> = BTreeMap::new();
    let mut others: BTreeSet<Option<Var>> = BTreeSet::new();
    let (mut at_address, mut mentions) = (BTreeMap::<Var, usize>::new(), BTreeMap::<Var, usize>::new());
    let mut stored: Vec<(u64, u64)> = Vec::new();
    for_each_part(&entry.body, &mut |part| match part {
        Expr::Var(var) => *mentions.entry(*var).or_default() += 1,
        Expr::Operation(operation) => {
            let base = match operation.address() {
                Some(Expr::Var(var)) => Some(*var),
                Some(Expr::Const(..)) => None,
                _ => return,
            };
            if let Some(var) = base {
                *at_address.entry(var).or_default() += 1;
            }
            match word(entry, operation) {
                Some(word) => bases.entry(base).or_default().extend([word]),
                None if operation.op.is_load() => {}
                None if base.is_some() => others.extend([base]),
                None => stored.extend(fixed(operation)),
            }
        }
        _ => {}
    });
    for_each_stmt(&entry.body, &mut |stmt| visit::for_each_set(stmt, &mut |var| others.extend([Some(var)])));
    bases.retain(|base, _| {
        let is_structure = base.is_none_or(|var| at_address.get(&var) == mentions.get(&var));
        is_structure && !others.contains(base)
    });
    let is_stored = |word: &ForeseenWord| {
        let begin = u64::from(word.offset);
        word.base.is_none() && stored.iter().any(|(from, to)| *from < begin + 4 && begin < *to)
    };
    bases.into_values().flatten().filter(|word| !is_stored(word)).take(MAX_WORDS).collect()
}

/// Where an access to a fixed address begins and ends.
fn fixed(access: &Operation) -> Option<(u64, u64)> {
    let Expr::Const(_, address) = access.address()? else { return None };
    let begin = u64::from(*address as u32) + access.offset?;
    Some((begin, begin + u64::from(access.op.bytes()?)))
}

/// The word that an operation loads, if its address is a constant, or a constant and an argument.
fn word(function: &Function, load: &Operation) -> Option<ForeseenWord> {
    if load.op != Op::I32Load || load.memory != Memory::Linear {
        return None;
    }
    let (base, begin) = match load.address()? {
        Expr::Var(var) => (Some(function.argument(*var)?), 0),
        Expr::Const(_, address) => (None, *address as u32),
        _ => return None,
    };
    let offset = u64::from(begin) + load.offset?;
    let offset = u32::try_from(offset).ok().filter(|offset| offset.is_multiple_of(4))?;
    Some(ForeseenWord { base, offset })
}

/// Gives a function these words as parameters.
fn replace(function: &mut Function, words: &BTreeSet<ForeseenWord>) {
    fn replace_in(expr: &mut Expr, of: &impl Fn(&Operation) -> Option<Var>) {
        let Expr::Operation(operation) = expr else { return };
        if let Some(var) = of(operation) {
            *expr = Expr::Var(var);
            return;
        }
        operation.operands.iter_mut().for_each(|operand| replace_in(operand, of));
        operation.measure();
    }
    fn replace_all(body: &mut [crate::ir::Stmt], of: &impl Fn(&Operation) -> Option<Var>) {
        for stmt in body {
            visit::for_each_expr_of_mut(stmt, &mut |expr| replace_in(expr, of));
            visit::bodies_mut(stmt).into_iter().for_each(|inner| replace_all(inner, of));
        }
    }
    let vars: BTreeMap<ForeseenWord, Var> = words.iter().map(|word| (*word, function.vars.push(Ty::I32))).collect();
    let mut body = std::mem::take(&mut function.body);
    replace_all(&mut body, &|operation| vars.get(&word(function, operation)?).copied());
    function.body = body;
    function.foreseen = vars.into_iter().collect();
}
