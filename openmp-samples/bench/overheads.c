/*
 * overheads: what OpenMP constructs cost when there is no work in them.
 *
 *   overheads [filter [repetitions]]
 *
 * Each line of output is "NAME MEDIAN MINIMUM", in nanoseconds of elapsed time
 * per operation; lines that start with # are comments. Only constructs whose
 * name contains the filter are measured. The number of threads is
 * OMP_NUM_THREADS.
 *
 * An operation is, for parallel, parallel_for, reduction, for, single, barrier
 * and guided: one instance of the construct, which all threads take part in
 * (the loops have one iteration per thread, that of guided 64); for critical,
 * lock and atomic_*: one entry or update by any of the threads, all of which
 * try; for ordered: one ordered region; for static_chunk and dynamic_chunk: one
 * chunk of one iteration, given to any of the threads; for doacross: one
 * iteration of a wavefront in two dimensions, two sinks, a source, and about a
 * tenth of a microsecond of work.
 */
#include "measure.h"

static const double REPETITION = 3e-3; /* seconds that a repetition lasts, at least */

/* Each measure_* does n operations, and returns the seconds that they took. */

static double measure_parallel(int64_t n)
{
    const double start = omp_get_wtime();
    for (int64_t i = 0; i < n; i++) {
        #pragma omp parallel
        opaque();
    }
    return omp_get_wtime() - start;
}

static double measure_parallel_for(int64_t n)
{
    const int threads = omp_get_max_threads();
    const double start = omp_get_wtime();
    for (int64_t i = 0; i < n; i++) {
        #pragma omp parallel for schedule(static)
        for (int j = 0; j < threads; j++)
            opaque();
    }
    return omp_get_wtime() - start;
}

static double measure_reduction(int64_t n)
{
    double sum = 0;
    const double start = omp_get_wtime();
    for (int64_t i = 0; i < n; i++) {
        #pragma omp parallel reduction(+ : sum)
        sum += 1;
    }
    const double stop = omp_get_wtime();
    if (sum < (double)n)
        printf("# ERROR: the reduction yields %g\n", sum);
    return stop - start;
}

/* A function whose body is executed by all threads between two time stamps. */
#define MEASURE_IN_REGION(name, body)                                              \
    static double measure_##name(int64_t n)                                        \
    {                                                                              \
        double start = 0, stop = 0;                                                \
        _Pragma("omp parallel")                                                    \
        {                                                                          \
            const int64_t threads = omp_get_num_threads(), me = omp_get_thread_num(); \
            stamp(&start);                                                         \
            body                                                                   \
            stamp(&stop);                                                          \
            (void)threads, (void)me;                                               \
        }                                                                          \
        return stop - start;                                                       \
    }

/* For constructs that all threads meet n times, */
#define EACH_N(statement) for (int64_t i = 0; i < n; i++) { statement }
/* and for those of which each thread has its share of n. */
#define SHARE_OF_N(statement) for (int64_t i = me; i < n; i += threads) { statement }

static omp_lock_t lock;
static int integer;
static double real;

MEASURE_IN_REGION(for, EACH_N(
    _Pragma("omp for schedule(static)")
    for (int64_t j = 0; j < threads; j++)
        opaque();))
MEASURE_IN_REGION(barrier, EACH_N(
    _Pragma("omp barrier")))
MEASURE_IN_REGION(single, EACH_N(
    _Pragma("omp single")
    opaque();))
MEASURE_IN_REGION(guided, EACH_N(
    _Pragma("omp for schedule(guided)")
    for (int64_t j = 0; j < 64 * threads; j++)
        opaque();))
MEASURE_IN_REGION(critical, SHARE_OF_N(
    _Pragma("omp critical")
    opaque();))
MEASURE_IN_REGION(lock, SHARE_OF_N(
    omp_set_lock(&lock);
    opaque();
    omp_unset_lock(&lock);))
MEASURE_IN_REGION(atomic_int, SHARE_OF_N(
    _Pragma("omp atomic")
    integer += 1;))
MEASURE_IN_REGION(atomic_double, SHARE_OF_N(
    _Pragma("omp atomic")
    real += 1;))
MEASURE_IN_REGION(ordered,
    _Pragma("omp for ordered schedule(static, 1)")
    for (int64_t i = 0; i < n; i++) {
        _Pragma("omp ordered")
        opaque();
    })
MEASURE_IN_REGION(static_chunk,
    _Pragma("omp for schedule(static, 1)")
    for (int64_t i = 0; i < n; i++)
        opaque();)
MEASURE_IN_REGION(dynamic_chunk,
    _Pragma("omp for schedule(dynamic, 1)")
    for (int64_t i = 0; i < n; i++)
        opaque();)


enum { WAVEFRONT_COLUMNS = 256 };

/* A chain of additions that the compiler cannot shorten. */
static double block_of_work(double value)
{
    for (int i = 0; i < 60; i++)
        value = value * 0.5 + 1;
    return value;
}

static double measure_doacross(int64_t n)
{
    static double front[2][WAVEFRONT_COLUMNS];
    const int64_t rows = n / WAVEFRONT_COLUMNS + 1;
    double start = 0, stop = 0;
    #pragma omp parallel
    {
        stamp(&start);
        #pragma omp for ordered(2) schedule(static, 1)
        for (int64_t i = 0; i < rows; i++)
            for (int j = 0; j < WAVEFRONT_COLUMNS; j++) {
                #pragma omp ordered depend(sink: i - 1, j) depend(sink: i, j - 1)
                front[i % 2][j] = block_of_work(front[(i + 1) % 2][j] + (j > 0 ? front[i % 2][j - 1] : 0));
                #pragma omp ordered depend(source)
            }
        stamp(&stop);
    }
    return (stop - start) * (double)n / (double)(rows * WAVEFRONT_COLUMNS);
}

static const struct construct constructs[] = {
    {"parallel", measure_parallel},
    {"for", measure_for},
    {"parallel_for", measure_parallel_for},
    {"barrier", measure_barrier},
    {"single", measure_single},
    {"critical", measure_critical},
    {"lock", measure_lock},
    {"atomic_int", measure_atomic_int},
    {"atomic_double", measure_atomic_double},
    {"ordered", measure_ordered},
    {"reduction", measure_reduction},
    {"static_chunk", measure_static_chunk},
    {"dynamic_chunk", measure_dynamic_chunk},
    {"guided", measure_guided},
    {"doacross", measure_doacross},
};
enum { CONSTRUCTS = sizeof constructs / sizeof *constructs };

int main(int argc, char **argv)
{
    omp_init_lock(&lock);
    const int status = measure_all("overheads", constructs, CONSTRUCTS, 1, REPETITION, argc, argv);
    omp_destroy_lock(&lock);
    return status;
}
