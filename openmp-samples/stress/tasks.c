/*
 * tasks: random programs of tasks, and of what tasks wait for.
 *
 *     tasks [seed [rounds]]
 *
 * A program is a tree of statements that a seed determines; it is not stored:
 * `body` derives the statements of a task from the task's seed. What they
 * have to have done is known beforehand, or from walking the same tree without
 * any construct. A round executes one program; if something is missing or out
 * of order the seed of the round is printed.
 */
#include "../constructs/check.h"
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>

enum { MAX_DEPTH = 4, CELLS = 6, LOCKS = 3 };

/* Numbers that depend on the seed alone (splitmix64). */
static uint64_t next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static int below(uint64_t *seed, int n) { return (int)(next(seed) % (uint64_t)n); }

/* What a round has done. */
static int leaves, locked, in_critical;
static int has_cancellation, may_nest;
static omp_lock_t locks[LOCKS];
static int protected_by[LOCKS];

static void work(uint64_t *seed)
{
    for (volatile int i = below(seed, 4) == 0 ? below(seed, 400) : 0; i > 0; i--)
        ;
}

static void body(uint64_t seed, int depth);

/* How many leaves the body of a task has: the statements of `body`, without constructs. */
static int leaves_of(uint64_t seed, int depth);

/* Dependences of children on cells. Tasks that name a cell form sets, one behind the other: a task that writes is one,
 * and so are neighbours that all read, all have mutexinoutset, or all inoutset. All tasks of the sets before have to be
 * done before one of a set begins: `before` is how many these are. */
enum kind { IN, OUT, MUTEX, SET };

struct cell {
    int done, busy;
    /* While the tasks are generated. */
    int named, before;
    enum kind kind;
};

struct use {
    struct cell *cell;
    enum kind kind;
    int before;
};

static struct use use_of(struct cell *cell, enum kind kind)
{
    if (kind == OUT || kind != cell->kind || cell->named == 0) {
        cell->before = cell->named;
        cell->kind = kind;
    }
    cell->named++;
    return (struct use){cell, kind, cell->before};
}

static void begin_use(struct use use)
{
    CHECK(__atomic_load_n(&use.cell->done, __ATOMIC_ACQUIRE) >= use.before);
    const int is_alone = use.kind == OUT || use.kind == MUTEX;
    CHECK(__atomic_fetch_add(&use.cell->busy, is_alone, __ATOMIC_RELAXED) == 0);
}

static void end_use(struct use use)
{
    if (use.kind == OUT || use.kind == MUTEX)
        __atomic_fetch_sub(&use.cell->busy, 1, __ATOMIC_RELAXED);
}

static void finish_use(struct use use) { __atomic_fetch_add(&use.cell->done, 1, __ATOMIC_RELEASE); }

/* One task with up to two cells, whose event is fulfilled by another one; and now and then a task that is executed at
 * once, or a wait for a cell. */
