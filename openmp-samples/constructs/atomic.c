/*
 * atomic: updates, reads, writes, captures and comparisons of variables of all
 * arithmetic types. Each result is compared with that of a serial loop; the
 * updates are such that their order does not matter.
 */
#include "check.h"
#include <omp.h>
#include <stdint.h>

#define PRAGMA(text) _Pragma(#text)

#define UPDATE(type, n, first, statement)                                     \
    do {                                                                      \
        type x = (type)(first);                                               \
        for (int i = 0; i < n; i++)                                           \
            statement;                                                        \
        const type expected = x;                                              \
        x = (type)(first);                                                    \
        PRAGMA(omp parallel for schedule(static, 1))                          \
        for (int i = 0; i < n; i++) {                                         \
            PRAGMA(omp atomic update)                                         \
            statement;                                                        \
        }                                                                     \
        check_that(x == expected, "atomic " #type ": " #statement, __LINE__); \
    } while (0)

#define ARITHMETIC(type)                             \
    UPDATE(type, 501, 0, x++);                       \
    UPDATE(type, 501, 0, ++x);                       \
    UPDATE(type, 501, 100, x--);                     \
    UPDATE(type, 501, 100, --x);                     \
    UPDATE(type, 501, 1, x += (type)(i % 5));        \
    UPDATE(type, 501, 1, x -= (type)(i % 5));        \
    UPDATE(type, 501, 1, x = x + (type)(i % 3));     \
    UPDATE(type, 501, 1, x = (type)(i % 3) + x);     \
    UPDATE(type, 501, 1, x = x - (type)(i % 3));     \
    UPDATE(type, 501, 3, x = 10 - x);                \
    UPDATE(type, 6, 1, x *= 2);                      \
    UPDATE(type, 501, 1, x = (type)(1 + i % 1) * x); \
    UPDATE(type, 6, 96, x /= 2);                     \
    UPDATE(type, 501, 4, x = 20 / x)

#define INTEGER(type)                                   \
    ARITHMETIC(type);                                   \
    UPDATE(type, 501, 0, x ^= (type)i);                 \
    UPDATE(type, 501, 0, x = (type)i ^ x);              \
    UPDATE(type, 501, 0, x |= (type)(i & 0x55));        \
    UPDATE(type, 501, 127, x &= (type)~(1 << i % 6));   \
    UPDATE(type, 6, 1, x <<= 1);                        \
    UPDATE(type, 6, 127, x >>= 1);                      \
    UPDATE(type, 6, 1, x = x << 1)

static void test_updates(void)
{
    INTEGER(int8_t);
    INTEGER(uint8_t);
    INTEGER(int16_t);
    INTEGER(uint16_t);
    INTEGER(int32_t);
    INTEGER(uint32_t);
    INTEGER(int64_t);
    INTEGER(uint64_t);
    ARITHMETIC(float);
    ARITHMETIC(double);
    UPDATE(int64_t, 501, INT64_C(1) << 40, x += INT64_C(1) << 33);
    UPDATE(uint64_t, 501, 1, x *= UINT64_C(0x9e3779b97f4a7c15));
    UPDATE(double, 501, 0, x += 0.25 * i);
}

enum { N = 400 };

/* Every ticket is given out once, whichever form the capture has. */
#define CAPTURE(type, first, step, statement)                                 \
    do {                                                                      \
        type x = (type)(first);                                               \
        int taken[N] = {0};                                                   \
        PRAGMA(omp parallel for)                                              \
        for (int i = 0; i < N; i++) {                                         \
            type v;                                                           \
            PRAGMA(omp atomic capture)                                        \
            statement                                                         \
            const int place = ((int)v - (int)(first)) / (step);               \
            if (place >= 0 && place < N)                                      \
                tick(&taken[place]);                                          \
        }                                                                     \
        check_that(all_equal(taken, N, 1), "capture " #type ": " #statement,  \
                   __LINE__);                                                 \
    } while (0)

#define CAPTURES(type)                                   \
    CAPTURE(type, 0, 1, v = x++;);                       \
    CAPTURE(type, 500, -1, v = x--;);                    \
    CAPTURE(type, 0, 3, { v = x; x += 3; });             \
    CAPTURE(type, 0, 2, { v = x; x = x + 2; })

#define CAPTURES_AFTER(type)                             \
    CAPTURE(type, 1, 1, v = ++x; v--;);                  \
    CAPTURE(type, 0, 5, v = x += 5; v -= 5;);            \
    CAPTURE(type, 0, 2, { x = 2 + x; v = x; } v -= 2;)

static void test_captures(void)
{
    CAPTURES(int16_t);
    CAPTURES(int32_t);
    CAPTURES(uint32_t);
    CAPTURES(int64_t);
    CAPTURES(uint64_t);
    CAPTURES(float);
    CAPTURES(double);
    CAPTURES_AFTER(int16_t);
    CAPTURES_AFTER(int32_t);
    CAPTURES_AFTER(int64_t);
    CAPTURES_AFTER(double);
}

/* Exchanges neither lose a value nor make one up. */
static void test_exchange(void)
{
    int64_t cell = N;
    int seen[N + 1] = {0};
    #pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < N; i++) {
        int64_t previous;
        #pragma omp atomic capture
        { previous = cell; cell = i; }
        if (previous >= 0 && previous <= N)
            tick(&seen[previous]);
    }
    tick(&seen[cell]);
    CHECK(all_equal(seen, N + 1, 1));
}

