//! Prints expressions: with C's operators where they do the same as the instruction, else as calls of functions of its name.

use super::{Printer, Variant};
use crate::dialect::Dialect;
use crate::ir::{Binary, Conversion, Expr, Kind, Memory, Op, Operation, Relation, Sign, Slot, Ty, Unary};

impl<D: Dialect> Printer<'_, D> {
    /// An expression where nothing can bind tighter.
    pub(super) fn top(&self, expr: &Expr) -> String {
        stripped(self.expr(expr))
    }

    /// A C condition.
    pub(super) fn condition(&self, expr: &Expr) -> String {
        stripped(self.condition_operand(expr))
    }

    pub(super) fn condition_operand(&self, expr: &Expr) -> String {
        match expr {
            Expr::Operation(operation) => match (operation.op.kind(), &operation.operands[..]) {
                (Kind::Eqz, [inner]) if is_comparison(inner) => self.negated(inner),
                (Kind::Eqz, [inner]) => format!("({} == 0)", self.expr(inner)),
                (Kind::Compare(..), _) => self.comparison(operation),
                _ => format!("({} != 0)", self.expr(expr)),
            },
            _ => format!("({} != 0)", self.expr(expr)),
        }
    }

    pub(super) fn negated(&self, expr: &Expr) -> String {
        match expr {
            Expr::Operation(operation) if operation.op.kind() == Kind::Eqz => {
                self.condition_operand(&operation.operands[0])
            }
            Expr::Operation(operation) if is_comparison(expr) => format!("!{}", self.comparison(operation)),
            _ => format!("({} == 0)", self.expr(expr)),
        }
    }

    fn comparison(&self, operation: &Operation) -> String {
        self.compared(operation.op, &self.expr(&operation.operands[0]), &self.expr(&operation.operands[1]))
    }

    /// A comparison of two operands in C.
    pub(super) fn compared(&self, op: Op, left: &str, right: &str) -> String {
        let Kind::Compare(relation, sign) = op.kind() else {
            return format!("({left} == {right})");
        };
        let symbol = match relation {
            Relation::Eq => "==",
            Relation::Ne => "!=",
            Relation::Lt => "<",
            Relation::Gt => ">",
            Relation::Le => "<=",
            Relation::Ge => ">=",
        };
        let cast = match sign {
            Sign::Unsigned => String::new(),
            Sign::Signed => format!("({})", self.signed(op.operand())),
        };
        format!("({cast}{left} {symbol} {cast}{right})")
    }

    /// The signed integer of a type.
    pub(super) fn signed(&self, ty: Ty) -> &'static str {
        self.context.dialect.integer(if ty == Ty::I64 { 8 } else { 4 }, Sign::Signed)
    }

    /// An expression that can stand anywhere.
    pub(super) fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Const(ty, bits) => self.context.dialect.constant(*ty, *bits),
            Expr::Var(var) => self.var(*var),
            Expr::Global(global) => self.context.dialect.global(*global),
            Expr::Address(place) => self.context.dialect.constant(Ty::I32, self.function.address(*place).into()),
            Expr::Slot(op, slot) => self.load_slot(*op, *slot),
            Expr::Operation(operation) => self.operation(operation),
        }
    }

    fn operation(&self, operation: &Operation) -> String {
        let op = operation.op;
        let operand = |i: usize| self.expr(&operation.operands[i]);
        let ty = |ty| self.ty(ty);
        if let Some(fused) = self.fused(operation) {
            return fused;
        }
        match op.kind() {
            Kind::Compare(..) => format!("({}){}", ty(Ty::I32), self.comparison(operation)),
            Kind::Eqz => {
                let condition = self.condition_operand(&Expr::Operation(operation.clone()));
                format!("({}){condition}", ty(Ty::I32))
            }
            Kind::Select => {
                format!("({} ? {} : {})", self.condition_operand(&operation.operands[2]), operand(0), operand(1))
            }
            Kind::Binary(binary) => match operator(binary) {
                Some(symbol) => format!("({} {symbol} {})", operand(0), operand(1)),
                None if matches!(binary, Binary::Shl | Binary::ShrS | Binary::ShrU) => self.shift(operation, binary),
                None => self.instruction(operation),
            },
            Kind::Unary(Unary::Neg) => format!("(-{})", operand(0)),
            Kind::Convert(conversion) => self.convert(operation, conversion),
            Kind::ExtractLane(_) => {
                let lane = operation.lanes.first().copied().unwrap_or(0);
                self.context.dialect.extract_lane(op, &operand(0), lane)
            }
            _ => self.instruction(operation),
        }
    }

    /// A sum or difference of a product and something else, where both may be rounded at once.
    fn fused(&self, operation: &Operation) -> Option<String> {
        let is_float = matches!(operation.op.operand(), Ty::F32 | Ty::F64);
        let is_sum = matches!(operation.op.kind(), Kind::Binary(Binary::Add | Binary::Sub));
        if !(is_sum && is_float && self.context.dialect.fuses(self.function.index)) {
            return None;
        }
        let factors = |expr: &Expr| match expr {
            Expr::Operation(product) if product.op.kind() == Kind::Binary(Binary::Mul) => {
                Some((self.top(&product.operands[0]), self.top(&product.operands[1])))
            }
            _ => None,
        };
        let (left, right) = (&operation.operands[0], &operation.operands[1]);
        let is_difference = operation.op.kind() == Kind::Binary(Binary::Sub);
        if let Some((a, b)) = factors(left) {
            let minus = if is_difference { "-" } else { "" };
            return Some(format!("fma({a}, {b}, {minus}{})", self.expr(right)));
        }
        let (a, b) = factors(right)?;
        let factor = if is_difference { format!("-({a})") } else { a };
        Some(format!("fma({factor}, {b}, {})", self.top(left)))
    }

    fn convert(&self, operation: &Operation, conversion: Conversion) -> String {
        let (from, to) = (operation.op.operand(), operation.op.info().result.unwrap_or(Ty::I32));
        let value = self.expr(&operation.operands[0]);
        let (ty, signed) = (self.ty(to), self.signed(from));
        match conversion {
            Conversion::Wrap | Conversion::ExtendU | Conversion::Promote | Conversion::Demote => {
                format!("({ty}){value}")
            }
            Conversion::ExtendS => format!("({ty})({})({signed}){value}", self.signed(to)),
            Conversion::ConvertS => format!("({ty})({signed}){value}"),
            Conversion::ConvertU => format!("({ty}){value}"),
            Conversion::Reinterpret => self.context.dialect.reinterpret(to, &value),
            Conversion::TruncS | Conversion::TruncU | Conversion::TruncSatS | Conversion::TruncSatU => {
                self.instruction(operation)
            }
        }
    }

    /// A call of the dialect's function for an instruction: the machine where it needs it, its operands, its immediates.
    fn instruction(&self, operation: &Operation) -> String {
        let op = operation.op;
        let early = self.early_load(operation);
        if let Some(access) = early.or_else(|| self.fast_access(operation)).or_else(|| self.guarded_load(operation)) {
            return access;
        }
        let mut arguments = Vec::new();
        if operation.site.is_some() || matches!(op, Op::MemorySize | Op::MemoryGrow) {
            arguments.push(self.context.dialect.machine().1.to_owned());
        }
        let mut operands = operation.operands.iter().map(|operand| self.top(operand));
        if let Some(offset) = operation.offset {
            arguments.extend(operands.next());
            arguments.push(format!("{offset}ul"));
        }
        arguments.extend(operands);
        if op == Op::I8x16Shuffle {
            arguments.push(self.context.dialect.shuffle_lanes(&operation.lanes));
        } else {
            arguments.extend(operation.lanes.iter().map(|lane| format!("{lane}u")));
        }
        arguments.extend(operation.site.map(|site| self.context.dialect.site(site)));
        let divides_rows = self.variant == Variant::Tile
            && op.is_division()
            && self.context.worksharing.divisor.as_ref() == operation.operands.get(1);
        let prefix = if divides_rows { "tiled_" } else { "" };
        format!(
            "{}{}{prefix}{}{}({})",
            self.mark(operation),
            memory_prefix(operation.memory),
            op.name(),
            self.context.dialect.alignment(operation),
            arguments.join(", ")
        )
    }

    fn shift(&self, operation: &Operation, binary: Binary) -> String {
        let ty = operation.op.operand();
        let bits: u128 = if ty == Ty::I32 { 32 } else { 64 };
        let count = match &operation.operands[1] {
            Expr::Const(_, count) => (count % bits).to_string(),
            count => format!("({} & {})", self.expr(count), self.context.dialect.constant(ty, bits - 1)),
        };
        let value = self.expr(&operation.operands[0]);
        match binary {
            Binary::Shl => format!("({value} << {count})"),
            Binary::ShrU => format!("({value} >> {count})"),
            _ => format!("({})(({}){value} >> {count})", self.ty(ty), self.signed(ty)),
        }
    }

    /// The value of a slot, as a load would read it.
    fn load_slot(&self, op: Op, slot: Slot) -> String {
        let (text, ty, dialect) = (self.slot(slot), op.accessed(), self.context.dialect);
        match (op.kind(), ty) {
            (_, Ty::F32 | Ty::F64) => dialect.reinterpret(ty, &text),
            (Kind::Load(bytes, sign), Ty::I32 | Ty::I64) if bytes < if ty == Ty::I64 { 8 } else { 4 } => match sign {
                Sign::Unsigned => format!("({}){text}", self.ty(ty)),
                Sign::Signed => {
                    format!("({})({})({}){text}", self.ty(ty), self.signed(ty), dialect.integer(bytes, Sign::Signed))
                }
            },
            _ => text,
        }
    }

    /// Gives a slot a value, as a store would write it.
    pub(super) fn set_slot(&mut self, op: Op, slot: Slot, value: &Expr) {
        let (ty, dialect, bytes) = (op.accessed(), self.context.dialect, op.bytes().unwrap_or(0));
        let text = match ty {
            Ty::F32 => dialect.reinterpret(Ty::I32, &self.expr(value)),
            Ty::F64 => dialect.reinterpret(Ty::I64, &self.expr(value)),
            Ty::I32 | Ty::I64 if bytes < if ty == Ty::I64 { 8 } else { 4 } => {
                format!("({}){}", dialect.integer(bytes, Sign::Unsigned), self.expr(value))
            }
            _ => self.expr(value),
        };
        self.line(&format!("{} = {text};", self.slot(slot)));
    }
}

