/* Implements what target regions print: printf, puts, putchar, and assert.
 *
 * A device does not format. It writes a record for each call: the format, and the arguments as they are in memory for
 * a call of the C library's v functions, which is what a va_list points to on wasm32. When the launch has ended, the
 * host hands the records over (device_printed), and here the C library prints them.
 *
 * Invariant: what a launch has printed is on its way to the file when the host raises the launch's trap. */
#include "target.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct record {
  uint32_t size, function;
  const char *format;
  uint32_t strings;
  uint32_t arguments[];
};

_Static_assert(offsetof(struct record, size) == OMP2WASI_PRINTED_SIZE, "abi");
_Static_assert(offsetof(struct record, function) == OMP2WASI_PRINTED_FUNCTION, "abi");
_Static_assert(offsetof(struct record, format) == OMP2WASI_PRINTED_FORMAT, "abi");
_Static_assert(offsetof(struct record, strings) == OMP2WASI_PRINTED_STRINGS, "abi");
_Static_assert(offsetof(struct record, arguments) == OMP2WASI_PRINTED_ARGUMENTS, "abi");
_Static_assert(sizeof(va_list) == sizeof(uint32_t *), "it points to the arguments");

/* The strings of a record are behind its arguments, which have their distances. */
static void place_strings(struct record *record) {
  for (uint32_t strings = record->strings, i = 0; strings != 0; strings >>= 1, i++)
    if ((strings & 1) && record->arguments[i] != 0)
      record->arguments[i] += omp2wasi_address(record);
}

static void print(struct record *record) {
  const uint32_t *arguments = record->arguments;
  va_list list;
  __builtin_memcpy(&list, &arguments, sizeof list);
  place_strings(record);
  switch (record->function) {
  case PRINTED_PRINTF:
    vprintf(record->format, list);
    break;
  case PRINTED_PUTS:
    puts(va_arg(list, const char *));
    break;
  case PRINTED_PUTCHAR:
    putchar(va_arg(list, int));
    break;
  case PRINTED_ASSERT: {
    const char *expression = va_arg(list, const char *), *file = va_arg(list, const char *);
    int line = va_arg(list, int);
    /* As the C library does. */
    fprintf(stderr, "Assertion failed: %s (%s: %s: %d)\n", expression, file, va_arg(list, const char *), line);
    break;
  }
  }
}

void omp2wasi_print(uint32_t number) {
  char *records = malloc(OMP2WASI_PRINTED_MAX_SIZE);
  if (records == NULL)
    omp2wasi_fatal("no memory for what a target region prints", "the program's linear memory is full");
  uint32_t size;
  /* It does not return if the launch has trapped and there is nothing left: flush before. */
  while ((size = (uint32_t)omp2wasi_host_device_printed(number, omp2wasi_address(records),
                                                        OMP2WASI_PRINTED_MAX_SIZE)) != 0) {
    struct record *record;
    for (uint32_t at = 0; at < size; at += record->size) {
      record = (struct record *)(records + at);
      print(record);
    }
    fflush(stdout);
  }
  free(records);
}
