//! The prelude of native code: C for clang, of which a text has what it needs.

use crate::dialect::c::prelude;
use crate::ir::Ty;

/// What every text has.
const BASE: &str = include_str!("prelude/base.c");

/// What a text has some of, in the order in which it is printed.
const PRELUDE: [&str; 5] = [
    include_str!("prelude/memory.c"),
    include_str!("prelude/loops.c"),
    include_str!("prelude/scalars.c"),
    include_str!("prelude/atomics.c"),
    include_str!("prelude/vectors.c"),
];

/// The load and the store of a whole value.
pub(super) fn whole(ty: Ty) -> [&'static str; 2] {
    match ty {
        Ty::I32 => ["i32_load", "i32_store"],
        Ty::I64 => ["i64_load", "i64_store"],
        Ty::F32 => ["f32_load", "f32_store"],
        Ty::F64 => ["f64_load", "f64_store"],
        Ty::V128 => ["v128_load", "v128_store"],
    }
}

/// The prelude with the items of these names, and those that they need.
pub(super) fn needed(names: impl IntoIterator<Item = &'static str>) -> String {
    format!("{BASE}\n{}", prelude::needed(&PRELUDE, names, |_| None))
}
