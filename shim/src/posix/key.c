/* Implements pthread_key_*, pthread_getspecific, pthread_setspecific, and tss_* of C11 (ISO C 7.26.6).
 *
 * Invariant: a thread's value counts only while its number is that of the key: so a key that is deleted and made
 * again finds no old values. Values are destroyed at the end of threads that have one (thread.c); the threads of teams
 * end with the program. */
#include "posix.h"
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <threads.h>

enum { ROUNDS = 4 }; /* PTHREAD_DESTRUCTOR_ITERATIONS */

static struct key {
  uint32_t number; /* counts up: odd while the key exists */
  void (*destroy)(void *);
} keys[PTHREAD_KEYS_MAX];

static struct mutex mutex; /* held while a key is made or deleted */

static _Thread_local struct value {
  uint32_t number;
  void *value;
} values[PTHREAD_KEYS_MAX];

/* Relaxed: whoever uses a key has been told of it by the thread that made it. */
static uint32_t number_of(pthread_key_t key) { return __atomic_load_n(&keys[key].number, __ATOMIC_RELAXED); }

int pthread_key_create(pthread_key_t *created, void (*destroy)(void *)) {
  omp2wasi_lock(&mutex);
  pthread_key_t key = 0;
  while (key < PTHREAD_KEYS_MAX && number_of(key) % 2 == 1)
    key++;
  if (key < PTHREAD_KEYS_MAX) {
    keys[key].destroy = destroy;
    __atomic_store_n(&keys[key].number, number_of(key) + 1, __ATOMIC_RELAXED);
    *created = key;
  }
  omp2wasi_unlock(&mutex);
  return key < PTHREAD_KEYS_MAX ? 0 : EAGAIN;
}

int pthread_key_delete(pthread_key_t key) {
  omp2wasi_lock(&mutex);
  int exists = key < PTHREAD_KEYS_MAX && number_of(key) % 2 == 1;
  if (exists)
    __atomic_store_n(&keys[key].number, number_of(key) + 1, __ATOMIC_RELAXED);
  omp2wasi_unlock(&mutex);
  return exists ? 0 : EINVAL;
}

void *pthread_getspecific(pthread_key_t key) {
  return key < PTHREAD_KEYS_MAX && values[key].number == number_of(key) ? values[key].value : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value) {
  if (key >= PTHREAD_KEYS_MAX || number_of(key) % 2 == 0)
    return EINVAL;
  values[key] = (struct value){number_of(key), (void *)value};
  return 0;
}

void omp2wasi_destroy_specific_values(void) {
  int is_left = 1;
  for (int round = 0; round < ROUNDS && is_left; round++) {
    is_left = 0;
    for (pthread_key_t key = 0; key < PTHREAD_KEYS_MAX; key++) {
      void *value = pthread_getspecific(key);
      values[key].value = NULL;
      /* Another thread may be deleting the key at this time, which POSIX leaves to the program. */
      if (value != NULL && number_of(key) % 2 == 1 && keys[key].destroy != NULL) {
        keys[key].destroy(value);
        is_left = 1;
      }
    }
  }
}

int tss_create(tss_t *key, tss_dtor_t destroy) {
  return pthread_key_create(key, destroy) == 0 ? thrd_success : thrd_error;
}

void tss_delete(tss_t key) { pthread_key_delete(key); }
void *tss_get(tss_t key) { return pthread_getspecific(key); }
int tss_set(tss_t key, void *value) { return pthread_setspecific(key, value) == 0 ? thrd_success : thrd_error; }
