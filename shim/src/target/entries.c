/* Reads the offload entries: what clang says of target regions, declare target variables and `requires` directives. */
#include "entries.h"
#include "target.h"
#include <string.h>

/* LLVM's __tgt_offload_entry: clang 19's, */
struct short_entry {
  void *address;
  const char *name;
  uint32_t size; /* 0 for regions */
  int32_t flags; /* 0 for `declare target to` */
  int32_t reserved;
};

/* and the others. Their first 64 bits, where a short one has an address and a name, are 0. */
struct long_entry {
  uint64_t reserved;
  uint16_t version, kind;
  uint32_t flags;
  void *address;
  const char *name;
  uint64_t size, data;
  void *auxiliary;
};

_Static_assert(sizeof(struct short_entry) == 20 && sizeof(struct long_entry) == 48, "as LLVM's for wasm32");

/* Two sections: later clangs have given it another name. */
#define SECTION_BOUND __attribute__((weak, visibility("hidden")))
extern const char __start_omp_offloading_entries[] SECTION_BOUND, __stop_omp_offloading_entries[] SECTION_BOUND;
extern const char __start_llvm_offload_entries[] SECTION_BOUND, __stop_llvm_offload_entries[] SECTION_BOUND;

/* The entry at an address in a section; returns where the next one is. */
static const char *read_entry(const char *at, struct offload_entry *entry) {
  enum { VERSION = 1, OPENMP = 1 };
  struct short_entry as_short;
  struct long_entry as_long;
  memcpy(&as_short, at, sizeof as_short);
  /* That for the `requires` directive has a name alone. */
  if (as_short.address != NULL || as_short.name != NULL) {
    *entry = (struct offload_entry){as_short.address, as_short.name, as_short.size, (uint32_t)as_short.flags,
                                    (uint32_t)as_short.reserved};
    return at + sizeof as_short;
  }
  memcpy(&as_long, at, sizeof as_long);
  if (as_long.version != VERSION || as_long.kind != OPENMP)
    omp2wasi_fatal("an offload entry of an unknown kind", "compile all of the program with one version of clang");
  *entry = (struct offload_entry){as_long.address, as_long.name, (uint32_t)as_long.size, as_long.flags,
                                  (uint32_t)as_long.data};
  return at + sizeof as_long;
}

struct offload_entries omp2wasi_all_entries(void) {
  return (struct offload_entries){__start_omp_offloading_entries, __stop_omp_offloading_entries, false};
}

bool omp2wasi_next_entry(struct offload_entries *entries, struct offload_entry *entry) {
  if (entries->at == entries->end && !entries->is_last)
    *entries = (struct offload_entries){__start_llvm_offload_entries, __stop_llvm_offload_entries, true};
  if (entries->at == entries->end)
    return false;
  entries->at = read_entry(entries->at, entry);
  return true;
}

bool omp2wasi_has_offload_entries(void) {
  return __start_omp_offloading_entries < __stop_omp_offloading_entries ||
         __start_llvm_offload_entries < __stop_llvm_offload_entries;
}

const char *omp2wasi_region_name(const void *region) {
  struct offload_entry entry;
  for (struct offload_entries all = omp2wasi_all_entries(); omp2wasi_next_entry(&all, &entry);)
    if (entry.address == region && entry.size == 0)
      return entry.name;
  return NULL;
}

bool omp2wasi_requires_shared_memory(void) {
  enum { REQUIRES = 16, UNIFIED_SHARED_MEMORY = 8 };
  struct offload_entry entry;
  for (struct offload_entries all = omp2wasi_all_entries(); omp2wasi_next_entry(&all, &entry);)
    if ((entry.flags & REQUIRES) != 0 && (entry.requirements & UNIFIED_SHARED_MEMORY) != 0)
      return true;
  return false;
}
