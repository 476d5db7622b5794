//! Forms through the whole rewriter. Each is written as the last function of a module, `$form`, and taken from there into a section.

use super::*;
use crate::{Options, for_host, rewrite};
use omp2wasi_abi::scalar::{Line, Lines, flags};

/// A program with `$f` as its fourth function, and its form; both use the stack, a variable, the table and other functions.
fn program(code: &str, form: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
          (import "omp2wasi_rewriter" "kernel_of" (func $kernel_of (param i32) (result i32)))
          (import "omp2wasi" "num_procs" (func $num_procs (result i32)))
          (import "env" "memory" (memory 2 65536 shared))
          (export "memory" (memory 0))
          (type $binary (func (param i32 i32) (result i32)))
          (global $__stack_pointer (export "__stack_pointer") (mut i32) (i32.const 65536))
          (global $__tls_base (export "__tls_base") (mut i32) (i32.const 1024))
          (table (export "__indirect_function_table") 4 4 funcref)
          (elem (i32.const 1) $f.omp_outlined $add)
          (func $__kmpc_fork_call (param $loc i32) (param $argc i32) (param $microtask i32) (param $argv i32)
            (drop (call $kernel_of (local.get $microtask))))
          (func $f.omp_outlined (param $gtid i32) (param $btid i32))
          (func $add (type $binary) (i32.add (local.get 0) (call $num_procs)))
          (func $f (export "f") (param i32) (result i32) (local i32) {code})
          (func $form (param i32) (result i32) (local i32) {form}))"#
    );
    wat::parse_str(text).unwrap()
}

