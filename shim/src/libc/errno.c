/* errno of each thread. The C library, which was built for one thread, has one variable; the rewriter makes calls of
 * the accesses to it that the linker has put into the program, and finds here what it needs for that.
 *
 * Invariant: a program that names errno has this object in it, by __errno_location. One that does not cannot tell. */
#include <errno.h>
#include <stdint.h>

extern int library_errno __asm__("errno");
static _Thread_local int thread_errno;

int *__errno_location(void) { return &thread_errno; }

__attribute__((export_name("omp2wasi.errno_address"))) int *omp2wasi_errno_address(void) { return &library_errno; }

/* An access to the address of the library's variable, as the constant part, plus `base`. That is another variable if
 * `base` is not 0. */
__attribute__((export_name("omp2wasi.load_errno"))) int omp2wasi_load_errno(uintptr_t base) {
  return base == 0 ? thread_errno : *(int *)(base + (uintptr_t)&library_errno);
}

__attribute__((export_name("omp2wasi.store_errno"))) void omp2wasi_store_errno(uintptr_t base, int value) {
  if (base == 0)
    thread_errno = value;
  else
    *(int *)(base + (uintptr_t)&library_errno) = value;
}
