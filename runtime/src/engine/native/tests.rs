//! Programs that run as Cranelift's code and as native code, and have to end alike. Codegen has no part in this: each program comes with C text
//! that says what its functions do.

mod divisions;
mod ends;
mod forms;
mod hostile;
mod serial;

use super::translate::{Translator, Unit};
use super::{NativeError, NativeOptions};
use crate::cache::Cache;
use crate::engine::Tier;
use crate::engine::form::Form;
use crate::report::{Notice, Severity};
use crate::{Config, Engine, Interruption, Outcome, Program, Stdio, engine};
use omp2wasi_abi::manifest::{self, Manifest};
use std::sync::{Arc, LazyLock, Mutex};
use wasmparser::{Operator, Parser, Payload};

static ENGINE: LazyLock<Engine> = LazyLock::new(|| engine(Interruption::AtHostCalls).unwrap());

/// What each text begins with: the interface, as codegen declares it.
const PRELUDE: &str = r#"
typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long long u64; typedef long long i64;
typedef struct instance instance;
typedef union value { u32 i32; u64 i64; float f32; double f64; u8 v128[16]; } __attribute__((aligned(16))) value;
struct instance {
  u8 *memory; u64 memory_bytes; u8 *stack_limit; void *host;
  void (*trap)(instance *, u32, u32) __attribute__((noreturn));
  u32 (*call)(instance *, u32, value *);
  void (*unwind)(instance *) __attribute__((noreturn));
  u64 (*memory_size)(instance *); u32 (*memory_grow)(instance *, u32);
  u32 (*wait)(instance *, u64, u64, i64, u32, u32); u32 (*notify)(instance *, u64, u32, u32);
  value globals[];
};
struct entry { u32 function; u32 reserved; void (*code)(instance *, value *); };
#define EXPORT __attribute__((visibility("default")))
#define NOINLINE static __attribute__((noinline))
#define INLINE static inline __attribute__((always_inline))
#define WORD(p) (*(u32 *)(i->memory + (u64)(u32)(p)))
EXPORT const u32 omp2wasi_native_version = 2;
"#;

