/* Implements critical (OpenMP 5.2, section 15.2). The lock is the 32-byte variable that clang makes for each name: a
 * mutex in its first 12 bytes. To enter a region costs little more than an atomic instruction; so the construct
 * is not noted in the task (omp2wasi_meet). */
#include "mutex.h"
#include "thread.h"

void __kmpc_critical(struct ident *loc, int32_t gtid, struct mutex *lock) {
  (void)loc, (void)gtid;
  omp2wasi_lock(lock);
}

void __kmpc_critical_with_hint(struct ident *loc, int32_t gtid, struct mutex *lock, uint32_t hint) {
  (void)hint;
  __kmpc_critical(loc, gtid, lock);
}

void __kmpc_end_critical(struct ident *loc, int32_t gtid, struct mutex *lock) {
  (void)loc, (void)gtid;
  omp2wasi_unlock(lock);
}
