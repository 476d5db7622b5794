//! Kernels from bytes: nested control, locals, globals, calls, and memory of each thread's own.
//!
//! Invariant: they are valid and end: every loop has a counter of its own. But for an access that is meant to trap now and then, each thread
//! stays in its own part of the memory, and what it stores has canonical NaNs: so all hosts must agree on what they leave in memory.

use ValType::{F32, F64, I32, I64, V128};
use arbitrary::{Result, Unstructured};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, Ieee32, Ieee64, Instruction as I, MemArg, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

/// Bytes of memory for each thread.
const OWN: i32 = 1024;
/// The first thread's.
const BASE: i32 = 65536;
/// Locals beside parameters: of each type some, then the address of the thread's memory, and counters of loops.
const TYPED: [ValType; 9] = [I32, I32, I64, I64, F32, F32, F64, F64, V128];
const COUNTERS: usize = 12;
/// Parameters of a kernel: thread id, number of threads, block size, and one buffer.
const PARAMS: u32 = 5;
const ADDRESS: u32 = PARAMS + TYPED.len() as u32;
const FIRST_COUNTER: u32 = ADDRESS + 1;
/// Index of the helper, which kernels call, and of the kernel.
const HELPER: u32 = 0;
const KERNEL: u32 = 1;
const MAX_DEPTH: u32 = 4;

type Op = I<'static>;
/// An access to memory, and the type of the value.
type Access = (fn(MemArg) -> Op, ValType);

/// Instructions with one operand: operand, result.
const UNARY: &[(Op, ValType, ValType)] = &[
    (I::I32Eqz, I32, I32),
    (I::I32Clz, I32, I32),
    (I::I32Ctz, I32, I32),
    (I::I32Popcnt, I32, I32),
    (I::I32Extend8S, I32, I32),
    (I::I32WrapI64, I64, I32),
    (I::I64Eqz, I64, I32),
    (I::I64Clz, I64, I64),
    (I::I64Extend32S, I64, I64),
    (I::I64ExtendI32S, I32, I64),
    (I::I64ExtendI32U, I32, I64),
    (I::I32TruncSatF32U, F32, I32),
    (I::I32TruncSatF64S, F64, I32),
    (I::I64TruncSatF64S, F64, I64),
    (I::F32Abs, F32, F32),
    (I::F32Neg, F32, F32),
    (I::F32Sqrt, F32, F32),
    (I::F32Nearest, F32, F32),
    (I::F64Ceil, F64, F64),
    (I::F64Floor, F64, F64),
    (I::F64Trunc, F64, F64),
    (I::F32DemoteF64, F64, F32),
    (I::F64PromoteF32, F32, F64),
    (I::F32ConvertI64U, I64, F32),
    (I::F64ConvertI32S, I32, F64),
    (I::F32ReinterpretI32, I32, F32),
    (I::F64ReinterpretI64, I64, F64),
    (I::I32x4Splat, I32, V128),
    (I::I64x2Splat, I64, V128),
    (I::I8x16Splat, I32, V128),
    (I::V128Not, V128, V128),
    (I::V128AnyTrue, V128, I32),
    (I::I16x8Bitmask, V128, I32),
    (I::I32x4ExtractLane(3), V128, I32),
    (I::I8x16ExtractLaneS(9), V128, I32),
    (I::I64x2ExtractLane(1), V128, I64),
    (I::I32x4ExtendLowI16x8S, V128, V128),
    (I::I8x16Popcnt, V128, V128),
];

