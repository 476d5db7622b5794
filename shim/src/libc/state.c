/* What else a C library that was built for one thread keeps in variables of its own: functions that use the same
 * ones hold one lock. */
#include "locked.h"
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

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
LOCKED(&paths, int, truncate, (const char *path, off_t size), (path, size))
LOCKED(&paths, int, scandir,
       (const char *path, struct dirent ***names, int (*select)(const struct dirent *),
        int (*compare)(const struct dirent **, const struct dirent **)),
       (path, names, select, compare))
LOCKED(&paths, int, utime, (const char *path, const struct utimbuf *times), (path, times))
LOCKED(&paths, int, utimes, (const char *path, const struct timeval times[2]), (path, times))

/* What functions that are given a folder, such as fstatat, call when that is the current one. */
LOCKED(&paths, int, __wasilibc_stat, (const char *restrict path, struct stat *restrict status, int flags),
       (path, status, flags))
LOCKED(&paths, int, __wasilibc_access, (const char *path, int mode, int flags), (path, mode, flags))
LOCKED(&paths, int, __wasilibc_utimens, (const char *path, const struct timespec times[2], int flags),
       (path, times, flags))
LOCKED(&paths, int, __wasilibc_link, (const char *from, const char *to, int flags), (from, to, flags))
LOCKED(&paths, int, __wasilibc_link_oldat, (int folder, const char *from, const char *to, int flags),
       (folder, from, to, flags))
LOCKED(&paths, int, __wasilibc_link_newat, (const char *from, int folder, const char *to, int flags),
       (from, folder, to, flags))
LOCKED(&paths, int, __wasilibc_rename_oldat, (int folder, const char *from, const char *to), (folder, from, to))
LOCKED(&paths, int, __wasilibc_rename_newat, (const char *from, int folder, const char *to), (from, folder, to))

/* The mode that may follow means nothing in WASI. */
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
LOCKED(&random_numbers, double, erand48, (unsigned short state[3]), (state))
LOCKED(&random_numbers, long, nrand48, (unsigned short state[3]), (state))
LOCKED(&random_numbers, long, jrand48, (unsigned short state[3]), (state))
LOCKED(&random_numbers, unsigned short *, seed48, (unsigned short *seed), (seed))
LOCKED(&random_numbers, char *, initstate, (unsigned seed, char *state, size_t size), (seed, state, size))
LOCKED(&random_numbers, char *, setstate, (char *state), (state))
LOCKED_VOID(&random_numbers, lcong48, (unsigned short parameters[7]), (parameters))
LOCKED_VOID(&random_numbers, srand, (unsigned seed), (seed))
LOCKED_VOID(&random_numbers, srandom, (unsigned seed), (seed))
LOCKED_VOID(&random_numbers, srand48, (long seed), (seed))

static struct recursive_lock environment;

LOCKED(&environment, char *, getenv, (const char *name), (name))
LOCKED(&environment, int, setenv, (const char *name, const char *value, int overwrite), (name, value, overwrite))
LOCKED(&environment, int, unsetenv, (const char *name), (name))
LOCKED(&environment, int, putenv, (char *setting), (setting))
LOCKED(&environment, int, clearenv, (void), ())

/* These return the address of one variable. The lock keeps what is written there whole; another thread's call still
 * replaces it. */
static struct recursive_lock calendar;

LOCKED(&calendar, struct tm *, gmtime, (const time_t *time), (time))
LOCKED(&calendar, struct tm *, localtime, (const time_t *time), (time))

static struct recursive_lock handlers;

LOCKED(&handlers, int, atexit, (void (*handler)(void)), (handler))
LOCKED(&handlers, int, at_quick_exit, (void (*handler)(void)), (handler))

/* The first thread that exits runs the handlers, which may exit again, and ends the program; the others wait for
 * that. The one variable is all that they share (relaxed). */
void *omp2wasi_exiting;

_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status) {
  static struct wait_word never;
  void *me = __builtin_wasm_tls_base(), *first = NULL;
  if (__atomic_compare_exchange_n(&omp2wasi_exiting, &first, me, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED) || first == me)
    __real_exit(status);
  for (;;)
    omp2wasi_wait(&never, 0, 0);
}