/// What each module has around its functions: a kernel `$one` at table index 0, and maybe `$two` at 1, in the same way.
const HEAD: &str = r#"
    (import "env" "memory" (memory 2 4 shared))
    (import "wasi_ephemeral_parallel" "create_buffer" (func $create (param i32 i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_parallel" "write_buffer" (func $write (param i32 i32 i32) (result i32)))
    (import "wasi_ephemeral_parallel" "parallel_for" (func $for (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
    (import "omp2wasi" "place_num" (func $place_num (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
    (import "omp2wasi" "wake" (func $wake (param i32 i32)))
    (export "memory" (memory 0))
    (func $fork (param $kernel i32) (param $threads i32)
      (drop (call $create (i32.const 1) (i32.const 8) (i32.const 2) (i32.const 16)))
      (drop (call $write (i32.const 32) (i32.const 8) (i32.load (i32.const 16))))
      (if (call $for (local.get $kernel) (local.get $threads) (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 0))
        (then (unreachable))))
"#;

/// A module with C text for its kernels. In the text, `@NAME;` is the index of a function, `@NAME.OPERATOR;` the offset of the first such
/// operator in it, and `@carrying;` the import that `$for` has become.
struct Case {
    module: String,
    text: &'static str,
    kernels: usize,
}

impl Case {
    fn new(kernels: usize, functions: &str, text: &'static str) -> Self {
        let names = if kernels == 1 { "$one" } else { "$one $two" };
        let table = format!(r#"(table (export "__indirect_function_table") 2 2 funcref) (elem (i32.const 0) {names})"#);
        Self { module: format!("(module {HEAD}\n{table}\n{functions})"), text, kernels }
    }

    fn wasm(&self) -> Vec<u8> {
        let mut parser = wat::Parser::new();
        let wasm = parser.generate_dwarf(wat::GenerateDwarf::Lines).parse_str(Some("case.wat".as_ref()), &self.module);
        let mut wasm = wasm.unwrap_or_else(|error| panic!("{error}"));
        let kernel = |(table_index, name): (u32, &&str)| manifest::Kernel {
            export: (*name).to_owned(),
            table_index,
            concurrent: true,
            ..manifest::Kernel::default()
        };
        let kernels = (0..).zip(&["one", "two"][..self.kernels]).map(kernel).collect();
        let section = Manifest { kernels, ..Manifest::default() }.encode();
        let name = manifest::SECTION;
        let len = section.len() + name.len() + 1;
        assert!(len < 1 << 14);
        wasm.extend([0, (len & 0x7f) as u8 | 0x80, (len >> 7) as u8, name.len() as u8]);
        wasm.extend(name.as_bytes());
        wasm.extend(section);
        wasm
    }

    fn run(&self, tier: Tier, options: NativeOptions) -> (Outcome, Vec<Notice>) {
        let notices = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&notices);
        let config = Config::default()
            .stdio(Stdio::Null)
            .tier(tier)
            .native(options.translator(Arc::new(Text(self.text))))
            .report_severity(Severity::Note)
            .report(move |notice| heard.lock().unwrap().push(notice.clone()));
        let outcome = Program::new(&ENGINE, &self.wasm()).unwrap().run(config);
        let notices = notices.lock().unwrap().clone();
        (outcome, notices)
    }

    /// Runs it both ways, and returns how it ended: the exit code, or the trap as it is shown.
    fn both(&self) -> String {
        let [cranelift, native] =
            [Tier::Cranelift, Tier::Native].map(|tier| shown(&self.run(tier, NativeOptions::default()).0));
        assert_eq!(native, cranelift, "Cranelift's is on the right");
        native
    }
}

fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Exited(code) => format!("exited: {code}"),
        Outcome::Trapped(trap) => trap.to_string(),
        Outcome::Failed(error) => format!("failed: {error}"),
    }
}

/// Text of a test's own.
struct Text(&'static str);

impl Translator for Text {
    fn version(&self) -> &str {
        self.0
    }

    fn flags(&self) -> &[&'static str] {
        &[]
    }

    fn unit(&self, wasm: &Arc<[u8]>, roots: &[u32], _: &dyn Fn() -> bool) -> Result<Unit, NativeError> {
        let form = Form::read(Arc::clone(wasm)).unwrap();
        let mut text = format!("{PRELUDE}{}\n", self.0);
        let mut functions: Vec<u32> = (0..100).filter(|index| form.function_name(*index).is_some()).collect();
        // Longer names first, as one may begin with another.
        functions.sort_by_key(|index| std::cmp::Reverse(form.function_name(*index).map(str::len)));
        for index in functions {
            let name = form.function_name(index).unwrap();
            for (operator, offset) in operators(wasm, index, form.imports.len()) {
                text = text.replace(&format!("@{name}.{operator};"), &offset.to_string());
            }
            text = text.replace(&format!("@{name};"), &index.to_string());
        }
        let carrying = form.imports.iter().position(|(module, _)| module == "omp2wasi_host").unwrap_or_default();
        text = text.replace("@carrying;", &carrying.to_string());
        assert!(!text.contains('@'), "{text}");
        let name = |root: u32| form.function_name(root).unwrap();
        // What is outside of kernels stays with Cranelift unless the text has it.
        let start = form.exported_function("_start");
        let is_there = |root: &u32| Some(*root) != start || self.0.contains(&format!("e_{}(", name(*root)));
        let roots: Vec<u32> = roots.iter().copied().filter(is_there).collect();
        let entry = |root: &u32| format!("{{ {root}, 0, e_{} }},", name(*root));
        let entries: String = roots.iter().map(entry).collect();
        text += &format!(
            "EXPORT const struct entry omp2wasi_native_entries[] = {{ {entries} }};\nEXPORT const u32 omp2wasi_native_entry_count = {};\n",
            roots.len()
        );
        Ok(Unit { text, entries: roots, left_out: Vec::new() })
    }
}

/// The operators of a function, with their offsets: the first of each kind.
fn operators(wasm: &[u8], function: u32, imports: usize) -> Vec<(String, usize)> {
    let bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let Some(at) = (function as usize).checked_sub(imports) else { return Vec::new() };
    let body = bodies.into_iter().nth(at).unwrap();
    let operators = body.get_operators_reader().unwrap().into_iter_with_offsets();
    let name = |operator: &Operator| format!("{operator:?}").split([' ', '{']).next().unwrap().to_owned();
    operators.map(|operator| operator.map(|(operator, offset)| (name(&operator), offset)).unwrap()).collect()
}

#[test]
fn memory_globals_and_calls() {
    let case = Case::new(
        2,
        r#"
        (global $count (mut i32) (i32.const 40))
        (global $constant i64 (i64.add (i64.const 3) (i64.const 4)))
        (data $d "x")
        (func $left_out (export "left_out") (param i32) (result i32)
          (data.drop $d)
          (global.set $count (i32.add (global.get $count) (local.get 0)))
          (global.get $count))
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (i32.atomic.rmw.add (i32.const 64) (i32.add (local.get 0) (i32.const 1)))
          drop
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (i32.store offset=68 (i32.shl (local.get 0) (i32.const 2)) (call $left_out (i32.const 100)))
          (if (i32.eqz (local.get 0)) (then (call $fork (i32.const 1) (i32.const 1))))
          (global.set $count (i32.add (global.get $count) (i32.const 1))))
        (func $two (export "two") (param i32 i32 i32 i32 i32)
          (global.set $count (i32.add (global.get $count) (i32.const 1000)))
          (drop (call $left_out (i32.const 0))))
        (func (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 3))
          (call $fork (i32.const 0) (i32.const 3))
          (if (i32.ne (i32.load (i32.const 64)) (i32.const 12)) (then (return (i32.const 1))))
          ;; The initial thread's instance; a worker's has been in one region less of the inner ones.
          (if (i32.ne (i32.load (i32.const 68)) (i32.const 1243)) (then (return (i32.const 2))))
          (if (i32.ne (i32.load (i32.const 72)) (i32.const 243)) (then (return (i32.const 3))))
          (if (i32.ne (global.get $count) (i32.const 2244)) (then (return (i32.const 4))))
          (i32.const 0))"#,
        r#"
        static void e_two(instance *i, value *s) {
          i->globals[0].i32 += 1000;
          s[0].i32 = 0;
          if (i->call(i, @left_out;, s)) i->unwind(i);
        }
        static void e_one(instance *i, value *s) {
          u32 id = s[0].i32;
          if (s[1].i32 != 3 || i->globals[1].i64 != 7 || i->memory_bytes < 131072) i->trap(i, 1, 0);
          __atomic_fetch_add(&WORD(64), id + 1, __ATOMIC_SEQ_CST);
          i->globals[0].i32 += 1;
          value a[8];
          a[0].i32 = 100;
          if (i->call(i, @left_out;, a)) i->unwind(i);
          WORD(68 + 4 * id) = a[0].i32;
          if (id == 0) {
            a[0].i32 = 1; a[1].i32 = 8; a[2].i32 = 2; a[3].i32 = 16;
            if (i->call(i, @create;, a) || a[0].i32) i->unwind(i);
            a[0].i32 = 32; a[1].i32 = 8; a[2].i32 = WORD(16);
            if (i->call(i, @write;, a) || a[0].i32) i->unwind(i);
            a[0].i32 = 1; a[1].i32 = 1; a[2].i32 = 1; a[3].i32 = 16; a[4].i32 = 1; a[5].i32 = a[6].i32 = 0;
            /* The loader has made that of the import, which carries globals. */
            a[7].i32 = i->globals[0].i32;
            if (i->call(i, @carrying;, a) || a[0].i32) i->unwind(i);
            if (i->call(i, @place_num;, a)) i->unwind(i);
          }
          i->globals[0].i32 += 1;
        }"#,
    );
    assert_eq!(case.both(), "exited: 0");
}

/// The functions of a program that traps where `condition` says, three calls deep in its kernel.
fn trapping(instruction: &str) -> String {
    format!(
        r#"
        (func $deep (param i32)
          (if (i32.eq (local.get 0) (i32.const 1))
            (then
              {instruction}
              )))
        (func $middle (param i32)
          (call $deep (local.get 0)))
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (call $middle (local.get 0)))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 2))
          (i32.const 0))"#
    )
}

#[test]
fn explicit_traps() {
    let case = Case::new(
        1,
        &trapping("(drop (i32.div_u (i32.const 1) (i32.sub (local.get 0) (i32.const 1))))"),
        r#"
        NOINLINE void deep(instance *i, u32 a) { if (a == 1) i->trap(i, 3, @deep.I32DivU;); __asm__ volatile(""); }
        NOINLINE void middle(instance *i, u32 a) {
        #line @middle.Call; "w"
          deep(i, a); __asm__ volatile("");
        }
        static void e_one(instance *i, value *s) {
        #line @one.Call; "w"
          middle(i, s[0].i32); __asm__ volatile("");
        }"#,
    );
    let text = case.both();
    assert!(text.starts_with("thread 1 of 2: wasm trap: integer divide by zero\n"), "{text}");
    for part in ["deep", "middle", "one", "case.wat:"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn faults_in_functions_that_have_become_one() {
    let case = Case::new(
        1,
        &trapping("(drop (i32.load offset=16 (i32.const 0x7fffffff)))"),
        r#"
        INLINE void f1(instance *i, u32 a) {
        #line @deep.I32Load; "w"
          if (a == 1) *(volatile u32 *)(i->memory + (u64)0x7fffffff + 16);
        }
        NOINLINE void f2(instance *i, u32 a) {
        #line @middle.Call; "w"
          f1(i, a); __asm__ volatile("");
        }
        static void e_one(instance *i, value *s) {
        #line @one.Call; "w"
          f2(i, s[0].i32); __asm__ volatile("");
        }"#,
    );
    let text = case.both();
    assert!(text.starts_with("thread 1 of 2: wasm trap: out of bounds memory access\n"), "{text}");
    assert_eq!(text.matches("case.wat:").count(), 3, "{text}");
}

#[test]
fn the_primary_thread_traps_in_a_region_of_a_region() {
    let case = Case::new(
        2,
        r#"
        (func $two (export "two") (param i32 i32 i32 i32 i32)
          (unreachable))
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (call $fork (i32.const 1) (i32.const 1)))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 1))
          (i32.const 0))"#,
        r#"
        static void e_two(instance *i, value *s) { i->trap(i, 1, @two.Unreachable;); }
        NOINLINE void fork(instance *i) {
          value a[8];
          a[0].i32 = 1; a[1].i32 = 1; a[2].i32 = 1; a[3].i32 = 16; a[4].i32 = 1; a[5].i32 = a[6].i32 = 0;
        #line @fork.If; "w"
          if (i->call(i, @for;, a)) i->unwind(i);
        }
        static void e_one(instance *i, value *s) {
        #line @one.Call; "w"
          fork(i); __asm__ volatile("");
        }"#,
    );
    // The third call of `fork` is the one that leads to the trap.
    let [cranelift, native] =
        [Tier::Cranelift, Tier::Native].map(|tier| shown(&case.run(tier, NativeOptions::default()).0));
    let functions = |text: &str| -> Vec<String> {
        let lines =
            text.lines().filter(|line| line.contains(" - ")).map(|line| line.split(" - ").nth(1).unwrap().to_owned());
        lines.collect()
    };
    assert_eq!(functions(&native), functions(&cranelift), "{native}\n{cranelift}");
    assert_eq!(functions(&native), ["two", "fork", "one", "fork", "start"], "{native}");
}

