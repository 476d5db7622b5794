/* Makes and frees threads: their stacks, thread-local storage, and records.
 *
 * Invariant: one block of memory holds all that belongs to a thread which is not the initial one: its stack, a record
 * of what it is made for, and its thread-local storage, in which its struct thread is. */
#include "mutex.h"
#include "thread.h"
#include <stdlib.h>
#include <string.h>

/* Global thread number of the next thread that is made. */
static uint32_t next_gtid = 1;

extern void __wasm_init_tls(void *block);

/* Makes a block of thread-local storage at `block`: fresh threadprivate variables. Not inlined, and touches no
 * thread-local variable: the compiler takes their addresses for constants of a function. */
static __attribute__((noinline)) void init_tls(void *block) {
  void *mine = __builtin_wasm_tls_base();
  __wasm_init_tls(block); /* also makes it the current one */
  __asm__ volatile("local.get %0\n\tglobal.set __tls_base" : : "r"(mine) : "memory");
}

uint32_t omp2wasi_stack_end(void) {
  extern char __stack_high __attribute__((visibility("hidden")));
  /* What lies between a stack and the thread-local storage is the runtime's own. */
  return self->stack_limit == RED_ZONE ? (uint32_t)(uintptr_t)&__stack_high : self->tls_base;
}

static size_t round_up(size_t size, size_t align) { return (size + align - 1) / align * align; }

struct thread *omp2wasi_make_thread(size_t stack_size, size_t record_size, void **record) {
  /* A struct thread is thread-local, so the alignment of thread-local storage is a cache line at least. */
  size_t align = __builtin_wasm_tls_align(), stack = round_up(stack_size, align);
  size_t tls = round_up(stack + record_size, align), total = round_up(tls + __builtin_wasm_tls_size(), align);
  char *block = omp2wasi_allocate_stack(align, total);
  if (block == NULL)
    return NULL;
  *record = memset(block + stack, 0, record_size);
  init_tls(block + tls);
  struct thread *thread = omp2wasi_of_thread((uint32_t)(uintptr_t)(block + tls), self);
  *thread = (struct thread){
      .stack_pointer = (uint32_t)(uintptr_t)(block + stack),
      .stack_limit = (uint32_t)(uintptr_t)block + RED_ZONE,
      .tls_base = (uint32_t)(uintptr_t)(block + tls),
      /* Relaxed: the counter hands out numbers. At the outermost level global and team thread numbers agree, as long
       * as teams only grow. */
      .gtid = (int32_t)__atomic_fetch_add(&next_gtid, 1, __ATOMIC_RELAXED),
      .pushed_proc_bind = -1,
      .host_proc_bind = -1,
  };
  return thread;
}

/* What an implicit task keeps from region to region. */
static void free_kept(const struct implicit_task *implicit) {
  free(implicit->deque);
  free(implicit->doacross);
}

/* In tasks/, which are in the program if it has tasks. */
__attribute__((weak)) void omp2wasi_spare_pool(const struct thread *thread);

void omp2wasi_free_thread(struct thread *thread) {
  if (omp2wasi_spare_pool != NULL)
    omp2wasi_spare_pool(thread);
  free_kept(thread->implicit);
  free((void *)(uintptr_t)(thread->stack_limit - RED_ZONE));
}

/* Teams whose primary threads have ended. Their records are not freed but used again: the host has no way to give a
 * team's buffer back, and a thread of another team that has completed a task may look at `for_completion` last of
 * all. */
static struct team *spare_teams;
static struct mutex spare_lock;

struct team *omp2wasi_take_team(void) {
  /* Relaxed: a look that saves most programs the lock. */
  if (__atomic_load_n(&spare_teams, __ATOMIC_RELAXED) == NULL)
    return NULL;
  omp2wasi_lock(&spare_lock);
  struct team *team = spare_teams;
  if (team != NULL)
    __atomic_store_n(&spare_teams, team->next_idle, __ATOMIC_RELAXED);
  omp2wasi_unlock(&spare_lock);
  return team;
}

void omp2wasi_free_team(struct team *team) {
  for (uint32_t i = 0; team->doacross != NULL && i < DOACROSS_SHARES; i++)
    free(team->doacross[i].map);
  free(team->doacross);
  omp2wasi_lock(&spare_lock);
  team->next_idle = spare_teams;
  __atomic_store_n(&spare_teams, team, __ATOMIC_RELAXED);
  omp2wasi_unlock(&spare_lock);
}

void omp2wasi_free_teams(struct thread *thread) {
  while (thread->idle_teams != NULL) {
    struct team *team = thread->idle_teams;
    thread->idle_teams = team->next_idle;
    for (uint32_t i = 1; i < team->capacity; i++) {
      omp2wasi_free_teams(team->threads[i]);
      omp2wasi_free_thread(team->threads[i]);
    }
    free_kept(&team->primary);
    free(team->threads);
    free(team->implicit_tasks);
    omp2wasi_free_team(team);
  }
}
