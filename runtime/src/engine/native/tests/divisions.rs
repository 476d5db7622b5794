//! Divisions whose operands are others than those that were checked, as where another thread changes the memory that they come from: they
//! fault, and end as Cranelift's do.
#![cfg(target_arch = "x86_64")]

use super::{Case, trapping};

/// The text of a division by what is found unchecked.
macro_rules! unchecked {
    ($operator:literal, $division:literal) => {
        concat!(
            "NOINLINE void deep(instance *i, u32 a) {\n#line @deep.",
            $operator,
            "; \"w\"\n  if (a == 1) __asm__ volatile(",
            $division,
            " : : : \"eax\", \"ecx\", \"edx\", \"cc\");\n}\nNOINLINE void middle(instance *i, u32 a) {\n#line @middle.Call; \"w\"\n  \
             deep(i, a); __asm__ volatile(\"\");\n}\nstatic void e_one(instance *i, value *s) {\n#line @one.Call; \"w\"\n  \
             middle(i, s[0].i32); __asm__ volatile(\"\");\n}"
        )
    };
}

/// Both ways, a program ends with this trap, at three places that are known.
fn ends_with(instruction: &str, text: &'static str, trap: &str) {
    let shown = Case::new(1, &trapping(instruction), text).both();
    assert!(shown.starts_with(&format!("thread 1 of 2: wasm trap: {trap}\n")), "{shown}");
    assert_eq!(shown.matches("case.wat:").count(), 3, "{shown}");
}

#[test]
fn by_zero() {
    ends_with(
        "(drop (i32.div_u (i32.const 7) (i32.sub (local.get 0) (i32.const 1))))",
        unchecked!("I32DivU", r#""xor %%ecx, %%ecx; xor %%edx, %%edx; mov $7, %%eax; divl %%ecx""#),
        "integer divide by zero",
    );
    ends_with(
        "(drop (i64.rem_s (i64.const -7) (i64.extend_i32_u (i32.sub (local.get 0) (i32.const 1)))))",
        unchecked!("I64RemS", r#""xor %%ecx, %%ecx; mov $-7, %%rax; cqo; idivq %%rcx""#),
        "integer divide by zero",
    );
}

#[test]
fn of_the_least_number_by_minus_one() {
    ends_with(
        "(drop (i32.div_s (i32.const 0x80000000) (i32.sub (i32.const 0) (local.get 0))))",
        unchecked!("I32DivS", r#""mov $-1, %%ecx; mov $0x80000000, %%eax; cdq; idivl %%ecx""#),
        "integer overflow",
    );
    ends_with(
        "(drop (i64.div_s (i64.const 0x8000000000000000) (i64.extend_i32_s (i32.sub (i32.const 0) (local.get 0)))))",
        unchecked!("I64DivS", r#""mov $-1, %%rcx; movabs $0x8000000000000000, %%rax; cqo; idivq %%rcx""#),
        "integer overflow",
    );
}
