/* Device data environments: what target regions and the device memory routines share.
 *
 * The present table, of what is mapped with reference counts and attachments, is kept here. Which copy of it is the
 * newest, the host's or a device's, is the host's knowledge: it is told what is mapped (device_map, device_unmap), and
 * asked to sync. */
#ifndef OMP2WASI_TARGET_H
#define OMP2WASI_TARGET_H

#include "mutex.h"
#include "thread.h"

/* Where a pointer is that was mapped with what it points to, and its value then. */
struct attachment {
  struct attachment *next;
  uint32_t pointer_at, pointer;
};

struct maps;

/* Memory that is mapped on a device. */
struct mapping {
  struct mapping *next;
  uint32_t begin, size;
  uint32_t base;         /* of the array or structure that it is a part of, as it was mapped last; or `begin` */
  int32_t device;
  bool is_new;           /* made by the construct that maps now, and not known to the host yet */
  bool has_new_base;     /* the host knows another base */
  bool goes_to_device;   /* by the construct that maps now */
  bool is_used;          /* by the region that is about to run on the host */
  bool is_variable;      /* of declare target: any region may use it */
  bool is_device_memory; /* of omp_target_alloc */
  bool is_pointed_to;    /* pointers to it may be in other memory: device memory, or its address was given out */
  /* Of the construct that brings it back, as no other refers to it any more. */
  const struct maps *leaves_with;
  struct attachment *attachments;
  int64_t reference_count;
};

/* The device of memory that omp_target_alloc gave out for the host. */
enum { HOST_DEVICE = -1 };

/* The reference count of what stays mapped: memory of omp_target_alloc, declare target variables. */
#define FOR_EVER (INT64_MAX / 2)

/* What a construct maps: parallel arrays, as clang emits them. */
struct maps {
  uint32_t count;
  void **bases, **pointers;
  int64_t *sizes, *types;
  void **names, **mappers;
};

/* Memory as device functions are told of it; `flags` are RANGE_STATIC and so on. */
struct memory_range {
  uint32_t begin, size, base, flags;
};

_Static_assert(offsetof(struct memory_range, begin) == OMP2WASI_RANGE_BEGIN, "abi");
_Static_assert(offsetof(struct memory_range, size) == OMP2WASI_RANGE_SIZE, "abi");
_Static_assert(offsetof(struct memory_range, base) == OMP2WASI_RANGE_BASE, "abi");
_Static_assert(offsetof(struct memory_range, flags) == OMP2WASI_RANGE_FLAGS, "abi");
_Static_assert(sizeof(struct memory_range) == OMP2WASI_RANGE_RECORD_SIZE, "abi");

extern const char omp2wasi_for_devices __attribute__((visibility("hidden")));

/* Held while the present table is used or changed, and while an update waits for its copies, which come after the
 * kernels that the device has been given; not while a launch waits for its kernel, or the end of a construct for what
 * comes back. */
extern struct mutex omp2wasi_target_lock;
extern struct mapping *omp2wasi_mappings;

/* Whether a map is a value, or a private copy: nothing is mapped for it. */
static inline bool omp2wasi_is_value(int64_t type) { return (type & (MAP_LITERAL | MAP_PRIVATE)) != 0; }

/* Whether a mapping has some of a range, or of no bytes what they point to. */
static inline bool omp2wasi_overlaps(const struct mapping *mapping, uint32_t begin, uint32_t size) {
  return begin - mapping->begin < mapping->size || mapping->begin - begin < size;
}

/* An address as a number. */
static inline uint32_t omp2wasi_address(const void *pointer) { return (uint32_t)(uintptr_t)pointer; }

/* The device that a clause means, or -1 for the host. */
int32_t omp2wasi_device_of(int64_t clause);
bool omp2wasi_offload_is_mandatory(void);
/* The name in the offload entry of a region, or NULL. */
const char *omp2wasi_region_name(const void *region);
/* Whether the program says `requires unified_shared_memory`. */
bool omp2wasi_requires_shared_memory(void);
/* Whether the device, which omp2wasi_device_of has given, shares all memory with the host, as such a program wants it:
 * nothing is mapped there, and nothing copied. */
bool omp2wasi_shares_memory(int32_t device);
/* Prints what a launch has printed, to which device_launch has given a number. Ends the program if the launch has trapped. */
void omp2wasi_print(uint32_t number);

/* The rest: with the lock held. */

struct mapping *omp2wasi_find_mapping(int32_t device, uint32_t begin, uint32_t size);
/* The begin of the first mapping in a range, or its end. */
uint32_t omp2wasi_next_mapping(int32_t device, uint32_t begin, uint32_t end);
/* A mapping that the host does not know yet; NULL if there is no memory for it. */
struct mapping *omp2wasi_add_mapping(int32_t device, uint32_t begin, uint32_t size, int64_t reference_count);
/* Tells the host of a mapping. False if it cannot keep account of it. */
bool omp2wasi_publish_mapping(struct mapping *mapping);
void omp2wasi_release_mapping(struct mapping *mapping);
/* What a construct does to each of its maps, or to what mappers make of them. */
typedef void construct(int32_t device, const struct maps *maps);
void omp2wasi_with_components(int32_t device, const struct maps *maps, construct *construct);
/* Waits until no other thread brings back what a construct maps or unmaps: it sees what those before it have left.
 * Releases the lock for a while. */
void omp2wasi_await_leaving(int32_t device, const struct maps *maps);
void omp2wasi_map_begin(int32_t device, const struct maps *maps);
void omp2wasi_map_end(int32_t device, const struct maps *maps);

/* Makes what a region may use the newest on the host: until omp2wasi_end_use_on_host is given the number that is stored at
 * `number`, which is 0 before; or for ever if that is NULL. Releases the lock for a while. */
void omp2wasi_use_on_host(int32_t device, const struct maps *maps, uint32_t *number);
/* Gives the device back what a region on the host has used. Needs no lock. */
void omp2wasi_end_use_on_host(int32_t device, uint32_t number);

#endif
