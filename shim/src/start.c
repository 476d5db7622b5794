/* The entry point of a program, in place of the C library's crt1: what that consists of differs between versions of
 * the library.
 *
 * Because it names __wasm_call_ctors, wasm-ld does not wrap every export in a function that runs the constructors
 * before and the destructors after each call. */
#include "thread.h"
#include <stdlib.h>

/* The linker's: static data is between the two. */
extern char __global_base, __data_end;

extern void __wasm_call_ctors(void);
extern void __wasm_call_dtors(void);
extern int __main_void(void);

/* If anything has guards on its stack. */
#pragma weak omp2wasi_choose_stack_guard
extern void omp2wasi_choose_stack_guard(void);

__attribute__((export_name("_start"))) void _start(void) {
  if (omp2wasi_choose_stack_guard)
    omp2wasi_choose_stack_guard();
  size_t static_data = (size_t)(&__data_end - &__global_base);
  if (static_data >= LARGE_OBJECT)
    omp2wasi_host_use_large_pages((uint32_t)(uintptr_t)&__global_base, (uint32_t)static_data);
  __wasm_call_ctors();
  int status = __main_void();
  __wasm_call_dtors();
  if (status != 0)
    _Exit(status);
}
