/* Says that the entry points which divide loops keep none of the addresses that they are given.
 *
 * clang declares them itself where a program needs them, without saying so; then the bounds of a loop, whose addresses
 * they are given, are read again after each call in the loop. But where there is a declaration already, clang takes
 * that. So `omp2wasi cc` has this header read before each source. A declaration counts once something refers to it: that
 * is what the function is for, which the linker drops. The names are ours, as a program may declare the entry points,
 * too.
 *
 * Parameters: LLVM's openmp/runtime/src/kmp_sched.cpp. */
#ifndef OMP2WASI_KMPC_H
#define OMP2WASI_KMPC_H
#pragma clang system_header

#define OMP2WASI_OUT(type) type *__attribute__((noescape))
#define OMP2WASI_DIVIDE(suffix, type, signed_type)                                                                     \
  void __omp2wasi_for_static_init_##suffix(void *loc, int gtid, int schedule, OMP2WASI_OUT(int) last,                  \
                                           OMP2WASI_OUT(type) lower, OMP2WASI_OUT(type) upper,                         \
                                           OMP2WASI_OUT(signed_type) stride, signed_type increment,                    \
                                           signed_type chunk) __asm__("__kmpc_for_static_init_" #suffix);              \
  void __omp2wasi_dist_for_static_init_##suffix(void *loc, int gtid, int schedule, OMP2WASI_OUT(int) last,             \
                                                OMP2WASI_OUT(type) lower, OMP2WASI_OUT(type) upper,                    \
                                                OMP2WASI_OUT(type) team_upper, OMP2WASI_OUT(signed_type) stride,       \
                                                signed_type increment, signed_type chunk)                              \
      __asm__("__kmpc_dist_for_static_init_" #suffix);
#define OMP2WASI_REFER(suffix)                                                                                         \
  __omp2wasi_for_static_init_##suffix(0, 0, 0, 0, 0, 0, 0, 0, 0);                                                      \
  __omp2wasi_dist_for_static_init_##suffix(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

#ifdef __cplusplus
extern "C" {
#endif

OMP2WASI_DIVIDE(4, int, int)
OMP2WASI_DIVIDE(4u, unsigned, int)
OMP2WASI_DIVIDE(8, long long, long long)
OMP2WASI_DIVIDE(8u, unsigned long long, long long)

__attribute__((weak, visibility("hidden"), nodebug, no_instrument_function)) void __omp2wasi_entry_points(void) {
  OMP2WASI_REFER(4)
  OMP2WASI_REFER(4u)
  OMP2WASI_REFER(8)
  OMP2WASI_REFER(8u)
}

#ifdef __cplusplus
}
#endif

#undef OMP2WASI_OUT
#undef OMP2WASI_DIVIDE
#undef OMP2WASI_REFER
#endif
