//! What is outside of parallel regions, as native code: in this run, in later ones, and where there is none.

use super::super::NativeOptions;
use super::{Case, shown};
use crate::cache::Cache;
use crate::engine::Tier;
use crate::report::Notice;

/// Its beginning leaves 40 in a global, forks, and exits with what the regions have made of that; the text adds 1.
const SERIAL: &str = r#"
    (global $count (mut i32) (i32.const 30))
    (export "fork" (func $fork))
    (func $one (export "one") (param i32 i32 i32 i32 i32)
      (if (i32.eqz (local.get 0)) (then (global.set $count (i32.add (global.get $count) (i32.const 1))))))
    (func $start (export "_start")
      (global.set $count (i32.const 40))
      (call $fork (i32.const 0) (i32.const 2))
      (call $proc_exit (global.get $count)))"#;

#[test]
fn what_is_outside_of_regions() {
    let case = Case::new(
        1,
        SERIAL,
        r#"
        static void e_one(instance *i, value *s) { if (s[0].i32 == 0) i->globals[0].i32++; }
        static void e_start(instance *i, value *s) {
          value w[7];
          i->globals[0].i32 = 41;
          w[0].i32 = 0; w[1].i32 = 2;
          if (i->call(i, @fork;, w)) i->unwind(i);
          w[0].i32 = i->globals[0].i32;
          if (i->call(i, @proc_exit;, w)) i->unwind(i);
        }"#,
    );
    assert_eq!(shown(&case.run(Tier::Cranelift, NativeOptions::default()).0), "exited: 41");
    let (outcome, notices) = case.run(Tier::Native, NativeOptions::default());
    assert_eq!(shown(&outcome), "exited: 42");
    let is_there = |notice: &Notice| matches!(notice, Notice::NativeKernels { kernels, .. } if *kernels == ["_start"]);
    assert!(notices.iter().any(is_there), "{notices:?}");
}

#[test]
fn regions_are_native_where_what_is_outside_cannot_be() {
    let case = Case::new(
        1,
        SERIAL,
        r#"
        static void e_one(instance *i, value *s) { if (s[0].i32 == 0) i->globals[0].i32 += 2; }
        #define e_start(i, s) nothing"#,
    );
    let (outcome, notices) = case.run(Tier::Native, NativeOptions::default());
    assert_eq!(shown(&outcome), "exited: 42");
    let is_missed = |notice: &Notice| matches!(notice, Notice::NativeLeftOut { function, .. } if function == "_start");
    assert!(notices.iter().any(is_missed), "{notices:?}");
}

#[test]
fn long_serial_parts_are_native_in_later_runs() {
    let temp = tempfile::tempdir().unwrap();
    let cache = Cache::open(temp.path().join("cache")).unwrap();
    let case = Case::new(
        1,
        r#"
        (func $one (export "one") (param i32 i32 i32 i32 i32))
        (func $start (export "_start") (local $i i32)
          (loop $next
            (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000000000)))))"#,
        r#"
        static void e_one(instance *i, value *s) {}
        static void e_start(instance *i, value *s) {
          s = __builtin_alloca(16);
          s[0].i32 = 42;
          if (i->call(i, @proc_exit;, s)) i->unwind(i);
        }"#,
    );
    let run = || case.run(Tier::Auto, NativeOptions::default().cache(cache.clone()));
    // How long it takes to compile it is not known, and the program may be faster.
    let is_later = |notice: &Notice| matches!(notice, Notice::NativeLater { .. });
    let later = (0..60).map(|_| run()).find(|(_, notices)| notices.iter().any(is_later));
    assert_eq!(later.map(|(outcome, _)| shown(&outcome)).as_deref(), Some("exited: 0"));
    assert_eq!(shown(&run().0), "exited: 42");
}
