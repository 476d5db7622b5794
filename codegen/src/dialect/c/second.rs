//! The second versions of loops: see [`crate::analysis::versions`].

use super::{MARK, MARK_END, Printer};
use crate::analysis::versions::{Kept, Level, Moving, Pointer, Range, Steady, Trips, Version};
use crate::dialect::Dialect;
use crate::ir::{Expr, Label, Operation, Relation, Sign, Site, Stmt, Ty, Var, visit};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A loop whose second version is being printed, perhaps in that of another.
pub(super) struct Fast<'p> {
    label: Label,
    version: &'p Version,
    /// The labels in its body, which stand in the first version, too.
    labels: Vec<Label>,
}

impl Fast<'_> {
    /// Whether this loop is counted with it.
    pub(super) fn counts(&self, label: Label) -> bool {
        self.version.level(label).is_some()
    }
}

impl<'p, D: Dialect> Printer<'p, D> {
    /// A loop in both versions.
    pub(super) fn two_versions(&mut self, label: Label, version: &'p Version, body: &[Stmt], condition: &Expr) {
        self.line("{");
        self.indent += 1;
        self.is_comparing = true;
        let test = self.comparisons(label, version);
        self.is_comparing = false;
        self.line(&format!("if ({test}) {{"));
        self.indented(|printer| match version.apart {
            Some(_) => printer.call_apart(label, version, body),
            None => printer.second_version(label, version, body),
        });
        self.line("} else {");
        self.indented(|printer| {
            printer.line("do {");
            printer.keep_products(body, None);
            printer.indented(|printer| printer.stmts(body, None));
            printer.line(&format!("}} while ({});", printer.condition(condition)));
        });
        self.line("}");
        self.indent -= 1;
        self.line("}");
    }

    /// Declares what is compared before the loop, and returns the comparisons.
    fn comparisons(&mut self, label: Label, version: &Version) -> String {
        let number = label.as_u32();
        let mut tests = Vec::new();
        for Level { label, trips, .. } in &version.levels {
            let name = format!("n{}", label.as_u32());
            self.pinned(&format!("u64 {name} = {};", self.trips(trips)), &[&trips.start, &trips.limit]);
            tests.push(format!("counts({name})"));
        }
        for (i, pointer) in version.pointers.iter().enumerate() {
            let name = format!("{number}_{i}");
            let whole = self.moving(&name, &pointer.address);
            self.line(&format!("reach r{name} = {whole};"));
            if !pointer.address.steps.is_empty() || pointer.least != 0 || pointer.most != 0 {
                tests.push(format!("stays(r{name}, {}, {})", pointer.least, pointer.most));
            }
        }
        for (i, steady) in version.steady.iter().enumerate() {
            tests.push(self.steady(&format!("{number}_u{i}"), steady));
        }
        for both in &version.disjoint {
            let [left, right] = both.each_ref().map(|moving| {
                let start = self.top(&moving.start);
                let bits = moving.steps.iter().fold(start.clone(), |all, (_, step)| all + " | " + &self.expr(step));
                format!("{}, {bits}", reach(&start, moving, ""))
            });
            tests.push(format!("disjoint({left}, {right})"));
        }
        for [start, end] in &version.equal {
            tests.push(format!("{} == {}", self.expr(start), self.expr(end)));
        }
        tests.extend(version.ordinary().into_iter().map(|is_ordinary| self.condition(is_ordinary)));
        for (i, range) in version.ranges.iter().enumerate() {
            self.range(&format!("{number}_t{i}"), range);
            tests.push(format!("stays(r{number}_t{i}, 0, 0)"));
        }
        kept_tests(number, version, &mut tests);
        for (i, j) in version.compared() {
            let bytes = |i: usize| format!("r{number}_{i}, {}, {}", version.pointers[i].from, version.pointers[i].to);
            tests.push(format!("apart({}, {})", bytes(j), bytes(i)));
        }
        tests.join(" && ")
    }

