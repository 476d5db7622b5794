/*
 * branch: loops with branches that are hard to predict, and the same work
 * without branches.
 *
 *   branch [iterations [length [vector|scalar|indirect|calls]]]
 *
 * Each thread changes, sweep by sweep, the sign of every element of a vector
 * of its own, that starts as a saw-tooth; iterations must be even. The branch
 * depends on the element's sign:
 *   vector    which is known from the index, so the loop can be vectorized;
 *   scalar    which is loaded by way of an index vector (the default);
 *   indirect  as vector, but one side of the branch loads that way;
 *   calls     each element's function is one of eight long ones, called
 *             through a table; without branches it is always the same.
 */
#include "prk.h"

enum kind { VECTOR, SCALAR, INDIRECT, CALLS, KINDS };

static inline int32_t tooth(int64_t i)
{
    return 3 - (int32_t)(i & 7);
}

/* Mixes a word up, restores it, and returns it with the sign changed. */
#define MIX(name, a, b, r)                               \
    static uint32_t name(uint32_t word)                  \
    {                                                    \
        for (uint32_t round = 0; round < 4; round++) {   \
            word = (word + (a) + round) ^ (b);           \
            word = word << (r) | word >> (32 - (r));     \
        }                                                \
        for (uint32_t round = 4; round-- > 0;) {         \
            word = word >> (r) | word << (32 - (r));     \
            word = (word ^ (b)) - (a) - round;           \
        }                                                \
        return 0 - word;                                 \
    }
MIX(mix0, 0x3c6ef372u, 0x1f83d9abu, 5)
MIX(mix1, 0x510e527fu, 0x9b05688cu, 7)
MIX(mix2, 0x2545f491u, 0x4f6cdd1du, 9)
MIX(mix3, 0x7f4a7c15u, 0x61c88647u, 11)
MIX(mix4, 0x1b873593u, 0x5bd1e995u, 13)
MIX(mix5, 0x2c1b3c6du, 0x297a2d39u, 17)
MIX(mix6, 0x68bc21ebu, 0x02e5be93u, 19)
MIX(mix7, 0x165667b1u, 0x27d4eb2fu, 23)
enum { MIX_OPERATIONS = 8 * 6 + 1 };

typedef uint32_t mixer(uint32_t);
static mixer *const mixers[8] = {mix0, mix1, mix2, mix3, mix4, mix5, mix6, mix7};

/* sign is -1 in the first sweep, in which v[i] is tooth(i), then 1, and so on. */
static void with_branches(enum kind kind, int32_t *restrict v, const int32_t *restrict index,
                          int64_t length, int32_t sign)
{
    switch (kind) {
    case VECTOR:
        for (int64_t i = 0; i < length; i++) {
            const int32_t next = sign * tooth(i);
            if (next > 0)
                v[i] -= 2 * v[i];
            else
                v[i] += 2 * next;
        }
        break;
    case SCALAR:
        for (int64_t i = 0; i < length; i++) {
            if (v[index[i]] > 0)
                v[i] -= 2 * v[i];
            else
                v[i] += 2 * sign * tooth(i);
        }
        break;
    case INDIRECT:
        for (int64_t i = 0; i < length; i++) {
            const int32_t next = sign * tooth(i);
            if (next > 0)
                v[i] -= 2 * v[index[i]];
            else
                v[i] += 2 * next;
        }
        break;
    default:
        for (int64_t i = 0; i < length; i++)
            v[i] = (int32_t)mixers[(index[i] * 5 + v[i]) & 7]((uint32_t)v[i]);
    }
}

static void without_branches(enum kind kind, int32_t *restrict v,
                             const int32_t *restrict index, int64_t length, int32_t sign)
{
    switch (kind) {
    case VECTOR:
    case SCALAR:
        for (int64_t i = 0; i < length; i++)
            v[i] -= v[i] - sign * tooth(i);
        break;
    case INDIRECT:
        for (int64_t i = 0; i < length; i++)
            v[i] -= v[index[i]] - sign * tooth(i);
        break;
    default:
        for (int64_t i = 0; i < length; i++)
            v[i] = (int32_t)mix0((uint32_t)v[i]);
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    static const char *const names[] = {"vector", "scalar", "indirect", "calls"};
    struct prk_arguments arguments =
        prk_begin(argv, "branch", "[iterations [length [vector|scalar|indirect|calls]]]");
    const int64_t iterations = prk_integer(&arguments, "iterations", 100000, 2, INT64_C(1) << 40);
    const int64_t length = prk_integer(&arguments, "length", 2000, 1, 1 << 24);
    const char *name = prk_word(&arguments, "scalar");
    prk_end(&arguments);
    if (iterations % 2)
        prk_fail("iterations is %" PRId64 ", and must be even", iterations);
    int kind = VECTOR;
    while (kind < KINDS && strcmp(name, names[kind]))
        kind++;
    if (kind == KINDS)
        prk_fail("no such kind of branch: '%s'", name);

    double start = 0, between = 0, stop = 0;
    int64_t wrong = 0;
    int num_threads = 0;

    #pragma omp parallel reduction(+ : wrong)
    {
        int32_t *v = prk_allocate(length, sizeof *v);
        int32_t *index = prk_allocate(length, sizeof *index);
        for (int64_t i = 0; i < length; i++) {
            v[i] = tooth(i);
            index[i] = (int32_t)i;
        }
        #pragma omp masked
        num_threads = omp_get_num_threads();

        prk_stamp(&start);
        for (int64_t i = 0; i < iterations; i++)
            with_branches((enum kind)kind, v, index, length, i % 2 ? 1 : -1);
        prk_stamp(&between);
        for (int64_t i = 0; i < length; i++)
            wrong += v[i] != tooth(i);
        for (int64_t i = 0; i < iterations; i++)
            without_branches((enum kind)kind, v, index, length, i % 2 ? 1 : -1);
        prk_stamp(&stop);
        for (int64_t i = 0; i < length; i++)
            wrong += v[i] != tooth(i);
        free(v);
        free(index);
    }

    if (wrong)
        prk_fail("%" PRId64 " elements have a wrong value", wrong);
    const double operations = (kind == CALLS ? MIX_OPERATIONS : 4) * (double)length
                            * num_threads;
    const int status = prk_report("Mops/s", 1e-6 * operations, between - start, iterations);
    printf("Rate without branches (Mops/s): %.6g\n",
           1e-6 * operations * (double)iterations / fmax(stop - between, 1e-9));
    return status;
}
