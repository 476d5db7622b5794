//! Has forks carry the values of globals, for kernels that run as native code: the host would have to ask Wasmtime for each.
//!
//! ```wat
//! (call $parallel_for (i32.const 1) ...)                                                        ;; before
//! (call $omp2wasi_host.parallel_for (i32.const 1) ... (global.get $sp) (global.get $tls_base))  ;; after
//! ```
//!
//! Invariant: what follows the parameters of `parallel_for` are all globals of the module that change, in order, or none of the calls has any.

use crate::discover::sequences;
use omp2wasi_abi::imports::{PARALLEL_FOR, WASI_PARALLEL, carrying};
use omp2wasi_abi::manifest::{Manifest, SECTION};
use walrus::ir::{Call, GlobalGet, Instr, InstrLocId};
use walrus::{FunctionId, FunctionKind, GlobalId, GlobalKind, ImportKind, Module, ValType};
use wasmparser::{Parser, Payload};

/// Whether a module has kernels that may run as native code.
pub(crate) fn has_kernels(wasm: &[u8]) -> bool {
    let has_some = |payload: Payload| match payload {
        Payload::CustomSection(section) if section.name() == SECTION => {
            Manifest::decode(section.data()).is_ok_and(|manifest| !manifest.kernels.is_empty())
        }
        _ => false,
    };
    Parser::new(0).parse_all(wasm).map_while(Result::ok).any(has_some)
}

/// Has all calls of `parallel_for` carry the values of globals; false if there is nothing to carry, or nothing that carries it.
pub(crate) fn carry_globals(module: &mut Module) -> bool {
    let Some(globals) = carried(module).filter(|globals| !globals.is_empty()) else { return false };
    let Some(plain) = parallel_for(module) else { return false };
    let calls = |instr: &Instr| matches!(instr, Instr::Call(call) if call.func == plain);
    let has_calls = module.funcs.iter_local().any(|(_, function)| {
        sequences(function).iter().any(|id| function.block(*id).instrs.iter().any(|(instr, _)| calls(instr)))
    });
    if !has_calls {
        return false;
    }
    let params: Vec<ValType> = [ValType::I32; PARALLEL_FOR.params.len()]
        .into_iter()
        .chain(globals.iter().map(|global| module.globals.get(*global).ty))
        .collect();
    let ty = module.types.add(&params, &[ValType::I32]);
    let (func, _) = module.add_import_func(carrying::MODULE, PARALLEL_FOR.name, ty);
    let carrying = |(instr, at): (Instr, InstrLocId)| {
        if !calls(&instr) {
            return vec![(instr, at)];
        }
        let values = globals.iter().map(|global| (Instr::GlobalGet(GlobalGet { global: *global }), at));
        values.chain([(Instr::Call(Call { func }), at)]).collect()
    };
    for function in module.funcs.iter_mut() {
        let FunctionKind::Local(function) = &mut function.kind else { continue };
        for sequence in sequences(function) {
            let code = &mut function.block_mut(sequence).instrs;
            if code.iter().any(|(instr, _)| calls(instr)) {
                *code = std::mem::take(code).into_iter().flat_map(carrying).collect();
            }
        }
    }
    true
}

/// The globals that change, in order; `None` if that is more than a call should carry, or they are not the module's own.
fn carried(module: &Module) -> Option<Vec<GlobalId>> {
    let changing = module.globals.iter().filter(|global| global.mutable && !matches!(global.ty, ValType::Ref(_)));
    let own = |global: &walrus::Global| matches!(global.kind, GlobalKind::Local(_)).then(|| global.id());
    changing.map(own).collect::<Option<Vec<_>>>().filter(|globals| globals.len() <= carrying::MAX)
}

/// The import of `parallel_for`, if there is one of its type.
fn parallel_for(module: &Module) -> Option<FunctionId> {
    let ImportKind::Function(function) =
        module.imports.get(module.imports.find(WASI_PARALLEL, PARALLEL_FOR.name)?).kind
    else {
        return None;
    };
    let ty = module.types.get(module.funcs.get(function).ty());
    let is_right = ty.params() == [ValType::I32; PARALLEL_FOR.params.len()] && ty.results() == [ValType::I32];
    is_right.then_some(function)
}

#[cfg(test)]
mod tests {
    use crate::for_host;

    #[test]
    fn forks_carry_globals_in_order() {
        let text = r#"(module
            (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
            (table (export "__indirect_function_table") 1 funcref) (elem (i32.const 0) $kernel)
            (global (mut i32) (i32.const 1)) (global i32 (i32.const 2)) (global (mut f64) (f64.const 3))
            (func $kernel (export "k") (param i32 i32 i32 i32 i32))
            (func (export "_start") (param i32)
              (if (local.get 0) (then (drop (call $for (i32.const 0) (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4)
                (i32.const 5) (i32.const 6)))))))"#;
        let mut wasm = wat::parse_str(text).unwrap();
        assert!(!super::has_kernels(&wasm));
        let kernel = crate::Kernel { export: "k".to_owned(), concurrent: true, ..crate::Kernel::default() };
        let data = crate::Manifest { kernels: vec![kernel], ..crate::Manifest::default() }.encode();
        let section = wasm_encoder::CustomSection { name: super::SECTION.into(), data: data.into() };
        wasm_encoder::Section::append_to(&section, &mut wasm);
        let after = for_host(&wasm).unwrap().unwrap();
        wasmparser::Validator::new().validate_all(&after).unwrap();
        assert!(for_host(&after).unwrap().is_none(), "once is enough");
        let shown = wasmprinter::print_bytes(&after).unwrap();
        let code = "i32.const 6\n      global.get 0\n      global.get 2\n      call ";
        assert!(shown.contains(code) && shown.contains(r#""omp2wasi_host" "parallel_for""#), "{shown}");
    }
}
