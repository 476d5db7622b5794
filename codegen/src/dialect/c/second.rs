//! The second versions of loops: see [`crate::analysis::versions`].

use super::{MARK, MARK_END, Printer};
use crate::analysis::versions::{Disjoint, Pointer, Trips, Version};
use crate::dialect::Dialect;
use crate::ir::{Expr, Label, Operation, Relation, Sign, Site, Stmt, Ty, visit};
use std::fmt::Write;

/// A loop whose second version is being printed.
pub(super) struct Fast<'p> {
    label: Label,
    version: &'p Version,
    /// The labels in its body, which stand in the first version, too.
    labels: Vec<Label>,
}

impl<'p, D: Dialect> Printer<'p, D> {
    /// A loop in both versions.
    pub(super) fn two_versions(&mut self, label: Label, version: &'p Version, body: &[Stmt], condition: &Expr) {
        let number = label.as_u32();
        self.line("{");
        self.indent += 1;
        let Trips { start, limit, .. } = &version.trips;
        self.pinned(&format!("u64 n{number} = {};", self.trips(&version.trips)), &[start, limit]);
        let mut test = format!("n{number} != 0");
        for (i, pointer) in version.pointers.iter().enumerate() {
            let name = format!("{number}_{i}");
            self.pinned(&format!("u32 a{name} = {};", self.top(&pointer.start)), &[&pointer.start]);
            if distance(&pointer.step).is_none() {
                self.pinned(&format!("s64 s{name} = (s32){};", self.expr(&pointer.step)), &[&pointer.step]);
            }
            let (step, least, most) = (step(&name, pointer), pointer.least, pointer.most);
            if step != "0" || least != 0 || most != 0 {
                let _ = write!(test, " && stays(a{name}, {step}, n{number}, {least}, {most})");
            }
        }
        for Disjoint { start, step, other } in &version.disjoint {
            let (start, other) = (self.top(start), self.top(other));
            let _ = write!(test, " && disjoint({start}, {step}, n{number}, {other})");
        }
        held_tests(number, version, &mut test);
        self.line(&format!("if ({test}) {{"));
        self.indented(|printer| printer.second_version(label, version, body));
        self.line("} else {");
        self.indented(|printer| {
            printer.line("do {");
            printer.indented(|printer| printer.stmts(body, None));
            printer.line(&format!("}} while ({});", printer.condition(condition)));
        });
        self.line("}");
        self.indent -= 1;
        self.line("}");
    }

    /// Declares a variable that is compared, and used as it was compared then: unless it is a constant, it is not computed again from what
    /// another thread may have changed.
    fn pinned(&mut self, declaration: &str, from: &[&Expr]) {
        let name = declaration.split(' ').nth(1).unwrap_or_default();
        let is_constant = from.iter().all(|part| matches!(part, Expr::Const(..)));
        let pin = if is_constant { String::new() } else { format!(" PIN({name});") };
        self.line(&format!("{declaration}{pin}"));
    }

    /// A loop whose addresses are known not to wrap around.
    fn second_version(&mut self, label: Label, version: &'p Version, body: &[Stmt]) {
        let number = label.as_u32();
        for i in 0..version.pointers.len() {
            self.line(&format!("u8 *p{number}_{i} = mem + (u64)a{number}_{i};"));
        }
        let held = || version.pointers.iter().enumerate().filter_map(|(i, pointer)| Some((i, pointer, pointer.held?)));
        for (i, pointer, op) in held() {
            let (ty, load) = (self.ty(op.accessed()), whole(op.accessed(), "load"));
            self.line(&format!("{ty} h{number}_{i} = {load}(p{number}_{i} + {}l);", pointer.from));
        }
        self.line(&format!("s64 k{number} = 0;"));
        self.line("do {");
        self.keep_products(body, version);
        let mut labels = Vec::new();
        visit::for_each_stmt(body, &mut |stmt| {
            if let Stmt::Block { label, .. } = stmt {
                labels.push(*label);
            }
        });
        self.fast = Some(Fast { label, version, labels });
        self.indented(|printer| printer.stmts(body, None));
        self.fast = None;
        self.line(&format!("}} while (++k{number} != (s64)n{number});"));
        for (i, pointer, op) in held() {
            let store = whole(op.accessed(), "store");
            self.line(&format!("{store}(p{number}_{i} + {}l, h{number}_{i});", pointer.from));
        }
    }

