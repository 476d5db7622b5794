/* Starts a thread of the program's own. */
#include "thread.h"

/* The rewriter finds the microtask in the call of this function, as in that of __kmpc_fork_call, and makes its kernel:
 * so it is the third parameter, and callers in other files give a constant. */
bool omp2wasi_start_thread(const struct ident *loc, int32_t argc, uint32_t microtask, struct team *team,
                           struct wait_word *ended) {
  team->loc = loc;
  team->argc = argc;
  team->microtask = microtask;
  return omp2wasi_host_start_thread((uint32_t)omp2wasi_host_kernel_of(microtask), (uint32_t)(uintptr_t)team,
                                    OMP2WASI_TEAM_HEAD_SIZE, (uint32_t)(uintptr_t)ended) == ERRNO_SUCCESS;
}
