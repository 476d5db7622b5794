use super::*;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    InstructionSink, Module, NameMap, NameSection, TypeSection, ValType,
};
use wasmparser::{Validator, WasmFeatures};

fn validate(wasm: &[u8]) {
    Validator::new_with_features(WasmFeatures::default()).validate_all(wasm).unwrap();
}

/// The declarations of the only function.
fn declared(wasm: &[u8]) -> Vec<(u32, wasmparser::ValType)> {
    let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let groups = bodies.flat_map(|body| body.get_locals_reader().unwrap().into_iter().map(Result::unwrap));
    groups.filter(|(count, _)| *count > 0).collect()
}

/// Coalesces also where there are few.
fn coalesce_all(wasm: &[u8]) -> Vec<u8> {
    coalesce_beyond(0, wasm, usize::MAX).unwrap().wasm.into_owned()
}

/// Coalesces, and returns how many locals the function has then, parameters not among them.
fn count(wat: &str) -> u32 {
    let wasm = wat::parse_str(format!("(module (func $f (param $p i32) {wat}))")).unwrap();
    let coalesced = coalesce_all(&wasm);
    validate(&coalesced);
    declared(&coalesced).iter().map(|(count, _)| count).sum()
}

#[test]
fn which_variables_share() {
    let two = |code: &str| count(&format!("(local $a i32) (local $b i32) {code}"));
    let one_after_the_other = "(local.set $a (i32.const 1)) (drop (local.get $a))
                               (local.set $b (i32.const 2)) (drop (local.get $b))";
    assert_eq!(two(one_after_the_other), 1);
    assert_eq!(two(&format!("(loop {one_after_the_other} (br_if 0 (local.get $p)))")), 1, "all of them in one round");
    assert_eq!(two("(local.set $a (i32.const 1)) (local.set $b (local.get $a)) (drop (local.get $b))"), 1);
    assert_eq!(two("(local.set $a (i32.const 1)) (drop (local.tee $b (i32.const 2))) (drop (local.get $a))"), 2);
    assert_eq!(two("(drop (local.get $a)) (local.set $b (i32.const 2))"), 2, "zero before it is set");
    let carried = "(local.set $a (i32.const 1))
                   (loop (drop (local.get $a)) (local.set $b (i32.const 2)) (br_if 0 (local.get $p)))";
    assert_eq!(two(carried), 2, "the second round reads $a again");
    let in_one_branch = "(if (local.get $p) (then (local.set $a (i32.const 1))) (else (drop (local.get $a))))
                         (local.set $b (i32.const 2))";
    assert_eq!(two(in_one_branch), 2);
    let in_both = "(if (local.get $p) (then (local.set $a (i32.const 1))) (else (local.set $b (i32.const 2))))";
    assert_eq!(two(in_both), 1);
    let within = "(local.set $a (i32.const 1)) (block (br_if 0 (local.get $p)) (drop (local.get $a)))
                  (local.set $b (i32.const 2)) (block (drop (local.get $b)))";
    assert_eq!(two(within), 1);
    assert_eq!(two("(block (br_if 0 (local.get $p)) (local.set $a (i32.const 1))) (drop (local.get $a))"), 1);
    assert_eq!(two("(nop)"), 0, "nothing names them");
    let types = "(local $a i32) (local $b i64) (local.set $a (i32.const 1)) (local.set $b (i64.const 2))";
    assert_eq!(count(types), 2);
}

/// A function with so many variables of two types, all of which are read after all are set.
fn large(locals: u32) -> Vec<u8> {
    let types = [ValType::I32, ValType::I64, ValType::I32];
    let mut function = Function::new((0..locals).map(|local| (1, types[local as usize % 3])));
    let mut code = function.instructions();
    for local in 0..locals {
        match types[local as usize % 3] {
            ValType::I64 => code.i64_const(7).local_set(local + 1),
            _ => code.i32_const(7).local_set(local + 1),
        };
    }
    (0..locals).for_each(|local| _ = code.local_get(local + 1).drop());
    code.end();
    module(&[function], &[ValType::I32])
}

