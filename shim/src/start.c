/* The entry point of a program, in place of the C library's crt1: what that consists of differs between versions of
 * the library.
 *
 * Because it names __wasm_call_ctors, wasm-ld does not wrap every export in a function that runs the constructors
 * before and the destructors after each call. */
#include <stdlib.h>

extern void __wasm_call_ctors(void);
extern void __wasm_call_dtors(void);
extern int __main_void(void);

__attribute__((export_name("_start"))) void _start(void) {
  __wasm_call_ctors();
  int status = __main_void();
  __wasm_call_dtors();
  if (status != 0)
    _Exit(status);
}