const F: u32 = 5;
const PLAIN: &str = "(i32.const 1)";
const FORM_CODE: &str = "
    (global.set $__stack_pointer (local.tee 1 (i32.sub (global.get $__stack_pointer) (i32.const 16))))
    (call $__kmpc_fork_call (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
    (call_indirect (type $binary) (local.get 0) (call $num_procs) (i32.const 2))
    (global.set $__stack_pointer (i32.add (local.get 1) (i32.const 16)))";

/// The module without its last function and its name, and the body of that.
fn taken(wasm: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut module = Module::read(wasm).unwrap();
    let form = module.bodies.pop().unwrap();
    module.functions.pop();
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.unwrap();
        let Some((id, range)) = payload.as_section() else { continue };
        match payload {
            Payload::FunctionSection(_) => drop(out.section(&functions_of(&module, &[]))),
            Payload::CodeSectionStart { .. } => drop(out.section(&code_of(&module, &[]))),
            _ => drop(out.section(&RawSection { id, data: &wasm[range] })),
        }
    }
    (out.finish(), form.to_vec())
}

fn with_section(mut wasm: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    CustomSection { name: name.into(), data: data.into() }.append_to(&mut wasm);
    wasm
}

/// What the linker has made of a program with the form of `$f`, after some changes to its record.
fn linked(form: &str, change: impl FnOnce(&mut Record)) -> Vec<u8> {
    let (wasm, body) = taken(&program(PLAIN, form));
    let mut record = Record { function: F, flags: flags::CONTRACT, body, ..Record::default() };
    change(&mut record);
    let mut section = Vec::new();
    let places = record.encode(&mut section);
    section[places.function as usize..][..5].copy_from_slice(&padded(record.function.into()));
    for (place, address) in places.variables.iter().zip(&record.variables) {
        section[*place as usize..][..4].copy_from_slice(&address.to_le_bytes());
    }
    for (place, (_, function)) in places.pointers.iter().zip(&record.pointers) {
        section[*place as usize..][..5].copy_from_slice(&padded(i64::from(*function)));
    }
    with_section(wasm, OBJECT_SECTION, &section)
}

fn rewritten(wasm: &[u8], portable: bool) -> Vec<u8> {
    rewrite(wasm, &Options { portable }).unwrap().wasm
}

fn forms_of(wasm: &[u8]) -> Vec<Form> {
    split(wasm).unwrap().1
}

/// The text of a function; calls in it name functions, so their indices do not matter.
fn text_of(wasm: &[u8], function: &str) -> String {
    let text = wasmprinter::print_bytes(wasm).unwrap();
    let start = text.find(&format!("(func ${function} ")).unwrap();
    let code = &text[start..];
    let code = code[..code.find("\n  )").unwrap()].to_owned();
    // Numbers of functions and types are comments, and numbers of types.
    let without = |line: &str| line.split(" (;").next().unwrap_or_default().trim().to_owned();
    code.lines().skip(1).map(without).filter(|line| !line.starts_with("(local ")).collect::<Vec<_>>().join("\n")
}

/// The module with the form in the place of its function.
fn in_place(wasm: &[u8]) -> Vec<u8> {
    let form = forms_of(wasm).remove(0);
    let (plain, _) = split(wasm).unwrap();
    let mut module = Module::read(&plain).unwrap();
    let defined = form.function as usize - module.imported;
    module.bodies[defined] = &form.body;
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(&plain) {
        let payload = payload.unwrap();
        match (&payload, payload.as_section()) {
            (Payload::CodeSectionStart { .. }, _) => drop(out.section(&code_of(&module, &[]))),
            (_, Some((id, range))) => drop(out.section(&RawSection { id, data: &plain[range] })),
            _ => {}
        }
    }
    let wasm = out.finish();
    crate::verify::output(&wasm).unwrap();
    wasm
}

#[test]
fn a_form_becomes_what_its_function_would() {
    for portable in [false, true] {
        let with = rewritten(&linked(FORM_CODE, |_| {}), portable);
        // Nothing else changes.
        let (plain, _) = taken(&program(PLAIN, FORM_CODE));
        assert_eq!(*split(&with).unwrap().0, rewritten(&plain, portable));
        let (as_function, _) = taken(&program(FORM_CODE, PLAIN));
        let expected = text_of(&rewritten(&as_function, portable), "f");
        assert!(expected.contains("omp2wasi.stack_overflow"), "{expected}");
        assert_eq!(text_of(&in_place(&with), "f"), expected);
    }
}

#[test]
fn lines_stay_with_their_instructions() {
    let places = |body: &[u8]| {
        let operators = FunctionBody::new(BinaryReader::new(body, 0)).get_operators_reader().unwrap();
        let read = operators.into_iter_with_offsets().map(Result::unwrap);
        let wanted = read.filter(|(operator, _)| matches!(operator, Operator::CallIndirect { .. } | Operator::I32Add));
        wanted.map(|(_, at)| at as u32).collect::<Vec<_>>()
    };
    let row = |offset, line| Line { offset, file: 0, line };
    let input = linked(FORM_CODE, |record| {
        let rows = places(&record.body).into_iter().zip(20..).map(|(at, line)| row(at, line));
        record.lines = Lines { files: vec!["a.c".to_owned()], rows: std::iter::once(row(0, 10)).chain(rows).collect() };
    });
    let once = rewritten(&input, false);
    for wasm in [&once, &rewritten(&once, true)] {
        let form = forms_of(wasm).remove(0);
        let lines: Vec<_> = form.lines.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [10, 20, 21]);
        let offsets: Vec<_> = form.lines.rows[1..].iter().map(|row| row.offset).collect();
        assert_eq!(offsets, places(&form.body));
    }
}

#[test]
fn rewriting_again_keeps_forms_right() {
    let input = linked(FORM_CODE, |_| {});
    let once = rewritten(&input, false);
    assert_eq!(once, rewritten(&input, false));
    assert_eq!(once, rewritten(&once, false));
    let afterwards = rewritten(&once, true);
    let at_once = rewritten(&input, true);
    assert_eq!(text_of(&in_place(&afterwards), "f"), text_of(&in_place(&at_once), "f"));
    assert_eq!(afterwards, rewritten(&afterwards, true));
}