/// A module of functions with these parameters, and two globals.
fn module(functions: &[Function], params: &[ValType]) -> Vec<u8> {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function(params.iter().copied(), []);
    let mut section = FunctionSection::new();
    functions.iter().for_each(|_| _ = section.function(0));
    let mut globals = GlobalSection::new();
    for _ in 0..2 {
        let ty = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        globals.global(ty, &ConstExpr::i64_const(0));
    }
    let mut exports = ExportSection::new();
    exports.export("trace", ExportKind::Global, TRACE).export("fuel", ExportKind::Global, FUEL);
    let mut code = CodeSection::new();
    let mut names = NameMap::new();
    for (function, index) in functions.iter().zip(0..) {
        exports.export(&index.to_string(), ExportKind::Func, index);
        names.append(index, &format!("function_{index}"));
        code.function(function);
    }
    let mut name_section = NameSection::new();
    name_section.functions(&names);
    module.section(&types).section(&section).section(&globals).section(&exports).section(&code).section(&name_section);
    module.finish()
}

const TRACE: u32 = 0;
const FUEL: u32 = 1;

#[test]
fn more_than_engines_take() {
    let mut function = Function::new([(60_000, ValType::I32), (60_000, ValType::F64)]);
    let mut code = function.instructions();
    for local in 0..60_000 {
        code.i32_const(7).local_set(local).local_get(local).drop();
        code.f64_const(7.0.into()).local_tee(local + 60_000).drop();
    }
    code.end();
    let wasm = module(&[function], &[]);
    assert!(Validator::new().validate_all(&wasm).is_err());
    let coalesced = coalesce(&wasm).unwrap();
    validate(&coalesced.wasm);
    assert_eq!(declared(&coalesced.wasm), [(1, wasmparser::ValType::I32), (1, wasmparser::ValType::F64)]);
    assert_eq!(coalesced.functions, HashSet::from([0]));
    assert_eq!(coalesced.wasm.len(), wasm.len(), "no byte moves");
}

#[test]
fn the_message_names_the_function() {
    let error = coalesce(&large(50_000)).err().unwrap().to_string();
    assert!(
        error.starts_with("the function `function_0` has 50001 local variables, 50001 of which are alive"),
        "{error}"
    );
    assert!(error.contains("compile it with -O1"), "{error}");
}

#[test]
fn others_stay_as_they_are() {
    let coalesced = large(49_998);
    assert!(matches!(coalesce(&coalesced).unwrap().wasm, Cow::Borrowed(_)));
    let mut function = Function::new([(FUTILE as u32, ValType::I32)]);
    function.instructions().end();
    let futile = module(&[function], &[ValType::I32]);
    assert!(matches!(coalesce(&futile).unwrap().wasm, Cow::Borrowed(_)));
    let damaged = &large(60_000)[..100_000];
    assert!(matches!(coalesce(damaged).unwrap().wasm, Cow::Borrowed(_)));
}

/// Programs at random: most variables are named in a small part of the code, loops go round as long as there is fuel, and what is read goes
/// into a trace.
struct Programs {
    state: u64,
    types: Vec<ValType>,
    /// The last variable that has been set on purpose.
    newest: u32,
}

