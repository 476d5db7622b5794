/*
 * many_arguments: regions that need 40 variables of their surroundings, as
 * shared, as small firstprivate and as large firstprivate variables.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

#define PRAGMA(...) PRAGMA_(__VA_ARGS__)
#define PRAGMA_(...) _Pragma(#__VA_ARGS__)

/* Applies a macro to the names v0 to v39, with what comes between them. */
#define TEN(x, between, tens)                                                 \
    x(tens##0) between() x(tens##1) between() x(tens##2) between()            \
    x(tens##3) between() x(tens##4) between() x(tens##5) between()            \
    x(tens##6) between() x(tens##7) between() x(tens##8) between() x(tens##9)
#define EACH(x, between)                                                      \
    TEN(x, between, ) between() TEN(x, between, 1) between()                  \
    TEN(x, between, 2) between() TEN(x, between, 3)
#define NOTHING()
#define COMMA() ,
#define PLUS() +

#define NAME(n) v##n
#define DECLARE_INT64(n) int64_t v##n = INT64_C(1) << n;
#define DECLARE_SHORT(n) int16_t v##n = n + 1;
#define DECLARE_DOUBLE(n) double v##n = n + 0.5;
#define STRUCTURE(n) struct { int32_t a[3]; } v##n = {{n, n + 1, n + 2}};
#define TERM(n) (int64_t)v##n
#define LAST_OF(n) v##n.a[2]
#define INCREMENT(n) v##n++;

static void test_shared(void)
{
    EACH(DECLARE_INT64, NOTHING)
    int correct = 0;
    #pragma omp parallel
    {
        if ((EACH(TERM, PLUS)) == (INT64_C(1) << 40) - 1)
            tick(&correct);
        #pragma omp barrier
        #pragma omp single
        { EACH(INCREMENT, NOTHING) }
    }
    CHECK(correct == omp_get_max_threads());
    CHECK((EACH(TERM, PLUS)) == (INT64_C(1) << 40) + 39);
}

static void test_small_firstprivate(void)
{
    EACH(DECLARE_SHORT, NOTHING)
    int correct = 0;
    PRAGMA(omp parallel firstprivate(EACH(NAME, COMMA)))
    {
        EACH(INCREMENT, NOTHING)
        if ((EACH(TERM, PLUS)) == 820 + 40)
            tick(&correct);
    }
    CHECK(correct == omp_get_max_threads());
    CHECK((EACH(TERM, PLUS)) == 820);
}

static void test_large_firstprivate(void)
{
    EACH(DECLARE_DOUBLE, NOTHING)
    int correct = 0;
    PRAGMA(omp parallel for firstprivate(EACH(NAME, COMMA)))
    for (int i = 0; i < 100; i++)
        if ((EACH(NAME, PLUS)) == 800)
            tick(&correct);
    CHECK(correct == 100);
}

static void test_structures(void)
{
    EACH(STRUCTURE, NOTHING)
    int correct = 0;
    PRAGMA(omp parallel firstprivate(EACH(NAME, COMMA)))
    if ((EACH(LAST_OF, PLUS)) == 860)
        tick(&correct);
    CHECK(correct == omp_get_max_threads());
}

int main(void)
{
    for (int round = 0; round < 20; round++) {
        test_shared();
        test_small_firstprivate();
        test_large_firstprivate();
        test_structures();
    }
    return check_result("many_arguments");
}
