/* Runs loops by the entry points that clang calls for them, and prints which thread got which chunk.
 *
 * Standard input has a loop per line:
 *
 *   entry schedule chunk lower upper step width team run_kind run_chunk
 *
 * `entry` is 0 for __kmpc_for_static_init_*, 1 for __kmpc_dispatch_*, 2 for the same with an ordered region in some of the
 * iterations. `width` is one of 4, 4u, 8, 8u, as in the names of the entry points. `run_kind` and `run_chunk` go to
 * omp_set_schedule, unless `run_kind` is 0. Loops that follow one another with the same `team` share a parallel region, without
 * barriers between them.
 *
 * For each loop the output has a line `loop TEAM VIOLATIONS` (the size that the team really had; ordered regions that ran before their
 * turn), and for each chunk `MEMBER LOWER UPPER`, in the order of the member's taking them, and `last MEMBER` for members whose
 * last-iteration flag is set at the end. */
#include <inttypes.h>
#include <omp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_TEAM = 16, MAX_CHUNKS = 100000, MODIFIERS = 1 << 29 | 1 << 30 };

/* As in LLVM's kmp.h. */
typedef struct {
  int32_t reserved_1, flags, reserved_2, reserved_3;
  const char *psource;
} ident_t;

static ident_t loc = {.flags = 0x2 | 0x200, .psource = ";unknown;unknown;0;0;;"};

extern int32_t __kmpc_global_thread_num(ident_t *);
extern void __kmpc_for_static_fini(ident_t *, int32_t);
extern void __kmpc_ordered(ident_t *, int32_t);
extern void __kmpc_end_ordered(ident_t *, int32_t);

#define DECLARE(suffix, type, signed_type)                                                                             \
  extern void __kmpc_for_static_init_##suffix(ident_t *, int32_t, int32_t, int32_t *, type *, type *, signed_type *,    \
                                              signed_type, signed_type);                                               \
  extern void __kmpc_dispatch_init_##suffix(ident_t *, int32_t, int32_t, type, type, signed_type, signed_type);         \
  extern int32_t __kmpc_dispatch_next_##suffix(ident_t *, int32_t, int32_t *, type *, type *, signed_type *);           \
  extern void __kmpc_dispatch_fini_##suffix(ident_t *, int32_t);

DECLARE(4, int32_t, int32_t)
DECLARE(4u, uint32_t, int32_t)
DECLARE(8, int64_t, int64_t)
DECLARE(8u, uint64_t, int64_t)

/* Bounds are kept as 64 bits, whatever the loop's type. */
struct chunk {
  uint64_t lower, upper;
};

struct share {
  struct chunk *chunks;
  int count;
  int32_t last;
};

struct loop {
  int entry, team, run_kind, run_chunk;
  int32_t schedule;
  int64_t chunk, step;
  uint64_t lower, upper;
  char width[3];

  struct share shares[MAX_TEAM];
  int members;
  int violations;
  uint64_t ordered; /* ordinal number of the next iteration whose ordered region may run */
};

static void fail(const char *what) {
  fprintf(stderr, "schedules: %s\n", what);
  exit(1);
}

static void take(struct share *share, uint64_t lower, uint64_t upper) {
  if (share->count == MAX_CHUNKS)
    fail("a member does not get to the end of its chunks");
  if ((share->count & (share->count - 1)) == 0) {
    share->chunks = realloc(share->chunks, (share->count ? 2 * share->count : 1) * sizeof *share->chunks);
    if (share->chunks == NULL)
      fail("no memory");
  }
  share->chunks[share->count++] = (struct chunk){lower, upper};
}

/* Two of three iterations have an ordered region. Iterations are numbered from 0. */
static void iterate(struct loop *loop, int32_t gtid, uint64_t number) {
  if (number % 3 == 1)
    return;
  __kmpc_ordered(&loc, gtid);
  if (number < loop->ordered)
    loop->violations++;
  loop->ordered = number + 1;
  __kmpc_end_ordered(&loc, gtid);
}

/* What clang makes of a loop, for each type of the loop variable.
 *
 * Static schedules: the first chunk comes from the runtime; without a chunk size it is the only one, with one the next is a stride
 * further, and each is cut off at the end of the loop. A sum that does not fit the type is behind the end as well. */
