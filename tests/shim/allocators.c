/* Allocators as allocator.h has them: what each trait may be, what a pool counts, and how long an allocator's record
 * stays. */
#include "allocator.h"
#include "thread.h"
#include <stdio.h>
#include <string.h>

static int failures;

#define CHECK(condition) check(condition, #condition, __LINE__)

static void check(bool holds, const char *condition, int line) {
  if (!holds && __atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED) < 10)
    printf("line %d fails: %s\n", line, condition);
}

static struct allocator *record(omp_allocator_handle_t handle) { return (struct allocator *)handle; }

static omp_allocator_handle_t with(int count, const omp_alloctrait_t *traits) {
  return omp_init_allocator(omp_default_mem_space, count, traits);
}

static bool may_have(omp_alloctrait_key_t key, omp_uintptr_t value) {
  const omp_alloctrait_t trait = {key, value};
  omp_allocator_handle_t allocator = with(1, &trait);
  omp_destroy_allocator(allocator);
  return allocator != omp_null_allocator;
}

static void test_traits(void) {
  static const struct {
    omp_alloctrait_key_t key;
    omp_uintptr_t first, last;
  } ranges[] = {
      {omp_atk_sync_hint, omp_atv_contended, omp_atv_private},
      {omp_atk_access, omp_atv_all, omp_atv_cgroup},
      {omp_atk_fallback, omp_atv_default_mem_fb, omp_atv_abort_fb}, /* allocator_fb needs an allocator */
      {omp_atk_pinned, omp_atv_false, omp_atv_true},
      {omp_atk_partition, omp_atv_environment, omp_atv_interleaved},
  };
  for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
    for (omp_uintptr_t value = 0; value < 30; value++)
      CHECK(may_have(ranges[i].key, value) == (value >= ranges[i].first && value <= ranges[i].last));
  for (omp_uintptr_t value = 0; value < 40; value++)
    CHECK(may_have(omp_atk_alignment, value) == (__builtin_popcount(value) == 1));
  for (int key = omp_atk_sync_hint; key <= omp_atk_partition; key++)
    CHECK(may_have((omp_alloctrait_key_t)key, omp_atv_default));
  CHECK(!may_have(omp_atk_pool_size, 0) && may_have(omp_atk_pool_size, 1));
  CHECK(!may_have((omp_alloctrait_key_t)0, 1) && !may_have((omp_alloctrait_key_t)9, omp_atv_default));
  CHECK(with(1, NULL) == omp_null_allocator);
  for (int space = 0; space < 200; space++) {
    omp_allocator_handle_t allocator = omp_init_allocator((omp_memspace_handle_t)space, 0, NULL);
    CHECK((allocator != omp_null_allocator) == (space <= (int)omp_low_lat_mem_space));
    omp_destroy_allocator(allocator);
  }
}

/* A pool counts the bytes that were asked for, to the last one; also when a block changes its size. */
static void test_pool(void) {
  const omp_alloctrait_t traits[] = {
      {omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_null_fb}, {omp_atk_alignment, 8}};
  for (int big = 0; big < 2; big++) {
    omp_alloctrait_t mine[3];
    memcpy(mine, traits, sizeof mine);
    mine[2].value = big ? 256 : 8;
    omp_allocator_handle_t pool = with(3, mine);
    const uint32_t *used = &record(pool)->used;
    char *all = omp_alloc(1000, pool);
    CHECK(all != NULL && *used == 1000 && omp_alloc(1, pool) == NULL);
    all = omp_realloc(all, 10, pool, pool);
    CHECK(*used == 10 && record(pool)->references == 2);
    char *rest = omp_aligned_alloc(128, 990, pool);
    CHECK(rest != NULL && *used == 1000 && record(pool)->references == 3);
    memset(rest, 5, 990);
    CHECK(omp_realloc(all, 11, pool, pool) == NULL && *used == 1000);
    rest = omp_realloc(rest, 500, omp_null_allocator, omp_null_allocator); /* stays with its allocator */
    CHECK(*used == 510);
    rest = omp_realloc(rest, 990, omp_null_allocator, omp_null_allocator);
    CHECK(*used == 1000 && rest[0] == 5 && rest[499] == 5);
    rest = omp_realloc(rest, 2000, omp_default_mem_alloc, pool);
    CHECK(rest != NULL && *used == 10 && rest[499] == 5);
    omp_free(rest, omp_null_allocator);
    omp_free(all, pool);
    CHECK(*used == 0 && record(pool)->references == 1);
    CHECK(omp_alloc(SIZE_MAX, pool) == NULL && omp_aligned_alloc(48, 10, pool) == NULL);
    omp_destroy_allocator(pool);
  }
  CHECK(omp_alloc(SIZE_MAX, omp_default_mem_alloc) == NULL && omp_alloc(SIZE_MAX - 16, omp_default_mem_alloc) == NULL);
  CHECK(omp_calloc(SIZE_MAX / 2, 3, omp_default_mem_alloc) == NULL);
}

