/* Says that the entry points which divide loops keep none of the addresses that they are given.
 *
 * clang declares them itself where a program needs them, without saying so; then the bounds of a loop, whose addresses
 * they are given, are read again after each call in the loop. But where there is a declaration already, clang takes
 * that. So `omp2wasi cc` has this header read before each C source of which it makes an object. A declaration counts
 * once something refers to it: that is what the function is for, which nothing calls, so that the linker drops it. All
 * names are reserved ones, as a program may define any other as a macro; and they are ours, as it may declare the entry
 * points, too.
 *
 * Parameters: LLVM's openmp/runtime/src/kmp_sched.cpp: where the construct is, the thread's number, the schedule;
 * whether a thread has the last iteration, the lower and the upper bound, and the stride; the increment and the chunk
 * size. */
#ifndef OMP2WASI_KMPC_H
#define OMP2WASI_KMPC_H
#pragma clang system_header

#define __OMP2WASI_OUT(type) type *__attribute__((__noescape__))
#define __OMP2WASI_DIVIDE(suffix, type, signed_type)                                                                   \
  void __omp2wasi_for_static_init_##suffix(void *, int, int, __OMP2WASI_OUT(int), __OMP2WASI_OUT(type),                \
                                           __OMP2WASI_OUT(type), __OMP2WASI_OUT(signed_type), signed_type,             \
                                           signed_type) __asm__("__kmpc_for_static_init_" #suffix);

#ifdef __cplusplus
extern "C" {
#endif

/* Which C90 has not. */
__extension__ typedef long long __omp2wasi_int64;
__extension__ typedef unsigned long long __omp2wasi_uint64;

__OMP2WASI_DIVIDE(4, int, int)
__OMP2WASI_DIVIDE(4u, unsigned, int)
__OMP2WASI_DIVIDE(8, __omp2wasi_int64, __omp2wasi_int64)
__OMP2WASI_DIVIDE(8u, __omp2wasi_uint64, __omp2wasi_int64)

void __omp2wasi_entry_points(void);
__attribute__((__weak__, __visibility__("hidden"), __nodebug__, __no_instrument_function__)) void
__omp2wasi_entry_points(void) {
  __omp2wasi_for_static_init_4(0, 0, 0, 0, 0, 0, 0, 0, 0);
  __omp2wasi_for_static_init_4u(0, 0, 0, 0, 0, 0, 0, 0, 0);
  __omp2wasi_for_static_init_8(0, 0, 0, 0, 0, 0, 0, 0, 0);
  __omp2wasi_for_static_init_8u(0, 0, 0, 0, 0, 0, 0, 0, 0);
}

#ifdef __cplusplus
}
#endif

#undef __OMP2WASI_OUT
#undef __OMP2WASI_DIVIDE
#endif
