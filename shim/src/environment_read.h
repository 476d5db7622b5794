/* Reads the values of environment variables (OpenMP 5.2, chapter 21): what follows takes something from a cursor, which
 * it moves on.
 *
 * Invariant: a cursor stays where it is if what is looked for is not there. Case and blanks do not matter. */
#ifndef OMP2WASI_ENVIRONMENT_READ_H
#define OMP2WASI_ENVIRONMENT_READ_H

#include <stdbool.h>
#include <stdint.h>

/* Out of line: these are in every program, and called from many places. */
#define OUT_OF_LINE __attribute__((noinline, unused)) static

/* stacksize-var */
enum { MAX_STACK = 1 << 30, MIN_STACK = 16384 };

static inline const char *skip_blanks(const char *s) {
  while (*s == ' ' || *s == '\t')
    s++;
  return s;
}

OUT_OF_LINE bool accept(const char **s, const char *word) {
  const char *p = skip_blanks(*s);
  for (; *word != 0; p++, word++)
    if ((*p | 0x20) != (*word | 0x20))
      return false;
  *s = skip_blanks(p);
  return true;
}

/* A number; one that is too large counts as the largest. */
OUT_OF_LINE bool unsigned_number(const char **s, uint32_t *value) {
  const char *p = skip_blanks(*s);
  uint64_t n = 0;
  if (*p < '0' || *p > '9')
    return false;
  for (; *p >= '0' && *p <= '9'; p++)
    if (n <= UINT32_MAX)
      n = n * 10 + (uint32_t)(*p - '0');
  *value = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
  *s = skip_blanks(p);
  return true;
}

static inline bool number(const char **s, int32_t *value) {
  uint32_t n;
  if (!unsigned_number(s, &n))
    return false;
  *value = n > INT32_MAX ? INT32_MAX : (int32_t)n;
  return true;
}

static inline bool boolean(const char **s, int32_t *value) {
  *value = accept(s, "true") || accept(s, "1") || accept(s, "yes") || accept(s, "on");
  return *value || accept(s, "false") || accept(s, "0") || accept(s, "no") || accept(s, "off");
}

/* OMP_STACKSIZE: a number and B, K, M or G; K without one. */
static inline bool stack_size(const char *s, uint32_t *size) {
  int32_t n;
  if (!number(&s, &n) || n == 0)
    return false;
  uint32_t shift = accept(&s, "b") ? 0 : accept(&s, "m") ? 20 : accept(&s, "g") ? 30 : 10;
  if (shift == 10)
    (void)accept(&s, "k");
  uint64_t bytes = (uint64_t)n << shift;
  if (*s != 0 || bytes > MAX_STACK)
    return false;
  *size = bytes < MIN_STACK ? MIN_STACK : (uint32_t)(bytes + 15) & ~15u;
  return true;
}

#endif
