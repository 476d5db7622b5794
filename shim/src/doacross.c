/* Loops whose iterations wait for one another, doacross: `ordered(n)` with `ordered doacross(...)`, or `ordered
 * depend(...)` as it was called (OpenMP 5.2, sections 4.4.2 and 15.9.7 to 15.10.2): __kmpc_doacross_*.
 *
 * The distributed loops of the nest, those that `collapse` names, make rows: a thread executes what is in a row by
 * itself and in order. So the team keeps one word for each row, up to which of the row's iterations have been posted,
 * and a wait compares with it. The words are never cleared between loops: each loop counts from where the one before
 * it in the same map ended. Rows that are next to each other have their words in different cache lines, as they are
 * the ones that different threads write at a time.
 *
 * Where there are very many short rows, a bit for each iteration takes less memory; it does from 2^20 rows on.
 *
 * A team has a ring of maps, so that threads may run ahead over loops with nowait, as in schedule_dynamic.c.
 *
 * Invariant: only the thread that executes a row writes its word, and what it writes only grows.
 *
 * Ordering: a post is a release and a wait an acquire, so an iteration that has waited sees what came before the post.
 * The turn of a map is passed on with a release behind everything that the loop did with it. */
#include "thread.h"
#include <stdlib.h>
#include <string.h>

/* One of the loops in the nest, as clang describes it (LLVM's kmp.h). */
struct kmp_dim {
  int64_t lower, upper, step;
};

/* Loops in a nest, each with its number of iterations. */
struct extent {
  int64_t lower, step;
  uint64_t count;
  bool is_plain; /* from 0, by 1 */
};

/* What has been seen in a word: it has that or more. */
struct known {
  const struct wait_word *word;
  uint32_t posted;
};

/* What an implicit task knows of its loop. It is kept for the next one. */
struct doacross {
  struct doacross_share *share; /* NULL before the first post or wait */
  char *map;                    /* the share's */
  uint32_t base;                /* what a word has when nothing of its row has been posted, or less */
  uint32_t line_mask;           /* words to lines of the map; 0 means that the map has bits */
  uint32_t line_shift;
  uint32_t num_loops;
  uint32_t num_row_loops;       /* the first ones, which number the rows */
  uint32_t number;              /* of this loop among those of its kind in the team */
  uint64_t row_length;
  uint64_t row_words;
  struct known mine, others;    /* that of its last post, and that of its last wait: they need not be looked at again */
  uint32_t room;                /* loops that the record has room for */
  struct extent loops[];
};

enum {
  LINE = 64,
  LINES_OF_WORDS_ALONE = 1 << 14, /* up to so many words have a line each */
  LINES_KEPT = LINES_OF_WORDS_ALONE, /* larger maps are given back after each loop */
  LARGEST_BASE = 1 << 30,
  WORDS_BEFORE_BITS = 1 << 20,
  BELLS = 64, /* threads that wait for a bit wait for one of so many words */
};

/* How many iterations of a row share a word, so that a word and a base together do not overflow. */
static const uint64_t PART = 1u << 30;

/* What threads wait for whose iteration is a bit. */
struct bell {
  struct wait_word rings;
  uint32_t waiters;
} __attribute__((aligned(LINE)));

