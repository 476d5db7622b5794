/*
 * prk.h: what the kernels in this folder share: arguments, allocation,
 * time stamps, failure and the report.
 *
 * Every kernel runs one warm-up sweep more than it is asked for and takes
 * the time of the others. The number of threads is OMP_NUM_THREADS.
 */
#ifndef PRK_H
#define PRK_H

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <omp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How far apart words are kept that different threads write. */
enum { PRK_CACHE_LINE = 64 };

/* Set to 0 to have spin-wait loops never give up the processor. */
#ifndef PRK_YIELD
#define PRK_YIELD 1
#endif
#if PRK_YIELD
#include <sched.h>
#endif

/* Prints "ERROR: ..." and ends the program, once, whichever threads call it. */
__attribute__((noreturn, format(printf, 1, 2)))
static inline void prk_fail(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    #pragma omp critical(prk_fail)
    {
        printf("ERROR: ");
        vprintf(format, values);
        printf("\n");
        exit(EXIT_FAILURE);
    }
}

/* The command line, taken from left to right. */
struct prk_arguments {
    char **next;
    const char *program, *synopsis;
};

static inline struct prk_arguments prk_begin(char **argv, const char *program,
                                             const char *synopsis)
{
    if (argv[0] && argv[1] && (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))) {
        printf("usage: %s %s\n", program, synopsis);
        exit(EXIT_SUCCESS);
    }
    return (struct prk_arguments){argv[0] ? argv + 1 : argv, program, synopsis};
}

/* The next argument, or the fallback when there is none. */
static inline const char *prk_word(struct prk_arguments *arguments, const char *fallback)
{
    return *arguments->next ? *arguments->next++ : fallback;
}

static inline int64_t prk_integer(struct prk_arguments *arguments, const char *name,
                                  int64_t fallback, int64_t least, int64_t most)
{
    const char *word = prk_word(arguments, NULL);
    if (!word)
        return fallback;
    char *end;
    errno = 0;
    const int64_t value = strtoll(word, &end, 10);
    if (end == word || *end || errno)
        prk_fail("%s: %s is no integer: '%s' (usage: %s %s)", arguments->program, name, word,
                 arguments->program, arguments->synopsis);
    if (value < least || value > most)
        prk_fail("%s: %s is %" PRId64 ", not in %" PRId64 " to %" PRId64, arguments->program,
                 name, value, least, most);
    return value;
}

static inline double prk_real(struct prk_arguments *arguments, const char *name,
                              double fallback, double least, double most)
{
    const char *word = prk_word(arguments, NULL);
    if (!word)
        return fallback;
    char *end;
    const double value = strtod(word, &end);
    if (end == word || *end || !(value >= least && value <= most))
        prk_fail("%s: %s is no number in %g to %g: '%s'", arguments->program, name, least,
                 most, word);
    return value;
}

static inline void prk_end(const struct prk_arguments *arguments)
{
    if (*arguments->next)
        prk_fail("%s: one argument too many: '%s' (usage: %s %s)", arguments->program,
                 *arguments->next, arguments->program, arguments->synopsis);
}

/* count elements of the given size on a cache line boundary, or failure. */
static inline void *prk_allocate(int64_t count, size_t size)
{
    const uint64_t line = PRK_CACHE_LINE;
    if (count < 0 || (uint64_t)count > (SIZE_MAX / 2 - line) / size)
        prk_fail("%" PRId64 " elements of %zu bytes exceed the address space", count, size);
    const uint64_t bytes = ((uint64_t)count * size + line) / line * line;
    void *memory = aligned_alloc(PRK_CACHE_LINE, (size_t)bytes);
    if (!memory)
        prk_fail("no memory for %" PRIu64 " bytes", bytes);
    return memory;
}

/* Takes the time once all threads have arrived; every thread calls it. */
static inline void prk_stamp(double *time)
{
    #pragma omp barrier
    #pragma omp masked
    *time = omp_get_wtime();
}

/* One round of a spin-wait loop: now and then it lets another thread run. */
static inline void prk_spin(unsigned *rounds)
{
    ++*rounds;
#if PRK_YIELD
    if (*rounds % 256 == 0)
        sched_yield();
#endif
}

/*
 * The result of a valid run. amount is what one iteration moved or computed,
 * in the units of the rate.
 */
static inline int prk_report(const char *unit, double amount, double seconds,
                             int64_t iterations)
{
    const double average = fmax(seconds, 1e-9) / (double)iterations;
    printf("Solution validates\n");
    printf("Rate (%s): %.6g  Avg time (s): %.6g\n", unit, amount / average, average);
    return EXIT_SUCCESS;
}

#endif
