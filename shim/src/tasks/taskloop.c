/* The taskloop construct (OpenMP 5.2, section 12.6).
 *
 * clang makes one task for the whole loop, and asks for it to be divided. Each of the tasks that are generated is a
 * copy of it with bounds of its own. */
#include "explicit.h"

/* What `__kmpc_taskloop` is told about the sizes of tasks (LLVM's kmp.h, the parameter `sched`). */
enum { SIZE_DEFAULT = 0, SIZE_GRAINSIZE = 1, SIZE_NUM_TASKS = 2 };

/* Initialises the private variables of a copy; `is_last` goes to the task with the loop's last iteration. */
typedef void duplicate_function(struct kmp_task *copy, struct kmp_task *original, int32_t is_last);

/* How a loop is divided: `count` tasks of `size` iterations, the first `larger` of them one more. With `strict` the
 * last has what is left. */
struct division {
  uint64_t count, size, larger;
};

static struct division divide(uint64_t trip_count, int32_t kind, uint64_t size, bool is_strict, uint32_t num_threads) {
  enum { TASKS_PER_THREAD = 10 };
  uint64_t count = (uint64_t)num_threads * TASKS_PER_THREAD;
  if (kind != SIZE_DEFAULT && size == 0)
    size = 1;
  if (kind == SIZE_GRAINSIZE && is_strict)
    return (struct division){(trip_count - 1) / size + 1, size, 0};
  if (kind == SIZE_GRAINSIZE)
    count = trip_count / size;
  else if (kind == SIZE_NUM_TASKS)
    count = size;
  if (count > trip_count)
    count = trip_count;
  if (count == 0)
    count = 1;
  if (kind == SIZE_NUM_TASKS && is_strict) {
    size = (trip_count - 1) / count + 1;
    return (struct division){(trip_count - 1) / size + 1, size, 0};
  }
  return (struct division){count, trip_count / count, trip_count % count};
}

static struct explicit_task *copy_of(struct thread *thread, struct explicit_task *task) {
  struct explicit_task *copy = omp2wasi_allocate_task(thread, task->task.loc, task->size);
  copy->task.is_final = task->task.is_final;
  copy->flags = task->flags;
  struct kmp_task *from = omp2wasi_clangs_part_of(task), *to = omp2wasi_clangs_part_of(copy);
  /* A whole number of words, and few of them as a rule: the instruction for copying memory costs more. */
  for (uint32_t at = 0; at < task->size; at += sizeof(uint32_t))
    *(uint32_t *)((char *)to + at) = *(const uint32_t *)((const char *)from + at);
  if (from->shareds != NULL)
    to->shareds = (char *)to + ((char *)from->shareds - (char *)from);
  return copy;
}

static void taskloop(struct ident *loc, struct kmp_task *clangs_part, bool is_deferred, uint64_t *lower,
                     uint64_t *upper, int64_t step, bool has_group, int32_t kind, uint64_t size, bool is_strict,
                     duplicate_function *duplicate) {
  struct thread *thread = omp2wasi_meet(loc);
  struct explicit_task *task = omp2wasi_record_of(clangs_part);
  uint64_t first = *lower, last = *upper, magnitude = step < 0 ? 0 - (uint64_t)step : (uint64_t)step;
  uint64_t trip_count = (step < 0 ? first - last : last - first) / magnitude + 1;
  /* The bounds are unsigned, and the last is one before the first if there are no iterations. */
  if (last + (uint64_t)step == first && trip_count != 1)
    trip_count = 0;
  if (has_group)
    omp2wasi_begin_taskgroup(thread);
  struct division division = {0};
  if (trip_count != 0)
    division = divide(trip_count, kind, size, is_strict, thread->team->num_threads);
  uint32_t lower_at = (uint32_t)((char *)lower - (char *)clangs_part);
  uint32_t upper_at = (uint32_t)((char *)upper - (char *)clangs_part);
  for (uint64_t i = 0, begin = 0; i < division.count; i++) {
    uint64_t count = division.size + (i < division.larger);
    bool is_last = i == division.count - 1;
    struct explicit_task *copy = copy_of(thread, task);
    struct kmp_task *part = omp2wasi_clangs_part_of(copy);
    *(uint64_t *)((char *)part + lower_at) = first + begin * (uint64_t)step;
    *(uint64_t *)((char *)part + upper_at) = is_last ? last : first + (begin + count - 1) * (uint64_t)step;
    if (duplicate != NULL)
      duplicate(part, clangs_part, is_last);
    omp2wasi_generate_task(thread, copy);
    if (is_deferred)
      omp2wasi_start_task(thread, copy);
    else
      omp2wasi_execute_task(thread, copy);
    begin += count;
  }
  /* The private variables of the original have been initialised as those of the copies. */
  if (task->flags & TASK_DESTRUCTORS)
    clangs_part->destructors(thread->gtid, clangs_part);
  omp2wasi_free_block(task);
  if (has_group)
    omp2wasi_end_taskgroup(thread);
}

void __kmpc_taskloop(struct ident *loc, int32_t gtid, struct kmp_task *task, int32_t is_deferred, uint64_t *lower,
                     uint64_t *upper, int64_t step, int32_t nogroup, int32_t kind, uint64_t size,
                     duplicate_function *duplicate) {
  (void)gtid;
  taskloop(loc, task, is_deferred != 0, lower, upper, step, nogroup == 0, kind, size, false, duplicate);
}

void __kmpc_taskloop_5(struct ident *loc, int32_t gtid, struct kmp_task *task, int32_t is_deferred, uint64_t *lower,
                       uint64_t *upper, int64_t step, int32_t nogroup, int32_t kind, uint64_t size, int32_t is_strict,
                       duplicate_function *duplicate) {
  (void)gtid;
  taskloop(loc, task, is_deferred != 0, lower, upper, step, nogroup == 0, kind, size, is_strict != 0, duplicate);
}