static struct doacross_share *shares_of(struct team *team) {
  struct doacross_share *shares = __atomic_load_n(&team->doacross, __ATOMIC_ACQUIRE), *none = NULL;
  if (shares != NULL)
    return shares;
  size_t size = DOACROSS_SHARES * sizeof *shares;
  shares = aligned_alloc(_Alignof(struct doacross_share), size);
  if (shares == NULL)
    omp2wasi_fatal("no memory for a loop with the ordered clause", "the program's linear memory is full");
  memset(shares, 0, size);
  for (uint32_t i = 0; i < DOACROSS_SHARES; i++)
    shares[i].turn.value = i;
  /* Release: whoever finds them finds them initialised. Acquire: another thread's may have come first. */
  if (__atomic_compare_exchange_n(&team->doacross, &none, shares, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return shares;
  free(shares);
  return none;
}

static uint64_t distance(int64_t from, int64_t to, int64_t step) {
  return step > 0 ? (uint64_t)to - (uint64_t)from : (uint64_t)from - (uint64_t)to;
}

static uint64_t magnitude(int64_t step) { return step < 0 ? 0 - (uint64_t)step : (uint64_t)step; }

void __kmpc_doacross_init(struct ident *loc, int32_t gtid, int32_t num_loops, const struct kmp_dim *loops) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct implicit_task *implicit = thread->implicit;
  struct doacross *doacross = implicit->doacross;
  if (thread->team->num_threads == 1)
    return;
  if (doacross == NULL || doacross->room < (uint32_t)num_loops) {
    free(doacross);
    /* Whole lines: other threads have theirs beside it. */
    size_t size = sizeof *doacross + (uint32_t)num_loops * sizeof *doacross->loops;
    implicit->doacross = doacross = aligned_alloc(LINE, (size + LINE - 1) / LINE * LINE);
    if (doacross == NULL)
      omp2wasi_fatal("no memory for a loop with the ordered clause", "the program's linear memory is full");
    doacross->room = (uint32_t)num_loops;
  }
  doacross->share = NULL;
  implicit->in_doacross = true;
  doacross->num_loops = (uint32_t)num_loops;
  doacross->number = implicit->doacrosses++;
  for (int32_t i = 0; i < num_loops; i++) {
    bool is_empty = loops[i].step > 0 ? loops[i].lower > loops[i].upper : loops[i].lower < loops[i].upper;
    uint64_t last = omp2wasi_divide(distance(loops[i].lower, loops[i].upper, loops[i].step), magnitude(loops[i].step));
    bool is_plain = loops[i].lower == 0 && loops[i].step == 1;
    doacross->loops[i] = (struct extent){loops[i].lower, loops[i].step, is_empty ? 0 : last + 1, is_plain};
  }
}

/* How many of the loops make the rows, if `excess` is what their counts are too large by: as many as have this trip
 * count together. 0 if none have. */
static uint32_t find_row_loops(const struct doacross *doacross, uint64_t trip_count, uint64_t excess) {
  uint64_t product = 1;
  for (uint32_t i = 0; i < doacross->num_loops; i++) {
    if (__builtin_mul_overflow(product, doacross->loops[i].count - excess, &product))
      return 0;
    if (product == trip_count)
      return i + 1;
  }
  return 0;
}

/* Tells the rows from what is in them. How many loops are distributed, clang does not say, but the schedule has been
 * told how many iterations it distributes. Clang gives the number of iterations where the last iteration is asked
 * for, so each loop seems to have one more; a program that calls the entry points by hand may not. */
static void find_rows(struct doacross *doacross, uint64_t trip_count) {
  uint32_t excess = 1;
  doacross->num_row_loops = find_row_loops(doacross, trip_count, excess);
  if (doacross->num_row_loops == 0)
    doacross->num_row_loops = find_row_loops(doacross, trip_count, excess = 0);
  if (doacross->num_row_loops == 0)
    doacross->num_row_loops = doacross->num_loops; /* a row for each iteration is never wrong */
  for (uint32_t i = 0; i < doacross->num_loops; i++)
    doacross->loops[i].count -= excess;
}

/* Two at least, so that a mask is not 0. */
static uint32_t power_of_two(uint64_t at_least) {
  uint32_t power = 2;
  while (power < at_least)
    power *= 2;
  return power;
}

/* How many lines the map needs. */
static uint32_t lay_out(struct doacross *doacross, uint64_t trip_count) {
  find_rows(doacross, trip_count);
  uint64_t rows = 1, row_length = 1, words, iterations;
  bool is_huge = false;
  for (uint32_t i = 0; i < doacross->num_loops; i++) {
    uint64_t *product = i < doacross->num_row_loops ? &rows : &row_length;
    is_huge |= __builtin_mul_overflow(*product, doacross->loops[i].count, product);
  }
  doacross->row_length = row_length;
  doacross->row_words = (row_length + PART - 1) / PART;
  is_huge |= __builtin_mul_overflow(rows, row_length, &iterations);
  is_huge |= __builtin_mul_overflow(rows, doacross->row_words, &words);
  doacross->line_mask = 0;
  if (!is_huge && words > WORDS_BEFORE_BITS && iterations / 8 < words * sizeof(struct wait_word)) {
    uint64_t lines = BELLS + iterations / (8 * LINE) + 1;
    if (lines < UINT32_MAX / LINE)
      return lines <= LINES_KEPT ? LINES_KEPT + 1 : (uint32_t)lines; /* bits need a new map */
  } else if (!is_huge && words < UINT32_MAX / LINE) {
    uint32_t lines = power_of_two(words <= LINES_OF_WORDS_ALONE       ? words
                                  : words <= 8 * LINES_OF_WORDS_ALONE ? LINES_OF_WORDS_ALONE
                                                                      : (words + 7) / 8);
    doacross->line_mask = lines - 1;
    doacross->line_shift = (uint32_t)__builtin_ctz(lines);
    return lines;
  }
  omp2wasi_fatal("too many iterations for a loop with the ordered clause",
                 "let `ordered` and `collapse` name fewer loops, or make blocks of iterations");
}

/* Makes the map of a loop large enough. All threads in the loop need the same, so no thread uses one that is too
 * small. Release and acquire: a thread that finds the capacity finds the map. */
static void provide_map(struct doacross_share *share, uint32_t lines) {
  if (__atomic_load_n(&share->capacity, __ATOMIC_ACQUIRE) >= lines)
    return;
  omp2wasi_lock(&share->lock);
  if (share->capacity < lines) {
    free(share->map);
    size_t size = (size_t)lines * LINE;
    share->map = aligned_alloc(LINE, size);
    if (share->map == NULL)
      omp2wasi_fatal("no memory for a loop with the ordered clause",
                     "let `ordered` and `collapse` name fewer loops, or make blocks of iterations");
    memset(share->map, 0, size);
    share->base = 0;
    __atomic_store_n(&share->capacity, lines, __ATOMIC_RELEASE);
  }
  omp2wasi_unlock(&share->lock);
}

/* NULL if the turn will not come: the region has been cancelled. */
static struct doacross_share *await_turn(struct thread *thread, const struct doacross *doacross) {
  struct doacross_share *share = &shares_of(thread->team)[doacross->number % DOACROSS_SHARES];
  for (uint32_t turn; (turn = omp2wasi_load(&share->turn.value)) != doacross->number;)
    if (!omp2wasi_wait_for_team(thread->team, &share->turn, turn, thread->team->spin))
      return NULL;
  return share;
}

/* At a thread's first post or wait: before, it is not known what the schedule distributes. Not inlined, so that the
 * other posts and waits are short. */
static __attribute__((noinline)) void enter(struct thread *thread, struct doacross *doacross) {
  uint32_t lines = lay_out(doacross, thread->implicit->loop.space.trip_count);
  struct doacross_share *share = await_turn(thread, doacross);
  if (share == NULL)
    return;
  provide_map(share, lines);
  uint64_t longest = doacross->row_length < PART ? doacross->row_length : PART;
  /* Relaxed: all threads store the same, and leaving orders it. */
  __atomic_store_n(&share->length, (uint32_t)longest, __ATOMIC_RELAXED);
  doacross->map = share->map;
  doacross->base = share->base;
  doacross->mine = doacross->others = (struct known){NULL, 0};
  doacross->share = share;
}

/* Acquire-release: the last thread to leave has seen what all the others did, and passes the map on behind them. */
static void leave(struct thread *thread, struct doacross_share *share) {
  if (__atomic_add_fetch(&share->finished, 1, __ATOMIC_ACQ_REL) < thread->team->num_threads)
    return;
  share->finished = 0;
  share->base += share->length;
  share->length = 0;
  if (share->capacity > LINES_KEPT) {
    free(share->map);
    share->map = NULL;
    share->capacity = 0;
  } else if (share->base > LARGEST_BASE) {
    memset(share->map, 0, (size_t)share->capacity * LINE);
    share->base = 0;
  }
  omp2wasi_signal(&share->turn, share->turn.value + DOACROSS_SHARES, -1);
}

void __kmpc_doacross_fini(struct ident *loc, int32_t gtid) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct doacross *doacross = thread->implicit->doacross;
  if (!thread->implicit->in_doacross)
    return;
  struct doacross_share *share = doacross->share != NULL ? doacross->share : await_turn(thread, doacross);
  if (share != NULL)
    leave(thread, share);
  thread->implicit->in_doacross = false;
}

