/* stdio and the other parts of a single-threaded C library that keep state, under threads: each call holds one recursive lock.
 * So a line that one printf writes stays whole. wasm-ld's --wrap sends every call here, those from inside the C library too. */
#include "../team.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct wait_word lock;
/* Written by the holder alone; anybody else reads something that is not itself, whatever the moment (relaxed). The stack
 * block identifies the thread: unlike `self`, it stays the same in nested regions. */
static void *owner;
static uint32_t depth;

static void enter(void) {
  void *me = __builtin_wasm_tls_base();
  if (__atomic_load_n(&owner, __ATOMIC_RELAXED) != me) {
    omp2wasi_lock(&lock);
    __atomic_store_n(&owner, me, __ATOMIC_RELAXED);
  }
  depth++;
}

static void leave(void) {
  if (--depth != 0)
    return;
  __atomic_store_n(&owner, NULL, __ATOMIC_RELAXED);
  omp2wasi_unlock(&lock);
}

#define LOCKED(type, name, parameters, arguments)                                                                      \
  type __real_##name parameters;                                                                                       \
  type __wrap_##name parameters {                                                                                      \
    enter();                                                                                                           \
    type result = __real_##name arguments;                                                                             \
    leave();                                                                                                           \
    return result;                                                                                                     \
  }

/* A function with a variable list of arguments, by its v form. By its plain name: `__real_` alone would not make the linker
 * fetch it from the C library. */
#define LOCKED_VARIADIC(name, v_name, last, arguments)                                                                 \
  int __wrap_##name parameters_##name {                                                                                \
    va_list list;                                                                                                      \
    va_start(list, last);                                                                                              \
    int result = v_name arguments;                                                                                     \
    va_end(list);                                                                                                      \
    return result;                                                                                                     \
  }

#define parameters_printf (const char *restrict format, ...)
#define parameters_scanf (const char *restrict format, ...)
#define parameters_fprintf (FILE *restrict file, const char *restrict format, ...)
#define parameters_fscanf (FILE *restrict file, const char *restrict format, ...)
LOCKED(int, vprintf, (const char *restrict format, va_list list), (format, list))
LOCKED(int, vfprintf, (FILE *restrict file, const char *restrict format, va_list list), (file, format, list))
LOCKED(int, vscanf, (const char *restrict format, va_list list), (format, list))
LOCKED(int, vfscanf, (FILE *restrict file, const char *restrict format, va_list list), (file, format, list))
LOCKED_VARIADIC(printf, vprintf, format, (format, list))
LOCKED_VARIADIC(fprintf, vfprintf, format, (file, format, list))
LOCKED_VARIADIC(scanf, vscanf, format, (format, list))
LOCKED_VARIADIC(fscanf, vfscanf, format, (file, format, list))

LOCKED(int, puts, (const char *s), (s))
LOCKED(int, putchar, (int c), (c))
LOCKED(int, putc, (int c, FILE *file), (c, file))
LOCKED(int, fputc, (int c, FILE *file), (c, file))
LOCKED(int, fputs, (const char *restrict s, FILE *restrict file), (s, file))
LOCKED(size_t, fwrite, (const void *restrict data, size_t size, size_t count, FILE *restrict file), (data, size, count, file))
LOCKED(int, fflush, (FILE *file), (file))
LOCKED(int, getchar, (void), ())
LOCKED(int, getc, (FILE *file), (file))
LOCKED(int, fgetc, (FILE *file), (file))
LOCKED(char *, fgets, (char *restrict s, int size, FILE *restrict file), (s, size, file))
LOCKED(int, ungetc, (int c, FILE *file), (c, file))
LOCKED(size_t, fread, (void *restrict data, size_t size, size_t count, FILE *restrict file), (data, size, count, file))
LOCKED(ssize_t, getline, (char **restrict line, size_t *restrict size, FILE *restrict file), (line, size, file))
LOCKED(ssize_t, getdelim, (char **restrict line, size_t *restrict size, int end, FILE *restrict file), (line, size, end, file))
LOCKED(int, fseek, (FILE *file, long offset, int whence), (file, offset, whence))
LOCKED(int, fseeko, (FILE *file, off_t offset, int whence), (file, offset, whence))
LOCKED(long, ftell, (FILE *file), (file))
LOCKED(off_t, ftello, (FILE *file), (file))
LOCKED(int, fgetpos, (FILE *restrict file, fpos_t *restrict position), (file, position))
LOCKED(int, fsetpos, (FILE *file, const fpos_t *position), (file, position))
LOCKED(int, setvbuf, (FILE *restrict file, char *restrict buffer, int mode, size_t size), (file, buffer, mode, size))
LOCKED(FILE *, fopen, (const char *restrict path, const char *restrict mode), (path, mode))
LOCKED(FILE *, freopen, (const char *restrict path, const char *restrict mode, FILE *restrict file), (path, mode, file))
LOCKED(FILE *, fdopen, (int fd, const char *mode), (fd, mode))
LOCKED(int, fclose, (FILE *file), (file))

