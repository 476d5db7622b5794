/*
 * many_locals: a parallel region whose code is so long that, without
 * optimisation, the compiler makes more local variables for it than a
 * WebAssembly function may have. A loop computes the same.
 */
#include "check.h"
#include <omp.h>

enum { TABLE = 16 };

#define STEP(x, t) \
    x = (x ^ (t)[x % TABLE]) * 5 + (x >> 3) - (t)[(x + 1) % TABLE] + (x << 2)

#define TEN(s) s; s; s; s; s; s; s; s; s; s
#define HUNDRED(s) TEN(s); TEN(s); TEN(s); TEN(s); TEN(s); \
                   TEN(s); TEN(s); TEN(s); TEN(s); TEN(s)
#define THOUSAND(s) HUNDRED(s); HUNDRED(s); HUNDRED(s); HUNDRED(s); HUNDRED(s); \
                    HUNDRED(s); HUNDRED(s); HUNDRED(s); HUNDRED(s); HUNDRED(s)

static unsigned by_loop(unsigned x, const volatile unsigned *table, int steps)
{
    for (int i = 0; i < steps; i++)
        STEP(x, table);
    return x;
}

int main(void)
{
    volatile unsigned table[TABLE];
    int members = 0;
    for (unsigned i = 0; i < TABLE; i++)
        table[i] = i * i + 7;
    #pragma omp parallel reduction(+ : members)
    {
        unsigned x = 1 + (unsigned)omp_get_thread_num();
        const unsigned expected = by_loop(x, table, 2 * 3000);
        for (int round = 0; round < 2; round++) {
            THOUSAND(STEP(x, table));
            THOUSAND(STEP(x, table));
            THOUSAND(STEP(x, table));
        }
        CHECK(x == expected);
        members++;
    }
    CHECK(members >= 1);
    return check_result("many_locals");
}