/// Instructions with two operands of one type: operands, result.
const BINARY: &[(Op, ValType, ValType)] = &[
    (I::I32Add, I32, I32),
    (I::I32Sub, I32, I32),
    (I::I32Mul, I32, I32),
    (I::I32And, I32, I32),
    (I::I32Or, I32, I32),
    (I::I32Xor, I32, I32),
    (I::I32Shl, I32, I32),
    (I::I32ShrS, I32, I32),
    (I::I32ShrU, I32, I32),
    (I::I32Rotl, I32, I32),
    (I::I32DivS, I32, I32),
    (I::I32RemU, I32, I32),
    (I::I32LtS, I32, I32),
    (I::I32GeU, I32, I32),
    (I::I32Eq, I32, I32),
    (I::I64Add, I64, I64),
    (I::I64Sub, I64, I64),
    (I::I64Mul, I64, I64),
    (I::I64Xor, I64, I64),
    (I::I64Shl, I64, I64),
    (I::I64ShrU, I64, I64),
    (I::I64Rotr, I64, I64),
    (I::I64DivU, I64, I64),
    (I::I64RemS, I64, I64),
    (I::I64LtU, I64, I32),
    (I::I64Ne, I64, I32),
    (I::F32Add, F32, F32),
    (I::F32Mul, F32, F32),
    (I::F32Div, F32, F32),
    (I::F32Min, F32, F32),
    (I::F32Lt, F32, I32),
    (I::F64Sub, F64, F64),
    (I::F64Mul, F64, F64),
    (I::F64Max, F64, F64),
    (I::F64Copysign, F64, F64),
    (I::F64Ge, F64, I32),
    (I::I32x4Add, V128, V128),
    (I::I16x8Mul, V128, V128),
    (I::I8x16SubSatU, V128, V128),
    (I::I64x2GtS, V128, V128),
    (I::I32x4MinS, V128, V128),
    (I::V128AndNot, V128, V128),
    (I::I8x16Swizzle, V128, V128),
    (I::I32x4DotI16x8S, V128, V128),
    (I::I8x16NarrowI16x8U, V128, V128),
    (I::I8x16Shuffle([0, 17, 2, 19, 4, 21, 6, 23, 31, 30, 29, 28, 0, 1, 16, 16]), V128, V128),
];

/// What loads, and its result.
const LOADS: &[Access] = &[
    (I::I32Load, I32),
    (I::I32Load8S, I32),
    (I::I32Load16U, I32),
    (I::I64Load, I64),
    (I::I64Load32S, I64),
    (I::I64Load8U, I64),
    (I::F32Load, F32),
    (I::F64Load, F64),
    (I::V128Load, V128),
    (I::V128Load32Splat, V128),
    (I::V128Load8x8S, V128),
    (I::V128Load64Zero, V128),
];

/// What stores, and its operand.
const STORES: &[Access] = &[
    (I::I32Store, I32),
    (I::I32Store8, I32),
    (I::I32Store16, I32),
    (I::I64Store, I64),
    (I::I64Store32, I64),
    (I::F32Store, F32),
    (I::F64Store, F64),
    (I::V128Store, V128),
];

fn at(offset: u64) -> MemArg {
    MemArg { offset, align: 0, memory_index: 0 }
}

/// A module that exports a `kernel`, and a `memory` of three pages.
pub(crate) fn kernel_module(bytes: &mut Unstructured) -> Result<Vec<u8>> {
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types.ty().function([I32, I32], [I32]); // of the helpers
    types.ty().function([I32; PARAMS as usize], []); // of kernels
    module.section(&types);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1).function(0);
    module.section(&functions);
    let mut tables = TableSection::new();
    let table =
        TableType { element_type: RefType::FUNCREF, table64: false, minimum: 4, maximum: Some(4), shared: false };
    tables.table(table);
    module.section(&tables);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 3, maximum: None, memory64: false, shared: false, page_size_log2: None });
    module.section(&memories);
    let mut globals = GlobalSection::new();
    globals.global(GlobalType { val_type: I32, mutable: true, shared: false }, &ConstExpr::i32_const(77));
    module.section(&globals);
    let mut exports = ExportSection::new();
    exports.export("kernel", ExportKind::Func, KERNEL).export("memory", ExportKind::Memory, 0);
    module.section(&exports);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(vec![2, HELPER, KERNEL].into()));
    module.section(&elements);
    let mut code = CodeSection::new();
    code.function(&Generator::new(bytes, true).function(4)?);
    code.function(&Generator::new(bytes, false).function(12)?);
    let mut last = Function::new([]);
    for instruction in [I::LocalGet(0), I::LocalGet(1), I::I32Mul, I::End] {
        last.instruction(&instruction);
    }
    code.function(&last);
    module.section(&code);
    Ok(module.finish())
}