/// What the name of the dialect's function begins with that accesses this memory.
pub(crate) fn memory_prefix(memory: Memory) -> &'static str {
    match memory {
        Memory::Linear => "",
        Memory::Private => "private_",
        Memory::Team => "team_",
        Memory::Either => "either_",
    }
}

/// Scalar comparisons of two operands.
fn is_comparison(expr: &Expr) -> bool {
    matches!(expr, Expr::Operation(operation) if matches!(operation.op.kind(), Kind::Compare(..)))
}

/// The operator of C that does the same.
fn operator(binary: Binary) -> Option<&'static str> {
    match binary {
        Binary::Add => Some("+"),
        Binary::Sub => Some("-"),
        Binary::Mul => Some("*"),
        Binary::Div => Some("/"),
        Binary::And => Some("&"),
        Binary::Or => Some("|"),
        Binary::Xor => Some("^"),
        _ => None,
    }
}

/// Without parentheses around the whole, which compilers warn of in conditions.
pub(super) fn stripped(text: String) -> String {
    let inner = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    // The first and the last parenthesis belong together if nothing in between closes the first.
    let is_whole = |inner: &str| {
        let mut depth = 0i32;
        inner.chars().all(|c| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth >= 0
        })
    };
    match inner {
        Some(inner) if is_whole(inner) => inner.to_owned(),
        _ => text,
    }
}
