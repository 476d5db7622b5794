/*
 * racing: two threads of a team change a number all the time, by which the others
 * choose a function and a branch, fill memory and end loops. They look at it before
 * they use it, so nothing happens if it is read once; if it is read again, it is
 * anything.
 */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 1000000, BYTES = 4096 };

typedef unsigned function(unsigned);

static unsigned add(unsigned n) { return n + 1; }
static unsigned twice(unsigned n) { return 2 * n; }

/* Volatile, so each mention of one is an access: the initial values are not known either. */
static function *volatile callees[2] = {add, twice};
static volatile unsigned number;
static volatile uintptr_t callee;

static unsigned char bytes[BYTES], other[BYTES];
static unsigned words[64];

static unsigned choose(unsigned n, unsigned sum)
{
    switch (n) {
    case 0: return sum + 3;
    case 1: return sum * 5;
    case 2: return sum ^ 0x55;
    case 3: return ~sum;
    case 4: return sum >> 1;
    case 5: return sum - omp_get_thread_num();
    case 6: return sum << 3 | 1;
    case 7: words[sum & 63] = sum; return sum + words[9];
    default: return sum;
    }
}

static unsigned use(unsigned sum)
{
    uintptr_t first = (uintptr_t)callees[0], second = (uintptr_t)callees[1], called = callee;
    if (called == first || called == second)
        sum = ((function *)called)(sum);
    sum = choose(number, sum);
    unsigned length = number;
    if (length <= BYTES)
        memset(bytes, (int)sum, length);
    length = number;
    if (length <= BYTES)
        memcpy(other, bytes, length);
    unsigned end = number;
    if (end <= 64)
        for (unsigned i = 0; i < end; i++)
            words[i] += sum;
    unsigned from = number;
    end = number;
    if (from < end && end <= 64)
        for (unsigned i = from; i != end; i++)
            words[i] ^= words[64 - end + (i - from)];
    return sum + other[sum % BYTES];
}

int main(void)
{
    static const unsigned numbers[] = {0, 1, 2, 5, 7, 8, 60, 64, 65, 4096, 4097, 0x20000, 0x7fffffff, 0x80000000, 0xffffffff};
    int users = 2;
    unsigned result = 0;
    printf("before\n");
    fflush(stdout);
    #pragma omp parallel num_threads(4) reduction(+ : result)
    {
        if (omp_get_thread_num() < 2) {
            int left = 1;
            for (unsigned i = 0; left != 0; i++) {
                number = numbers[i % 15];
                callee = i % 3 == 2 ? number : (uintptr_t)callees[i % 2];
                #pragma omp atomic read
                left = users;
            }
        } else {
            for (int i = 0; i < ROUNDS; i++)
                result = use(result);
            #pragma omp atomic
            users--;
        }
    }
    printf("after, %s\n", result == 0 ? "by chance with nothing" : "with something");
    return 0;
}