struct Generator<'a, 'b> {
    bytes: &'a mut Unstructured<'b>,
    code: Vec<Op>,
    is_helper: bool,
    counters: usize,
    /// Blocks around this place, innermost last: whether each is a loop, to which only its counter branches.
    labels: Vec<bool>,
}

impl<'a, 'b> Generator<'a, 'b> {
    fn new(bytes: &'a mut Unstructured<'b>, is_helper: bool) -> Self {
        Self { bytes, code: Vec::new(), is_helper, counters: 0, labels: Vec::new() }
    }

    /// A function: the helper is given an address and a number, and has that many parameters, too, as locals.
    fn function(mut self, statements: u32) -> Result<Function> {
        let own_params = if self.is_helper { 2 } else { PARAMS };
        let address = if self.is_helper {
            vec![I::LocalGet(0)]
        } else {
            vec![I::LocalGet(0), I::I32Const(OWN), I::I32Mul, I::I32Const(BASE), I::I32Add]
        };
        self.code.extend(address);
        self.code.push(I::LocalSet(ADDRESS));
        if !self.is_helper {
            // Each work-item of a device has globals of its own.
            self.code.extend([I::I32Const(77), I::GlobalSet(0)]);
        }
        for _ in 0..statements {
            if self.bytes.is_empty() {
                break;
            }
            self.statement()?;
        }
        if self.is_helper {
            self.expression(I32, 2)?;
        } else {
            self.finale();
        }
        self.code.push(I::End);
        let rest = [I32].repeat((PARAMS - own_params) as usize);
        let locals = rest.into_iter().chain(TYPED).chain([I32; COUNTERS + 1]);
        let mut function = Function::new_with_locals_types(locals);
        for instruction in &self.code {
            function.instruction(instruction);
        }
        Ok(function)
    }

    /// Stores all locals.
    fn finale(&mut self) {
        for (number, ty) in (0..).zip(TYPED) {
            self.code.extend([I::LocalGet(ADDRESS), I::LocalGet(PARAMS + number)]);
            self.canonical(ty);
            let (store, _) = STORES.iter().find(|(_, of)| *of == ty).expect("each type can be stored");
            self.code.push(store(at(512 + 16 * u64::from(number))));
        }
        self.code.extend([I::LocalGet(ADDRESS), I::GlobalGet(0), I::I32Store(at(768))]);
    }

    /// Makes a NaN on the stack the canonical one.
    fn canonical(&mut self, ty: ValType) {
        // The second local of the type is as good as any to keep it in.
        let Some(local) = TYPED.iter().rposition(|of| *of == ty) else { return };
        let local = PARAMS + local as u32;
        let (nan, equal) = match ty {
            F32 => (I::F32Const(Ieee32::from(f32::NAN)), I::F32Eq),
            F64 => (I::F64Const(Ieee64::from(f64::NAN)), I::F64Eq),
            _ => return,
        };
        self.code.extend([I::LocalTee(local), nan, I::LocalGet(local), I::LocalGet(local), equal, I::Select]);
    }

    fn choose(&mut self, count: usize) -> Result<usize> {
        self.bytes.int_in_range(0..=count - 1)
    }

    fn block(&mut self, is_loop: bool) -> Result<()> {
        self.labels.push(is_loop);
        for _ in 0..1 + self.choose(3)? {
            self.statement()?;
        }
        self.labels.pop();
        Ok(())
    }