/* Paths: the library resolves them in static buffers. */
LOCKED(int, unlink, (const char *path), (path))
LOCKED(int, remove, (const char *path), (path))
LOCKED(int, rename, (const char *from, const char *to), (from, to))
LOCKED(int, mkdir, (const char *path, mode_t mode), (path, mode))
LOCKED(int, rmdir, (const char *path), (path))
LOCKED(int, access, (const char *path, int mode), (path, mode))
LOCKED(int, stat, (const char *restrict path, struct stat *restrict status), (path, status))
LOCKED(int, lstat, (const char *restrict path, struct stat *restrict status), (path, status))
LOCKED(DIR *, opendir, (const char *path), (path))
LOCKED(int, __wasilibc_open_nomode, (const char *path, int flags), (path, flags))

LOCKED(int, link, (const char *from, const char *to), (from, to))
LOCKED(int, symlink, (const char *from, const char *to), (from, to))
LOCKED(ssize_t, readlink, (const char *restrict path, char *restrict buffer, size_t size), (path, buffer, size))
LOCKED(int, chdir, (const char *path), (path))
LOCKED(char *, getcwd, (char *buffer, size_t size), (buffer, size))

/* The mode that may follow is of no use in WASI. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
  enter();
  int fd = __real_open(path, flags);
  leave();
  return fd;
}

/* Random numbers, the environment, exit handlers. */
LOCKED(int, rand, (void), ())
LOCKED(long, random, (void), ())
LOCKED(double, drand48, (void), ())
LOCKED(long, lrand48, (void), ())
LOCKED(long, mrand48, (void), ())
LOCKED(char *, getenv, (const char *name), (name))
LOCKED(int, setenv, (const char *name, const char *value, int overwrite), (name, value, overwrite))
LOCKED(int, unsetenv, (const char *name), (name))
LOCKED(int, putenv, (char *setting), (setting))
LOCKED(int, atexit, (void (*handler)(void)), (handler))
LOCKED(struct tm *, gmtime, (const time_t *time), (time))
LOCKED(struct tm *, localtime, (const time_t *time), (time))

#define LOCKED_VOID(name, parameters, arguments)                                                                       \
  void __real_##name parameters;                                                                                       \
  void __wrap_##name parameters {                                                                                      \
    enter();                                                                                                           \
    __real_##name arguments;                                                                                           \
    leave();                                                                                                           \
  }

/* The first thread that exits runs the handlers and ends the program; the others wait for that. */
_Noreturn void __real_exit(int status);
_Noreturn void __wrap_exit(int status) {
  static uint32_t exiting;
  static struct wait_word never;
  if (__atomic_exchange_n(&exiting, 1, __ATOMIC_RELAXED) == 0 || __atomic_load_n(&owner, __ATOMIC_RELAXED) == __builtin_wasm_tls_base())
    __real_exit(status);
  for (;;)
    omp2wasi_wait(&never, 0, 0);
}

LOCKED_VOID(perror, (const char *message), (message))
LOCKED_VOID(rewind, (FILE *file), (file))
LOCKED_VOID(srand, (unsigned seed), (seed))
LOCKED_VOID(srandom, (unsigned seed), (seed))
LOCKED_VOID(srand48, (long seed), (seed))
LOCKED_VOID(__stdio_exit, (void), ())
