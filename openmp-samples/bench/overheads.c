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
#include <inttypes.h>
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double REPETITION = 3e-3; /* seconds that a repetition lasts, at least */

/* No instructions; but the compiler has to believe that there are some. */
static inline void opaque(void)
{
    __asm__ volatile("" ::: "memory");
}

/* Called by all threads of the team. */
static void stamp(double *time)
{
    #pragma omp barrier
    #pragma omp masked
    *time = omp_get_wtime();
}

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

static const struct {
    const char *name;
    double (*measure)(int64_t n);
} constructs[] = {
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
enum { CONSTRUCTS = sizeof constructs / sizeof *constructs, MOST_REPETITIONS = 10001 };

static int compare(const void *left, const void *right)
{
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void report(int construct, int repetitions, double *nanoseconds)
{
    /* Doubles the number of operations until they take long enough. */
    int64_t n = 1;
    while (constructs[construct].measure(n) < REPETITION && n < INT64_C(1) << 40)
        n *= 2;
    for (int i = 0; i < repetitions; i++)
        nanoseconds[i] = 1e9 * constructs[construct].measure(n) / (double)n;
    qsort(nanoseconds, (size_t)repetitions, sizeof *nanoseconds, compare);
    const double median = (nanoseconds[(repetitions - 1) / 2] + nanoseconds[repetitions / 2]) / 2;
    printf("%s %.2f %.2f\n", constructs[construct].name, median, nanoseconds[0]);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static double nanoseconds[MOST_REPETITIONS];
    const char *filter = argc > 1 ? argv[1] : "";
    const long repetitions = argc > 2 ? strtol(argv[2], NULL, 10) : 11;
    if (argc > 3 || repetitions < 1 || repetitions > MOST_REPETITIONS) {
        printf("usage: overheads [filter [repetitions]]\n");
        return 2;
    }

    int threads = 0, matches = 0;
    #pragma omp parallel
    #pragma omp masked
    threads = omp_get_num_threads();
    printf("# %d threads, %ld repetitions; name, median and minimum in ns per operation\n",
           threads, repetitions);

    omp_init_lock(&lock);
    for (int i = 0; i < CONSTRUCTS; i++)
        if (strstr(constructs[i].name, filter)) {
            report(i, (int)repetitions, nanoseconds);
            matches++;
        }
    omp_destroy_lock(&lock);
    if (!matches)
        printf("# no construct's name contains '%s'\n", filter);
    return matches ? 0 : 2;
}