    /// Declares what a number is in the first iterations, and its steps unless they are constants, and returns from where to where it goes.
    fn moving(&mut self, name: &str, moving: &Moving) -> String {
        self.pinned(&format!("u32 a{name} = {};", self.top(&moving.start)), &[&moving.start]);
        for (label, step) in moving.steps.iter().filter(|(_, step)| distance(step).is_none()) {
            self.pinned(&format!("s64 {} = (s32){};", step_name(name, *label), self.expr(step)), &[step]);
        }
        reach(&format!("a{name}"), moving, name)
    }

    /// Declares from where to where a number goes that must not wrap, and returns the comparison.
    fn steady(&mut self, name: &str, steady: &Steady<Moving>) -> String {
        let (Moving { start, steps }, number) = (&steady.number, format!("a{name}"));
        self.pinned(&format!("u64 {number} = {};", self.top(start)), &[start]);
        let is_word = steady.ty == Ty::I32;
        let mut whole = match (steady.ty, steady.sign) {
            (Ty::I32, Sign::Signed) => format!("just_64((s32){number})"),
            _ => format!("just_64({number})"),
        };
        for (label, step) in steps {
            let by = step_name(name, *label);
            let word = if is_word { "(s32)" } else { "" };
            self.pinned(&format!("s64 {by} = {word}{};", self.expr(step)), &[step]);
            whole = format!("moved_64({whole}, {by}, n{})", label.as_u32());
        }
        let sign = if steady.sign == Sign::Signed { "s" } else { "u" };
        format!("steady{}_{sign}({whole}, {})", if is_word { 32 } else { 64 }, steady.beyond)
    }

    /// Declares from where to where accesses to a table go.
    fn range(&mut self, name: &str, range: &Range) {
        let mut whole = self.moving(name, &range.address);
        for (i, (bound, scale)) in range.spans.iter().enumerate() {
            self.pinned(&format!("u64 b{name}_{i} = {};", self.top(bound)), &[bound]);
            whole = format!("spread({whole}, b{name}_{i}, {scale}ul)");
        }
        self.line(&format!("reach r{name} = {whole};"));
    }

    /// Declares a variable that is compared, and used as it was compared then: unless it is a constant, it is not computed again from what
    /// another thread may have changed.
    fn pinned(&mut self, declaration: &str, from: &[&Expr]) {
        let name = declaration.split(' ').nth(1).unwrap_or_default();
        let is_constant = from.iter().all(|part| matches!(part, Expr::Const(..)));
        let pin = if is_constant { String::new() } else { format!(" PIN({name});") };
        self.line(&format!("{declaration}{pin}"));
    }

    /// The second version as a function of its own, as only a function's parameters can be said to be apart, and its call.
    ///
    /// It is given what the loop reads, and by their addresses the variables that the loop sets.
    fn call_apart(&mut self, label: Label, version: &'p Version, body: &[Stmt]) {
        let Some(apart) = &version.apart else { return };
        let (number, name) = (label.as_u32(), format!("loop{}_{}", self.function.index, label.as_u32()));
        let (machine, m) = self.context.dialect.machine();
        let (mut parameters, mut arguments) = (machine.to_owned(), m.to_owned());
        let mut give = |parameter: String, argument: String| {
            let _ = write!(parameters, ", {parameter}");
            let _ = write!(arguments, ", {argument}");
        };
        for level in &version.levels {
            let name = format!("n{}", level.label.as_u32());
            give(format!("u64 {name}"), name);
        }
        for (i, pointer) in version.pointers.iter().enumerate() {
            let name = format!("{number}_{i}");
            give(format!("u32 a{name}"), format!("a{name}"));
            for (label, _) in pointer.address.steps.iter().filter(|(_, step)| distance(step).is_none()) {
                let name = step_name(&name, *label);
                give(format!("s64 {name}"), name);
            }
            if apart.class[i] == i {
                let restrict = if apart.is_exclusive[i] { "restrict " } else { "" };
                give(format!("u8 *{restrict}c{name}"), format!("mem + (u64)a{name}"));
            }
        }
        let (set, read) = self.variables(body);
        for var in &read {
            let (ty, name) = (self.ty(self.function.vars[*var]), self.var(*var));
            give(format!("{ty} {name}"), name);
        }
        for var in &set {
            let (ty, name) = (self.ty(self.function.vars[*var]), self.var(*var));
            give(format!("{ty} *to_{name}"), format!("&{name}"));
        }
        self.line(&format!("{name}({arguments});"));
        let text = self.apart_function(
            &format!("static inline __attribute__((always_inline)) void {name}({parameters})"),
            label,
            version,
            body,
            &set,
        );
        self.before.push_str(&text);
    }

