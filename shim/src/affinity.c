/* Implements the affinity format: omp_set_affinity_format, omp_get_affinity_format, omp_display_affinity and
 * omp_capture_affinity, and what OMP_DISPLAY_AFFINITY shows (OpenMP 5.2, sections 18.3.8 to 18.3.11, 21.2.5 and
 * 21.2.6). omp.h calls the routines by their names in LLVM's runtime, ompc_*.
 *
 * The primary thread of a team writes the lines of all its threads, before the region begins: what a line tells is
 * known then, since the host says where the threads are going to be.
 *
 * Invariant: a line is written as a whole. Nothing here needs stdio, because the fork does not: but a program that
 * uses it gets the lines in their order among its own.
 *
 * WASI has neither names of hosts nor numbers of processes and threads. So the host is "localhost", the process is 1,
 * and the native thread identifier is 1 for the initial thread, as on Linux, and the next number for each further
 * thread. */
#include "affinity.h"
#include "thread.h"
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

/* The fork needs these, so every program has them: small before fast. */
#pragma clang attribute push(__attribute__((minsize)), apply_to = function)

static char format_set[AFFINITY_FORMAT_SIZE]; /* by omp_set_affinity_format */

/* Where text goes: as much as there is room for, and how much it would be. */
struct text {
  char *begin;
  size_t room, length;
};

static void put(struct text *text, char c) {
  if (text->length < text->room)
    text->begin[text->length] = c;
  text->length++;
}

static void put_string(struct text *text, const char *string) {
  while (*string != 0)
    put(text, *string++);
}

static void put_number(struct text *text, uint32_t number) {
  char digits[10];
  uint32_t count = 0;
  do
    digits[count++] = (char)('0' + number % 10);
  while ((number /= 10) != 0);
  while (count > 0)
    put(text, digits[--count]);
}

/* A thread of a team, or the calling one. */
struct subject {
  const struct team *team;
  uint32_t thread_num;
  int32_t gtid;
  int32_t place;
};

/* The processors that a thread may use, as numbers and ranges. */
static void put_processors(struct text *text, int32_t place) {
  int32_t count = omp2wasi_host_place_procs((uint32_t)place, 0, 0);
  if (count <= 0)
    return;
  int32_t ids[count];
  omp2wasi_host_place_procs((uint32_t)place, (uint32_t)(uintptr_t)ids, (uint32_t)count);
  for (int32_t first = 0, next; first < count; first = next) {
    for (next = first + 1; next < count && ids[next] == ids[next - 1] + 1; next++)
      ;
    if (next - first == 2) /* two are no range */
      next--;
    if (first > 0)
      put(text, ',');
    put_number(text, (uint32_t)ids[first]);
    if (next - first > 1) {
      put(text, '-');
      put_number(text, (uint32_t)ids[next - 1]);
    }
  }
}

static const struct {
  char type;
  char name[18];
} fields[] = {
    {'t', "team_num"},   {'T', "num_teams"},       {'L', "nesting_level"},
    {'n', "thread_num"}, {'N', "num_threads"},     {'a', "ancestor_tnum"},
    {'H', "host"},       {'P', "process_id"},      {'i', "native_thread_id"},
    {'A', "thread_affinity"},
};

/* The type of a field, which is moved beyond; 0 if there is none like that. */
static char type_of(const char **format) {
  const char *name = *format;
  bool is_long = *name == '{';
  name += is_long;
  size_t length = is_long ? strcspn(name, "}") : *name != 0;
  bool is_closed = !is_long || name[length] == '}';
  *format = name + length + (is_long && is_closed);
  for (size_t i = 0; i < sizeof fields / sizeof *fields && is_closed; i++)
    if (is_long ? strlen(fields[i].name) == length && memcmp(fields[i].name, name, length) == 0
                : fields[i].type == *name)
      return fields[i].type;
  return 0;
}

static int32_t number_of(char type, const struct subject *subject) {
  const struct team *team = subject->team;
  switch (type) {
  case 't': return team->team_num;
  case 'T': return team->num_teams;
  case 'L': return team->level;
  case 'n': return (int32_t)subject->thread_num;
  case 'N': return (int32_t)team->num_threads;
  case 'a': return team->level == 0 ? -1 : (int32_t)team->outer.thread_num;
  case 'i': return subject->gtid + 1;
  default: return 1; /* the process */
  }
}

static void put_value(struct text *text, char type, const struct subject *subject, bool is_number) {
  if (is_number) {
    int32_t number = number_of(type, subject);
    put_number(text, number < 0 ? 0 - (uint32_t)number : (uint32_t)number);
  } else if (type == 'A') {
    put_processors(text, subject->place);
  } else {
    put_string(text, type == 'H' ? "localhost" : "undefined");
  }
}

/* A field, %[[[0].]size]type, behind the %: `.` asks for text at the right of the width, `0.` for leading zeros, which
 * only numbers get. */