#[test]
fn traps_of_what_native_code_calls() {
    let case = Case::new(
        1,
        r#"
        (data $d "x")
        (func $left_out (export "left_out")
          (data.drop $d)
          (unreachable))
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (call $left_out))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 1))
          (i32.const 0))"#,
        r#"
        static void e_one(instance *i, value *s) {
        #line @one.Call; "w"
          if (i->call(i, @left_out;, s)) i->unwind(i);
        }"#,
    );
    let text = case.both();
    assert!(text.contains("unreachable") && text.contains("left_out"), "{text}");
}

#[test]
fn errors_of_the_host() {
    let case = Case::new(
        1,
        r#"
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (call $wake (i32.const 2) (i32.const 1)))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 2))
          (i32.const 0))"#,
        r#"
        static void e_one(instance *i, value *s) {
          s[0].i32 = 2; s[1].i32 = 1;
        #line @one.Call; "w"
          if (i->call(i, @wake;, s)) i->unwind(i);
        }"#,
    );
    let strip = |text: String| text.split_once(": ").unwrap().1.lines().next().unwrap().to_owned();
    let ended = [Tier::Cranelift, Tier::Native].map(|tier| strip(shown(&case.run(tier, NativeOptions::default()).0)));
    assert_eq!(ended, ["omp2wasi.wake: 0x2 is not an aligned word of the memory"; 2]);
}