    fn statement(&mut self) -> Result<()> {
        let kinds = if self.labels.len() < MAX_DEPTH as usize { 13 } else { 8 };
        match self.choose(kinds)? {
            0..=2 => {
                let local = self.choose(TYPED.len())?;
                self.expression(TYPED[local], 3)?;
                self.code.push(I::LocalSet(PARAMS + local as u32));
            }
            3 | 4 => {
                let (store, ty) = STORES[self.choose(STORES.len())?];
                self.address()?;
                self.expression(ty, 2)?;
                self.canonical(ty);
                let offset = self.choose(100)? as u64;
                self.code.push(store(at(offset)));
            }
            5 => {
                self.expression(I32, 2)?;
                self.code.push(I::GlobalSet(0));
            }
            6 => self.branch()?,
            7 => self.bulk()?,
            8 | 9 => {
                self.expression(I32, 2)?;
                self.code.push(I::If(BlockType::Empty));
                self.block(false)?;
                if self.bytes.arbitrary()? {
                    self.code.push(I::Else);
                    self.block(false)?;
                }
                self.code.push(I::End);
            }
            10 => {
                self.code.push(I::Block(BlockType::Empty));
                self.block(false)?;
                self.code.push(I::End);
            }
            11 => self.counted_loop()?,
            _ => self.switch()?,
        }
        Ok(())
    }

    /// A branch out of a block, or the end.
    fn branch(&mut self) -> Result<()> {
        let depth = self.labels.len();
        let label = self.choose(depth + 1)?;
        self.expression(I32, 2)?;
        self.code.extend([I::I32Const(7), I::I32And, I::I32Eqz]);
        if label < depth && !self.labels[depth - 1 - label] {
            self.code.push(I::BrIf(label as u32));
        } else if self.is_helper || self.bytes.ratio(7, 8)? {
            self.code.push(I::Drop);
        } else {
            self.code
                .extend([I::If(BlockType::Empty), if self.bytes.ratio(1, 4)? { I::Unreachable } else { I::Return }]);
            self.code.push(I::End);
        }
        Ok(())
    }

    fn bulk(&mut self) -> Result<()> {
        let is_fill = self.bytes.arbitrary()?;
        self.address()?;
        if is_fill {
            self.expression(I32, 1)?
        } else {
            self.address()?
        };
        self.expression(I32, 1)?;
        self.code.extend([I::I32Const(31), I::I32And]);
        self.code.push(if is_fill { I::MemoryFill(0) } else { I::MemoryCopy { src_mem: 0, dst_mem: 0 } });
        Ok(())
    }

    fn counted_loop(&mut self) -> Result<()> {
        if self.counters == COUNTERS {
            return Ok(());
        }
        let counter = FIRST_COUNTER + self.counters as u32;
        self.counters += 1;
        let times = 1 + self.choose(6)? as i32;
        self.code.extend([I::I32Const(times), I::LocalSet(counter), I::Loop(BlockType::Empty)]);
        self.block(true)?;
        self.code.extend([I::LocalGet(counter), I::I32Const(1), I::I32Sub, I::LocalTee(counter)]);
        self.code.extend([I::BrIf(0), I::End]);
        Ok(())
    }

    /// Blocks in blocks, and a table of branches into them.
    fn switch(&mut self) -> Result<()> {
        self.code.extend([I::Block(BlockType::Empty), I::Block(BlockType::Empty), I::Block(BlockType::Empty)]);
        self.expression(I32, 2)?;
        let labels: Vec<u32> = vec![self.choose(3)? as u32, self.choose(3)? as u32];
        let default = self.choose(3)? as u32;
        self.code.push(I::BrTable(labels.into(), default));
        self.code.push(I::End);
        self.labels.push(false);
        self.block(false)?;
        self.code.push(I::End);
        self.labels.pop();
        self.block(false)?;
        self.code.push(I::End);
        Ok(())
    }

    /// An address in the thread's own memory, or rarely any.
    fn address(&mut self) -> Result<()> {
        if self.bytes.ratio(1, 64)? {
            return self.expression(I32, 2);
        }
        self.code.push(I::LocalGet(ADDRESS));
        self.expression(I32, 2)?;
        self.code.extend([I::I32Const(255), I::I32And, I::I32Add]);
        Ok(())
    }