#[test]
fn what_refers_to_nothing_is_dropped() {
    let own = |wasm: &[u8]| {
        let forms = forms_of(&rewritten(wasm, false));
        forms.iter().map(|form| (form.flags, !form.body.is_empty())).collect::<Vec<_>>()
    };
    assert_eq!(own(&linked("(i32.const 2)", |_| {})), [(flags::CONTRACT, true)]);
    assert_eq!(own(&linked("(i32.const 2)", |record| record.function = 0)), []);
    assert_eq!(own(&linked("(i32.const 2)", |record| record.variables = vec![8, 0])), [(flags::CONTRACT, false)]);
    assert_eq!(own(&linked("(call $kernel_of (i32.const 2))", |_| {})), [(flags::CONTRACT, false)]);
    // A constant of five bytes, and what shall be its value.
    let pointer = |function| {
        move |record: &mut Record| {
            record.body = [0, 0x41, 0x80, 0x80, 0x80, 0x80, 0, 0x0b].to_vec();
            record.pointers = vec![(2, function)];
        }
    };
    let table_index_of_add = forms_of(&rewritten(&linked(PLAIN, pointer(4)), false)).remove(0);
    assert_eq!(table_index_of_add.body, [0, 0x41, 2, 0x0b]);
    assert_eq!(own(&linked(PLAIN, pointer(F))), [(flags::CONTRACT, false)]);
    let outside = linked(PLAIN, |record| record.pointers = vec![(u32::MAX, 4)]);
    assert_eq!(own(&outside), [(flags::CONTRACT, false)]);
    let typed = |params: &'static [u8]| {
        move |record: &mut Record| {
            let call = [0x41, 0, 0x41, 0, 0x41, 2, 0x11, 0x80, 0x80, 0x80, 0x80, 0, 0, 0x0b];
            record.body = [&[0][..], &call].concat();
            record.types = vec![(params.to_vec(), vec![0x7f])];
            record.type_places = vec![(8, 0)];
        }
    };
    assert_eq!(own(&linked(PLAIN, typed(&[0x7f, 0x7f]))), [(flags::CONTRACT, true)]);
    assert_eq!(own(&linked(PLAIN, typed(&[0x7e, 0x7e]))), [(flags::CONTRACT, false)]);
}

#[test]
fn forms_that_do_not_fit_are_refused() {
    let refused = |wasm: &[u8]| {
        let error = rewrite(wasm, &Options::default()).unwrap_err();
        assert!(matches!(error, Error::Scalar(_)), "{error}");
    };
    // Not of the function's type.
    refused(&linked(PLAIN, |record| record.body = vec![0, 0x0b]));
    refused(&linked(PLAIN, |record| record.function = 1));
    refused(&linked(PLAIN, |record| record.function = F + 1));
    let twice = linked(PLAIN, |_| {});
    refused(&with_section(twice.clone(), OBJECT_SECTION, &[]));
    refused(&with_section(twice, SECTION, &scalar::encode(&[])));
    let form = Form { function: F, flags: 0, body: vec![0, 0x0b], lines: Lines::default() };
    let (plain, _) = taken(&program(PLAIN, PLAIN));
    refused(&with_section(plain.clone(), SECTION, &scalar::encode(&[form])));
    refused(&with_section(plain, SECTION, &[2]));
}

#[test]
fn forms_are_changed_with_their_module_for_hosts() {
    let waiting = "(memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0))";
    let (wasm, body) = taken(&program(waiting, PLAIN));
    let before = with_section(wasm, SECTION, &scalar::encode(&[Form { function: F, body, ..Form::default() }]));
    let changed = for_host(&before).unwrap().unwrap();
    // That it is a function of the module is looked at when it is taken out.
    let [form] = &forms_of(&changed)[..] else { panic!("there is not one form") };
    assert!(!form.body.is_empty());
}
