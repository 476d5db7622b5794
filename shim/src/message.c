/* Writes messages for people to standard error: message.h. And the directive error, where it is executed (OpenMP 5.2,
 * section 8.5). */
#include "message.h"
#include "thread.h"
#include <string.h>
#include <wasi/api.h>

static void write_bytes(const char *bytes, size_t size) {
  __wasi_ciovec_t vector = {(const uint8_t *)bytes, size};
  __wasi_size_t written;
  (void)__wasi_fd_write(2, &vector, 1, &written);
}

void omp2wasi_write_error(const char *text) { write_bytes(text, strlen(text)); }

/* What follows the next semicolon. */
static const char *next_field(const char *field) {
  field += strcspn(field, ";");
  return *field == ';' ? field + 1 : field;
}

/* Writes " (at the OpenMP construct <file>:<line>)", or nothing if that is not known. */
static void write_source_line(const struct ident *loc) {
  if (loc == NULL || loc->psource == NULL || *loc->psource != ';')
    return;
  const char *file = loc->psource + 1, *line = next_field(next_field(file));
  size_t length = strcspn(file, ";");
  if (length == strlen("unknown") && memcmp(file, "unknown", length) == 0)
    return;
  omp2wasi_write_error(" (at the OpenMP construct ");
  write_bytes(file, length);
  omp2wasi_write_error(":");
  write_bytes(line, strcspn(line, ";"));
  omp2wasi_write_error(")");
}

_Noreturn void omp2wasi_fatal(const char *what, const char *detail) {
  const struct thread *thread = self;
  omp2wasi_write_error("omp2wasi: ");
  omp2wasi_write_error(what);
  omp2wasi_write_error(": ");
  omp2wasi_write_error(detail);
  write_source_line(thread->task->loc != NULL ? thread->task->loc : thread->team->loc);
  omp2wasi_write_error("\n");
  __builtin_trap();
}

void omp2wasi_report(const struct ident *loc, int32_t severity, const char *what) {
  /* Where all threads of a team meet the error, it is said once: the others wait, until the program has ended. */
  static struct mutex is_ending;
  if (severity != SEVERITY_WARNING)
    omp2wasi_lock(&is_ending);
  omp2wasi_write_error(severity == SEVERITY_WARNING ? "omp2wasi: warning: " : "omp2wasi: error: ");
  omp2wasi_write_error(what);
  write_source_line(loc);
  omp2wasi_write_error("\n");
  if (severity != SEVERITY_WARNING)
    __builtin_trap();
}

/* `error at(execution)`. */
void __kmpc_error(struct ident *loc, int32_t severity, const char *message) {
  omp2wasi_meet(loc);
  omp2wasi_report(loc, severity, message != NULL ? message : "an error directive without a message");
}