#[test]
fn deep_recursion() {
    let case = Case::new(
        1,
        r#"
        (func $deep (param i32)
          (call $deep (i32.add (local.get 0) (i32.const 1))))
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (call $deep (i32.const 0)))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 1))
          (i32.const 0))"#,
        r#"
        NOINLINE void deep(instance *i, u32 a) {
          if ((u8 *)__builtin_frame_address(0) < i->stack_limit) i->trap(i, 8, @deep.LocalGet;);
        #line @deep.Call; "w"
          deep(i, a + 1); __asm__ volatile("");
        }
        static void e_one(instance *i, value *s) {
        #line @one.Call; "w"
          deep(i, 0); __asm__ volatile("");
        }"#,
    );
    let text = case.both();
    assert!(text.contains("call stack exhausted"), "{text}");
    assert_eq!(text.matches("deep").count(), 20, "{text}");
}

#[test]
fn traps_of_others_are_still_theirs() {
    let case = Case::new(
        1,
        r#"
        (func $one (export "one") (param i32 i32 i32 i32 i32))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 2))
          (i32.load (i32.const 0x7fffffff)))"#,
        "static void e_one(instance *i, value *s) {}",
    );
    let text = case.both();
    assert!(text.starts_with("wasm trap: out of bounds memory access"), "{text}");
}