impl Programs {
    fn below(&mut self, end: u32) -> u32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        ((self.state >> 32) % u64::from(end)) as u32
    }

    /// One of those that were set last, and seldom any.
    fn local(&mut self) -> u32 {
        let count = self.types.len() as u32;
        if self.below(200) == 0 { self.below(count) } else { self.newest.saturating_sub(self.below(4)) }
    }

    /// Puts a value of a type on the stack: that of a variable, or a new one.
    fn value(&mut self, ty: ValType, code: &mut InstructionSink<'_>) {
        let local = self.local();
        if self.types[local as usize] == ty && self.below(3) > 0 {
            code.local_get(local);
        } else if ty == ValType::I32 {
            code.i32_const(self.below(1000) as i32);
        } else {
            code.i64_const(self.below(1000).into());
        }
    }

    fn trace(&mut self, local: u32, code: &mut InstructionSink<'_>) {
        code.global_get(TRACE).i64_const(0x5851_f42d_4c95_7f2d).i64_mul().local_get(local);
        if self.types[local as usize] == ValType::I32 {
            code.i64_extend_i32_u();
        }
        code.i64_add().i64_const(1).i64_add().global_set(TRACE);
    }

    fn statement(&mut self, depth: u32, code: &mut InstructionSink<'_>) {
        let (local, new) = (self.local(), (self.newest + self.below(2)).min(self.types.len() as u32 - 1));
        match self.below(if depth < 6 { 14 } else { 8 }) {
            0..4 => {
                self.value(self.types[new as usize], code);
                code.local_set(new);
                self.newest = new;
            }
            4 => {
                self.value(self.types[local as usize], code);
                code.local_tee(local).drop();
            }
            5..7 => self.trace(local, code),
            7 => {
                // Out of any block; the label of a loop would be its start.
                self.value(ValType::I32, code);
                code.i32_const(3).i32_rem_u();
                let label = self.below(depth + 1);
                code.global_get(FUEL).i64_const(1).i64_sub().global_set(FUEL);
                code.global_get(FUEL).i64_const(0).i64_gt_s().i32_and().br_if(label);
            }
            8..10 => {
                code.block(BlockType::Empty);
                self.statements(depth + 1, code);
                code.end();
            }
            10..12 => {
                code.loop_(BlockType::Empty);
                self.statements(depth + 1, code);
                code.end();
            }
            _ => {
                self.value(ValType::I32, code);
                code.i32_const(1).i32_and().if_(BlockType::Empty);
                self.statements(depth + 1, code);
                if self.below(2) == 0 {
                    code.else_();
                    self.statements(depth + 1, code);
                }
                code.end();
            }
        }
    }

    fn statements(&mut self, depth: u32, code: &mut InstructionSink<'_>) {
        for _ in 0..1 + self.below(if depth == 0 { 80 } else { 4 }) {
            self.statement(depth, code);
        }
    }

    fn function(&mut self) -> Function {
        let locals = 2 + self.below(300);
        let mut of_any_type = |_| if self.below(3) == 0 { ValType::I64 } else { ValType::I32 };
        let locals: Vec<_> = (0..locals).map(&mut of_any_type).collect();
        self.types = [&PARAMS[..], &locals].concat();
        self.newest = 0;
        let mut function = Function::new_with_locals_types(locals);
        let mut code = function.instructions();
        self.statements(0, &mut code);
        code.end();
        function
    }
}

const PARAMS: [ValType; 2] = [ValType::I32, ValType::I64];

/// The state of a function that is executed: all values as 64 bits.
struct Machine {
    locals: Vec<u64>,
    globals: [u64; 2],
    stack: Vec<u64>,
}

impl Machine {
    fn pop(&mut self) -> u64 {
        self.stack.pop().expect("a valid function")
    }

    /// Combines the two topmost values.
    fn combine(&mut self, of: impl Fn(u64, u64) -> u64) {
        let (right, left) = (self.pop(), self.pop());
        self.stack.push(of(left, right));
    }