static const char *put_field(struct text *text, const char *format, const struct subject *subject) {
  bool has_zeros = format[0] == '0' && format[1] == '.', is_right = has_zeros || format[0] == '.';
  format += has_zeros + is_right;
  uint32_t size = 0;
  for (; *format >= '0' && *format <= '9'; format++)
    if (size < AFFINITY_FORMAT_SIZE)
      size = size * 10 + (uint32_t)(*format - '0');
  char type = type_of(&format);
  bool is_number = type != 0 && type != 'A' && type != 'H';
  bool is_negative = is_number && number_of(type, subject) < 0;

  struct text measured = {0};
  put_value(&measured, type, subject, is_number);
  uint32_t length = (uint32_t)measured.length + is_negative, padding = size > length ? size - length : 0;
  bool is_padded_with_zeros = has_zeros && is_number;
  for (uint32_t i = 0; i < padding && is_right && !is_padded_with_zeros; i++)
    put(text, ' ');
  if (is_negative)
    put(text, '-');
  for (uint32_t i = 0; i < padding && is_padded_with_zeros; i++)
    put(text, '0');
  put_value(text, type, subject, is_number);
  for (uint32_t i = 0; i < padding && !is_right; i++)
    put(text, ' ');
  return format;
}

static const char *current_format(void) { return omp2wasi_environment.affinity_format; }

/* An empty format stands for affinity-format-var. */
static void put_line(struct text *text, const char *format, const struct subject *subject) {
  if (format == NULL || *format == 0)
    format = current_format();
  while (*format != 0) {
    char c = *format++;
    if (c != '%') {
      put(text, c);
    } else if (*format == '%') {
      put(text, '%');
      format++;
    } else {
      format = put_field(text, format, subject);
    }
  }
}

/* Copies that fit end with a null character. */
static void terminate(struct text *text, size_t size) {
  if (size > 0)
    text->begin[text->length < text->room ? text->length : text->room] = 0;
}

#undef stdout
extern size_t fwrite(const void *items, size_t size, size_t count, FILE *file) __attribute__((weak));
extern FILE *const stdout __attribute__((weak));

/* Through stdio where the program has that: with `fwrite` there is `stdout`. */
static void write_line(const char *line, size_t size) {
  if (fwrite != NULL) {
    fwrite(line, 1, size, stdout);
    return;
  }
  __wasi_ciovec_t vector = {(const uint8_t *)line, size};
  __wasi_size_t written;
  (void)__wasi_fd_write(1, &vector, 1, &written);
}

static void display(const char *format, const struct subject *subject) {
  char line[2 * AFFINITY_FORMAT_SIZE];
  struct text text = {line, sizeof line - 1, 0};
  put_line(&text, format, subject);
  size_t length = text.length < text.room ? text.length : text.room;
  line[length] = '\n';
  write_line(line, length + 1);
}

static struct subject caller(void) {
  const struct thread *thread = self;
  return (struct subject){thread->team, thread->thread_num, thread->gtid, omp2wasi_host_place_num()};
}

void ompc_set_affinity_format(const char *format) {
  if (format == NULL)
    format = "";
  size_t length = strlen(format);
  if (length > sizeof format_set - 1)
    length = sizeof format_set - 1;
  memmove(format_set, format, length);
  format_set[length] = 0;
  omp2wasi_environment.affinity_format = format_set;
}

size_t ompc_get_affinity_format(char *buffer, size_t size) {
  struct text text = {buffer, size > 0 ? size - 1 : 0, 0};
  put_string(&text, current_format());
  terminate(&text, size);
  return text.length;
}

void ompc_display_affinity(const char *format) {
  struct subject subject = caller();
  display(format, &subject);
}

size_t ompc_capture_affinity(char *buffer, size_t size, const char *format) {
  struct text text = {buffer, size > 0 ? size - 1 : 0, 0};
  struct subject subject = caller();
  put_line(&text, format, &subject);
  terminate(&text, size);
  return text.length;
}

/* Where a thread of a team that is about to run is going to be. */
static struct subject member(const struct team *team, uint32_t thread_num) {
  int32_t place =
      team->num_threads == 1 ? omp2wasi_host_place_num() : omp2wasi_host_team_place(thread_num, team->num_threads);
  return (struct subject){team, thread_num, team->threads[thread_num]->gtid, place};
}

/* What has been shown of a team is remembered as a hash (FNV-1a) of all that fields can tell; 0 is nothing. */
void omp2wasi_display_team(struct team *team) {
  uint32_t hash = 2166136261u;
  for (uint32_t i = 0; i < team->num_threads; i++) {
    struct subject subject = member(team, i);
    const int32_t told[] = {team->team_num, team->num_teams, team->level, (int32_t)team->num_threads,
                            (int32_t)team->outer.thread_num, subject.place};
    for (size_t k = 0; k < sizeof told / sizeof *told; k++)
      hash = (hash ^ (uint32_t)told[k]) * 16777619u;
  }
  hash |= 1;
  if (team->displayed == hash)
    return;
  team->displayed = hash;
  for (uint32_t i = 0; i < team->num_threads; i++) {
    struct subject subject = member(team, i);
    display(NULL, &subject);
  }
}

#pragma clang attribute pop
