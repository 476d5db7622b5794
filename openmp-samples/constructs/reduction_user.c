/*
 * reduction_user: reductions of structures by identifiers of the program's
 * own, with initializers and without.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

struct statistics {
    int64_t count, sum;
    double least, most;
    int where_most;
};

static void include(struct statistics *s, double value, int where)
{
    s->count++;
    s->sum += (int64_t)value;
    if (value < s->least)
        s->least = value;
    if (value > s->most || (value == s->most && where < s->where_most)) {
        s->most = value;
        s->where_most = where;
    }
}

static void merge(struct statistics *into, const struct statistics *from)
{
    into->count += from->count;
    into->sum += from->sum;
    if (from->least < into->least)
        into->least = from->least;
    if (from->most > into->most
        || (from->most == into->most && from->where_most < into->where_most)) {
        into->most = from->most;
        into->where_most = from->where_most;
    }
}

static struct statistics nothing(void)
{
    return (struct statistics){0, 0, 1e300, -1e300, 1 << 30};
}

#pragma omp declare reduction(gather : struct statistics : merge(&omp_out, &omp_in)) \
    initializer(omp_priv = nothing())

struct longest { int from, length; };
#pragma omp declare reduction(longer : struct longest : \
    omp_out = omp_in.length > omp_out.length ? omp_in : omp_out) \
    initializer(omp_priv = {-1, 0})

/* Each private copy takes its modulus from the original. */
struct residue { int modulus, value; };
static void start(struct residue *copy, const struct residue *original)
{
    copy->modulus = original->modulus;
    copy->value = 0;
}
#pragma omp declare reduction(modular : struct residue : \
    omp_out.value = (omp_out.value + omp_in.value) % omp_out.modulus) \
    initializer(start(&omp_priv, &omp_orig))

/* An int, and no initializer: the copies start with zero, as static objects do. */
#pragma omp declare reduction(either : int : omp_out |= omp_in)

enum { N = 1000 };

int main(void)
{
    for (int round = 0; round < 20; round++) {
        struct statistics all = nothing(), some = nothing();
        struct longest longest = {-1, 0};
        struct residue sum = {101, 100};
        int bits = 1;

        #pragma omp parallel for schedule(dynamic, 7) reduction(gather : all) \
            reduction(modular : sum) reduction(longer : longest) reduction(either : bits)
        for (int i = 0; i < N; i++) {
            include(&all, (i * 37) % 251, i);
            sum.value = (sum.value + i) % sum.modulus;
            bits |= 1 << i % 10;
            if (i * 31 % N > longest.length)
                longest = (struct longest){i, i * 31 % N};
        }
        CHECK(all.count == N && all.least == 0 && all.most == 250 && all.where_most == 156);
        int64_t expected = 0;
        for (int i = 0; i < N; i++)
            expected += (i * 37) % 251;
        CHECK(all.sum == expected);
        CHECK(bits == 1023);
        CHECK(sum.modulus == 101 && sum.value == (100 + N * (N - 1) / 2) % 101);
        CHECK(longest.length == N - 1 && longest.from * 31 % N == N - 1);

        #pragma omp parallel reduction(gather : some)
        include(&some, omp_get_thread_num(), omp_get_thread_num());
        CHECK(some.count == omp_get_max_threads() && some.most == omp_get_max_threads() - 1);
    }
    return check_result("reduction_user");
}
