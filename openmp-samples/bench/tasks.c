/*
 * tasks: what tasking constructs cost when there is next to no work in them.
 *
 *   tasks [filter [repetitions]]
 *
 * Each line of output is "NAME MEDIAN MINIMUM", in nanoseconds of elapsed time
 * per operation; lines that start with # are comments. Only constructs whose
 * name contains the filter are measured. The number of threads is
 * OMP_NUM_THREADS.
 *
 * An operation is one task, but for: task_barrier (one task of each thread and
 * a barrier), taskgroup (one region with one task, on each thread), depend_*
 * (one task with dependences). All threads together do n operations.
 */
#include "measure.h"

static const double REPETITION = 4e-3; /* seconds that a repetition lasts, at least */

/* Some 50 ns of work. */
static void work(void)
{
    for (int i = 0; i < 100; i++)
        opaque();
}

/* A function whose body is executed by all threads between two time stamps. */
#define MEASURE_IN_REGION(name, body)                                              \
    static double measure_##name(int64_t n)                                        \
    {                                                                              \
        double start = 0, stop = 0;                                                \
        _Pragma("omp parallel")                                                    \
        {                                                                          \
            const int64_t threads = omp_get_num_threads(), share = n / threads + 1; \
            stamp(&start);                                                         \
            body                                                                   \
            stamp(&stop);                                                          \
            (void)threads, (void)share;                                            \
        }                                                                          \
        return stop - start;                                                       \
    }

static volatile int never; /* 0, as the compiler does not know */

MEASURE_IN_REGION(parallel_task,
    for (int64_t i = 0; i < share; i++) {
        _Pragma("omp task")
        work();
    })
MEASURE_IN_REGION(master_task,
    _Pragma("omp master")
    for (int64_t i = 0; i < n; i++) {
        _Pragma("omp task")
        work();
    })
MEASURE_IN_REGION(nested_task,
    _Pragma("omp master")
    for (int64_t i = 0; i < n / 16 + 1; i++) {
        _Pragma("omp task")
        for (int j = 0; j < 16; j++) {
            _Pragma("omp task")
            work();
        }
    })
MEASURE_IN_REGION(nested_tasks,
    for (int64_t i = 0; i < share / 16 + 1; i++) {
        _Pragma("omp task")
        {
            for (int j = 0; j < 16; j++) {
                _Pragma("omp task")
                work();
            }
            _Pragma("omp taskwait")
        }
    })
MEASURE_IN_REGION(task_wait,
    for (int64_t i = 0; i < share; i++) {
        _Pragma("omp task")
        work();
        _Pragma("omp taskwait")
    })
MEASURE_IN_REGION(task_barrier,
    for (int64_t i = 0; i < n; i++) {
        _Pragma("omp task")
        work();
        _Pragma("omp barrier")
    })
MEASURE_IN_REGION(taskgroup,
    for (int64_t i = 0; i < share; i++) {
        _Pragma("omp taskgroup")
        {
            _Pragma("omp task")
            work();
        }
    })
MEASURE_IN_REGION(conditional_task,
    for (int64_t i = 0; i < share; i++) {
        _Pragma("omp task if(never)")
        work();
    })
MEASURE_IN_REGION(taskloop,
    _Pragma("omp single")
    _Pragma("omp taskloop grainsize(1)")
    for (int64_t i = 0; i < n; i++)
        work();)
MEASURE_IN_REGION(parallel_taskloop,
    _Pragma("omp taskloop grainsize(1)")
    for (int64_t i = 0; i < share; i++)
        work();)

enum { CHAINS = 8, SIDE = 32 };
static char chains[CHAINS], grid[SIDE + 1][SIDE + 1];

/* Each task waits for the one CHAINS before it. */
MEASURE_IN_REGION(depend_chains,
    _Pragma("omp single")
    for (int64_t i = 0; i < n; i++) {
        char *chain = &chains[i % CHAINS];
        (void)chain;
        _Pragma("omp task depend(inout : chain[0])")
        work();
    })
/* Blocks of a square, each after its neighbours above and to the left. */
MEASURE_IN_REGION(depend_wavefront,
    _Pragma("omp single")
    for (int64_t i = 0; i < n; i += SIDE * SIDE)
        for (int row = 1; row <= SIDE; row++)
            for (int column = 1; column <= SIDE; column++) {
                _Pragma("omp task depend(in : grid[row - 1][column], grid[row][column - 1]) depend(out : grid[row][column])")
                work();
            })

static const struct construct constructs[] = {
    {"parallel_task", measure_parallel_task},
    {"master_task", measure_master_task},
    {"nested_task", measure_nested_task},
    {"nested_tasks", measure_nested_tasks},
    {"task_wait", measure_task_wait},
    {"task_barrier", measure_task_barrier},
    {"taskgroup", measure_taskgroup},
    {"conditional_task", measure_conditional_task},
    {"taskloop", measure_taskloop},
    {"parallel_taskloop", measure_parallel_taskloop},
    {"depend_chains", measure_depend_chains},
    {"depend_wavefront", measure_depend_wavefront},
};
enum { CONSTRUCTS = sizeof constructs / sizeof *constructs };

int main(int argc, char **argv)
{
    return measure_all("tasks", constructs, CONSTRUCTS, SIDE * SIDE, REPETITION, argc, argv);
}
