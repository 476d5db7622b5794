//! Command lines, and objects with one function, one variable and what else it takes.

use super::*;
use omp2wasi_abi::scalar::{OBJECT_SECTION, Record};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, DataSymbolDefinition, EntityType, FunctionSection,
    ImportSection, LinkingSection, MemoryType, Module, SymbolTable, TypeSection, ValType,
};
use wasmparser::{Parser, Payload};

fn flags_of(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

#[test]
fn what_floats_allow() {
    let (within, across, order) = (1, 3, 4);
    for (line, expected) in [
        ("", within),
        ("-ffp-contract=off", 0),
        ("-ffp-contract=off -ffp-contract=fast-honor-pragmas", across),
        ("-ffast-math", across | order),
        ("-Ofast -ffp-contract=on", within | order),
        ("-ffast-math -fno-fast-math", within),
        ("-fassociative-math", within | order),
        ("-ffast-math -fno-associative-math", across),
        ("-ffp-model=strict", 0),
    ] {
        assert_eq!(float_flags(&flags_of(line)), expected, "{line}");
    }
    assert!(has_own_rules(b"#pragma STDC FP_CONTRACT OFF") && !has_own_rules(b"int main(void) {}"));
}

#[test]
fn what_the_second_compilation_is_told() {
    for (line, expected) in [
        ("-O3 -g -DX -I a", "-O3 -g -DX -I a"),
        ("-MD -MF a.d -O2 -MT x -MQ y -MP", "-O2"),
        ("-MFa.d -Wp,-MMD,a.d -Rpass=.* -fsave-optimization-record -gsplit-dwarf", ""),
        ("-I -MD -mllvm -debug", "-I -MD -mllvm -debug"),
    ] {
        assert_eq!(silent(&flags_of(line)), Some(flags_of(expected)), "{line}");
    }
    assert_eq!(silent(&flags_of("-O2 -save-temps=obj")), None);
}

/// What the objects of these tests differ in.
#[derive(Clone, Copy)]
struct Parts {
    /// Between the address of the variable and the end of the function.
    code: &'static [u8],
    data: &'static [u8],
    variable: &'static str,
    callee: &'static str,
    callee_type: u32,
}

const PARTS: Parts = Parts { code: &[], data: b"abcd", variable: "table", callee: "g", callee_type: 0 };
const NOP: u8 = 1;
const LOCAL: u32 = 2;
const UNDEFINED: u32 = 0x10;

/// `int f(void) { g(); return (int)&variable; }`, where the variable is static.
fn object(parts: Parts) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    types.ty().function([], [ValType::I32]);
    let mut imports = ImportSection::new();
    let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
    imports.import("env", "__linear_memory", memory);
    imports.import("env", parts.callee, EntityType::Function(parts.callee_type));
    let mut functions = FunctionSection::new();
    functions.function(1);
    let call = [0, 0x10, 0x80, 0x80, 0x80, 0x80, 0];
    let address = [0x41, 0x80, 0x80, 0x80, 0x80, 0];
    let body = [&call[..], &address, parts.code, &[0x0b]].concat();
    let mut code = CodeSection::new();
    code.raw(&body);
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), parts.data.iter().copied());
    let mut symbols = SymbolTable::new();
    symbols.function(0, 1, Some("f"));
    symbols.function(UNDEFINED, 0, None);
    let size = parts.data.len() as u32;
    symbols.data(LOCAL, parts.variable, Some(DataSymbolDefinition { index: 0, offset: 0, size }));
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    // Section 3; the function begins behind two bytes, for the number of functions and the size.
    let relocations = [3, 2, 0, 2 + 2, 1, 4, 2 + 8, 2, 0];
    let relocations = CustomSection { name: "reloc.CODE".into(), data: relocations[..].into() };
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&code).section(&data);
    module.section(&linking).section(&relocations);
    module.finish()
}

/// The records that an object has, and the number of its symbols.
fn records(object: &[u8]) -> (Vec<Record>, usize) {
    let read = Object::read(object).unwrap();
    for payload in Parser::new(0).parse_all(object) {
        if let Payload::CustomSection(section) = payload.unwrap()
            && section.name() == OBJECT_SECTION
        {
            return (Record::decode_all(section.data()).unwrap(), read.symbols.len());
        }
    }
    (Vec::new(), read.symbols.len())
}

#[test]
fn what_differs_is_added() {
    let (vectorised, scalar) = (object(Parts { code: &[NOP], ..PARTS }), object(PARTS));
    assert!(merged(&scalar, Some(&scalar), flags::CONTRACT).unwrap().is_none(), "nothing to fuse, and no other form");
    let merged = merged(&vectorised, Some(&scalar), flags::CONTRACT).unwrap().unwrap();
    let (records, symbols) = records(&merged);
    assert_eq!((records.len(), symbols), (1, 4));
    assert_eq!((records[0].flags, records[0].body.len()), (flags::CONTRACT, 14));
    // What was there is there, but for the symbols.
    let start = vectorised.windows(7).position(|bytes| bytes == b"linking").unwrap();
    assert_eq!(merged[..start - 2], vectorised[..start - 2]);
}

#[test]
fn what_means_something_else_is_left_out() {
    let vectorised = object(Parts { code: &[NOP], ..PARTS });
    for other in [
        Parts { data: b"abce", ..PARTS },
        Parts { data: b"abcde", ..PARTS },
        Parts { variable: "other", ..PARTS },
        Parts { callee: "h", ..PARTS },
        Parts { callee_type: 1, code: &[], ..PARTS },
    ] {
        assert!(merged(&vectorised, Some(&object(other)), flags::CONTRACT).unwrap().is_none());
    }
}

#[test]
fn no_damaged_object_panics() {
    let (vectorised, scalar) = (object(Parts { code: &[NOP], ..PARTS }), object(PARTS));
    for length in 0..scalar.len() {
        let _ = merged(&vectorised, Some(&scalar[..length]), 1);
        let _ = merged(&vectorised[..length], Some(&scalar), 1);
    }
    for at in 0..scalar.len() {
        for change in [0x01, 0x02, 0x10, 0x40, 0x80, 0xff] {
            let (mut one, mut two) = (vectorised.clone(), scalar.clone());
            one[at] ^= change;
            two[at] ^= change;
            let _ = merged(&one, Some(&scalar), 1);
            let _ = merged(&vectorised, Some(&two), 1);
            let _ = may_differ(&one);
        }
    }
}
