/*
 * for_widths: loop variables of all widths, signed and not, with negative
 * steps, empty ranges, and ranges that end at the limits of the type.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

#define PRAGMA(text) _Pragma(#text)

/* Compares number, sum and sum of squares of the values with a serial loop's. */
#define COMPARE(schedule_clause, type, begin, test, step)                            \
    do {                                                                             \
        uint64_t n = 0, sum = 0, squares = 0, n0 = 0, sum0 = 0, squares0 = 0;        \
        for (type i = begin; test; step)                                             \
            n0++, sum0 += (uint64_t)i, squares0 += (uint64_t)i * (uint64_t)i;        \
        PRAGMA(omp parallel for reduction(+ : n, sum, squares) schedule_clause)      \
        for (type i = begin; test; step)                                             \
            n++, sum += (uint64_t)i, squares += (uint64_t)i * (uint64_t)i;           \
        CHECK(n == n0 && sum == sum0 && squares == squares0 && #type #begin #test);  \
    } while (0)

#define LOOP(type, begin, test, step)                          \
    COMPARE(schedule(static), type, begin, test, step);        \
    COMPARE(schedule(static, 3), type, begin, test, step);     \
    COMPARE(schedule(dynamic), type, begin, test, step);       \
    COMPARE(schedule(dynamic, 3), type, begin, test, step);    \
    COMPARE(schedule(guided, 2), type, begin, test, step)

#define UP(type, most)                            \
    LOOP(type, 0, i < 100, i++);                  \
    LOOP(type, 5, i <= 99, i += 7);               \
    LOOP(type, 1, i != 50, i++);                  \
    LOOP(type, 20, i < 20, i++);                  \
    LOOP(type, 20, i < 10, i++);                  \
    LOOP(type, most - 20, i < most, i++)

#define DOWN(type, most)                          \
    LOOP(type, 100, i > 0, i -= 5);               \
    LOOP(type, 10, i > 20, i--);                  \
    LOOP(type, most, i > most - 13, i--)

#define SIGNED(type, least, most)                 \
    UP(type, most);                               \
    DOWN(type, most);                             \
    LOOP(type, -50, i < 50, i += 4);              \
    LOOP(type, 9, i >= -9, i--);                  \
    LOOP(type, least, i < least + 11, i++);       \
    LOOP(type, least + 9, i > least, i -= 3)

#define UNSIGNED(type, most)                      \
    UP(type, most);                               \
    DOWN(type, most)

/*
 * gcc 12 miscounts dynamic schedules of loops that run downwards over unsigned
 * types of up to 32 bits, and signed ranges wider than the type's maximum.
 */
#ifdef __clang__
#define UNSIGNED32 UNSIGNED
#define WIDE LOOP
#else
#define UNSIGNED32 UP
#define WIDE(type, begin, test, step)
#endif

static void test_narrow(void)
{
    SIGNED(int8_t, INT8_MIN, INT8_MAX);
    SIGNED(int16_t, INT16_MIN, INT16_MAX);
    UNSIGNED32(uint8_t, UINT8_MAX);
    UNSIGNED32(uint16_t, UINT16_MAX);
}

static void test_int32(void)
{
    SIGNED(int32_t, INT32_MIN, INT32_MAX);
    WIDE(int32_t, -0x70000000, i < 0x70000000, i += 0x10000000);
    WIDE(int32_t, 0x70000000, i > -0x70000000, i -= 0x10000000);
    UNSIGNED32(uint32_t, UINT32_MAX);
    LOOP(uint32_t, 0, i < 0xe0000000u, i += 0x10000000u);
    WIDE(uint32_t, 0xe0000000u, i > 0, i -= 0x10000000u);
    LOOP(uint32_t, 0x7ffffff0u, i < 0x80000010u, i++);
}

static void test_int64(void)
{
    SIGNED(int64_t, INT64_MIN, INT64_MAX);
    WIDE(int64_t, -(INT64_C(7) << 60), i < INT64_C(7) << 60, i += INT64_C(1) << 60);
    LOOP(int64_t, INT64_C(0xfffffff8), i < INT64_C(0x100000008), i++);
    LOOP(int64_t, INT64_C(1) << 40, i > 0, i -= INT64_C(1) << 34);
    UNSIGNED(uint64_t, UINT64_MAX);
    LOOP(uint64_t, 0, i < UINT64_C(14) << 60, i += UINT64_C(1) << 60);
    LOOP(uint64_t, UINT64_C(14) << 60, i > 0, i -= UINT64_C(1) << 60);
    LOOP(uint64_t, UINT64_C(0x7ffffffffffffff0), i < UINT64_C(0x8000000000000010), i++);
}

static void test_pointer(void)
{
    int count[100] = {0};
    #pragma omp parallel for schedule(dynamic, 3)
    for (int *p = count; p < count + 100; p++)
        tick(p);
    #pragma omp parallel for
    for (int *p = count + 99; p >= count; p -= 1)
        tick(p);
    CHECK(all_equal(count, 100, 2));
}

int main(void)
{
    test_narrow();
    test_int32();
    test_int64();
    test_pointer();
    return check_result("for_widths");
}
