/* Device data environments: what target regions and the device memory routines share. */
#ifndef OMP2WASI_TARGET_H
#define OMP2WASI_TARGET_H

#include "team.h"

/* Map types (LLVM's omptarget.h, tgt_map_type). */
enum map_type {
  MAP_TO = 1 << 0,
  MAP_FROM = 1 << 1,
  MAP_ALWAYS = 1 << 2,
  MAP_DELETE = 1 << 3,
  MAP_PTR_AND_OBJ = 1 << 4,
  MAP_PRIVATE = 1 << 7,
  MAP_LITERAL = 1 << 8,
  MAP_PRESENT = 1 << 12,
  MAP_NON_CONTIG_SHIFT = 44, /* the bit of an array section whose rows are apart */
};

/* Where the newest contents of mapped memory are. */
enum newest { BOTH, HOST, DEVICE };

struct mapping {
  struct mapping *next;
  uint32_t begin, size;
  int32_t device;
  enum newest newest;
  bool is_new;         /* made by the construct that maps now */
  bool is_touched;     /* see omp2wasi_touch */
  bool is_variable;    /* of declare target: any region may use it */
  const void *user;    /* the launch that a device is busy with and that uses it: nobody else moves it */
  uint32_t pointer_at; /* where a pointer to it is that was mapped with it; 0 for none */
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

/* Held while mappings are looked at or changed; not while a kernel runs. */
extern struct wait_word omp2wasi_target_lock;

/* The device that a clause means, or -1 for the host. */
int32_t omp2wasi_device_of(int64_t clause);
bool omp2wasi_offload_is_mandatory(void);
/* The name in the offload entry of a region, or NULL. */
const char *omp2wasi_region_name(const void *region);
/* Copies between the host's memory and the same addresses of a device's. */
void omp2wasi_copy(int32_t device, uint32_t begin, uint32_t size, bool from_device);

/* The rest: with the lock held. */

struct mapping *omp2wasi_find_mapping(int32_t device, uint32_t begin, uint32_t size);
/* The begin of the first mapping in a range, or its end. */
uint32_t omp2wasi_next_mapping(int32_t device, uint32_t begin, uint32_t end);
/* False if there is no memory for it. */
bool omp2wasi_add_mapping(int32_t device, uint32_t begin, uint32_t size, int64_t references);
void omp2wasi_forget_mapping(struct mapping *mapping);
/* The newest contents, on the host or on the device as well. */
void omp2wasi_bring(struct mapping *mapping, enum newest to);
/* What a region can get at: what it maps, what its arguments point to, declare target variables, and what pointers in those point to. */
void omp2wasi_touch(int32_t device, const struct maps *maps, int32_t argc, void **argv, const void *user);
void omp2wasi_touch_all(int32_t device);
/* A launch begins to use what was touched last, and what its region maps, even if another launch uses that; what it uses is touched
 * again; it ends to use that. */
void omp2wasi_use_touched(int32_t device, const struct maps *maps, const void *user);
void omp2wasi_touch_used(int32_t device, const struct maps *maps, const void *user);
void omp2wasi_end_use(const void *user);
/* The same for all that was touched last; others have their own newest contents. */
void omp2wasi_bring_touched(enum newest to);
void omp2wasi_touched_is_newest(enum newest on);
void omp2wasi_map_begin(int32_t device, const struct maps *maps);
void omp2wasi_map_end(int32_t device, const struct maps *maps);

/* Whether an address belongs to the task that this thread runs (target_task.c). */
bool omp2wasi_is_of_task(uint32_t address);

#endif
