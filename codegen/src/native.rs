//! The crate's API for native code: functions of a module with all that they reach, as one text for the machine's own compiler.

use crate::Reason;
use crate::analysis::versions::restore_nests;
use crate::dialect::native::translate;
use crate::lift::closure::Closure;
use crate::wasm::Module;

/// How to translate to native code.
#[derive(Clone, Copy, Debug)]
pub struct NativeOptions {
    /// Puts names of the module into comments, for people to read; see [`crate::Options::comments`].
    pub comments: bool,
    /// Gives loops a second version, where addresses cannot wrap around, and makes nests of collapsed ones.
    pub versions: bool,
}

impl Default for NativeOptions {
    fn default() -> Self {
        Self { comments: false, versions: true }
    }
}

/// Native code of some functions: text for clang.
#[derive(Clone, Debug)]
pub struct NativeUnit {
    /// The text. Which functions of the host it needs, and what it exports, its beginning and its end say.
    pub text: String,
    /// The functions that it has entries for: the roots that could be translated.
    pub entries: Vec<u32>,
    /// The functions of the module, no imports, that are called and are not in it, with the reasons: the host calls those.
    pub left_out: Vec<(u32, Reason)>,
}

impl NativeUnit {
    /// Translates functions, and what they reach by calls and through the table.
    ///
    /// What cannot be translated is left out, be it one of the functions themselves; the host calls it.
    #[must_use]
    pub fn new(module: &Module, roots: &[u32], options: &NativeOptions) -> Self {
        Self::unless(module, roots, options, &|| false).expect("it is given up only if that is asked for")
    }

    /// The same; but it is given up, and there is none, when `is_over` says so, which is asked before each function.
    #[must_use]
    pub fn unless(module: &Module, roots: &[u32], options: &NativeOptions, is_over: &dyn Fn() -> bool) -> Option<Self> {
        let mut closure = Closure::lift(module, roots, is_over)?;
        if options.versions {
            for function in closure.functions.values_mut() {
                if is_over() {
                    return None;
                }
                restore_nests(function);
            }
        }
        let is_own = |(function, _): &(&u32, &Reason)| module.import(**function).is_none();
        let left_out = closure.left_out.iter().filter(is_own);
        Some(Self {
            text: translate(module, &closure, roots, options, is_over)?,
            entries: roots.iter().copied().filter(|root| closure.functions.contains_key(root)).collect(),
            left_out: left_out.map(|(function, reason)| (*function, reason.clone())).collect(),
        })
    }
}

/// What the compiler is to be told beside what every text needs.
pub const NATIVE_FLAGS: &[&str] = &[
    // Loops with many pointers are compared as well, and vectorised.
    "-mllvm",
    "-runtime-memory-check-threshold=64",
    "-mllvm",
    "-vectorize-scev-check-threshold=64",
    "-mllvm",
    "-memory-check-merge-threshold=1000",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn it_is_given_up_before_any_function() {
        let text =
            r#"(module (memory 1) (func $a (call $b)) (func $b (call $c)) (func $c) (func (export "f") (call $a)))"#;
        let module = Module::parse(wat::parse_str(text).unwrap()).unwrap();
        let roots = [module.exported_function("f").unwrap()];
        let options = NativeOptions::default();
        let asked = Cell::new(0);
        let unit = |last: u32| {
            asked.set(0);
            NativeUnit::unless(&module, &roots, &options, &|| asked.replace(asked.get() + 1) == last)
        };
        let whole = unit(u32::MAX).map(|unit| unit.text);
        assert_eq!(whole, Some(NativeUnit::new(&module, &roots, &options).text));
        // Each of 4 functions is lifted, looked at for nests and for versions, and printed.
        assert_eq!(asked.get(), 16);
        assert!((0..16).all(|last| unit(last).is_none()));
    }
}