#define RUN(suffix, type, signed_type)                                                                                 \
  static void run_##suffix(struct loop *loop, int32_t gtid, struct share *share) {                                     \
    type lower = (type)loop->lower, upper = (type)loop->upper;                                                         \
    const type end = upper;                                                                                            \
    const signed_type step = (signed_type)loop->step, chunk = (signed_type)loop->chunk;                                \
    signed_type stride = 1;                                                                                            \
    if (loop->entry == 0) {                                                                                            \
      bool is_chunked = (loop->schedule & ~MODIFIERS) == 33;                                                           \
      __kmpc_for_static_init_##suffix(&loc, gtid, loop->schedule, &share->last, &lower, &upper, &stride, step, chunk);  \
      for (;;) {                                                                                                       \
        if (step > 0 ? upper > end : upper < end)                                                                      \
          upper = end;                                                                                                 \
        if (step > 0 ? lower > upper : lower < upper)                                                                  \
          break;                                                                                                       \
        take(share, (uint64_t)lower, (uint64_t)upper);                                                                 \
        if (!is_chunked || __builtin_add_overflow(lower, stride, &lower))                                              \
          break;                                                                                                       \
        if (__builtin_add_overflow(upper, stride, &upper))                                                             \
          upper = end;                                                                                                 \
      }                                                                                                                \
      __kmpc_for_static_fini(&loc, gtid);                                                                              \
      return;                                                                                                          \
    }                                                                                                                  \
    __kmpc_dispatch_init_##suffix(&loc, gtid, loop->schedule, lower, upper, step, chunk);                              \
    while (__kmpc_dispatch_next_##suffix(&loc, gtid, &share->last, &lower, &upper, &stride)) {                         \
      if (stride != step)                                                                                              \
        fail("dispatch_next gives another step");                                                                      \
      take(share, (uint64_t)lower, (uint64_t)upper);                                                                   \
      if (loop->entry != 2)                                                                                            \
        continue;                                                                                                      \
      for (type i = lower;; i = (type)(i + (type)step)) {                                                              \
        uint64_t distance = step > 0 ? (uint64_t)i - (uint64_t)(type)loop->lower : (uint64_t)(type)loop->lower - (uint64_t)i; \
        iterate(loop, gtid, distance / (step > 0 ? (uint64_t)step : 0 - (uint64_t)step));                              \
        __kmpc_dispatch_fini_##suffix(&loc, gtid);                                                                     \
        if (i == upper)                                                                                                \
          break;                                                                                                       \
      }                                                                                                                \
    }                                                                                                                  \
  }

RUN(4, int32_t, int32_t)
RUN(4u, uint32_t, int32_t)
RUN(8, int64_t, int64_t)
RUN(8u, uint64_t, int64_t)

static void run(struct loop *loop) {
  int32_t gtid = __kmpc_global_thread_num(&loc);
  struct share *share = &loop->shares[omp_get_thread_num()];
  if (omp_get_thread_num() == 0)
    loop->members = omp_get_num_threads();
  if (loop->run_kind != 0)
    omp_set_schedule((omp_sched_t)loop->run_kind, loop->run_chunk);
  if (strcmp(loop->width, "4") == 0)
    run_4(loop, gtid, share);
  else if (strcmp(loop->width, "4u") == 0)
    run_4u(loop, gtid, share);
  else if (strcmp(loop->width, "8") == 0)
    run_8(loop, gtid, share);
  else if (strcmp(loop->width, "8u") == 0)
    run_8u(loop, gtid, share);
  else
    fail("no such width");
}

static void print(const struct loop *loop) {
  printf("loop %d %d\n", loop->members, loop->violations);
  for (int member = 0; member < MAX_TEAM; member++) {
    const struct share *share = &loop->shares[member];
    for (int i = 0; i < share->count; i++) {
      if (loop->width[1] == 'u')
        printf("%d %" PRIu64 " %" PRIu64 "\n", member, share->chunks[i].lower, share->chunks[i].upper);
      else
        printf("%d %" PRId64 " %" PRId64 "\n", member, (int64_t)share->chunks[i].lower, (int64_t)share->chunks[i].upper);
    }
    if (share->last)
      printf("last %d\n", member);
    free(share->chunks);
  }
}

int main(void) {
  struct loop *loops = NULL;
  int count = 0;
  char line[200];
  while (fgets(line, sizeof line, stdin) != NULL) {
    loops = realloc(loops, (count + 1) * sizeof *loops);
    if (loops == NULL)
      fail("no memory");
    struct loop *loop = &loops[count++];
    memset(loop, 0, sizeof *loop);
    char lower[24], upper[24];
    if (sscanf(line, "%d %" SCNd32 " %" SCNd64 " %23s %23s %" SCNd64 " %2s %d %d %d", &loop->entry, &loop->schedule, &loop->chunk,
               lower, upper, &loop->step, loop->width, &loop->team, &loop->run_kind, &loop->run_chunk) != 10)
      fail("malformed input");
    bool is_unsigned = loop->width[1] == 'u';
    loop->lower = is_unsigned ? strtoull(lower, NULL, 10) : (uint64_t)strtoll(lower, NULL, 10);
    loop->upper = is_unsigned ? strtoull(upper, NULL, 10) : (uint64_t)strtoll(upper, NULL, 10);
    if (loop->team < 1 || loop->team > MAX_TEAM || loop->step == 0)
      fail("a case that cannot be run");
  }
  for (int first = 0, next; first < count; first = next) {
    for (next = first + 1; next < count && loops[next].team == loops[first].team;)
      next++;
#pragma omp parallel num_threads(loops[first].team)
    for (int i = first; i < next; i++)
      run(&loops[i]);
    for (int i = first; i < next; i++)
      print(&loops[i]);
  }
  return 0;
}