    /// How often a loop runs: 0 if that is not certain.
    fn trips(&self, trips: &Trips) -> String {
        let (start, limit) = (self.top(&trips.start), self.top(&trips.limit));
        format!("{}({start}, {}u, {limit})", trips_function(trips), trips.step.unsigned_abs())
    }

    /// An access by one of the pointers of the version that is being printed.
    pub(super) fn fast_access(&self, operation: &Operation) -> Option<String> {
        let fast = self.fast.as_ref()?;
        let access = fast.version.accesses.get(&operation.site?)?;
        let pointer = &fast.version.pointers[access.pointer];
        let (number, name) = (fast.label.as_u32(), format!("{}_{}", fast.label.as_u32(), access.pointer));
        let value = operation.operands.get(1).map(|value| self.top(value));
        if pointer.held.is_some() {
            return Some(value.map_or_else(|| format!("h{name}"), |value| format!("h{name} = {value}")));
        }
        let mut address = format!("p{name}");
        match step(&name, pointer).as_str() {
            "0" => {}
            step => address += &format!(" + k{number} * {step}"),
        }
        let distance = i128::from(access.distance) + i128::from(operation.offset.unwrap_or(0));
        if distance != 0 {
            let sign = if distance < 0 { '-' } else { '+' };
            let _ = write!(address, " {sign} {}l", distance.unsigned_abs());
        }
        let value = value.map(|value| format!(", {value}")).unwrap_or_default();
        Some(format!("{}{}_at({address}{value})", self.mark(operation), operation.op.name()))
    }

    /// What a label is called in the version that is being printed.
    pub(super) fn label_name(&self, label: Label) -> String {
        let is_second = self.fast.as_ref().is_some_and(|fast| fast.labels.contains(&label));
        format!("{label}{}", if is_second { "_second" } else { "" })
    }

    /// Marks where an operation stands that may trap, if the dialect wants that.
    pub(super) fn mark(&self, operation: &Operation) -> String {
        operation.site.map_or_else(String::new, |site| self.mark_at(site))
    }

    /// Marks what stands at a place in the module.
    pub(super) fn mark_at(&self, site: Site) -> String {
        let place = self.context.dialect.place(site);
        place.map_or_else(String::new, |place| format!("{MARK}{place}{MARK_END}"))
    }
}

/// That what variables are to stand for is inside of the memory, and that no other pointer's accesses touch it.
fn held_tests(number: u32, version: &Version, test: &mut String) {
    for (i, pointer) in version.pointers.iter().enumerate().filter(|(_, pointer)| pointer.held.is_some()) {
        let (from, to) = (pointer.from, pointer.to);
        let _ = write!(test, " && (u64)a{number}_{i} + {to} <= m->memory_bytes");
        let others = version.pointers.iter().enumerate();
        for (j, other) in others.filter(|(j, other)| *j != i && !(other.held.is_some() && *j < i)) {
            let (step, begin, end) = (step(&format!("{number}_{j}"), other), other.from, other.to);
            let range = format!("a{number}_{j}, {step}, n{number}, {begin}, {end}");
            let _ = write!(test, " && apart(a{number}_{i}, {from}, {to}, {range})");
        }
    }
}

/// How far a pointer advances in an iteration: a number, or the name of a variable.
fn step(name: &str, pointer: &Pointer) -> String {
    distance(&pointer.step).map_or_else(|| format!("s{name}"), |step| step.to_string())
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
