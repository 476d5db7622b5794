/* num_threads(strict: n) with severity and message: __kmpc_push_num_threads_strict, which clang emits from version 22
 * on (OpenMP 6.0, section 12.1.2).
 *
 * Invariant: the number is in the thread's record, negative; here is what to say if it cannot be had. Only the fork
 * that follows looks at either. */
#include "num_threads.h"
#include "thread.h"

static _Thread_local struct {
  int32_t severity;
  const char *message; /* NULL without the clause */
} strict;

void __kmpc_push_num_threads_strict(struct ident *loc, int32_t gtid, int32_t num_threads, int32_t severity,
                                    const char *message) {
  (void)loc, (void)gtid;
  self->pushed_num_threads = num_threads > 0 ? -num_threads : 0;
  strict.severity = severity;
  strict.message = message;
}

void omp2wasi_check_strict(const struct team *team, int32_t clause) {
  if (team->num_threads < (uint32_t)-clause)
    omp2wasi_report(team->loc, strict.severity,
                    strict.message != NULL ? strict.message
                                           : "a region gets fewer threads than its num_threads(strict) asks for");
}