/* An iteration of the nest. */
struct place {
  uint64_t row, position;
};

/* The number of the iteration of one of the loops in which its variable has this value; the count or more for a value
 * outside of it. Clang's are numbers of iterations from the start. */
static __attribute__((noinline)) uint64_t number_of(const struct extent *loop, int64_t value) {
  if (loop->step > 0 ? value < loop->lower : value > loop->lower)
    return UINT64_MAX;
  return omp2wasi_divide(distance(loop->lower, value, loop->step), magnitude(loop->step));
}

/* False for a vector outside of the iteration space. */
static inline bool find(const struct doacross *doacross, const int64_t *vector, struct place *place) {
  uint64_t products[2] = {0, 0};
  const struct extent *loop = doacross->loops, *rows_end = loop + doacross->num_row_loops;
  const struct extent *ends[2] = {rows_end, doacross->loops + doacross->num_loops};
  for (int part = 0; part < 2; part++)
    for (uint64_t product = 0; loop != ends[part]; loop++, vector++, products[part] = product) {
      uint64_t number = loop->is_plain ? (uint64_t)*vector : number_of(loop, *vector);
      if (number >= loop->count)
        return false;
      product = product * loop->count + number;
    }
  *place = (struct place){products[0], products[1]};
  return true;
}

/* A row's word: consecutive words are in consecutive lines, and only once all lines have one there are second ones.
 * What it has, at least, once the place has been posted, is in `posted`. */
