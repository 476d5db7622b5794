/*
 * reduction: the reduction operators on parallel, for, sections and their
 * combinations, for several types. All operands are such that the result does
 * not depend on the order.
 */
#include "check.h"
#include <omp.h>
#include <stdbool.h>
#include <stdint.h>

#define PRAGMA(text) _Pragma(#text)
enum { N = 300 };

/* The original variable's value takes part once. */
#define REDUCE(type, operator, first, statement)                                       \
    do {                                                                               \
        type x = (type)(first);                                                        \
        for (int i = 0; i < N; i++)                                                    \
            statement;                                                                 \
        const type expected = x;                                                       \
        x = (type)(first);                                                             \
        PRAGMA(omp parallel for reduction(operator : x))                               \
        for (int i = 0; i < N; i++)                                                    \
            statement;                                                                 \
        check_that(x == expected, "for reduction of " #type ": " #statement, __LINE__); \
        x = (type)(first);                                                             \
        PRAGMA(omp parallel reduction(operator : x))                                   \
        for (int i = omp_get_thread_num(); i < N; i += omp_get_num_threads())          \
            statement;                                                                 \
        check_that(x == expected, "reduction of " #type ": " #statement, __LINE__);    \
    } while (0)

#define ARITHMETIC(type)                                           \
    REDUCE(type, +, 7, x += (type)(i % 11));                       \
    REDUCE(type, -, 7, x -= (type)(i % 11));                       \
    REDUCE(type, *, 3, x *= (type)(i % 60 == 1 ? 2 : 1));          \
    REDUCE(type, min, 100, if ((type)(i * 7 % 97 + 2) < x) x = (type)(i * 7 % 97 + 2)); \
    REDUCE(type, max, 1, if ((type)(i * 7 % 97 + 2) > x) x = (type)(i * 7 % 97 + 2)); \
    REDUCE(type, min, 1, if ((type)(i + 2) < x) x = (type)(i + 2)); \
    REDUCE(type, &&, 1, x = x && i >= 0);                          \
    REDUCE(type, &&, 1, x = x && i != 200);                        \
    REDUCE(type, ||, 0, x = x || i == 200);                        \
    REDUCE(type, ||, 0, x = x || i < 0)

#define INTEGER(type)                                              \
    ARITHMETIC(type);                                              \
    REDUCE(type, &, 0x7f, x &= (type)~(1 << i % 6));               \
    REDUCE(type, |, 1, x |= (type)(1 << i % 6));                   \
    REDUCE(type, ^, 5, x ^= (type)(i % 50))

static void test_sections_and_several(void)
{
    int sum = 1, product = 1;
    double least = 1e300;
    #pragma omp parallel sections reduction(+ : sum) reduction(* : product) reduction(min : least)
    {
        #pragma omp section
        { sum += 10; product *= 2; least = least < 3 ? least : 3; }
        #pragma omp section
        { sum += 100; product *= 3; least = least < 2 ? least : 2; }
        #pragma omp section
        { sum += 1000; product *= 5; least = least < 4 ? least : 4; }
    }
    CHECK(sum == 1111 && product == 30 && least == 2);

    /* Twelve variables of different sizes at once, and two loops. */
    int8_t a = 0; uint8_t b = 1; int16_t c = 2; uint16_t d = 3; int32_t e = 4; uint32_t f = 5;
    int64_t g = 6; uint64_t h = 7; float p = 8; double q = 9; bool any = false, every = true;
    #pragma omp parallel
    for (int loop = 0; loop < 2; loop++) {
        #pragma omp for schedule(dynamic, 3) reduction(+ : a, b, c, d, e, f, g, h, p, q) \
            reduction(|| : any) reduction(&& : every)
        for (int i = 0; i < 30; i++) {
            a++, b++, c++, d++, e++, f++, g++, h++, p++, q++;
            any = any || i == 29;
            every = every && i != 29;
        }
        CHECK(e == 34 + 30 * loop && q == 39 + 30 * loop && any && !every);
        #pragma omp barrier
    }
    CHECK(a == 60 && b == 61 && c == 62 && d == 63 && e == 64 && f == 65);
    CHECK(g == 66 && h == 67 && p == 68 && q == 69 && any && !every);
}

int main(void)
{
    for (int round = 0; round < 3; round++) {
        INTEGER(int);
        INTEGER(unsigned);
        INTEGER(int8_t);
        INTEGER(uint16_t);
        INTEGER(int64_t);
        INTEGER(uint64_t);
        ARITHMETIC(float);
        ARITHMETIC(double);
        REDUCE(int64_t, +, 0, x += INT64_C(1) << i % 50);
        REDUCE(double, +, 0.5, x += 0.25 * i);
        test_sections_and_several();
    }
    return check_result("reduction");
}