static void depend_once(uint64_t *seed, struct cell *cells)
{
    const int first = below(seed, CELLS), second = (first + 1 + below(seed, CELLS - 1)) % CELLS;
    struct cell *lists[4][2];
    int counts[4] = {0}, n = 1 + below(seed, 2), how = below(seed, 10);
    struct use uses[2];
    uint64_t mine = next(seed);
    for (int i = 0; i < n; i++) {
        struct cell *cell = &cells[i == 0 ? first : second];
        const enum kind kind = (enum kind)below(seed, 4);
        uses[i] = use_of(cell, kind);
        lists[kind][counts[kind]++] = cell;
    }
    const int ins = counts[IN], outs = counts[OUT], mutexes = counts[MUTEX], sets = counts[SET];
#define DEPEND                                                                                                         \
    depend(iterator(k = 0 : ins), in : lists[IN][k][0]) depend(iterator(k = 0 : outs), out : lists[OUT][k][0])         \
        depend(iterator(k = 0 : mutexes), mutexinoutset : lists[MUTEX][k][0])                                          \
        depend(iterator(k = 0 : sets), inoutset : lists[SET][k][0])
#define EXECUTE                                                                                                        \
    {                                                                                                                  \
        for (int k = 0; k < n; k++)                                                                                    \
            begin_use(uses[k]);                                                                                        \
        work(&mine);                                                                                                   \
        for (int k = 0; k < n; k++)                                                                                    \
            end_use(uses[k]);                                                                                          \
    }
#define FINISH                                                                                                         \
    for (int k = 0; k < n; k++)                                                                                        \
    finish_use(uses[k])
    if (how < 2) {
        omp_event_handle_t event = (omp_event_handle_t)0; /* clang warns */
        #pragma omp task detach(event) firstprivate(uses, n, mine) DEPEND
        EXECUTE
        #pragma omp task firstprivate(uses, n, event)
        {
            FINISH;
            omp_fulfill_event(event);
        }
    } else if (how == 2) {
        #pragma omp task firstprivate(uses, n, mine) DEPEND if(0)
        {
            EXECUTE
            FINISH;
        }
    } else if (how == 3) {
        #pragma omp task firstprivate(uses, n, mine) DEPEND final(1)
        {
            EXECUTE
            FINISH;
        }
    } else if (how == 4) {
        #pragma omp task firstprivate(uses, n, mine) DEPEND priority(below(seed, 7))
        {
            EXECUTE
            FINISH;
        }
    } else {
        #pragma omp task firstprivate(uses, n, mine) DEPEND
        {
            EXECUTE
            #pragma omp task if(mine % 3)
            work(&mine);
            FINISH;
        }
    }
    if (how == 9) {
        const int before = cells[first].named;
        #pragma omp taskwait depend(inout : cells[first])
        CHECK(__atomic_load_n(&cells[first].done, __ATOMIC_ACQUIRE) == before);
    }
}

static void dependences(uint64_t seed)
{
    struct cell cells[CELLS] = {{0}};
    int n = 1 + below(&seed, 40), all = 0;
    for (int i = 0; i < n; i++)
        depend_once(&seed, cells);
    if (below(&seed, 3) == 0) {
        #pragma omp task depend(out : omp_all_memory) shared(cells, all)
        {
            for (int i = 0; i < CELLS; i++)
                CHECK(cells[i].done == cells[i].named);
            all = 1;
        }
        #pragma omp taskwait depend(in : cells[0])
        CHECK(all == 1);
    }
    #pragma omp taskwait
    for (int i = 0; i < CELLS; i++)
        CHECK(cells[i].done == cells[i].named && cells[i].busy == 0);
}

static void reduction(uint64_t seed)
{
    int n = below(&seed, 30), sum = 7;
    long product = 1;
    #pragma omp taskgroup task_reduction(+ : sum) task_reduction(* : product)
    for (int i = 0; i < n; i++) {
        uint64_t mine = next(&seed);
        #pragma omp task in_reduction(+ : sum) firstprivate(mine)
        {
            sum += 2;
            work(&mine);
            #pragma omp task in_reduction(+ : sum)
            sum++;
        }
        if (i < 3) {
            #pragma omp task in_reduction(* : product)
            product *= 3;
        }
    }
    CHECK(sum == 7 + 3 * n && product == (n == 0 ? 1 : n == 1 ? 3 : n == 2 ? 9 : 27));
}

/* What is executed of a taskgroup that is cancelled is not known; that it ends is. */
static void cancelled(uint64_t seed)
{
    int n = below(&seed, 30), begun = 0;
    #pragma omp taskgroup
    for (int i = 0; i < n; i++) {
        uint64_t mine = next(&seed);
        #pragma omp task firstprivate(mine) shared(begun)
        {
            tick(&begun);
            #pragma omp task shared(begun)
            tick(&begun);
            work(&mine);
            if (below(&mine, 8) == 0) {
                #pragma omp cancel taskgroup
            }
            #pragma omp cancellation point taskgroup
            work(&mine);
        }
    }
    CHECK(begun <= 2 * n && (has_cancellation || begun == 2 * n));
}

