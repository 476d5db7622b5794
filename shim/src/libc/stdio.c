/* stdio under threads: each stream has a lock, so that a line that one printf writes stays whole, and a thread that
 * waits for input holds up only those that read the same stream.
 *
 * The C library was built without locks in its streams, so they are found by the stream's address. A stream that is
 * not among them is one on the library's own stack, as in snprintf: only this thread knows it.
 *
 * Order of locks: `files` before a stream's, and two streams' only with `files`. */
#include "locked.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

/* Held while the set of open streams changes or a thread walks it. */
static struct recursive_lock files;

struct stream {
  FILE *file;
  struct stream *next;
  /* Changes with `files` held. */
  bool open;
  struct recursive_lock lock;
};

/* Chains of streams by a hash of their address. Only the holder of `files` adds; streams stay in: the next fopen is
 * likely to get the same address. A reader follows pointers that were stored with release once all behind them was
 * there (acquire). */
static struct stream *streams[64];
static struct recursive_lock standard[3];

static struct stream **chain_of(FILE *file) {
  return &streams[((uintptr_t)file >> 4) * 0x9e3779b9u >> 26];
}

static struct stream *find(FILE *file) {
  struct stream *at = __atomic_load_n(chain_of(file), __ATOMIC_ACQUIRE);
  while (at != NULL && at->file != file)
    at = at->next;
  return at;
}

static struct recursive_lock *lock_of(FILE *file) {
  if (file == stdin)
    return &standard[0];
  if (file == stdout)
    return &standard[1];
  if (file == stderr)
    return &standard[2];
  struct stream *stream = find(file);
  return stream == NULL ? NULL : &stream->lock;
}

/* Notes that a stream is open; `new` is for one at a new address. */
static void opened(FILE *file, struct stream *new) {
  struct stream *known = file == NULL ? NULL : find(file);
  if (known != NULL)
    known->open = true;
  if (file == NULL || known != NULL) {
    free(new);
    return;
  }
  struct stream **chain = chain_of(file);
  *new = (struct stream){.file = file, .next = __atomic_load_n(chain, __ATOMIC_RELAXED), .open = true};
  __atomic_store_n(chain, new, __ATOMIC_RELEASE);
}

#define OPENING(name, parameters, arguments)                                                                           \
  FILE *__real_##name parameters;                                                                                      \
  FILE *__wrap_##name parameters {                                                                                     \
    struct stream *new = malloc(sizeof *new);                                                                          \
    if (new == NULL)                                                                                                   \
      return NULL;                                                                                                     \
    acquire(&files);                                                                                                   \
    FILE *file = __real_##name arguments;                                                                              \
    opened(file, new);                                                                                                 \
    release(&files);                                                                                                   \
    return file;                                                                                                       \
  }

OPENING(fopen, (const char *restrict path, const char *restrict mode), (path, mode))
OPENING(fdopen, (int fd, const char *mode), (fd, mode))
OPENING(fmemopen, (void *restrict buffer, size_t size, const char *restrict mode), (buffer, size, mode))
OPENING(open_memstream, (char **buffer, size_t *size), (buffer, size))
OPENING(open_wmemstream, (wchar_t **buffer, size_t *size), (buffer, size))
OPENING(fopencookie, (void *cookie, const char *mode, cookie_io_functions_t functions), (cookie, mode, functions))

int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file) {
  acquire(&files);
  struct recursive_lock *held = lock_of(file);
  struct stream *stream = find(file);
  acquire(held);
  if (stream != NULL)
    stream->open = false;
  int result = __real_fclose(file);
  release(held);
  release(&files);
  return result;
}

/* Inside, the library may open and close another stream: hence `files`. */
FILE *__real_freopen(const char *restrict path, const char *restrict mode, FILE *restrict file);
FILE *__wrap_freopen(const char *restrict path, const char *restrict mode, FILE *restrict file) {
  acquire(&files);
  struct recursive_lock *held = lock_of(file);
  acquire(held);
  FILE *result = __real_freopen(path, mode, file);
  release(held);
  release(&files);
  return result;
}

/* NULL means all streams, each of which needs its lock: the C library's own loop over them would take none. A stream
 * that has nothing to write is left alone: its lock may be held by a thread that waits for input. (Whether it has is
 * asked without the lock. What another thread writes at the same time need not be flushed by this call.) */
int __real_fflush(FILE *file);
int __wrap_fflush(FILE *file) {
  if (file != NULL) {
    struct recursive_lock *held = lock_of(file);
    acquire(held);
    int result = __real_fflush(file);
    release(held);
    return result;
  }
  acquire(&files);
  int result = fflush(stdout) | fflush(stderr);
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
    for (struct stream *at = streams[i]; at != NULL; at = at->next)
      if (at->open && __fpending(at->file) != 0)
        result |= fflush(at->file);
  release(&files);
  return result;
}

/* At exit: no thread is in the middle of writing. One that reads from `stdin` goes on waiting; one that reads from
 * another stream is waited for, because its lock does not tell reading from writing. */
void __real___stdio_exit(void);
void __wrap___stdio_exit(void) {
  acquire(&files);
  acquire(lock_of(stdout));
  acquire(lock_of(stderr));
  for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
    for (struct stream *at = streams[i]; at != NULL; at = at->next)
      acquire(&at->lock);
  __real___stdio_exit();
}

/* A function with a variable list of arguments, by its v form. By its plain name: `__real_` alone would not make the
 * linker fetch it from the C library. */
#define VARIADIC(name, v_name, last, parameters, arguments)                                                            \
  int __wrap_##name parameters {                                                                                       \
    va_list list;                                                                                                      \
    va_start(list, last);                                                                                              \
    int result = v_name arguments;                                                                                     \
    va_end(list);                                                                                                      \
    return result;                                                                                                     \
  }