    /// Executes the operators that [`Programs`] makes. Where blocks begin and end is found by counting.
    fn run(&mut self, code: &[Operator<'_>]) {
        let opens =
            |at: usize| matches!(code[at], Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. });
        // Of the block around `at`, where its `end` is, or its `else` where that counts.
        let end = |at: usize, else_counts: bool| {
            let mut depth = 0;
            (at..code.len()).find(|at| {
                let ends = matches!(code[*at], Operator::End) || else_counts && matches!(code[*at], Operator::Else);
                let found = depth == 0 && ends;
                depth += usize::from(opens(*at));
                depth -= usize::from(!found && matches!(code[*at], Operator::End));
                found
            })
        };
        let mut open = Vec::new();
        let mut at = 0;
        while at < code.len() {
            if opens(at) {
                open.push(at);
            }
            match &code[at] {
                Operator::Block { .. } | Operator::Loop { .. } => {}
                Operator::If { .. } => {
                    if self.pop() as u32 == 0 {
                        at = end(at + 1, true).expect("it ends");
                        open.truncate(open.len() - usize::from(matches!(code[at], Operator::End)));
                    }
                }
                Operator::Else => {
                    at = end(at + 1, false).expect("it ends");
                    open.pop();
                }
                Operator::End => _ = open.pop(),
                Operator::BrIf { relative_depth } => {
                    if self.pop() as u32 != 0 {
                        let label = open.len().checked_sub(1 + *relative_depth as usize);
                        let Some(label) = label else { return };
                        let target = open[label];
                        let is_loop = matches!(code[target], Operator::Loop { .. });
                        open.truncate(label + usize::from(is_loop));
                        at = if is_loop { target } else { end(target + 1, false).expect("it ends") };
                    }
                }
                Operator::LocalGet { local_index } => self.stack.push(self.locals[*local_index as usize]),
                Operator::LocalSet { local_index } => self.locals[*local_index as usize] = self.pop(),
                Operator::LocalTee { local_index } => {
                    self.locals[*local_index as usize] = *self.stack.last().expect("a valid function");
                }
                Operator::GlobalGet { global_index } => self.stack.push(self.globals[*global_index as usize]),
                Operator::GlobalSet { global_index } => self.globals[*global_index as usize] = self.pop(),
                Operator::I32Const { value } => self.stack.push(*value as u64),
                Operator::I64Const { value } => self.stack.push(*value as u64),
                Operator::I32RemU => self.combine(|left, right| left % right),
                Operator::I32And => self.combine(|left, right| left & right),
                Operator::I64Mul => self.combine(u64::wrapping_mul),
                Operator::I64Add => self.combine(u64::wrapping_add),
                Operator::I64Sub => self.combine(u64::wrapping_sub),
                Operator::I64GtS => self.combine(|left, right| u64::from(left as i64 > right as i64)),
                Operator::Drop => _ = self.pop(),
                Operator::I64ExtendI32U => {}
                other => panic!("{other:?}"),
            }
            at += 1;
        }
    }
}

/// What the functions of a module leave in the trace for several arguments.
fn traces(wasm: &[u8]) -> Vec<u64> {
    let mut traces = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CodeSectionEntry(body) = payload.unwrap() else { continue };
        let locals =
            body.get_locals_reader().unwrap().into_iter().map(|group| group.unwrap().0 as usize).sum::<usize>();
        let code: Vec<_> = body.get_operators_reader().unwrap().into_iter().map(Result::unwrap).collect();
        for argument in [0, 1, 5] {
            let mut machine = Machine { locals: vec![0; PARAMS.len() + locals], globals: [0, 60], stack: Vec::new() };
            machine.locals[..PARAMS.len()].copy_from_slice(&[argument, 3 * argument]);
            machine.run(&code);
            traces.push(machine.globals[TRACE as usize]);
        }
    }
    traces
}

#[test]
fn what_programs_compute_stays() {
    const EACH: usize = 50;
    let (mut before, mut after) = (0, 0);
    let mut programs = Programs { state: 0x9e37_79b9_7f4a_7c15, types: Vec::new(), newest: 0 };
    for _ in 0..20 {
        let functions: Vec<_> = (0..EACH).map(|_| programs.function()).collect();
        let wasm = module(&functions, &PARAMS);
        validate(&wasm);
        let coalesced = coalesce_all(&wasm);
        validate(&coalesced);
        let count = |wasm: &[u8]| declared(wasm).iter().map(|(count, _)| count).sum::<u32>();
        before += count(&wasm);
        after += count(&coalesced);
        let [expected, found] = [&wasm, &coalesced].map(|wasm| traces(wasm));
        if let Some(at) = (0..expected.len()).find(|at| expected[*at] != found[*at]) {
            let text = |wasm: &[u8]| wasmprinter::print_bytes(wasm).unwrap();
            panic!("function {}:\n{}\n{}", at / 3, text(&wasm), text(&coalesced));
        }
    }
    assert!(after * 10 < before * 8, "{after} of {before} are left");
}
