/* The depend clause: on task, taskwait, and target constructs (OpenMP 5.2, section 15.9.5).
 *
 * Only tasks of the same parent depend on each other. The parent has a table of the storage locations that its children
 * have named; each location has the tasks that a new one would depend on. Only the thread that executes the parent
 * reads and writes the table, so it needs no lock.
 *
 * A task has a list of those that wait for it, its successors, and a count of those that it waits for. The list is a
 * word that is exchanged as a whole with the record's use count: so to a task that has completed, or a record that has
 * been used again, nothing can be added.
 *
 * Orderings. Adding to the list is a release: the task that completes sees the element (acquire-release, as it takes
 * the list). Each decrement of the count is acquire-release: whoever brings it to 0 has seen what all predecessors did,
 * and what the thread that generated the task did before. A use count that has changed is an acquire of all that the
 * completed task did. */
#include "explicit.h"
#include <stdlib.h>

/* clang's description of a dependence (LLVM's kmp.h, kmp_depend_info). */
struct depend_info {
  uintptr_t address;
  size_t size;
  uint8_t flags;
};

/* Tasks that are executed one at a time: those that name one location as mutexinoutset. */
struct exclusion {
  uint32_t is_held; /* atomic. Taking is an acquire, releasing a release */
  struct exclusion *next; /* of the same parent */
};

struct needed_exclusion {
  struct exclusion *exclusion;
  struct needed_exclusion *next;
};

struct successor_block {
  struct successor_block *next;
  uint32_t used;
  struct successor successors[12];
};

/* Tasks that do not depend on each other for this location. */
struct member {
  struct member *next;
  struct predecessor of;
};

struct location {
  uintptr_t address;             /* 0: none, in the table */
  uint32_t kind;                 /* DEPENDENCE_*: of the tasks in `set`; 0 when that is empty */
  struct predecessor last_out;   /* the last task that named it as out or inout */
  struct member *set;            /* the tasks after that, all of one kind */
  struct member *set_before;     /* those before, of another kind, on which the tasks in `set` depend */
  struct exclusion *exclusion;
  uint32_t members;              /* of `set`, or more */
  uint32_t sweep_at;             /* how many of them there are when it is time to leave out those that are complete */
};

struct dependences {
  uint32_t capacity, count;      /* of `locations`; the capacity is a power of two */
  struct location *locations;
  struct predecessor last_all;   /* the last task that depended on omp_all_memory */
  struct exclusion *exclusions;
};

enum { SMALLEST_TABLE = 16 };

static void out_of_memory(void) {
  omp2wasi_fatal("no memory for the dependences of tasks", "the program's linear memory is full");
}

static uint32_t use_of(const struct explicit_task *task) {
  return (uint32_t)(__atomic_load_n(&task->successors, __ATOMIC_ACQUIRE) >> 32);
}

static bool is_complete(struct predecessor predecessor) {
  return predecessor.task == NULL || use_of(predecessor.task) != predecessor.use;
}

static struct predecessor this(const struct explicit_task *task) {
  return (struct predecessor){(struct explicit_task *)task, use_of(task)};
}

/* An element for a list of successors. They are freed with the task that waits: when it begins, all lists that it was
 * in have been walked. */
static struct successor *new_successor(struct explicit_task *task) {
  if (task->few_used < FEW_SUCCESSORS)
    return &task->few_successors[task->few_used++];
  struct successor_block *block = task->more_successors;
  if (block == NULL || block->used == sizeof block->successors / sizeof *block->successors) {
    block = omp2wasi_allocate_block(OTHER_BLOCK, sizeof *block);
    block->next = task->more_successors;
    block->used = 0;
    task->more_successors = block;
  }
  return &block->successors[block->used++];
}

