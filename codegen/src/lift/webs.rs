//! One variable for each thing that a local of WebAssembly is: LLVM puts several into one local, one after the other, and whoever asks what
//! a variable holds, wherever it is read, would take each for all of them.
//!
//! A web is a set of definitions with all uses that one of them reaches; what is read where two definitions arrive belongs to both. The
//! first web of a local keeps its variable: the one that begins with the parameter, or with zero.
//!
//! Invariant: what a variable holds where it is read stays the same.

use super::MAX_VARS;
use crate::analysis::dataflow::{Budget, Domain, Loop, State, Walk};
use crate::ir::visit;
use crate::ir::{Expr, Function, Stmt, Var};
use cranelift_entity::{EntityRef, PrimaryMap};
use std::collections::BTreeSet;

/// The budget for all functions of a kernel. Beyond it variables stay as they are.
pub(super) const MAX_WORK: usize = 1 << 22;

/// Splits the variables of a function that are several.
pub(super) fn split(function: &mut Function, budget: &mut Budget) {
    let mut occurrences = Occurrences { originals: function.vars.keys().collect(), roots: Vec::new() };
    let mut body = function.body.clone();
    occurrences.number(&mut body);
    occurrences.roots = (0..occurrences.originals.len()).collect();
    let start = Reaching(function.vars.keys().map(|var| BTreeSet::from([var])).collect());
    Walk::new(&mut occurrences, budget, start).body(&body);
    let is_large = function.vars.len() + occurrences.webs(function.vars.len()) > MAX_VARS;
    if budget.is_spent() || is_large {
        // Then they begin as zero, as if each might be read before it is set.
        function.whole = function.locals;
        return;
    }
    function.whole = function.vars.len();
    let vars = occurrences.names(&mut function.vars);
    for_each_var(&mut body, &mut |var, _| *var = vars[*var]);
    function.body = body;
}

/// Calls `visit` for each variable that statements mention, and says whether they set it there.
fn for_each_var(body: &mut [Stmt], visit: &mut impl FnMut(&mut Var, bool)) {
    fn read(expr: &mut Expr, visit: &mut impl FnMut(&mut Var, bool)) {
        match expr {
            Expr::Var(var) => visit(var, false),
            Expr::Operation(operation) => operation.operands.iter_mut().for_each(|operand| read(operand, visit)),
            _ => {}
        }
    }
    for stmt in body {
        visit::for_each_expr_of_mut(stmt, &mut |expr| read(expr, visit));
        visit::for_each_set_mut(stmt, &mut |var| visit(var, true));
        visit::bodies_mut(stmt).into_iter().for_each(|inner| for_each_var(inner, visit));
    }
}

/// Each mention of a variable, as a variable of its own; before those the definitions that a function begins with.
struct Occurrences {
    /// What each is a mention of.
    originals: PrimaryMap<Var, Var>,
    /// The sets of mentions of one thing, each as a tree: what is above a mention.
    roots: Vec<usize>,
}

impl Occurrences {
    /// Gives each mention its number.
    fn number(&mut self, body: &mut [Stmt]) {
        // A dynamic loop's own variables are set and read together.
        for_each_var(body, &mut |var, _| *var = self.originals.push(*var));
    }

    fn root(&mut self, mention: usize) -> usize {
        let mut root = mention;
        while self.roots[root] != root {
            self.roots[root] = self.roots[self.roots[root]];
            root = self.roots[root];
        }
        root
    }

    /// How many webs there are beside those that the first variables, so many, begin with.
    fn webs(&mut self, first: usize) -> usize {
        (first..self.originals.len()).filter(|mention| self.root(*mention) == *mention).count()
    }

    fn unite(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        self.roots[one.max(other)] = one.min(other);
    }

    /// A mention reads what reaches it.
    fn read(&mut self, expr: &Expr, reaching: &Reaching, budget: &mut Budget) {
        expr.any(&mut |part| {
            if let Expr::Var(mention) = part {
                let definitions = &reaching.0[self.originals[*mention]];
                budget.spend(definitions.len());
                definitions.iter().for_each(|definition| self.unite(mention.index(), definition.index()));
            }
            false
        });
    }

    /// The variable of each mention. What a function begins with keeps its own; as does what nothing reaches.
    fn names(&mut self, vars: &mut PrimaryMap<Var, crate::ir::Ty>) -> PrimaryMap<Var, Var> {
        let (mut names, count) = (PrimaryMap::new(), vars.len());
        for mention in 0..self.originals.len() {
            let (root, var) = (self.root(mention), Var::new(mention));
            let name = match root {
                _ if root < count => Var::new(root),
                // The root is the first mention of its web.
                _ if root == mention => vars.push(vars[self.originals[var]]),
                _ => names[Var::new(root)],
            };
            names.push(name);
        }
        names
    }
}

/// For each variable, the definitions that reach a point.
#[derive(Clone)]
struct Reaching(PrimaryMap<Var, BTreeSet<Var>>);

impl State for Reaching {
    fn join(&mut self, other: &Self) -> bool {
        let mut has_news = false;
        for (var, definitions) in self.0.iter_mut() {
            for definition in &other.0[var] {
                has_news |= definitions.insert(*definition);
            }
        }
        has_news
    }

    fn cost(&self) -> usize {
        self.0.values().map(BTreeSet::len).sum()
    }
}

impl Domain for Occurrences {
    type State = Reaching;
    type Condition = ();

    fn visit(&mut self, stmt: &Stmt, reaching: &Reaching, budget: &mut Budget) {
        // Conditions are asked for where they are evaluated.
        if !matches!(stmt, Stmt::If { .. } | Stmt::DoWhile { .. } | Stmt::Switch { .. }) {
            visit::for_each_expr_of(stmt, &mut |expr| self.read(expr, reaching, budget));
        }
    }

    fn assign(&mut self, stmt: &Stmt, mut reaching: Reaching, _budget: &mut Budget) -> Option<Reaching> {
        visit::for_each_set(stmt, &mut |mention| {
            reaching.0[self.originals[mention]] = BTreeSet::from([mention]);
        });
        Some(reaching)
    }

    fn condition(&mut self, condition: &Expr, reaching: &Reaching, budget: &mut Budget) {
        self.read(condition, reaching, budget);
    }

    fn a_loop(walk: &mut Walk<Self>, a_loop: Loop) {
        while let Some(mut start) = walk.now.clone() {
            let round = walk.round(a_loop);
            let mut has_news = false;
            for back in [round.by_goto, round.by_condition].into_iter().flatten() {
                walk.budget.spend(back.cost());
                has_news |= start.join(&back);
            }
            if !has_news || walk.budget.is_spent() {
                return;
            }
            walk.now = Some(start);
        }
    }
}