    /// The variables that a body sets, and those that it only reads, or that versions of loops in it read.
    fn variables(&self, body: &[Stmt]) -> (BTreeSet<Var>, BTreeSet<Var>) {
        let (mut set, mut read) = (BTreeSet::new(), BTreeSet::new());
        let mut note = |part: &Expr| {
            if let Expr::Var(var) = part {
                read.insert(*var);
            }
        };
        visit::for_each_part(body, &mut note);
        visit::for_each_stmt(body, &mut |stmt| match stmt {
            Stmt::Set(var, _) => drop(set.insert(*var)),
            Stmt::DoWhile { label, .. } => {
                for computed in self.context.versions.get(label).into_iter().flat_map(Version::computed) {
                    computed.any(&mut |part| {
                        note(part);
                        false
                    });
                }
            }
            _ => set.extend(visit::results(stmt)),
        });
        read.retain(|var| !set.contains(var));
        (set, read)
    }

    /// The function for the second version of a loop.
    fn apart_function(
        &mut self,
        head: &str,
        label: Label,
        version: &'p Version,
        body: &[Stmt],
        set: &BTreeSet<Var>,
    ) -> String {
        let outer = (std::mem::take(&mut self.out), std::mem::replace(&mut self.indent, 1));
        let _ = writeln!(self.out, "\n{head}\n{{");
        self.float_freedom();
        for var in set {
            let (ty, name) = (self.ty(self.function.vars[*var]), self.var(*var));
            self.line(&format!("{ty} {name} = *to_{name};"));
        }
        self.second_version(label, version, body);
        for var in set {
            let name = self.var(*var);
            self.line(&format!("*to_{name} = {name};"));
        }
        self.out.push_str("}\n");
        self.indent = outer.1;
        std::mem::replace(&mut self.out, outer.0)
    }

    /// A loop whose addresses are known not to wrap around.
    fn second_version(&mut self, label: Label, version: &'p Version, body: &[Stmt]) {
        let number = label.as_u32();
        for i in 0..version.pointers.len() {
            let start = match &version.apart {
                Some(apart) if apart.class[i] == i => format!("c{number}_{i}"),
                Some(apart) => {
                    let first = apart.class[i];
                    format!("c{number}_{first} + ((s64)a{number}_{i} - (s64)a{number}_{first})")
                }
                None => format!("mem + (u64)a{number}_{i}"),
            };
            self.line(&format!("u8 *p{number}_{i} = {start};"));
        }
        let kept = || version.pointers.iter().enumerate().filter_map(|(i, pointer)| Some((i, pointer, pointer.kept?)));
        for (i, pointer, Kept { op, .. }) in kept() {
            let (ty, load) = (self.ty(op.accessed()), whole(op.accessed(), "load"));
            self.line(&format!("{ty} h{number}_{i} = {load}(p{number}_{i} + {}l);", pointer.from));
        }
        let mut labels = Vec::new();
        visit::for_each_stmt(body, &mut |stmt| {
            if let Stmt::Block { label, .. } = stmt {
                labels.push(*label);
            }
        });
        self.fast.push(Fast { label, version, labels });
        self.counted(label, body);
        self.fast.pop();
        for (i, pointer, Kept { op, .. }) in kept().filter(|(_, _, kept)| kept.is_stored) {
            let store = whole(op.accessed(), "store");
            self.line(&format!("{store}(p{number}_{i} + {}l, h{number}_{i});", pointer.from));
        }
    }

    /// A loop of the second version that is being printed.
    pub(super) fn counted(&mut self, label: Label, body: &[Stmt]) {
        let Some(level) = self.fast.last().and_then(|fast| fast.version.level(label)) else { return };
        let number = label.as_u32();
        self.line(&format!("s64 k{number} = 0;"));
        self.line("do {");
        self.keep_products(body, Some(level));
        self.indented(|printer| printer.stmts(body, None));
        self.line(&format!("}} while (++k{number} != (s64)n{number});"));
    }

