/* Shadows the C library's header of this name. Its errno is thread-local by declaration, but the variable in a library built
 * without threads is an ordinary one, and the two do not link. */
#ifndef __wasilibc___errno_h
#define __wasilibc___errno_h

#ifdef __cplusplus
extern "C" {
#endif

extern int errno;
#define errno errno

#ifdef __cplusplus
}
#endif

#endif
