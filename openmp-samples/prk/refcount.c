/*
 * refcount: a pair of counters on different cache lines, which the threads
 * update under mutual exclusion.
 *
 *   refcount [updates [stream [lock|critical|atomic]]]
 *
 * Between two updates a thread may do work of its own: a triad over vectors
 * of stream elements. With lock (an omp_lock_t, the default) and critical the
 * two updates depend on each other: the pair is a point on the unit circle
 * that turns by one radian. With atomic the two just count.
 */
#include "prk.h"

struct counters {
    _Alignas(PRK_CACHE_LINE) double x;
    _Alignas(PRK_CACHE_LINE) double y;
    _Alignas(PRK_CACHE_LINE) omp_lock_t lock;
};

enum mutex { LOCK, CRITICAL, ATOMIC, MUTEXES };

static inline void turn(struct counters *counters, double cosine, double sine)
{
    const double x = counters->x;
    counters->x = cosine * x - sine * counters->y;
    counters->y = sine * x + cosine * counters->y;
}

static inline void update(struct counters *counters, enum mutex mutex, double cosine,
                          double sine)
{
    switch (mutex) {
    case LOCK:
        omp_set_lock(&counters->lock);
        turn(counters, cosine, sine);
        omp_unset_lock(&counters->lock);
        break;
    case CRITICAL:
        #pragma omp critical(refcount)
        turn(counters, cosine, sine);
        break;
    default:
        #pragma omp atomic
        counters->x += 1;
        #pragma omp atomic
        counters->y += 1;
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    static const char *const names[] = {"lock", "critical", "atomic"};
    struct prk_arguments arguments =
        prk_begin(argv, "refcount", "[updates [stream [lock|critical|atomic]]]");
    const int64_t updates = prk_integer(&arguments, "updates", 500000, 1, INT64_C(1) << 40);
    const int64_t stream = prk_integer(&arguments, "stream", 0, 0, 1 << 24);
    const char *name = prk_word(&arguments, "lock");
    prk_end(&arguments);
    int mutex = LOCK;
    while (mutex < MUTEXES && strcmp(name, names[mutex]))
        mutex++;
    if (mutex == MUTEXES)
        prk_fail("no such kind of mutual exclusion: '%s'", name);

    const double cosine = cos(1), sine = sin(1);
    struct counters *counters = prk_allocate(1, sizeof *counters);
    *counters = (struct counters){.x = mutex == ATOMIC ? 0 : 1, .y = 0};
    omp_init_lock(&counters->lock);
    double start = 0, stop = 0;
    int64_t wrong = 0;

    #pragma omp parallel reduction(+ : wrong)
    {
        double *a = prk_allocate(3 * stream, sizeof *a), *b = a + stream, *c = b + stream;
        for (int64_t i = 0; i < stream; i++) {
            a[i] = 0;
            b[i] = 2;
            c[i] = 3;
        }
        int64_t mine = 0;

        prk_stamp(&start);
        #pragma omp for nowait
        for (int64_t i = 0; i < updates; i++) {
            update(counters, (enum mutex)mutex, cosine, sine);
            for (int64_t j = 0; j < stream; j++)
                a[j] += b[j] + 4 * c[j];
            mine++;
        }
        prk_stamp(&stop);

        for (int64_t i = 0; i < stream; i++)
            wrong += a[i] != 14.0 * (double)mine;
        free(a);
    }
    omp_destroy_lock(&counters->lock);

    const double x = mutex == ATOMIC ? (double)updates : cos((double)updates);
    const double y = mutex == ATOMIC ? (double)updates : sin((double)updates);
    if (wrong)
        prk_fail("%" PRId64 " elements of the private vectors are wrong", wrong);
    if (!(fabs(counters->x - x) <= 1e-7 && fabs(counters->y - y) <= 1e-7))
        prk_fail("the counters are %.12g and %.12g, not %.12g and %.12g", counters->x,
                 counters->y, x, y);
    free(counters);
    /* One iteration is one update of the pair; the rate counts millions. */
    return prk_report("MCPUPs/s", 1e-6, stop - start, updates);
}
