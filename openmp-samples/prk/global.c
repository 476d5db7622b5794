/*
 * global: global synchronization. The threads lay their pieces of a string
 * of digits end to end, wait for each other, and deal the whole out anew, one
 * digit in turn to each.
 *
 *   global [iterations [piece]]
 *
 * piece is the number of digits per thread. Two barriers per iteration keep
 * the writing of the string and the reading of it apart.
 */
#include "prk.h"

static char digit(int64_t position)
{
    return (char)('0' + (position * 7 + position / 13) % 10);
}

/*
 * One iteration moves the digit at place move[i] to place i. This follows it
 * back through that many iterations, by squaring.
 */
static void repeat(uint32_t *restrict origin, uint32_t *restrict move,
                   uint32_t *restrict scratch, int64_t length, int64_t times)
{
    for (int64_t i = 0; i < length; i++)
        origin[i] = (uint32_t)i;
    for (; times; times /= 2) {
        if (times % 2) {
            for (int64_t i = 0; i < length; i++)
                scratch[i] = origin[move[i]];
            memcpy(origin, scratch, (size_t)length * sizeof *origin);
        }
        for (int64_t i = 0; i < length; i++)
            scratch[i] = move[move[i]];
        memcpy(move, scratch, (size_t)length * sizeof *move);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    struct prk_arguments arguments = prk_begin(argv, "global", "[iterations [piece]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 20000, 1, INT64_MAX / 2);
    const int64_t piece = prk_integer(&arguments, "piece", 64, 1, 1 << 20);
    prk_end(&arguments);

    const int64_t most = piece * omp_get_max_threads();
    char *shared = prk_allocate(most, 1), *result = prk_allocate(most, 1);
    double start = 0, stop = 0;
    int64_t length = 0;

    #pragma omp parallel
    {
        const int64_t num_threads = omp_get_num_threads(), me = omp_get_thread_num();
        char *mine = prk_allocate(piece, 1);
        for (int64_t i = 0; i < piece; i++)
            mine[i] = digit(me * piece + i);
        #pragma omp masked
        length = num_threads * piece;

        prk_stamp(&start);
        for (int64_t iteration = 0; iteration < iterations; iteration++) {
            memcpy(shared + me * piece, mine, (size_t)piece);
            #pragma omp barrier
            for (int64_t i = 0; i < piece; i++)
                mine[i] = shared[me + i * num_threads];
            #pragma omp barrier
        }
        prk_stamp(&stop);

        memcpy(result + me * piece, mine, (size_t)piece);
        free(mine);
    }

    uint32_t *origin = prk_allocate(length, sizeof *origin);
    uint32_t *move = prk_allocate(length, sizeof *move);
    uint32_t *scratch = prk_allocate(length, sizeof *scratch);
    for (int64_t i = 0; i < length; i++)
        move[i] = (uint32_t)(i / piece + i % piece * (length / piece));
    repeat(origin, move, scratch, length, iterations);
    for (int64_t i = 0; i < length; i++)
        if (result[i] != digit(origin[i]))
            prk_fail("digit %" PRId64 " is %c, not %c", i, result[i], digit(origin[i]));
    free(origin);
    free(move);
    free(scratch);
    free(shared);
    free(result);
    return prk_report("synch/s", 1, stop - start, iterations);
}