    /// How often a loop runs: 0 if that is not certain.
    fn trips(&self, trips: &Trips) -> String {
        let (start, limit) = (self.top(&trips.start), self.top(&trips.limit));
        format!("{}({start}, {}u, {limit})", trips_function(trips), trips.step.unsigned_abs())
    }

    /// An access by one of the pointers of the version that is being printed.
    pub(super) fn fast_access(&self, operation: &Operation) -> Option<String> {
        let site = operation.site?;
        let (fast, access) = self.fast.iter().rev().find_map(|fast| Some((fast, fast.version.accesses.get(&site)?)))?;
        let pointer = &fast.version.pointers[access.pointer];
        let name = format!("{}_{}", fast.label.as_u32(), access.pointer);
        let value = operation.operands.get(1).map(|value| self.top(value));
        if let Some(kept) = pointer.kept {
            let of = |function: usize, value: String| match kept.reinterpreted(operation.op.accessed()) {
                Some(functions) => format!("{}({value})", functions[function]),
                None => value,
            };
            let load = || of(1, format!("h{name}"));
            return Some(value.map_or_else(load, |value| format!("h{name} = {}", of(0, value))));
        }
        let mut address = format!("p{name}");
        for (label, step) in &pointer.address.steps {
            let step = distance(step).map_or_else(|| step_name(&name, *label), |step| step.to_string());
            let _ = write!(address, " + k{} * {step}", label.as_u32());
        }
        let distance = i128::from(access.distance) + i128::from(operation.offset.unwrap_or(0));
        if distance != 0 {
            let sign = if distance < 0 { '-' } else { '+' };
            let _ = write!(address, " {sign} {}l", distance.unsigned_abs());
        }
        let value = value.map(|value| format!(", {value}")).unwrap_or_default();
        Some(format!("{}{}_at({address}{value})", self.mark(operation), operation.op.name()))
    }

    /// A load that is done before a loop: it gives 0 where it would be outside of the memory, as then the loop has no second version.
    pub(super) fn early_load(&self, operation: &Operation) -> Option<String> {
        let (bytes, offset, site) = (operation.op.bytes()?, operation.offset?, operation.site?);
        if !self.is_comparing {
            return None;
        }
        let (address, site) = (self.top(&operation.operands[0]), self.context.dialect.site(site));
        let machine = self.context.dialect.machine().1;
        let load = format!("{}({machine}, at, {offset}ul, {site})", operation.op.name());
        Some(format!(
            "__extension__ ({{ u32 at = {address}; (u64)at + {offset}ul + {bytes} <= m->memory_bytes ? {load} : 0; }})"
        ))
    }

    /// A load by no pointer in a version that keeps something in variables: what it touches of that is stored before.
    pub(super) fn guarded_load(&self, operation: &Operation) -> Option<String> {
        let (fast, bytes, offset) = (self.fast.last()?, operation.op.bytes()?, operation.offset?);
        let pointers = fast.version.pointers.iter().enumerate();
        let held: Vec<_> = pointers.filter_map(|(i, pointer)| Some((i, pointer, pointer.held()?))).collect();
        let is_apart = |site: Site| fast.version.ranges.iter().any(|range| range.sites.contains(&site));
        if held.is_empty() || operation.site.is_some_and(is_apart) {
            return None;
        }
        let mut text = format!("__extension__ ({{ u32 to = {};", self.top(&operation.operands[0]));
        for (i, Pointer { from, to, .. }, op) in held {
            let (name, store) = (format!("{}_{i}", fast.label.as_u32()), whole(op.accessed(), "store"));
            let _ = write!(text, " if (touches((u64)to + {offset}ul, {bytes}, (u64)a{name} + {from}, {}))", to - from);
            let _ = write!(text, " {store}(p{name} + {from}l, h{name});");
        }
        let site = operation.site.map(|site| self.context.dialect.site(site))?;
        let machine = self.context.dialect.machine().1;
        let _ =
            write!(text, " {}{}({machine}, to, {offset}ul, {site}); }})", self.mark(operation), operation.op.name());
        Some(text)
    }

