/* The generic atomic calls that clang emits for objects without a lock-free instruction, 16-byte ones above all
 * (`__atomic_load` and friends, as GCC's libatomic documents them). compiler-rt for wasm32 lacks them.
 *
 * Invariant: each access to such an object holds the lock that its address picks. */
#include "mutex.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { LOCKS = 64 };

static struct {
  struct mutex lock;
} __attribute__((aligned(64))) locks[LOCKS];

/* Takes the lock of an object, and returns it. */
static struct mutex *guard(const volatile void *object) {
  struct mutex *lock = &locks[((uintptr_t)object >> 4) % LOCKS].lock;
  omp2wasi_lock(lock);
  return lock;
}

/* clang knows these names as builtins with other types; the assembler names are what objects link to. */
void omp2wasi_atomic_load(size_t size, const void *object, void *result, int order) __asm__("__atomic_load");
void omp2wasi_atomic_store(size_t size, void *object, const void *value, int order) __asm__("__atomic_store");
void omp2wasi_atomic_exchange(size_t size, void *object, const void *value, void *result,
                              int order) __asm__("__atomic_exchange");
bool omp2wasi_atomic_compare_exchange(size_t size, void *object, void *expected, const void *desired, int success,
                                      int failure) __asm__("__atomic_compare_exchange");

void omp2wasi_atomic_load(size_t size, const void *object, void *result, int order) {
  (void)order;
  struct mutex *lock = guard(object);
  memcpy(result, object, size);
  omp2wasi_unlock(lock);
}

void omp2wasi_atomic_store(size_t size, void *object, const void *value, int order) {
  (void)order;
  struct mutex *lock = guard(object);
  memcpy(object, value, size);
  omp2wasi_unlock(lock);
}

void omp2wasi_atomic_exchange(size_t size, void *object, const void *value, void *result, int order) {
  (void)order;
  struct mutex *lock = guard(object);
  memcpy(result, object, size);
  memcpy(object, value, size);
  omp2wasi_unlock(lock);
}

bool omp2wasi_atomic_compare_exchange(size_t size, void *object, void *expected, const void *desired, int success,
                                      int failure) {
  (void)success, (void)failure;
  struct mutex *lock = guard(object);
  bool equal = memcmp(object, expected, size) == 0;
  if (equal)
    memcpy(object, desired, size);
  else
    memcpy(expected, object, size);
  omp2wasi_unlock(lock);
  return equal;
}

/* The same for objects that the compiler knows to have 16 bytes and to be aligned: values are handed over as such,
 * not by address. */
typedef unsigned __int128 value16;

value16 omp2wasi_atomic_load_16(const void *object, int order) __asm__("__atomic_load_16");
void omp2wasi_atomic_store_16(void *object, value16 value, int order) __asm__("__atomic_store_16");
value16 omp2wasi_atomic_exchange_16(void *object, value16 value, int order) __asm__("__atomic_exchange_16");
bool omp2wasi_atomic_compare_exchange_16(void *object, void *expected, value16 desired, int success,
                                         int failure) __asm__("__atomic_compare_exchange_16");

value16 omp2wasi_atomic_load_16(const void *object, int order) {
  value16 result;
  omp2wasi_atomic_load(sizeof result, object, &result, order);
  return result;
}

void omp2wasi_atomic_store_16(void *object, value16 value, int order) {
  omp2wasi_atomic_store(sizeof value, object, &value, order);
}

value16 omp2wasi_atomic_exchange_16(void *object, value16 value, int order) {
  value16 result;
  omp2wasi_atomic_exchange(sizeof value, object, &value, &result, order);
  return result;
}

bool omp2wasi_atomic_compare_exchange_16(void *object, void *expected, value16 desired, int success, int failure) {
  return omp2wasi_atomic_compare_exchange(sizeof desired, object, expected, &desired, success, failure);
}

#define FETCH_16(name, expression)                                                                                     \
  value16 omp2wasi_atomic_##name##_16(void *object, value16 operand, int order) __asm__("__atomic_" #name "_16");      \
  value16 omp2wasi_atomic_##name##_16(void *object, value16 operand, int order) {                                      \
    (void)order;                                                                                                       \
    struct mutex *lock = guard(object);                                                                                \
    value16 old;                                                                                                       \
    memcpy(&old, object, sizeof old);                                                                                  \
    value16 new = expression;                                                                                          \
    memcpy(object, &new, sizeof new);                                                                                  \
    omp2wasi_unlock(lock);                                                                                             \
    return old;                                                                                                        \
  }

FETCH_16(fetch_add, old + operand)
FETCH_16(fetch_sub, old - operand)
FETCH_16(fetch_and, old & operand)
FETCH_16(fetch_or, old | operand)
FETCH_16(fetch_xor, old ^ operand)
FETCH_16(fetch_nand, ~(old & operand))