/* A region that is cancelled, with tasks. */
static void cancelled_region(uint64_t seed)
{
    int size = 1 + below(&seed, 3), who = below(&seed, 3), begun = 0, behind = 0, how = below(&seed, 3);
    #pragma omp parallel num_threads(size) shared(begun, behind)
    {
        uint64_t mine = seed + (uint64_t)omp_get_thread_num();
        for (int i = 0; i < 5; i++) {
            #pragma omp task shared(begun)
            tick(&begun);
        }
        if (how == 0) {
            #pragma omp for schedule(dynamic)
            for (int i = 0; i < 20; i++) {
                work(&mine);
                #pragma omp cancel for if(i == who)
                #pragma omp cancellation point for
            }
        } else if (how == 1) {
            #pragma omp for
            for (int i = 0; i < 20; i++) {
                #pragma omp cancel for if(i == 5 * who)
                #pragma omp cancellation point for
            }
        }
        work(&mine);
        #pragma omp cancel parallel if(omp_get_thread_num() == who % omp_get_num_threads())
        #pragma omp barrier
        tick(&behind);
        #pragma omp barrier
    }
    CHECK(begun % 5 == 0 || has_cancellation);
    CHECK(!has_cancellation || behind == 0);
}

static void region(uint64_t seed, int depth)
{
    const uint64_t first = next(&seed), second = next(&seed);
    const int size = 1 + below(&seed, 4), n = below(&seed, 6), barriers = below(&seed, 3), grain = 1 + below(&seed, 3);
    int team = 0, tasks = 0;
    #pragma omp parallel num_threads(size) shared(team, tasks)
    {
        uint64_t mine = second + (uint64_t)omp_get_thread_num();
        tick(&team);
        for (int i = 0; i < barriers; i++) {
            #pragma omp barrier
        }
        #pragma omp single nowait
        body(first, depth + 1);
        work(&mine);
        #pragma omp task shared(tasks) firstprivate(mine)
        {
            work(&mine);
            tick(&tasks);
        }
        if (barriers == 1) {
            #pragma omp barrier
            CHECK(tasks == team);
        }
        #pragma omp for schedule(dynamic) nowait
        for (int i = 0; i < n; i++) {
            #pragma omp task
            body(second + (uint64_t)i, depth + 1);
        }
        #pragma omp master
        {
            #pragma omp taskloop grainsize(grain)
            for (int i = 0; i < n; i++)
                tick(&leaves);
        }
    }
    CHECK(tasks == team);
}

static int leaves_of_region(uint64_t seed, int depth)
{
    const uint64_t first = next(&seed), second = next(&seed);
    (void)below(&seed, 4);
    const int n = below(&seed, 6);
    int sum = n + leaves_of(first, depth + 1);
    for (int i = 0; i < n; i++)
        sum += leaves_of(second + (uint64_t)i, depth + 1);
    return sum;
}

static void take_turns(uint64_t seed)
{
    const int which = below(&seed, LOCKS), n = below(&seed, 20);
    for (int i = 0; i < n; i++) {
        #pragma omp task firstprivate(seed)
        {
            if (i % 2) {
                omp_set_lock(&locks[which]);
            } else {
                while (!omp_test_lock(&locks[which])) {
                    #pragma omp taskyield
                }
            }
            CHECK(protected_by[which]++ == 0);
            work(&seed);
            CHECK(--protected_by[which] == 0);
            omp_unset_lock(&locks[which]);
            #pragma omp critical
            {
                CHECK(in_critical++ == 0);
                locked++;
                in_critical--;
            }
            tick(&leaves);
        }
    }
}

enum { STATEMENTS = 16 };

static int leaves_of(uint64_t seed, int depth)
{
    int sum = 1;
    for (int n = depth >= MAX_DEPTH ? 0 : below(&seed, 4); n > 0; n--) {
        const int statement = below(&seed, STATEMENTS);
        uint64_t child = next(&seed);
        if (statement <= 7) {
            for (int i = below(&child, 4); i >= 0; i--)
                sum += leaves_of(child + (uint64_t)i, depth + 1);
        } else if (statement == 8) {
            (void)below(&child, LOCKS);
            sum += below(&child, 20);
        } else if (statement == 9) {
            sum += below(&child, 50);
        } else if (statement >= 14 && may_nest) {
            sum += leaves_of_region(child, depth);
        }
        (void)next(&seed);
    }
    return sum;
}