#define FORMAT const char *restrict format
#define WIDE_FORMAT const wchar_t *restrict format
#define STREAM FILE *restrict file

LOCKED(lock_of(stdout), int, vprintf, (FORMAT, va_list list), (format, list))
LOCKED(lock_of(file), int, vfprintf, (STREAM, FORMAT, va_list list), (file, format, list))
LOCKED(lock_of(stdin), int, vscanf, (FORMAT, va_list list), (format, list))
LOCKED(lock_of(file), int, vfscanf, (STREAM, FORMAT, va_list list), (file, format, list))
VARIADIC(printf, vprintf, format, (FORMAT, ...), (format, list))
VARIADIC(fprintf, vfprintf, format, (STREAM, FORMAT, ...), (file, format, list))
VARIADIC(scanf, vscanf, format, (FORMAT, ...), (format, list))
VARIADIC(fscanf, vfscanf, format, (STREAM, FORMAT, ...), (file, format, list))

LOCKED(lock_of(stdout), int, vwprintf, (WIDE_FORMAT, va_list list), (format, list))
LOCKED(lock_of(file), int, vfwprintf, (STREAM, WIDE_FORMAT, va_list list), (file, format, list))
LOCKED(lock_of(stdin), int, vwscanf, (WIDE_FORMAT, va_list list), (format, list))
LOCKED(lock_of(file), int, vfwscanf, (STREAM, WIDE_FORMAT, va_list list), (file, format, list))
VARIADIC(wprintf, vwprintf, format, (WIDE_FORMAT, ...), (format, list))
VARIADIC(fwprintf, vfwprintf, format, (STREAM, WIDE_FORMAT, ...), (file, format, list))
VARIADIC(wscanf, vwscanf, format, (WIDE_FORMAT, ...), (format, list))
VARIADIC(fwscanf, vfwscanf, format, (STREAM, WIDE_FORMAT, ...), (file, format, list))

LOCKED(lock_of(stdout), int, puts, (const char *s), (s))
LOCKED(lock_of(stdout), int, putchar, (int c), (c))
LOCKED(lock_of(file), int, putc, (int c, FILE *file), (c, file))
LOCKED(lock_of(file), int, fputc, (int c, FILE *file), (c, file))
LOCKED(lock_of(file), int, fputs, (const char *restrict s, STREAM), (s, file))
LOCKED(lock_of(file), size_t, fwrite, (const void *restrict data, size_t size, size_t count, STREAM),
       (data, size, count, file))
LOCKED(lock_of(stdin), int, getchar, (void), ())
LOCKED(lock_of(file), int, getc, (FILE *file), (file))
LOCKED(lock_of(file), int, fgetc, (FILE *file), (file))
LOCKED(lock_of(file), char *, fgets, (char *restrict s, int size, STREAM), (s, size, file))
LOCKED(lock_of(file), int, ungetc, (int c, FILE *file), (c, file))
LOCKED(lock_of(file), size_t, fread, (void *restrict data, size_t size, size_t count, STREAM),
       (data, size, count, file))
LOCKED(lock_of(file), ssize_t, getline, (char **restrict line, size_t *restrict size, STREAM), (line, size, file))
LOCKED(lock_of(file), ssize_t, getdelim, (char **restrict line, size_t *restrict size, int end, STREAM),
       (line, size, end, file))

LOCKED(lock_of(stdout), wint_t, putwchar, (wchar_t c), (c))
LOCKED(lock_of(file), wint_t, putwc, (wchar_t c, FILE *file), (c, file))
LOCKED(lock_of(file), wint_t, fputwc, (wchar_t c, FILE *file), (c, file))
LOCKED(lock_of(file), int, fputws, (const wchar_t *restrict s, STREAM), (s, file))
LOCKED(lock_of(stdin), wint_t, getwchar, (void), ())
LOCKED(lock_of(file), wint_t, getwc, (FILE *file), (file))
LOCKED(lock_of(file), wint_t, fgetwc, (FILE *file), (file))
LOCKED(lock_of(file), wchar_t *, fgetws, (wchar_t *restrict s, int size, STREAM), (s, size, file))
LOCKED(lock_of(file), wint_t, ungetwc, (wint_t c, FILE *file), (c, file))
LOCKED(lock_of(file), int, fwide, (FILE *file, int mode), (file, mode))

LOCKED(lock_of(file), char *, fgetln, (FILE *file, size_t *length), (file, length))
LOCKED(lock_of(file), int, fpurge, (FILE *file), (file))

LOCKED(lock_of(file), int, fseek, (FILE *file, long offset, int whence), (file, offset, whence))
LOCKED(lock_of(file), int, fseeko, (FILE *file, off_t offset, int whence), (file, offset, whence))
LOCKED(lock_of(file), long, ftell, (FILE *file), (file))
LOCKED(lock_of(file), off_t, ftello, (FILE *file), (file))
LOCKED(lock_of(file), int, fgetpos, (STREAM, fpos_t *restrict position), (file, position))
LOCKED(lock_of(file), int, fsetpos, (FILE *file, const fpos_t *position), (file, position))
LOCKED(lock_of(file), int, setvbuf, (STREAM, char *restrict buffer, int mode, size_t size), (file, buffer, mode, size))
LOCKED_VOID(lock_of(file), rewind, (FILE *file), (file))
LOCKED_VOID(lock_of(file), clearerr, (FILE *file), (file))
LOCKED_VOID(lock_of(stderr), perror, (const char *message), (message))
