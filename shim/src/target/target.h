/* Device data environments: what target regions and the device memory routines share. */
#ifndef OMP2WASI_TARGET_H
#define OMP2WASI_TARGET_H

#include "thread.h"

/* Where the newest contents of mapped memory are. */
enum newest { BOTH, HOST, DEVICE };

/* Where a pointer is that was mapped with what it points to. */
struct attachment {
  struct attachment *next;
  uint32_t pointer_at;
};

struct mapping {
  struct mapping *next;
  uint32_t begin, size;
  uint32_t base;         /* of the array or structure that it is a part of, as it was mapped last; or `begin` */
  int32_t device;
  enum newest newest;
  bool is_new;           /* made by the construct that maps now */
  bool is_touched;       /* by the region that is about to run on the host */
  bool is_variable;      /* of declare target: any region may use it */
  bool is_device_memory; /* of omp_target_alloc */
  bool is_pointed_to;    /* pointers to it may be in other memory: it is device memory, or its device address was given out */
  bool is_forgotten;     /* not mapped any more, but in use */
  uint32_t users;        /* launches that use it now: regions on the host wait for them */
  struct attachment *attachments;
  int64_t references;
};

/* The device of memory that omp_target_alloc gave out for the host. */
enum { HOST_DEVICE = -1 };

/* References of what stays mapped: memory of omp_target_alloc, declare target variables. */
#define FOR_EVER (INT64_MAX / 2)

/* What a construct maps: parallel arrays, as clang emits them. */
struct maps {
  uint32_t count;
  void **bases, **pointers;
  int64_t *sizes, *types;
  void **names, **mappers;
};

/* Memory that a launch may use, as the host is told of it (device_effects); `access` has the bits SPAN_READS and so on. */
struct span {
  uint32_t begin, size, base, access;
};

/* What a launch uses: what goes along with it, then mapped memory. */
struct uses {
  struct span *spans;
  uint32_t ranges, count;
  struct mapping **mappings; /* of the spans behind the ranges */
};

extern const char omp2wasi_for_devices __attribute__((visibility("hidden")));

/* Held while mappings are looked at or changed, and memory is copied; not while the thread's own kernel runs. */
extern struct wait_word omp2wasi_target_lock;
extern struct mapping *omp2wasi_mappings;

/* Whether a map is a value, or a private copy: nothing is mapped for it. */
static inline bool omp2wasi_is_value(int64_t type) { return (type & (MAP_LITERAL | MAP_PRIVATE)) != 0; }

/* Whether a mapping has some of a range, or of no bytes what they point to. */
static inline bool omp2wasi_overlaps(const struct mapping *mapping, uint32_t begin, uint32_t size) {
  return begin - mapping->begin < mapping->size || mapping->begin - begin < size;
}

/* The device that a clause means, or -1 for the host. */
int32_t omp2wasi_device_of(int64_t clause);
bool omp2wasi_offload_is_mandatory(void);
/* The name in the offload entry of a region, or NULL. */
const char *omp2wasi_region_name(const void *region);
/* Copies between the host's memory and the same addresses of a device's, or others. */
void omp2wasi_copy(int32_t device, uint32_t begin, uint32_t size, bool from_device);
void omp2wasi_copy_elsewhere(int32_t device, uint32_t on_device, uint32_t on_host, uint32_t size, bool from_device);

/* The rest: with the lock held. */

struct mapping *omp2wasi_find_mapping(int32_t device, uint32_t begin, uint32_t size);
/* The begin of the first mapping in a range, or its end. */
uint32_t omp2wasi_next_mapping(int32_t device, uint32_t begin, uint32_t end);
/* NULL if there is no memory for it. */
struct mapping *omp2wasi_add_mapping(int32_t device, uint32_t begin, uint32_t size, int64_t references);
void omp2wasi_forget_mapping(struct mapping *mapping);
/* The newest contents, on the host or on the device as well. */
void omp2wasi_bring(struct mapping *mapping, enum newest to);
/* The host's memory gets a device's contents: what it has of other devices' goes to those, and is the newest there. */
void omp2wasi_clear_way(int32_t device, uint32_t begin, uint32_t size);
/* What a construct does to each of its maps, or to what mappers make of them. */
typedef void construct(int32_t device, const struct maps *maps);
void omp2wasi_with_components(int32_t device, const struct maps *maps, construct *construct);
void omp2wasi_map_begin(int32_t device, const struct maps *maps);
void omp2wasi_map_end(int32_t device, const struct maps *maps);

/* What a launch may access is on the device until it ends; what it may write is the newest there then. */
void omp2wasi_begin_use(struct uses *uses, int32_t device, const struct maps *maps, uint32_t microtask, int32_t argc, void **argv,
                        const struct span *ranges, uint32_t ranges_count);
void omp2wasi_end_use(struct uses *uses);
/* What a region may use is the newest on the host. */
void omp2wasi_use_on_host(int32_t device, const struct maps *maps);

#endif
