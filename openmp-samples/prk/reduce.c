/*
 * reduce: the elementwise sum of vectors, two of which belong to each thread.
 *
 *   reduce [iterations [length [linear|tree|pairs|scatter]]]
 *
 * Each thread first adds its second vector to its first. Then
 *   linear   one thread adds up all the others' vectors;
 *   tree     the upper half of the threads hands its vectors to the lower
 *            half, with a barrier before each such step;
 *   pairs    the same, but only the two threads concerned synchronize
 *            (the default);
 *   scatter  each thread adds up one section of all the vectors.
 * In all cases the sum ends up in the first vector of thread 0.
 */
#include "prk.h"

struct vectors {
    double *first;   /* of thread t: first + t * length */
    double *second;
    int64_t length;
    struct { _Alignas(PRK_CACHE_LINE) int64_t sweep; } *ready; /* one per thread, for pairs */
};

static void add(double *restrict to, const double *restrict from, int64_t length)
{
    for (int64_t i = 0; i < length; i++)
        to[i] += from[i];
}

static void linear(const struct vectors *v)
{
    #pragma omp barrier
    #pragma omp masked
    for (int64_t t = 1; t < omp_get_num_threads(); t++)
        add(v->first, v->first + t * v->length, v->length);
}

static void tree(const struct vectors *v)
{
    const int64_t me = omp_get_thread_num();
    for (int64_t group = omp_get_num_threads(), half; group > 1; group = half) {
        half = (group + 1) / 2;
        #pragma omp barrier
        if (me + half < group)
            add(v->first + me * v->length, v->first + (me + half) * v->length, v->length);
    }
}

/* Threads leave the tree when they have given their vector away. */
static void pairs(const struct vectors *v, int64_t sweep)
{
    const int64_t me = omp_get_thread_num();
    for (int64_t group = omp_get_num_threads(), half; group > 1 && me < group; group = half) {
        half = (group + 1) / 2;
        if (me >= half) {
            #pragma omp atomic write release
            v->ready[me].sweep = sweep;
        } else if (me + half < group) {
            unsigned rounds = 0;
            for (;;) {
                int64_t seen;
                #pragma omp atomic read acquire
                seen = v->ready[me + half].sweep;
                if (seen == sweep)
                    break;
                prk_spin(&rounds);
            }
            add(v->first + me * v->length, v->first + (me + half) * v->length, v->length);
        }
    }
}

static void scatter(const struct vectors *v)
{
    const int64_t num_threads = omp_get_num_threads(), me = omp_get_thread_num();
    const int64_t begin = v->length * me / num_threads;
    const int64_t end = v->length * (me + 1) / num_threads;
    #pragma omp barrier
    for (int64_t t = 1; t < num_threads; t++)
        add(v->first + begin, v->first + t * v->length + begin, end - begin);
}

int main(int argc, char **argv)
{
    (void)argc;
    static const char *const names[] = {"linear", "tree", "pairs", "scatter"};
    struct prk_arguments arguments =
        prk_begin(argv, "reduce", "[iterations [length [linear|tree|pairs|scatter]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 4000, 1, INT64_MAX - 1);
    const int64_t length = prk_integer(&arguments, "length", 50000, 1, 1 << 28);
    const char *name = prk_word(&arguments, "pairs");
    prk_end(&arguments);
    int algorithm = 0;
    while (algorithm < 4 && strcmp(name, names[algorithm]))
        algorithm++;
    if (algorithm == 4)
        prk_fail("no such algorithm: '%s'", name);

    const int64_t most = omp_get_max_threads();
    struct vectors v = {.length = length};
    v.first = prk_allocate(most * length, sizeof *v.first);
    v.second = prk_allocate(most * length, sizeof *v.second);
    v.ready = prk_allocate(most, sizeof *v.ready);
    double start = 0, stop = 0, num_threads = 0;

    #pragma omp parallel
    {
        const int64_t me = omp_get_thread_num();
        double *first = v.first + me * length, *second = v.second + me * length;
        #pragma omp masked
        num_threads = omp_get_num_threads();
        v.ready[me].sweep = -1;

        for (int64_t sweep = 0; sweep <= iterations; sweep++) {
            if (sweep == 1)
                prk_stamp(&start);
            #pragma omp barrier /* nobody reads the previous sweep's vectors any more */
            for (int64_t i = 0; i < length; i++) {
                first[i] = (double)(me + 1);
                second[i] = (double)(2 * me + i % 5);
            }
            add(first, second, length);
            switch (algorithm) {
            case 0: linear(&v); break;
            case 1: tree(&v); break;
            case 2: pairs(&v, sweep); break;
            case 3: scatter(&v); break;
            }
        }
        prk_stamp(&stop);
    }

    for (int64_t i = 0; i < length; i++) {
        const double expected = num_threads + num_threads * (num_threads - 1) / 2 * 3
                              + num_threads * (double)(i % 5);
        if (v.first[i] != expected)
            prk_fail("element %" PRId64 " is %g, not %g", i, v.first[i], expected);
    }
    free(v.first);
    free(v.second);
    free((void *)v.ready);
    return prk_report("MFlops/s", 1e-6 * (2 * num_threads - 1) * (double)length, stop - start,
                      iterations);
}