/* A task is to wait for another one, if that is not complete. */
static void wait_for(struct explicit_task *task, struct predecessor predecessor) {
  if (predecessor.task == task || is_complete(predecessor))
    return;
  struct successor *element = new_successor(task);
  element->task = task;
  /* Before the element can be found. */
  __atomic_fetch_add(&task->predecessors, 1, __ATOMIC_RELAXED);
  uint64_t *successors = &predecessor.task->successors, seen = __atomic_load_n(successors, __ATOMIC_ACQUIRE);
  do {
    if ((uint32_t)(seen >> 32) != predecessor.use) {
      __atomic_fetch_sub(&task->predecessors, 1, __ATOMIC_RELAXED);
      return;
    }
    element->next = (struct successor *)(uintptr_t)(uint32_t)seen;
  } while (!__atomic_compare_exchange_n(successors, &seen, (seen & ~(uint64_t)UINT32_MAX) | (uintptr_t)element, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
}

static void wait_for_set(struct explicit_task *task, const struct member *set) {
  for (; set != NULL; set = set->next)
    wait_for(task, set->of);
}

static void free_set(struct member **set) {
  for (struct member *member = *set, *next; member != NULL; member = next) {
    next = member->next;
    omp2wasi_free_block(member);
  }
  *set = NULL;
}

static bool is_set_complete(const struct member *set) {
  while (set != NULL && is_complete(set->of))
    set = set->next;
  return set == NULL;
}

/* Nothing that comes later has to wait for what is noted of the location. */
static bool is_idle(const struct location *location) {
  return location->exclusion == NULL && is_complete(location->last_out) && is_set_complete(location->set) &&
         is_set_complete(location->set_before);
}

static struct location *slot_of(const struct dependences *table, uintptr_t address) {
  /* The high bits of the product, as many as the table needs. */
  uint32_t at = (uint32_t)((uint64_t)((uint32_t)address * 0x9e3779b9u) * table->capacity >> 32);
  for (;; at++) {
    struct location *location = &table->locations[at & (table->capacity - 1)];
    if (location->address == address || location->address == 0)
      return location;
  }
}

/* Makes room: leaves idle locations out, and doubles the table if that is not enough. */
static void rebuild(struct dependences *table) {
  struct location *old = table->locations;
  uint32_t old_capacity = table->capacity, kept = 0;
  for (uint32_t i = 0; i < old_capacity; i++)
    kept += old[i].address != 0 && !is_idle(&old[i]);
  while (table->capacity < SMALLEST_TABLE || kept >= table->capacity / 2)
    table->capacity = table->capacity == 0 ? SMALLEST_TABLE : table->capacity * 2;
  table->locations = calloc(table->capacity, sizeof *table->locations);
  if (table->locations == NULL)
    out_of_memory();
  table->count = 0;
  for (uint32_t i = 0; i < old_capacity; i++) {
    if (old[i].address == 0)
      continue;
    if (is_idle(&old[i])) {
      free_set(&old[i].set);
      free_set(&old[i].set_before);
    } else {
      *slot_of(table, old[i].address) = old[i];
      table->count++;
    }
  }
  free(old);
}

static struct location *location_of(struct dependences *table, uintptr_t address) {
  if (table->count >= table->capacity / 4 * 3)
    rebuild(table);
  struct location *location = slot_of(table, address);
  if (location->address == 0) {
    *location = (struct location){.address = address, .last_out = table->last_all};
    table->count++;
  }
  return location;
}

static void need_exclusion(struct dependences *table, struct location *location, struct explicit_task *task) {
  if (location->exclusion == NULL) {
    location->exclusion = omp2wasi_allocate_block(OTHER_BLOCK, sizeof *location->exclusion);
    *location->exclusion = (struct exclusion){.next = table->exclusions};
    table->exclusions = location->exclusion;
  }
  for (struct needed_exclusion *needed = task->exclusions; needed != NULL; needed = needed->next)
    if (needed->exclusion == location->exclusion)
      return;
  struct needed_exclusion *needed = omp2wasi_allocate_block(OTHER_BLOCK, sizeof *needed);
  *needed = (struct needed_exclusion){location->exclusion, task->exclusions};
  task->exclusions = needed;
}

/* Leaves out the members of a set that are complete; again when there are twice as many as are left. */
static void sweep(struct location *location) {
  enum { FEW = 64 };
  location->members = 0;
  for (struct member **at = &location->set, *member; (member = *at) != NULL;) {
    if (is_complete(member->of)) {
      *at = member->next;
      omp2wasi_free_block(member);
    } else {
      at = &member->next;
      location->members++;
    }
  }
  location->sweep_at = 2 * location->members + FEW;
}

/* `out` and `inout`: after everything before, and before everything after. */
static void depend_out(struct location *location, struct explicit_task *task) {
  if (location->set != NULL)
    wait_for_set(task, location->set);
  else
    wait_for(task, location->last_out);
  if (task->is_wait && !task->has_dependences)
    return;
  free_set(&location->set);
  free_set(&location->set_before);
  location->kind = 0;
  location->last_out = this(task);
}

/* The other kinds: after those before that are of another kind. */
static void depend_in_set(struct dependences *table, struct location *location, struct explicit_task *task,
                          uint32_t kind) {
  bool is_next_set = location->set != NULL && location->kind != kind;
  /* A task that is executed at once does not take turns with others: it waits for those that there are. */
  if (is_next_set || (task->is_wait && kind == DEPENDENCE_MUTEXINOUTSET && location->set != NULL))
    wait_for_set(task, location->set);
  else if (location->set_before != NULL)
    wait_for_set(task, location->set_before);
  else
    wait_for(task, location->last_out);
  if (task->is_wait && !task->has_dependences)
    return;
  if (is_next_set) {
    free_set(&location->set_before);
    location->set_before = location->set;
    location->set = NULL;
  }
  if (location->members >= location->sweep_at)
    sweep(location);
  location->members++;
  struct member *member = omp2wasi_allocate_block(OTHER_BLOCK, sizeof *member);
  *member = (struct member){location->set, this(task)};
  location->set = member;
  location->kind = kind;
  if (kind == DEPENDENCE_MUTEXINOUTSET)
    need_exclusion(table, location, task);
}

/* omp_all_memory: as if it were `out` for every location. Those that come later begin with this task. */
static void depend_on_all(struct dependences *table, struct explicit_task *task) {
  wait_for(task, table->last_all);
  for (uint32_t i = 0; i < table->capacity; i++)
    if (table->locations[i].address != 0)
      depend_out(&table->locations[i], task);
  if (!task->is_wait || task->has_dependences)
    table->last_all = this(task);
}

static void depend(struct dependences *table, struct explicit_task *task, uint32_t count,
                   const struct depend_info *list) {
  for (uint32_t i = 0; i < count; i++) {
    uint32_t flags = list[i].flags;
    if (flags == DEPENDENCE_ALL_MEMORY)
      depend_on_all(table, task);
    else if (list[i].address == 0)
      continue;
    else if (flags & DEPENDENCE_OUT)
      depend_out(location_of(table, list[i].address), task);
    else
      depend_in_set(table, location_of(table, list[i].address), task, flags);
  }
}

/* The lists that clang gives: one of dependences that may be on the same locations, one of others. */
struct depend_lists {
  uint32_t count;
  const struct depend_info *list;
  uint32_t other_count;
  const struct depend_info *others;
};

/* Notes the dependences of a task; true if it is ready. */
static bool add_dependences(struct thread *thread, struct explicit_task *task, const struct depend_lists *lists) {
  struct task *parent = thread->task;
  struct dependences *table = parent->dependences;
  if (table == NULL) {
    table = omp2wasi_allocate_block(OTHER_BLOCK, sizeof *table);
    *table = (struct dependences){0};
    parent->dependences = table;
  }
  task->exclusions = NULL;
  task->more_successors = NULL;
  task->few_used = 0;
  /* 1 for this function, so that nobody finds the task ready before all are noted. Plain: no list has it yet. */
  task->predecessors = 1;
  depend(table, task, lists->count, lists->list);
  depend(table, task, lists->other_count, lists->others);
  return (task->few_used == 0) || __atomic_fetch_sub(&task->predecessors, 1, __ATOMIC_ACQ_REL) == 1;
}

static bool is_ready(const struct condition *condition) {
  const struct explicit_task *task = condition->of;
  return __atomic_load_n(&task->predecessors, __ATOMIC_SEQ_CST) == 0;
}

/* What a task waits for is complete: it may begin. `successors` is not touched after the last decrement of
 * `predecessors`. */
static void free_successors(struct explicit_task *task) {
  for (struct successor_block *block = task->more_successors, *next; block != NULL; block = next) {
    next = block->next;
    omp2wasi_free_block(block);
  }
  task->more_successors = NULL;
}

static void wait_until_ready(struct thread *thread, struct explicit_task *task) {
  omp2wasi_work_until(thread, (struct condition){.holds = is_ready, .of = task}, thread->task,
                      &thread->team->for_completion);
}

static void make_ready(struct thread *thread, struct explicit_task *task, bool is_foreign) {
  free_successors(task);
  if (omp2wasi_give_to_helper != NULL && (task->flags & TASK_HIDDEN_HELPER) != 0 && omp2wasi_give_to_helper(task))
    return;
  /* A task of a team of one is executed at the next task scheduling point. */
  if (is_foreign || thread->team != task->team || omp2wasi_goes_first(task) || !omp2wasi_push_task(thread, task))
    omp2wasi_share_task(task);
}

void omp2wasi_release_successors(struct thread *thread, struct explicit_task *task, bool is_foreign) {
  uint64_t use = use_of(task) + (uint64_t)1;
  uint64_t list = __atomic_exchange_n(&task->successors, use << 32, __ATOMIC_ACQ_REL);
  for (struct successor *element = (struct successor *)(uintptr_t)(uint32_t)list, *next; element != NULL;
       element = next) {
    /* What is read here may be gone after the decrement. */
    struct explicit_task *successor = element->task;
    struct team *team = successor->team;
    bool is_wait = successor->is_wait;
    next = element->next;
    /* Sequentially consistent for a thread that waits: wait.c. */
    if (__atomic_fetch_sub(&successor->predecessors, 1, __ATOMIC_SEQ_CST) != 1)
      continue;
    if (is_wait)
      omp2wasi_notify(&team->for_completion, -1);
    else
      make_ready(thread, successor, is_foreign);
  }
  for (struct needed_exclusion *needed = task->exclusions, *next; needed != NULL; needed = next) {
    next = needed->next;
    omp2wasi_free_block(needed);
  }
}

void omp2wasi_free_dependences(struct dependences *table) {
  for (uint32_t i = 0; i < table->capacity; i++) {
    free_set(&table->locations[i].set);
    free_set(&table->locations[i].set_before);
  }
  for (struct exclusion *exclusion = table->exclusions, *next; exclusion != NULL; exclusion = next) {
    next = exclusion->next;
    omp2wasi_free_block(exclusion);
  }
  free(table->locations);
  omp2wasi_free_block(table);
}

void omp2wasi_end_dependences(struct task *task) {
  if (task->dependences != NULL)
    omp2wasi_free_dependences(task->dependences);
  task->dependences = NULL;
}

bool omp2wasi_begin_exclusion(const struct explicit_task *task) {
  for (struct needed_exclusion *needed = task->exclusions; needed != NULL; needed = needed->next) {
    if (__atomic_exchange_n(&needed->exclusion->is_held, 1, __ATOMIC_ACQUIRE) == 0)
      continue;
    for (struct needed_exclusion *held = task->exclusions; held != needed; held = held->next)
      (void)__atomic_exchange_n(&held->exclusion->is_held, 0, __ATOMIC_RELEASE);
    return false;
  }
  return true;
}

/* Others that need one are among the shared tasks: threads that are asleep may take one now. */
void omp2wasi_end_exclusion(struct explicit_task *task) {
  for (struct needed_exclusion *needed = task->exclusions; needed != NULL; needed = needed->next)
    (void)__atomic_exchange_n(&needed->exclusion->is_held, 0, __ATOMIC_SEQ_CST);
  omp2wasi_notify(&task->team->for_tasks, -1);
  omp2wasi_notify(&task->team->for_completion, -1);
}

/* A thread that generates tasks much faster than they are executed helps, so that they do not fill the memory. It does
 * not insist: they may wait for what the thread does next. */
static void help_if_many(struct thread *thread, const struct children *siblings) {
  enum { MANY = 4096, BETWEEN = 256, PATIENCE = 1000 };
  for (uint32_t i = siblings->generated % BETWEEN == 0 ? 0 : PATIENCE - 1; i < PATIENCE; i++) {
    uint32_t elsewhere = (uint32_t)__atomic_load_n(&siblings->elsewhere, __ATOMIC_ACQUIRE);
    if (siblings->generated - siblings->completed - elsewhere < MANY)
      return;
    if (omp2wasi_execute_one(thread, thread->task))
      i = 0;
    else
      omp2wasi_host_yield();
  }
}

static void generate_with_dependences(struct thread *thread, struct explicit_task *task,
                                      const struct depend_lists *lists) {
  omp2wasi_generate_task(thread, task);
  task->has_dependences = true;
  /* An undeferred task is executed by this thread, when it is ready. */
  task->is_wait = task->task.parent->is_final;
  bool is_ready_now = add_dependences(thread, task, lists);
  if (!is_ready_now && task->is_wait)
    wait_until_ready(thread, task);
  /* The task may be gone when it has been started. */
  const struct children *siblings = omp2wasi_children_of(thread->task);
  bool may_wait = is_ready_now && task->exclusions != NULL;
  if (is_ready_now || task->is_wait) {
    free_successors(task);
    omp2wasi_start_task(thread, task);
  } else {
    /* Its predecessors may have been announced by nobody. */
    omp2wasi_announce_tasks(thread, thread->team);
    may_wait = true;
  }
  if (may_wait)
    help_if_many(thread, siblings);
}

int32_t __kmpc_omp_task_with_deps(struct ident *loc, int32_t gtid, struct kmp_task *task, uint32_t count,
                                  const struct depend_info *list, uint32_t other_count,
                                  const struct depend_info *others) {
  (void)gtid;
  generate_with_dependences(omp2wasi_meet(loc), omp2wasi_record_of(task),
                            &(struct depend_lists){count, list, other_count, others});
  return 0;
}

/* Waits for the tasks that a task with these dependences would wait for. */
void omp2wasi_wait_for_dependences(struct thread *thread, uint32_t count, const struct depend_info *list,
                                   uint32_t other_count, const struct depend_info *others) {
  if (thread->task->dependences == NULL)
    return;
  struct explicit_task *wait = omp2wasi_allocate_task(thread, thread->task->loc, 0);
  wait->is_wait = true;
  if (!add_dependences(thread, wait, &(struct depend_lists){count, list, other_count, others}))
    wait_until_ready(thread, wait);
  free_successors(wait);
  omp2wasi_free_block(wait);
}

void __kmpc_omp_wait_deps(struct ident *loc, int32_t gtid, uint32_t count, const struct depend_info *list,
                          uint32_t other_count, const struct depend_info *others) {
  (void)gtid;
  omp2wasi_wait_for_dependences(omp2wasi_meet(loc), count, list, other_count, others);
}

/* `taskwait` with `depend`; with `nowait` it is a task without code. */
void __kmpc_omp_taskwait_deps_51(struct ident *loc, int32_t gtid, uint32_t count, const struct depend_info *list,
                                 uint32_t other_count, const struct depend_info *others, int32_t nowait) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  if (!nowait) {
    omp2wasi_wait_for_dependences(thread, count, list, other_count, others);
    return;
  }
  struct explicit_task *task = omp2wasi_allocate_task(thread, loc, sizeof(struct kmp_task));
  *omp2wasi_clangs_part_of(task) = (struct kmp_task){0};
  generate_with_dependences(thread, task, &(struct depend_lists){count, list, other_count, others});
}
