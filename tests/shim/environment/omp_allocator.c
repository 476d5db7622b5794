/* Prints what the default allocator is: its handle if it is a predefined one, how its memory is aligned, and how many
 * blocks of 100 bytes there are, up to 99; the same in a parallel region. */
#include <omp.h>
#include <stdint.h>
#include <stdio.h>

enum { MANY = 99 };

static void print(const char *where) {
  void *blocks[MANY];
  uintptr_t bits = 0;
  int count = 0;
  for (int i = 0; i < 20; i++) {
    blocks[i] = omp_alloc(1 + 10 * i, omp_null_allocator);
    bits |= (uintptr_t)blocks[i];
  }
  for (int i = 0; i < 20; i++)
    omp_free(blocks[i], omp_null_allocator);
  while (count < MANY && (blocks[count] = omp_alloc(100, omp_null_allocator)) != NULL)
    count++;
  for (int i = 0; i < count; i++)
    omp_free(blocks[i], omp_null_allocator);
  const omp_allocator_handle_t handle = omp_get_default_allocator();
  const int shown = handle < 100 ? (int)handle : -1;
  printf("%s: allocator %d, alignment %d, blocks %d\n", where, shown, 1 << __builtin_ctz(bits), count);
}

int main(void) {
  print("initial");
#pragma omp parallel num_threads(2)
  if (omp_get_thread_num() == omp_get_num_threads() - 1)
    print("region");
  return 0;
}
