/* Allocator traits (OpenMP 5.2, section 6.2), and the environment variable OMP_ALLOCATOR (section 21.5.1), which is
 * read in every program.
 *
 * Invariant: a trait with a value that OpenMP does not give it makes no allocator, wherever it comes from. */
#include "allocator.h"
#include "environment_read.h"
#include <stddef.h>

static bool is_between(omp_uintptr_t value, omp_alloctrait_value_t first, omp_alloctrait_value_t last) {
  return value >= (omp_uintptr_t)first && value <= (omp_uintptr_t)last;
}

static bool set_trait(struct allocator *allocator, omp_alloctrait_key_t key, omp_uintptr_t value) {
  if (value == omp_atv_default)
    return key >= omp_atk_sync_hint && key <= omp_atk_partition;
  switch (key) {
  case omp_atk_sync_hint:
    return is_between(value, omp_atv_contended, omp_atv_private);
  case omp_atk_alignment:
    allocator->alignment = value;
    return value != 0 && (value & (value - 1)) == 0;
  case omp_atk_access:
    return is_between(value, omp_atv_all, omp_atv_cgroup);
  case omp_atk_pool_size:
    allocator->pool_size = value;
    return value != 0;
  case omp_atk_fallback:
    allocator->fallback = value;
    return is_between(value, omp_atv_default_mem_fb, omp_atv_allocator_fb);
  case omp_atk_fb_data:
    allocator->fb_data = (omp_allocator_handle_t)value;
    return true;
  case omp_atk_pinned:
    return is_between(value, omp_atv_false, omp_atv_true);
  case omp_atk_partition:
    return is_between(value, omp_atv_environment, omp_atv_interleaved);
  }
  return false;
}

bool omp2wasi_make_allocator(struct allocator *allocator, omp_memspace_handle_t space, int count,
                             const omp_alloctrait_t *traits) {
  *allocator = (struct allocator){
      .mark = ALLOCATOR_ALIVE,
      .references = 1,
      .alignment = 1,
      .pool_size = UINT32_MAX,
      .fallback = omp_atv_default_mem_fb,
  };
  if (space > omp_low_lat_mem_space || (count > 0 && traits == NULL))
    return false;
  for (int i = 0; i < count; i++)
    if (!set_trait(allocator, traits[i].key, traits[i].value))
      return false;
  return allocator->fallback != omp_atv_allocator_fb || allocator->fb_data != omp_null_allocator;
}

struct name {
  const char *name;
  uint32_t value;
};

/* NULL ends each list. */
static const struct name allocators[] = {
    {"omp_default_mem_alloc", omp_default_mem_alloc},
    {"omp_large_cap_mem_alloc", omp_large_cap_mem_alloc},
    {"omp_const_mem_alloc", omp_const_mem_alloc},
    {"omp_high_bw_mem_alloc", omp_high_bw_mem_alloc},
    {"omp_low_lat_mem_alloc", omp_low_lat_mem_alloc},
    {"omp_cgroup_mem_alloc", omp_cgroup_mem_alloc},
    {"omp_pteam_mem_alloc", omp_pteam_mem_alloc},
    {"omp_thread_mem_alloc", omp_thread_mem_alloc},
    {NULL, 0},
};

static const struct name spaces[] = {
    {"omp_default_mem_space", omp_default_mem_space},
    {"omp_large_cap_mem_space", omp_large_cap_mem_space},
    {"omp_const_mem_space", omp_const_mem_space},
    {"omp_high_bw_mem_space", omp_high_bw_mem_space},
    {"omp_low_lat_mem_space", omp_low_lat_mem_space},
    {NULL, 0},
};

static const struct name keys[] = {
    {"sync_hint", omp_atk_sync_hint},
    {"alignment", omp_atk_alignment},
    {"access", omp_atk_access},
    {"pool_size", omp_atk_pool_size},
    {"fallback", omp_atk_fallback},
    {"fb_data", omp_atk_fb_data},
    {"pinned", omp_atk_pinned},
    {"partition", omp_atk_partition},
    {NULL, 0},
};

static const struct name values[] = {
    {"false", omp_atv_false},
    {"true", omp_atv_true},
    {"contended", omp_atv_contended},
    {"uncontended", omp_atv_uncontended},
    {"serialized", omp_atv_serialized},
    {"sequential", omp_atv_sequential},
    {"private", omp_atv_private},
    {"all", omp_atv_all},
    {"thread", omp_atv_thread},
    {"pteam", omp_atv_pteam},
    {"cgroup", omp_atv_cgroup},
    {"default_mem_fb", omp_atv_default_mem_fb},
    {"null_fb", omp_atv_null_fb},
    {"abort_fb", omp_atv_abort_fb},
    {"allocator_fb", omp_atv_allocator_fb},
    {"environment", omp_atv_environment},
    {"nearest", omp_atv_nearest},
    {"blocked", omp_atv_blocked},
    {"interleaved", omp_atv_interleaved},
    {NULL, 0},
};

/* A whole name of a list: one may be the begin of another. */
static bool name_in(const struct name *list, const char **s, uint32_t *value) {
  for (; list->name != NULL; list++) {
    const char *end = *s;
    if (accept(&end, list->name) && (*end == 0 || *end == ':' || *end == '=' || *end == ',')) {
      *s = end;
      *value = list->value;
      return true;
    }
  }
  return false;
}

/* What may follow `key=`; whether it suits the key is found out when the allocator is made. */
static bool trait_value(uint32_t key, const char **s, uint32_t *value) {
  if (key == omp_atk_alignment || key == omp_atk_pool_size)
    return unsigned_number(s, value);
  return name_in(key == omp_atk_fb_data ? allocators : values, s, value);
}

bool omp2wasi_read_allocator(const char *s, uint32_t *handle) {
  static struct allocator described;
  enum { MAX_TRAITS = 16 };
  omp_alloctrait_t traits[MAX_TRAITS];
  uint32_t found, count = 0;
  if (name_in(allocators, &s, &found)) {
    if (*s == 0)
      *handle = found;
    return *s == 0;
  }
  if (!name_in(spaces, &s, &found))
    return false;
  for (char separator = ':'; *s != 0; separator = ',') {
    uint32_t key, value;
    if (*s++ != separator || count == MAX_TRAITS || !name_in(keys, &s, &key) || *s++ != '=' ||
        !trait_value(key, &s, &value))
      return false;
    traits[count++] = (omp_alloctrait_t){(omp_alloctrait_key_t)key, value};
  }
  if (!omp2wasi_make_allocator(&described, (omp_memspace_handle_t)found, (int)count, traits))
    return false;
  described.references++; /* It is not from the heap: nothing may free it. */
  *handle = (uint32_t)(uintptr_t)&described;
  return true;
}
