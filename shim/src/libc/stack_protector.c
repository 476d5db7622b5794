/* What code refers to that was compiled with -fstack-protector (GCC's manual, "Instrumentation Options"), as some of
 * compiler-rt was. */
#include "../message.h"
#include <stddef.h>

/* What such a function keeps on its stack, and compares before it returns. */
uintptr_t __stack_chk_guard = 0x5a17c0de;

int32_t __imported_wasi_snapshot_preview1_random_get(int32_t buffer, int32_t size)
    __attribute__((import_module("wasi_snapshot_preview1"), import_name("random_get")));

void omp2wasi_choose_stack_guard(void) {
  uintptr_t guard;
  if (__imported_wasi_snapshot_preview1_random_get((int32_t)(uintptr_t)&guard, sizeof guard) == 0)
    __stack_chk_guard = guard;
}

_Noreturn void __stack_chk_fail(void) {
  omp2wasi_fatal("stack smashing detected", "a function has written beyond a variable on its stack");
}