static inline struct wait_word *word_of(const struct doacross *doacross, struct place place, uint32_t *posted) {
  uint64_t number = place.row;
  uint32_t position = (uint32_t)place.position;
  if (__builtin_expect(doacross->row_words > 1, 0)) {
    number = number * doacross->row_words + place.position / PART;
    position = (uint32_t)(place.position % PART);
  }
  *posted = doacross->base + position + 1;
  uint32_t word = (uint32_t)number;
  uint32_t offset = (word & doacross->line_mask) * LINE + (word >> doacross->line_shift) * sizeof(struct wait_word);
  return (struct wait_word *)(doacross->map + offset);
}

static inline uint32_t *bit_of(const struct doacross *doacross, struct place place, uint32_t *bit) {
  uint64_t iteration = place.row * doacross->row_length + place.position;
  *bit = 1u << iteration % 32;
  return (uint32_t *)(doacross->map + BELLS * sizeof(struct bell)) + (uint32_t)(iteration / 32);
}

static inline struct bell *bell_of(const struct doacross *doacross, struct place place) {
  return (struct bell *)doacross->map + place.row % BELLS;
}

/* A thread that waits is in `waiters` before it looks at the bit for the last time, and the bit is set before
 * `waiters` is looked at; all of it sequentially consistent, so one of the two sees the other. */
static __attribute__((noinline)) void post_bit(const struct doacross *doacross, struct place place) {
  uint32_t bit, *bits = bit_of(doacross, place, &bit);
  struct bell *bell = bell_of(doacross, place);
  __atomic_fetch_or(bits, bit, __ATOMIC_SEQ_CST);
  if (__atomic_load_n(&bell->waiters, __ATOMIC_SEQ_CST) == 0)
    return;
  __atomic_fetch_add(&bell->rings.value, 1, __ATOMIC_SEQ_CST);
  omp2wasi_wake(&bell->rings, -1);
}

/* This and the next function give up where the region has been cancelled: then nobody may post any more. */
static __attribute__((noinline)) void wait_for_bit(const struct team *team, const struct doacross *doacross,
                                                   struct place place) {
  uint32_t bit, *bits = bit_of(doacross, place, &bit);
  struct bell *bell = bell_of(doacross, place);
  for (uint32_t i = 0; i <= team->spin; i++)
    if (omp2wasi_load(bits) & bit)
      return;
  __atomic_fetch_add(&bell->waiters, 1, __ATOMIC_SEQ_CST);
  for (;;) {
    uint32_t rings = __atomic_load_n(&bell->rings.value, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(bits, __ATOMIC_SEQ_CST) & bit || !omp2wasi_wait_for_team(team, &bell->rings, rings, 0))
      break;
  }
  /* Relaxed: one too many costs the posting thread a ring. */
  __atomic_fetch_sub(&bell->waiters, 1, __ATOMIC_RELAXED);
}