    /// What a label is called in the versions that are being printed.
    pub(super) fn label_name(&self, label: Label) -> String {
        let around = self.fast.iter().filter(|fast| fast.labels.contains(&label));
        around.fold(label.to_string(), |name, fast| format!("{name}_{}", fast.label.as_u32()))
    }

    /// Marks where an operation stands that may trap, if the dialect wants that.
    pub(super) fn mark(&self, operation: &Operation) -> String {
        operation.site.map_or_else(String::new, |site| self.mark_at(site))
    }

    /// Marks what stands at a site.
    pub(super) fn mark_at(&self, site: Site) -> String {
        let offset = self.context.dialect.offset(site);
        offset.map_or_else(String::new, |offset| format!("{MARK}{offset}{MARK_END}"))
    }
}

/// That what variables are to stand for, or what is loaded before the loop, is inside of the memory, and that no accesses to tables touch what
/// is stored of it, or settled.
fn kept_tests(number: u32, version: &Version, tests: &mut Vec<String>) {
    for (i, pointer) in version.pointers.iter().enumerate() {
        let (is_held, is_settled) = (pointer.held().is_some(), version.settled.contains(&i));
        if is_held || is_settled {
            tests.push(format!("(u64)a{number}_{i} + {} <= m->memory_bytes", pointer.to));
        }
        for (j, range) in
            version.ranges.iter().enumerate().filter(|(_, range)| is_held || is_settled && range.is_stored)
        {
            let table = format!("r{number}_t{j}, {}, {}", range.from, range.to);
            tests.push(format!("apart(r{number}_{i}, {}, {}, {table})", pointer.from, pointer.to));
        }
    }
}

/// From where to where a number goes, which starts with `start`; `name` is the pointer's, for steps that are variables.
fn reach(start: &str, moving: &Moving, name: &str) -> String {
    /// Constants that need no care about overflow.
    const SMALL: u64 = 1 << 28;
    moving.steps.iter().fold(format!("just({start})"), |reach, (label, step)| {
        let is_small = distance(step).is_some_and(|step| step.unsigned_abs() < SMALL);
        let function = if is_small { "moved" } else { "moved_by" };
        let step = distance(step).map_or_else(|| step_name(name, *label), |step| step.to_string());
        format!("{function}({reach}, {step}, n{})", label.as_u32())
    })
}

/// The variable for how far a pointer advances in a loop's iteration.
fn step_name(pointer: &str, label: Label) -> String {
    format!("s{pointer}_{}", label.as_u32())
}

/// The function that loads or stores a value of a type as a whole.
fn whole(ty: Ty, what: &str) -> String {
    format!("{}_{what}_at", ty.name())
}

/// A constant distance in bytes.
fn distance(step: &Expr) -> Option<i64> {
    match step {
        Expr::Const(_, bits) => Some(i64::from(*bits as u32 as i32)),
        _ => None,
    }
}

/// The function of the prelude that finds out how often a loop runs.
pub(crate) fn trips_function(trips: &Trips) -> &'static str {
    let is_word = trips.ty == Ty::I32;
    let of = |word: &'static str, long: &'static str| if is_word { word } else { long };
    match (trips.relation, trips.sign) {
        (Relation::Lt, Sign::Unsigned) => of("trips32_lt_u", "trips64_lt_u"),
        (Relation::Lt, Sign::Signed) => of("trips32_lt_s", "trips64_lt_s"),
        (Relation::Le, Sign::Unsigned) => of("trips32_le_u", "trips64_le_u"),
        (Relation::Le, Sign::Signed) => of("trips32_le_s", "trips64_le_s"),
        (Relation::Gt, Sign::Unsigned) => of("trips32_gt_u", "trips64_gt_u"),
        (Relation::Gt, Sign::Signed) => of("trips32_gt_s", "trips64_gt_s"),
        (Relation::Ge, Sign::Unsigned) => of("trips32_ge_u", "trips64_ge_u"),
        (Relation::Ge, Sign::Signed) => of("trips32_ge_s", "trips64_ge_s"),
        _ if trips.step > 0 => of("trips32_up", "trips64_up"),
        _ => of("trips32_down", "trips64_down"),
    }
}
