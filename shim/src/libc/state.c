/* What else a single-threaded C library keeps in variables of its own: each group of functions holds one lock. */
#include "locked.h"
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Paths: the library resolves them in static buffers, and keeps the working directory itself. */
static struct recursive_lock paths;

LOCKED(&paths, int, unlink, (const char *path), (path))
LOCKED(&paths, int, remove, (const char *path), (path))
LOCKED(&paths, int, rename, (const char *from, const char *to), (from, to))
LOCKED(&paths, int, mkdir, (const char *path, mode_t mode), (path, mode))
LOCKED(&paths, int, rmdir, (const char *path), (path))
LOCKED(&paths, int, access, (const char *path, int mode), (path, mode))
LOCKED(&paths, int, stat, (const char *restrict path, struct stat *restrict status), (path, status))
LOCKED(&paths, int, lstat, (const char *restrict path, struct stat *restrict status), (path, status))
LOCKED(&paths, DIR *, opendir, (const char *path), (path))
LOCKED(&paths, int, __wasilibc_open_nomode, (const char *path, int flags), (path, flags))
LOCKED(&paths, int, link, (const char *from, const char *to), (from, to))
LOCKED(&paths, int, symlink, (const char *from, const char *to), (from, to))
LOCKED(&paths, ssize_t, readlink, (const char *restrict path, char *restrict buffer, size_t size), (path, buffer, size))
LOCKED(&paths, int, chdir, (const char *path), (path))
LOCKED(&paths, char *, getcwd, (char *buffer, size_t size), (buffer, size))

/* The mode that may follow is of no use in WASI. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  acquire(&paths);
  int fd = __real_open(path, flags);
  release(&paths);
  return fd;
}

static struct recursive_lock random_numbers;

LOCKED(&random_numbers, int, rand, (void), ())
LOCKED(&random_numbers, long, random, (void), ())
LOCKED(&random_numbers, double, drand48, (void), ())
LOCKED(&random_numbers, long, lrand48, (void), ())
LOCKED(&random_numbers, long, mrand48, (void), ())
LOCKED_VOID(&random_numbers, srand, (unsigned seed), (seed))
LOCKED_VOID(&random_numbers, srandom, (unsigned seed), (seed))
LOCKED_VOID(&random_numbers, srand48, (long seed), (seed))

static struct recursive_lock environment;

LOCKED(&environment, char *, getenv, (const char *name), (name))
LOCKED(&environment, int, setenv, (const char *name, const char *value, int overwrite), (name, value, overwrite))
LOCKED(&environment, int, unsetenv, (const char *name), (name))
LOCKED(&environment, int, putenv, (char *setting), (setting))
LOCKED(&environment, int, clearenv, (void), ())

/* The broken-down time is one variable; the lock keeps it whole, not one's own. */
static struct recursive_lock calendar;

LOCKED(&calendar, struct tm *, gmtime, (const time_t *time), (time))
LOCKED(&calendar, struct tm *, localtime, (const time_t *time), (time))

static struct recursive_lock handlers;

LOCKED(&handlers, int, atexit, (void (*handler)(void)), (handler))

/* The first thread that exits runs the handlers, which may exit again, and ends the program; the others wait for that. The one
 * variable is all that they share (relaxed). */
_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status) {
  static void *exiting;
  static struct wait_word never;
  void *me = __builtin_wasm_tls_base(), *first = NULL;
  if (__atomic_compare_exchange_n(&exiting, &first, me, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED) || first == me)
    __real_exit(status);
  for (;;)
    omp2wasi_wait(&never, 0, 0);
}
