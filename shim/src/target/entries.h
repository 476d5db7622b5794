/* Offload entries: what clang says of target regions, declare target variables and `requires` directives. */
#ifndef OMP2WASI_ENTRIES_H
#define OMP2WASI_ENTRIES_H

#include <stdbool.h>
#include <stdint.h>

/* What one says, whichever clang it is of. */
struct offload_entry {
  const void *address;
  const char *name;
  uint32_t size, flags, requirements;
};

/* Those that are still to come. A program's objects may be of several clangs. */
struct offload_entries {
  const char *at, *end;
  bool is_last; /* of the two sections */
};

struct offload_entries omp2wasi_all_entries(void);
/* False if there are no more. */
bool omp2wasi_next_entry(struct offload_entries *entries, struct offload_entry *entry);
bool omp2wasi_has_offload_entries(void);

#endif