const NOTHING: &str = r#"
    (func $one (export "one") (param i32 i32 i32 i32 i32))
    (func $start (export "_start") (result i32)
      (call $fork (i32.const 0) (i32.const 2))
      (i32.const 0))"#;

#[test]
fn compilers_that_are_none() {
    let case = Case::new(1, NOTHING, "static void e_one(instance *i, value *s) {}");
    let wrong = Case::new(1, NOTHING, "#error no");
    let other = Case::new(
        1,
        NOTHING,
        "EXPORT void other(void) {}\nstatic void e_one(instance *i, value *s) {}\n#define omp2wasi_native_entry_count c",
    );
    let cases = [
        (&case, Some("/nowhere/clang"), "/nowhere/clang"),
        (&case, Some("no-such-clang"), "no-such-clang"),
        (&case, Some("/bin/false"), "/bin/false has failed"),
        (&case, Some("/bin/echo"), "no library"),
        (&wrong, None, "error: no"),
        (&other, None, "omp2wasi_native_entry_count"),
    ];
    for (case, compiler, expected) in cases {
        let options = || compiler.map_or_else(NativeOptions::default, |path| NativeOptions::default().compiler(path));
        let text = shown(&case.run(Tier::Native, options()).0);
        assert!(text.starts_with("failed: no native code: ") && text.contains(expected), "{text}");
        let (outcome, notices) = case.run(Tier::Auto, options());
        assert_eq!(shown(&outcome), "exited: 0");
        // Those that are found only when they are needed are not needed here.
        let is_missed =
            |notice: &Notice| matches!(notice, Notice::NativeMissed { reason } if reason.contains(expected));
        let is_found = compiler.is_some_and(|path| path.contains("clang"));
        assert_eq!(notices.iter().any(is_missed), is_found, "{notices:?}");
    }
}

