/* Extensions of LLVM's runtime that programs call: kmp_malloc and so on, and settings.
 *
 * Invariant: a setting reads as what it was set to, as there; those that say how that runtime itself works change
 * nothing here, and each says so. */
#include "environment_read.h"
#include "thread.h"
#include <omp.h>
#include <stdlib.h>
#include <string.h>

/* Memory of a thread's own pool there; here it is the C library's. */

void *kmp_malloc(size_t size) { return malloc(size); }
void *kmp_calloc(size_t count, size_t size) { return calloc(count, size); }
void *kmp_realloc(void *pointer, size_t size) { return realloc(pointer, size); }
void kmp_free(void *pointer) { free(pointer); }

/* posix_memalign, since aligned_alloc may ask for a size that is a multiple of the alignment. It takes no alignment
 * below that of a pointer. */
void *kmp_aligned_malloc(size_t size, size_t alignment) {
  void *pointer;
  if (alignment < sizeof(void *))
    alignment = sizeof(void *);
  return posix_memalign(&pointer, alignment, size) == 0 ? pointer : NULL;
}

/* The stack size of threads that are made from now on. As there, it is fixed once the program has begun its first
 * parallel or teams region: threads find the ends of their stacks by it. */

size_t kmp_get_stacksize_s(void) { return omp2wasi_environment.stack_size; }
int kmp_get_stacksize(void) { return (int)kmp_get_stacksize_s(); }

void kmp_set_stacksize_s(size_t size) {
  const struct thread *thread = self;
  bool has_forked = thread->team->outer.team != NULL || thread->idle_teams != NULL || thread->stack_limit != RED_ZONE;
  if (!has_forked && size <= MAX_STACK)
    omp2wasi_environment.stack_size = size < MIN_STACK ? MIN_STACK : (size + 15) & ~(size_t)15;
}

void kmp_set_stacksize(int size) { kmp_set_stacksize_s(size < 0 ? 0 : (size_t)size); }

/* How long a thread waits awake, in milliseconds: no effect, the host decides by what else there is to run. Unless it
 * has been set, it says what OMP_WAIT_POLICY means there. Relaxed, as below: one number, that orders nothing. */

enum { NEVER_SET = -1 };

static int32_t blocktime = NEVER_SET;

int kmp_get_blocktime(void) {
  static const int32_t of_policy[] = {[WAIT_DEFAULT] = 200, [WAIT_ACTIVE] = INT32_MAX, [WAIT_PASSIVE] = 0};
  int32_t set = __atomic_load_n(&blocktime, __ATOMIC_RELAXED);
  return set == NEVER_SET ? of_policy[omp2wasi_environment.wait_policy] : set;
}
void kmp_set_blocktime(int milliseconds) {
  __atomic_store_n(&blocktime, milliseconds < 0 ? 0 : milliseconds, __ATOMIC_RELAXED);
}

/* Serial: regions get one thread, whatever their clauses say. Turnaround and throughput are two ways to wait, and the
 * same here. For the initial thread, between regions. */

enum library { SERIAL = 1, TURNAROUND = 2, THROUGHPUT = 3 };

static int library = THROUGHPUT;

int kmp_get_library(void) { return library; }

void kmp_set_library(int kind) {
  static int32_t max_concurrency, num_threads;
  int32_t *limit = &omp2wasi_environment.max_concurrency;
  if (kind < SERIAL || kind > THROUGHPUT)
    omp2wasi_fatal("kmp_set_library", "1 is serial, 2 turnaround and 3 throughput; there are no others");
  if (kind == SERIAL && library != SERIAL) {
    max_concurrency = *limit;
    num_threads = omp_get_max_threads();
    *limit = 1;
    omp_set_num_threads(1);
  } else if (kind != SERIAL && library == SERIAL) {
    *limit = max_concurrency;
    omp_set_num_threads(num_threads);
  }
  library = kind;
}

void kmp_set_library_serial(void) { kmp_set_library(SERIAL); }
void kmp_set_library_turnaround(void) { kmp_set_library(TURNAROUND); }
void kmp_set_library_throughput(void) { kmp_set_library(THROUGHPUT); }

/* How many loops a team may be in at a time, before the first parallel region: here a constant that is large enough. */
void kmp_set_disp_num_buffers(int count) { (void)count; }

/* Warnings are written while the environment is read, before a program can say so; and one where memory has no room for
 * more threads, which nobody should miss. */
void kmp_set_warnings_on(void) {}
void kmp_set_warnings_off(void) {}

static bool set_library(const char *s) {
  static const char *const names[] = {"serial", "turnaround", "throughput"};
  for (int i = 0; i < 3; i++)
    if (accept(&s, names[i]) && *s == 0) {
      kmp_set_library(SERIAL + i);
      return true;
    }
  return false;
}

static bool set_number(const char *s, int32_t minimum, void (*set)(int)) {
  int32_t value;
  if (!number(&s, &value) || *s != 0 || value < minimum)
    return false;
  set(value);
  return true;
}

static bool set_flag(const char *s, void (*set)(int)) {
  int32_t value;
  if (!boolean(&s, &value) || *s != 0)
    return false;
  set(value);
  return true;
}

static bool set_stack_size(const char *s) {
  uint32_t size;
  if (!stack_size(s, &size))
    return false;
  kmp_set_stacksize_s(size);
  return true;
}

/* One setting, NAME=VALUE. False if it is not understood, or can be set by its environment variable alone. Settings of
 * LLVM's runtime that are not named here say how that works. */
static bool set_default(const char *s) {
  if (accept(&s, "OMP_NUM_THREADS="))
    return set_number(s, 1, omp_set_num_threads);
  if (accept(&s, "OMP_MAX_ACTIVE_LEVELS="))
    return set_number(s, 0, omp_set_max_active_levels);
  if (accept(&s, "OMP_DYNAMIC="))
    return set_flag(s, omp_set_dynamic);
  if (accept(&s, "OMP_STACKSIZE=") || accept(&s, "KMP_STACKSIZE="))
    return set_stack_size(s);
  if (accept(&s, "KMP_BLOCKTIME="))
    return set_number(s, 0, kmp_set_blocktime);
  if (accept(&s, "KMP_LIBRARY="))
    return set_library(s);
  return accept(&s, "KMP_") || *s == 0;
}

/* Settings are separated by `|`. */
void kmp_set_defaults(const char *settings) {
  while (*settings != 0) {
    char setting[64];
    size_t length = strcspn(settings, "|"), kept = length < sizeof setting ? length : sizeof setting - 1;
    memcpy(setting, settings, kept);
    setting[kept] = 0;
    if (!set_default(setting)) {
      omp2wasi_write_error("omp2wasi: warning: kmp_set_defaults: ");
      omp2wasi_write_error(setting);
      omp2wasi_write_error(": not a setting that it can change, ignored; set the environment variable\n");
    }
    settings += settings[length] == 0 ? length : length + 1;
  }
}