/* A value of 64 bits is never seen half written. */
#define READ_WRITE(type, low, high)                                         \
    do {                                                                    \
        type cell = (low);                                                  \
        PRAGMA(omp parallel for schedule(static, 1))                        \
        for (int i = 0; i < N; i++) {                                       \
            type const written = i % 2 ? (low) : (high);                    \
            type seen;                                                      \
            PRAGMA(omp atomic write)                                        \
            cell = written;                                                 \
            PRAGMA(omp atomic read)                                         \
            seen = cell;                                                    \
            CHECK(seen == (low) || seen == (high));                         \
        }                                                                   \
    } while (0)

static void test_read_write(void)
{
    READ_WRITE(int64_t, INT64_C(0x0123456701234567), INT64_C(-0x123456701234567));
    READ_WRITE(uint64_t, 0, UINT64_MAX);
    READ_WRITE(double, 1.5, -2.0e100);
    READ_WRITE(float, 1.5f, -2.0e20f);
    READ_WRITE(int8_t, 1, -1);
    READ_WRITE(void *, NULL, (void *)&cell);
}

#define COMPARE(type)                                                       \
    do {                                                                    \
        type least = 100, most = -100, cell = 0;                            \
        PRAGMA(omp parallel for schedule(static, 1))                        \
        for (int i = 0; i < N; i++) {                                       \
            const type value = (type)(i * 7 % 101 - 50);                    \
            PRAGMA(omp atomic compare)                                      \
            if (value < least) { least = value; }                           \
            PRAGMA(omp atomic compare)                                      \
            if (most < value) { most = value; }                             \
            for (type old, next, seen = 0;; seen = old) {                   \
                next = (type)(seen + 1);                                    \
                PRAGMA(omp atomic compare capture)                          \
                { old = cell; if (cell == seen) { cell = next; } }          \
                if (old == seen)                                            \
                    break;                                                  \
            }                                                               \
        }                                                                   \
        CHECK(least == -50 && most == 50 && cell == (type)N);               \
    } while (0)

static void test_compare(void)
{
    COMPARE(int16_t);
    COMPARE(int32_t);
    COMPARE(int64_t);
}

/* The memory orders that the clauses may ask for, and a hint. */
static void test_orders(void)
{
    int a = 0, b = 0, c = 0, d = 0;
    #pragma omp parallel for
    for (int i = 0; i < N; i++) {
        int seen;
        #pragma omp atomic relaxed
        a++;
        #pragma omp atomic update release
        b += 2;
        #pragma omp atomic capture acq_rel
        seen = c++;
        CHECK(seen >= 0 && seen < N);
        #pragma omp atomic seq_cst hint(omp_sync_hint_contended)
        d -= 1;
        #pragma omp atomic read acquire
        seen = b;
        CHECK(seen >= 2 && seen <= 2 * N);
    }
    CHECK(a == N && b == 2 * N && c == N && d == -N);
}

int main(void)
{
    test_updates();
    test_captures();
    test_exchange();
    test_read_write();
    test_compare();
    test_orders();
    return check_result("atomic");
}
