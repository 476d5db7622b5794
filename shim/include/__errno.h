/* Shadows the C library's header of this name. Its errno is thread-local by declaration, but the variable in a library built
 * without threads is an ordinary one, and the two do not link. This one is each thread's own, also for what the library
 * stores there: libc/errno.c. */
#ifndef __wasilibc___errno_h
#define __wasilibc___errno_h

#ifdef __cplusplus
extern "C" {
#endif

int *__errno_location(void) __attribute__((__const__));
#define errno (*__errno_location())

#ifdef __cplusplus
}
#endif

#endif
