/*
 * spin: threads wait for variables that others set, by reading them again and
 * again: volatile ones, and ordinary ones behind a barrier for the compiler or
 * a flush. Each has looked at the variable before it waits, so a compiler that
 * takes the value of that look in the loop has it wait for ever.
 */
#include "check.h"
#include <omp.h>

enum { ROUNDS = 4 };
#define COMPILER_BARRIER() __asm volatile("" ::: "memory")
#define FLUSH _Pragma("omp flush")

/* Thread 0 sets what thread 1 waits for, when that is likely to wait. */
#define MEANWHILE(set, wait)                                    \
    _Pragma("omp parallel num_threads(2)")                      \
    {                                                           \
        CHECK(omp_get_num_threads() == 2);                      \
        _Pragma("omp barrier")                                  \
        if (omp_get_thread_num() == 1) {                        \
            wait;                                               \
        } else {                                                \
            const double begin = omp_get_wtime();               \
            while (omp_get_wtime() < begin + 0.005)             \
                ;                                               \
            set;                                                \
        }                                                       \
    }

struct flags {
    char before;
    volatile char small;
    volatile short signed_one;
    volatile long long large;
    volatile double number;
    volatile int many[4];
};

static volatile int flag, other_flag, turn;
static volatile unsigned char byte;
static int plain, plain_other = 1, flushed, message;

static void looked_at_before(void)
{
    MEANWHILE(flag = 1, if (flag == 0) while (flag == 0);)
    CHECK(flag == 1);
    MEANWHILE(byte = 200, if (byte < 200) do { } while (byte < 200))
    CHECK(byte == 200);
    MEANWHILE(plain = 1, if (plain == 0) while (plain == 0 && plain_other) COMPILER_BARRIER())
    CHECK(plain == 1);
}

static void flushes(void)
{
    int seen = 0;
    MEANWHILE({ message = 42; FLUSH flushed = 1; FLUSH },
              { FLUSH while (flushed == 0) { FLUSH } FLUSH seen = message; })
    CHECK(seen == 42);
}

static void in_a_structure(struct flags *flags, int at)
{
    MEANWHILE({ flags->small = -1; flags->signed_one = -2; },
              if (flags->small == 0 || flags->signed_one == 0) while (flags->small == 0 || flags->signed_one == 0);)
    MEANWHILE({ flags->large = 1LL << 40; flags->number = 0.5; }, {
        while (flags->large == 0)
            ;
        while (flags->number == 0)
            ;
    })
    MEANWHILE(flags->many[at] = 1, if (flags->many[at] == 0) while (flags->many[at] == 0);)
    CHECK(flags->small == -1 && flags->signed_one == -2 && flags->number == 0.5 && flags->many[at] == 1);
}

/* One of two ways out, both from within, and a loop around the one that waits. */
static int several_ways(void)
{
    int way = 0, rounds = 0;
    flag = other_flag = 0;
    MEANWHILE(other_flag = 1, if (flag == 0 && other_flag == 0) for (;;) {
        if (flag) {
            way = 1;
            break;
        }
        if (other_flag) {
            way = 2;
            break;
        }
    })
    MEANWHILE({ flag = 1; other_flag = 2; }, if (other_flag == 1) do {
        while (flag == 0)
            ;
        rounds = 1;
    } while (other_flag == 1))
    CHECK(rounds == 1);
    return way;
}

/* A loop that has an end anyway, and counts. */
static unsigned counted(void)
{
    unsigned rounds = 0;
    flag = 0;
    MEANWHILE(flag = 1, if (flag == 0) for (unsigned round = 1; round && flag == 0; round++) rounds = round;)
    return rounds;
}

static void round_the_team(void)
{
    int sum = 0;
    #pragma omp parallel
    for (int round = 0; round < ROUNDS; round++) {
        const int mine = round * omp_get_num_threads() + omp_get_thread_num();
        if (turn != mine)
            while (turn != mine)
                ;
        #pragma omp flush
        sum += mine;
        #pragma omp flush
        turn = mine + 1;
    }
    const int turns = ROUNDS * omp_get_max_threads();
    CHECK(turn == turns && sum == turns * (turns - 1) / 2);
}

int main(void)
{
    static struct flags flags;
    looked_at_before();
    flushes();
    in_a_structure(&flags, 3);
    CHECK(several_ways() == 2);
    CHECK(counted() != 0);
    round_the_team();
    return check_result("spin");
}
