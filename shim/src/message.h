/* Messages for people, on standard error, without stdio: these are part of every program.
 *
 * Invariant: a message about a construct names its source line, where clang knows it (-g). */
#ifndef OMP2WASI_MESSAGE_H
#define OMP2WASI_MESSAGE_H

#include <stdint.h>

/* Flags and source position of a construct, as clang emits them (LLVM's kmp.h, ident_t). */
struct ident {
  int32_t reserved_1;
  int32_t flags;
  int32_t reserved_2;
  int32_t reserved_3;
  const char *psource; /* ";file;function;line;column;;", with "unknown" for a file that clang does not know */
};

void omp2wasi_write_error(const char *text);

/* Ends the program with a message of the form "omp2wasi: <what>: <detail>", followed by the source line of the
 * construct that the calling thread met last, if that is known. */
_Noreturn void omp2wasi_fatal(const char *what, const char *detail);

/* LLVM's values of the clause `severity`. */
enum { SEVERITY_WARNING = 1, SEVERITY_FATAL = 2 };

/* Writes a message of the form "omp2wasi: <warning or error>: <what> (at the OpenMP construct <file>:<line>)", and ends
 * the program if it is an error. */
void omp2wasi_report(const struct ident *loc, int32_t severity, const char *what);

#endif