/* The kinds of tasks that a statement may have. */
static void tasks(uint64_t child, int depth, int kind)
{
    for (int i = below(&child, 4); i >= 0; i--) {
        const uint64_t its = child + (uint64_t)i;
        if (kind == 0 || kind == 1) {
            #pragma omp task
            body(its, depth + 1);
        } else if (kind == 2) {
            #pragma omp task if(0)
            body(its, depth + 1);
        } else if (kind == 3) {
            #pragma omp task final(i & 1) mergeable
            body(its, depth + 1);
        } else if (kind == 4) {
            #pragma omp task priority(i)
            body(its, depth + 1);
        } else if (kind == 5) {
            #pragma omp task untied
            body(its, depth + 1);
        } else if (kind == 6) {
            omp_event_handle_t event = (omp_event_handle_t)0; /* clang warns */
            #pragma omp task detach(event)
            body(its, depth + 1);
            #pragma omp task firstprivate(event)
            omp_fulfill_event(event);
        } else {
            #pragma omp taskyield
            #pragma omp task
            {
                #pragma omp taskgroup
                body(its, depth + 1);
            }
        }
    }
}

static void body(uint64_t seed, int depth)
{
    tick(&leaves);
    for (int n = depth >= MAX_DEPTH ? 0 : below(&seed, 4); n > 0; n--) {
        const int statement = below(&seed, STATEMENTS);
        uint64_t child = next(&seed);
        if (statement == 1) {
            int parts = 0;
            #pragma omp taskgroup
            {
                tasks(child, depth, statement);
                #pragma omp task shared(parts)
                {
                    #pragma omp task shared(parts)
                    tick(&parts);
                }
            }
            CHECK(parts == 1);
        } else if (statement <= 7) {
            tasks(child, depth, statement);
        } else if (statement == 8) {
            take_turns(child);
        } else if (statement == 9) {
            const int count = below(&child, 50);
            #pragma omp taskloop num_tasks(7)
            for (int i = 0; i < count; i++)
                tick(&leaves);
        } else if (statement == 10) {
            dependences(child);
        } else if (statement == 11) {
            reduction(child);
        } else if (statement == 12) {
            cancelled(child);
        } else if (statement == 13) {
            if (may_nest)
                cancelled_region(child);
        } else if (may_nest) {
            region(child, depth);
        }
        if (next(&seed) % 4 == 0) {
            int done = 0;
            #pragma omp task shared(done)
            tick(&done);
            #pragma omp taskwait
            CHECK(done == 1);
        }
    }
}

/* Regions without tasks: so many that the barriers of the team are other ones afterwards. */
static void quiet(int size)
{
    for (int i = 0; i < 18; i++) {
        int arrived[3] = {0};
        #pragma omp parallel num_threads(size)
        for (int j = 0; j < 3; j++) {
            tick(&arrived[j]);
            #pragma omp barrier
            CHECK(arrived[j] == omp_get_num_threads());
        }
    }
}

/* One program, executed by a team. */
static void round_of(uint64_t seed)
{
    static const int sizes[8] = {1, 2, 3, 4, 5, 7, 8, 16};
    uint64_t at = seed, first = next(&at);
    const int many = below(&at, 16) == 0, size = many ? 33 + below(&at, 32) : sizes[below(&at, 8)];
    const int n = below(&at, 5), barriers = below(&at, 4);
    int expected = 0, team = 0;
    may_nest = !many;
    if (below(&at, 4) == 0)
        quiet(size);
    leaves = locked = 0;
    for (int i = 0; i <= n; i++)
        expected += leaves_of(first + (uint64_t)i, 0);
    #pragma omp parallel num_threads(size) shared(team)
    {
        tick(&team);
        for (int i = 0; i < barriers; i++) {
            #pragma omp barrier
        }
        #pragma omp single nowait
        body(first, 0);
        #pragma omp for schedule(dynamic) nowait
        for (int i = 1; i <= n; i++)
            body(first + (uint64_t)i, 0);
        #pragma omp barrier
        CHECK(leaves == expected);
    }
    CHECK(leaves == expected && team >= 1);
}

int main(int argc, char **argv)
{
    const uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    const long rounds = argc > 2 ? atol(argv[2]) : 200;
    has_cancellation = omp_get_cancellation();
    omp_set_dynamic(0);
    omp_set_max_active_levels(3);
    for (int i = 0; i < LOCKS; i++)
        omp_init_lock(&locks[i]);
    for (long i = 0; i < rounds && check_failures == 0; i++) {
        round_of(first + (uint64_t)i);
        if (check_failures != 0)
            printf("in the round of seed %llu\n", (unsigned long long)(first + (uint64_t)i));
    }
    return check_result("tasks");
}