/* Blocks outlive the handle of their allocator, and can still be freed and resized. */
static void test_destroyed(void) {
  const omp_alloctrait_t traits[] = {{omp_atk_pool_size, 100000}};
  char *blocks[100];
  for (int round = 0; round < 100; round++) {
    omp_allocator_handle_t allocator = with(1, traits);
    for (int i = 0; i < 100; i++)
      blocks[i] = memset(omp_alloc(50, allocator), i, 50);
    omp_destroy_allocator(allocator);
    CHECK(record(allocator)->mark == ALLOCATOR_DESTROYED && record(allocator)->references == 100);
    blocks[0] = omp_realloc(blocks[0], 500, omp_null_allocator, omp_null_allocator);
    for (int i = 0; i < 100; i++) {
      CHECK(blocks[i][0] == i && blocks[i][49] == i);
      omp_free(blocks[i], omp_null_allocator);
    }
  }
}

/* The fallback's memory counts there, and goes back there. */
static void test_fallback(void) {
  const omp_alloctrait_t other_traits[] = {{omp_atk_pool_size, 1000}, {omp_atk_fallback, omp_atv_null_fb}};
  omp_allocator_handle_t other = with(2, other_traits);
  const omp_alloctrait_t traits[] = {
      {omp_atk_pool_size, 100}, {omp_atk_fallback, omp_atv_allocator_fb}, {omp_atk_fb_data, other},
      {omp_atk_alignment, 64}};
  omp_allocator_handle_t allocator = with(4, traits);
  char *block = omp_alloc(200, allocator);
  CHECK(record(other)->used == 200 && record(allocator)->used == 0 && (uintptr_t)block % 64 == 0);
  omp_free(block, allocator);
  CHECK(record(other)->used == 0 && omp_alloc(1001, allocator) == NULL);
  omp_destroy_allocator(allocator);
  omp_destroy_allocator(other);
  CHECK(omp_alloc(8, llvm_omp_target_shared_mem_alloc) == NULL); /* memory that the host has not */
}

/* Set in an explicit task, the default allocator is that of the implicit task around it. */
static void test_default(void) {
  const omp_allocator_handle_t before = omp_get_default_allocator();
#pragma omp task if (0)
  {
    omp_set_default_allocator(omp_low_lat_mem_alloc);
#pragma omp parallel num_threads(2)
    CHECK(omp_get_default_allocator() == omp_low_lat_mem_alloc);
  }
  CHECK(omp_get_default_allocator() == omp_low_lat_mem_alloc);
  omp_set_default_allocator(omp_null_allocator);
  CHECK(omp_get_default_allocator() == omp_default_mem_alloc);
  omp_set_default_allocator(before);
}

int main(void) {
  test_traits();
  test_pool();
  test_destroyed();
  test_fallback();
  test_default();
  if (failures == 0)
    puts("ok");
  return failures != 0;
}