#[test]
fn native_code_is_kept() {
    let temp = tempfile::tempdir().unwrap();
    let cache = Cache::open(temp.path().join("cache")).unwrap();
    let options = || NativeOptions::default().cache(cache.clone());
    let case = Case::new(1, NOTHING, "static void e_one(instance *i, value *s) {}");
    let took = |tier: Tier| {
        let (outcome, notices) = case.run(tier, options());
        assert_eq!(shown(&outcome), "exited: 0");
        let is_made = |notice: &Notice| match notice {
            Notice::NativeKernels { kernels, took } => {
                assert_eq!(*kernels, ["one"]);
                Some(took.is_some())
            }
            _ => None,
        };
        notices.iter().find_map(is_made)
    };
    assert_eq!(took(Tier::Auto), None, "it is not worth it");
    assert_eq!(took(Tier::Native), Some(true));
    assert_eq!(took(Tier::Native), Some(false));
    assert_eq!(took(Tier::Auto), Some(false));
    for entry in std::fs::read_dir(temp.path().join("cache")).unwrap() {
        let path = entry.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    assert_eq!(took(Tier::Native), Some(true), "what has been damaged is made again");
}

#[test]
fn hot_kernels_become_native() {
    let temp = tempfile::tempdir().unwrap();
    let cache = Cache::open(temp.path().join("cache")).unwrap();
    // Forks until native code says that it is there, and fails if that takes minutes.
    let case = Case::new(
        1,
        r#"
        (func $one (export "one") (param i32 i32 i32 i32 i32) (local $i i32)
          (loop $next
            (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000)))))
        (func $start (export "_start") (result i32) (local $forks i32)
          (loop $next
            (call $fork (i32.const 0) (i32.const 2))
            (if (i32.load (i32.const 64)) (then (return (i32.const 0))))
            (br_if $next (i32.lt_u (local.tee $forks (i32.add (local.get $forks) (i32.const 1))) (i32.const 60000))))
          (i32.const 1))"#,
        "static void e_one(instance *i, value *s) { WORD(64) = 1; }",
    );
    for is_made in [true, false] {
        let (outcome, notices) = case.run(Tier::Auto, NativeOptions::default().cache(cache.clone()));
        assert_eq!(shown(&outcome), "exited: 0", "{notices:?}");
        let made = notices.iter().any(|notice| matches!(notice, Notice::NativeKernels { took: Some(_), .. }));
        assert_eq!(made, is_made);
    }
}

#[test]
fn programs_that_exit_in_a_region() {
    let case = Case::new(
        1,
        r#"
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (call $proc_exit (i32.add (local.get 0) (i32.const 7))))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 1))
          (i32.const 0))"#,
        r#"
        static void e_one(instance *i, value *s) {
          s[0].i32 += 7;
          if (i->call(i, @proc_exit;, s)) i->unwind(i);
        }"#,
    );
    assert_eq!(case.both(), "exited: 7");
}

#[test]
fn waits_and_a_memory_that_grows() {
    let case = Case::new(
        1,
        r#"
        (func $one (export "one") (param i32 i32 i32 i32 i32)
          (i32.store (i32.const 64) (memory.atomic.wait32 (i32.const 128) (i32.const 1) (i64.const -1)))
          (i32.store (i32.const 68) (memory.atomic.notify (i32.const 128) (i32.const 1)))
          (drop (memory.grow (i32.const 1)))
          (i32.store (i32.const 0x20000) (i32.const 1)))
        (func $start (export "_start") (result i32)
          (call $fork (i32.const 0) (i32.const 1))
          (if (i32.ne (i32.load (i32.const 64)) (i32.const 1)) (then (return (i32.const 1))))
          (if (i32.ne (i32.load (i32.const 68)) (i32.const 0)) (then (return (i32.const 2))))
          (i32.sub (memory.size) (i32.const 3)))"#,
        r#"
        static void e_one(instance *i, value *s) {
          WORD(64) = i->wait(i, 128, 1, -1, 4, 0);
          WORD(68) = i->notify(i, 128, 1, 0);
          if (i->memory_grow(i, 1) != 2 || i->memory_size(i) != 0x30000 || i->memory_bytes != 0x30000) i->trap(i, 1, 0);
          WORD(0x20000) = 1;
        }"#,
    );
    assert_eq!(case.both(), "exited: 0");
}