    fn leaf(&mut self, ty: ValType) -> Result<()> {
        let numbers = [0, 1, -1, 31, i64::from(i32::MIN), i64::MIN, 255, 1 << 40];
        let floats = [0.0, -0.0, 1.5, -3.25e10, f64::INFINITY, f64::NAN, 1e-40, 5e-324];
        if self.bytes.ratio(2, 3)? {
            let fitting: Vec<usize> = (0..TYPED.len()).filter(|local| TYPED[*local] == ty).collect();
            let local = fitting[self.choose(fitting.len())?];
            self.code.push(I::LocalGet(PARAMS + local as u32));
            return Ok(());
        }
        let number = self.choose(numbers.len())?;
        self.code.push(match ty {
            I32 => match number {
                5 => I::GlobalGet(0),
                6 => I::LocalGet(0),
                7 => I::MemorySize(0),
                _ => I::I32Const(numbers[number] as i32),
            },
            I64 => I::I64Const(numbers[number]),
            F32 => I::F32Const(Ieee32::from(floats[number] as f32)),
            F64 => I::F64Const(Ieee64::from(floats[number])),
            _ => I::V128Const(i128::from(numbers[number]) << 40),
        });
        Ok(())
    }

    /// Code that leaves a value of this type.
    fn expression(&mut self, ty: ValType, depth: u32) -> Result<()> {
        if depth == 0 {
            return self.leaf(ty);
        }
        match self.choose(12)? {
            0..=2 => self.operation(UNARY, 1, ty, depth),
            3..=6 => self.operation(BINARY, 2, ty, depth),
            7 => {
                let fitting: Vec<_> = LOADS.iter().filter(|(_, result)| *result == ty).collect();
                let (load, _) = fitting[self.choose(fitting.len())?];
                self.address()?;
                let offset = self.choose(300)? as u64;
                self.code.push(load(at(offset)));
                Ok(())
            }
            8 if ty != V128 => {
                self.expression(ty, depth - 1)?;
                self.expression(ty, depth - 1)?;
                self.expression(I32, depth - 1)?;
                self.code.push(I::Select);
                Ok(())
            }
            9 => {
                self.expression(I32, depth - 1)?;
                self.code.push(I::If(BlockType::Result(ty)));
                self.expression(ty, depth - 1)?;
                self.code.push(I::Else);
                self.expression(ty, depth - 1)?;
                self.code.push(I::End);
                Ok(())
            }
            10 if ty == I32 && !self.is_helper => {
                self.code.push(I::LocalGet(ADDRESS));
                self.expression(I32, depth - 1)?;
                if self.bytes.arbitrary()? {
                    self.code.push(I::Call(HELPER));
                } else {
                    self.code.extend([I::LocalGet(0), I::I32Const(1), I::I32And]);
                    self.code.push(I::CallIndirect { type_index: 0, table_index: 0 });
                }
                Ok(())
            }
            _ => self.leaf(ty),
        }
    }

    fn operation(&mut self, table: &[(Op, ValType, ValType)], operands: u32, ty: ValType, depth: u32) -> Result<()> {
        let fitting: Vec<_> = table.iter().filter(|(_, _, result)| *result == ty).collect();
        if fitting.is_empty() {
            return self.leaf(ty);
        }
        let (op, of, _) = fitting[self.choose(fitting.len())?];
        for _ in 0..operands {
            self.expression(*of, depth - 1)?;
        }
        if self.bytes.ratio(31, 32)? {
            // Seldom by zero: most kernels are to do something before they trap.
            match op {
                I::I32DivS | I::I32RemU => self.code.extend([I::I32Const(1), I::I32Or]),
                I::I64DivU | I::I64RemS => self.code.extend([I::I64Const(1), I::I64Or]),
                _ => {}
            }
            self.code.push(op.clone());
        } else {
            self.code.push(match op {
                I::I32TruncSatF32U => I::I32TruncF32U,
                I::I32TruncSatF64S => I::I32TruncF64S,
                I::I64TruncSatF64S => I::I64TruncF64S,
                op => op.clone(),
            });
        }
        Ok(())
    }
}