/* The loop that the calling thread is in; NULL if it has nobody to wait for. */
static inline struct doacross *current(struct thread *thread) {
  if (!thread->implicit->in_doacross)
    return NULL;
  struct doacross *doacross = thread->implicit->doacross;
  if (__builtin_expect(doacross->share == NULL, 0))
    enter(thread, doacross);
  return doacross->share != NULL ? doacross : NULL;
}

/* Returns what `word` has once that is `posted` or more.
 *
 * Each look takes the word's cache line away from the thread that is waited for, and a thread that is just behind that
 * one would look in each iteration. So in a row that goes on, that thread is given the time to get some iterations
 * ahead, which need not be looked for one by one then: `ahead` of them, if it gets that far in a few more looks. From
 * then on the distance stays, if iterations take equally long. */
static __attribute__((noinline)) uint32_t wait_for_word(const struct team *team, struct wait_word *word,
                                                        uint32_t posted, uint32_t ahead) {
  enum { LOOKS_APART = 300, LOOKS_NEAR = 10, MORE_LOOKS = 40 };
  uint32_t pause = ahead != 0 ? LOOKS_APART : LOOKS_NEAR;
  uint32_t seen = omp2wasi_load(&word->value), more = 0;
  if (seen >= posted + ahead / 4)
    return seen;
  for (uint32_t i = 0; i < team->spin && seen < posted + ahead && more < MORE_LOOKS; i++, more += seen >= posted) {
    omp2wasi_pause(pause);
    seen = omp2wasi_load(&word->value);
  }
  while (seen < posted) {
    if (!omp2wasi_wait_for_team(team, word, seen, 0))
      break;
    seen = omp2wasi_load(&word->value);
  }
  return seen;
}

/* How far a thread that waits for another one in a row may let that get ahead: not so far that threads of the team have
 * nothing to do meanwhile, and not beyond the row. */
static uint32_t lead(const struct team *team, const struct doacross *doacross, uint64_t position) {
  enum { FARTHEST = 128 };
  uint64_t share = omp2wasi_divide(doacross->row_length, 2 * team->num_threads);
  uint64_t left = doacross->row_length - 1 - position;
  uint64_t lead = share < left ? share : left;
  return lead < FARTHEST ? (uint32_t)lead : FARTHEST;
}

void __kmpc_doacross_post(struct ident *loc, int32_t gtid, const int64_t *vector) {
  (void)gtid;
  struct doacross *doacross = current(omp2wasi_meet(loc));
  struct place place;
  uint32_t posted;
  if (doacross == NULL || !find(doacross, vector, &place))
    return;
  if (__builtin_expect(doacross->line_mask == 0, 0)) {
    post_bit(doacross, place);
    return;
  }
  struct wait_word *word = word_of(doacross, place, &posted);
  doacross->mine = (struct known){word, posted};
  omp2wasi_signal(word, posted, -1);
}

/* An iteration outside of the space is none to wait for. */
void __kmpc_doacross_wait(struct ident *loc, int32_t gtid, const int64_t *vector) {
  (void)gtid;
  struct thread *thread = omp2wasi_meet(loc);
  struct doacross *doacross = current(thread);
  struct place place;
  uint32_t posted;
  if (doacross == NULL || !find(doacross, vector, &place))
    return;
  if (__builtin_expect(doacross->line_mask == 0, 0)) {
    wait_for_bit(thread->team, doacross, place);
    return;
  }
  struct wait_word *word = word_of(doacross, place, &posted);
  if ((word == doacross->mine.word && posted <= doacross->mine.posted) ||
      (word == doacross->others.word && posted <= doacross->others.posted))
    return;
  uint32_t ahead = lead(thread->team, doacross, place.position);
  doacross->others = (struct known){word, wait_for_word(thread->team, word, posted, ahead)};
}
