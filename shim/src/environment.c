/* The environment variables that initialise ICVs (OpenMP 5.2, chapter 21), and OMP_DISPLAY_ENV.
 *
 * Invariant: a value that cannot be understood leaves the default in place, with a warning that names the variable. */
#include "environment.h"
#include "allocator.h"
#include "environment_read.h"
#include "message.h"
#include "omp2wasi/abi.h"
#include "thread.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_LIST = 64 };

static int32_t num_threads_list[MAX_LIST];
static int32_t proc_bind_list[MAX_LIST];

/* What the program started with, for OMP_DISPLAY_ENV. */
static struct icvs initial_icvs;
static struct environment initial_environment;

static const struct {
  const char *name;
  int32_t kind;
} schedules[] = {
    {"STATIC", SCHED_STATIC},
    {"DYNAMIC", SCHED_DYNAMIC_CHUNKED},
    {"GUIDED", SCHED_GUIDED_CHUNKED},
    {"AUTO", SCHED_AUTO},
};

/* By value of enum offload. */
static const char *const offloads[] = {"DEFAULT", "DISABLED", "MANDATORY"};

static void warn(const char *name, const char *value) {
  omp2wasi_write_error("omp2wasi: warning: ");
  omp2wasi_write_error(name);
  omp2wasi_write_error("=");
  omp2wasi_write_error(value);
  omp2wasi_write_error(": not understood, ignored\n");
}

static bool proc_bind(const char **s, int32_t *value) {
  static const char *const names[] = {"false", "true", "primary", "close", "spread"};
  for (int32_t i = 0; i < 5; i++)
    if (accept(s, names[i])) {
      *value = i;
      return true;
    }
  if (accept(s, "master")) {
    *value = PROC_BIND_PRIMARY;
    return true;
  }
  return false;
}

static bool number_of_threads(const char **s, int32_t *value) { return number(s, value) && *value > 0; }

/* A comma-separated list; returns its length, 0 when it is malformed. */
static int32_t list(const char *s, bool (*item)(const char **, int32_t *), int32_t *values) {
  for (int32_t count = 0; count < MAX_LIST;) {
    if (!item(&s, &values[count++]))
      return 0;
    if (*s == 0)
      return count;
    if (*s++ != ',')
      return 0;
  }
  return 0;
}

/* OMP_SCHEDULE: [monotonic:|nonmonotonic:]kind[,chunk] */
static bool schedule(const char *s, struct icvs *icvs) {
  int32_t modifier = accept(&s, "nonmonotonic:") ? SCHED_MODIFIER_NONMONOTONIC
                     : accept(&s, "monotonic:")  ? SCHED_MODIFIER_MONOTONIC
                                                 : 0;
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
    if (!accept(&s, schedules[i].name))
      continue;
    int32_t chunk = 0;
    if (*s == ',') {
      s++;
      if (!number(&s, &chunk) || chunk == 0)
        return false;
    }
    if (*s != 0)
      return false;
    icvs->schedule = schedules[i].kind | modifier;
    icvs->chunk = schedules[i].kind == SCHED_AUTO ? 0 : chunk;
    return true;
  }
  return false;
}

static bool wait_policy(const char *s, enum wait_policy *policy) {
  bool is_passive = accept(&s, "passive");
  if ((!is_passive && !accept(&s, "active")) || *s != 0)
    return false;
  *policy = is_passive ? WAIT_PASSIVE : WAIT_ACTIVE;
  return true;
}

static bool offload(const char *s, enum offload *offload) {
  for (size_t i = 0; i < sizeof offloads / sizeof *offloads; i++)
    if (accept(&s, offloads[i]) && *s == 0) {
      *offload = (enum offload)i;
      return true;
    }
  return false;
}

static bool single_number(const char *s, int32_t minimum, int32_t *value) {
  int32_t n;
  if (!number(&s, &n) || *s != 0 || n < minimum)
    return false;
  *value = n;
  return true;
}

static bool single_boolean(const char *s, bool *value) {
  int32_t parsed;
  if (!boolean(&s, &parsed) || *s != 0)
    return false;
  *value = parsed != 0;
  return true;
}

/* Reads a variable with `parse`, an expression over `value`. */
#define READ(name, parse)                                                                                              \
  do {                                                                                                                 \
    const char *value = getenv(name);                                                                                  \
    if (value != NULL && *skip_blanks(value) != 0 && !(parse))                                                         \
      warn(name, value);                                                                                               \
  } while (0)

/* A place list without a policy asks for one that uses all places, as in other runtimes. */
static void read_binding(struct environment *env, struct icvs *icvs) {
  READ("OMP_PROC_BIND", (env->proc_bind_count = list(value, proc_bind, proc_bind_list)) > 0);
  const char *places = getenv("OMP_PLACES");
  if (env->proc_bind_count > 0)
    icvs->proc_bind = proc_bind_list[0];
  else if (places != NULL && *skip_blanks(places) != 0 && omp2wasi_host_num_places() > 0)
    icvs->proc_bind = PROC_BIND_SPREAD;
}

/* How many threads a region gets. */
static void read_threads(struct environment *env, struct icvs *icvs) {
  READ("OMP_NUM_THREADS", (env->num_threads_count = list(value, number_of_threads, num_threads_list)) > 0);
  if (env->num_threads_count > 0)
    icvs->num_threads = num_threads_list[0];
  if (icvs->num_threads > env->max_concurrency)
    icvs->num_threads = env->max_concurrency;
  READ("OMP_DYNAMIC", single_boolean(value, &icvs->dynamic));

  /* Nesting: a list of threads or bindings asks for it, OMP_NESTED does, OMP_MAX_ACTIVE_LEVELS has the last word. */
  bool flag = env->num_threads_count > 1 || env->proc_bind_count > 1;
  READ("OMP_NESTED", single_boolean(value, &flag));
  if (flag)
    icvs->max_active_levels = 255;
  READ("OMP_MAX_ACTIVE_LEVELS", single_number(value, 0, &icvs->max_active_levels));

  READ("OMP_THREAD_LIMIT", single_number(value, 1, &icvs->thread_limit));
  if (env->max_concurrency == 1)
    icvs->thread_limit = 1;
}

static void display(bool verbose);

void omp2wasi_read_environment(struct icvs *icvs) {
  struct environment *env = &omp2wasi_environment;
  env->num_threads_list = num_threads_list;
  env->proc_bind_list = proc_bind_list;
  env->num_procs = omp2wasi_host_num_procs();
  env->max_concurrency = omp2wasi_host_max_concurrency();
  *icvs = (struct icvs){
      .num_threads = env->num_procs,
      .schedule = SCHED_STATIC,
      .max_active_levels = 1,
      .thread_limit = env->max_concurrency == 1 ? 1 : INT32_MAX,
      .proc_bind = -1,
  };
  read_binding(env, icvs);
  read_threads(env, icvs);
  READ("OMP_SCHEDULE", schedule(value, icvs));
  READ("OMP_NUM_TEAMS", single_number(value, 1, &env->num_teams));
  READ("OMP_TEAMS_THREAD_LIMIT", single_number(value, 1, &env->teams_thread_limit));
  READ("OMP_STACKSIZE", stack_size(value, &env->stack_size));
  READ("OMP_WAIT_POLICY", wait_policy(value, &env->wait_policy));
  READ("OMP_DEFAULT_DEVICE", single_number(value, 0, &icvs->default_device));
  READ("OMP_TARGET_OFFLOAD", offload(value, &env->offload));
  READ("OMP_MAX_TASK_PRIORITY", single_number(value, 0, &env->max_task_priority));
  READ("OMP_CANCELLATION", single_boolean(value, &env->cancellation));
  icvs->allocator = omp_default_mem_alloc;
  READ("OMP_ALLOCATOR", omp2wasi_read_allocator(value, &icvs->allocator));
  READ("OMP_DISPLAY_AFFINITY", single_boolean(value, &env->display_affinity));
  const char *format = getenv("OMP_AFFINITY_FORMAT");
  if (format != NULL && *format != 0)
    env->affinity_format = format;
  initial_icvs = *icvs;
  initial_environment = *env;

  const char *show = getenv("OMP_DISPLAY_ENV");
  if (show != NULL) {
    if (accept(&show, "verbose"))
      display(true);
    else if (accept(&show, "true") || accept(&show, "1"))
      display(false);
  }
}

static void show(const char *name, const char *value) {
  omp2wasi_write_error("  [host] ");
  omp2wasi_write_error(name);
  omp2wasi_write_error(" = '");
  omp2wasi_write_error(value);
  omp2wasi_write_error("'\n");
}

static const char *decimal(int32_t value, char buffer[12]) {
  char *p = buffer + 11;
  *p = 0;
  uint32_t n = value < 0 ? 0 - (uint32_t)value : (uint32_t)value;
  do
    *--p = (char)('0' + n % 10);
  while ((n /= 10) != 0);
  if (value < 0)
    *--p = '-';
  return p;
}

static void show_number(const char *name, int32_t value) {
  char buffer[12];
  show(name, decimal(value, buffer));
}

static void show_boolean(const char *name, bool value) { show(name, value ? "TRUE" : "FALSE"); }

/* What only the variable itself has. */
static void show_variable(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  show(name, value == NULL ? otherwise : value);
}

/* run-sched-var */
static void show_schedule(const struct icvs *icvs) {
  char buffer[12], text[48] = "";
  if (icvs->schedule & SCHED_MODIFIERS)
    strcpy(text, icvs->schedule & SCHED_MODIFIER_MONOTONIC ? "MONOTONIC:" : "NONMONOTONIC:");
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++)
    if (schedules[i].kind == (icvs->schedule & ~SCHED_MODIFIERS))
      strcat(text, schedules[i].name);
  if (icvs->chunk > 0) {
    strcat(text, ",");
    strcat(text, decimal(icvs->chunk, buffer));
  }
  show("OMP_SCHEDULE", text);
}

/* bind-var */
static void show_proc_bind(const struct environment *env, const struct icvs *icvs) {
  static const char *const names[] = {"FALSE", "TRUE", "PRIMARY", "CLOSE", "SPREAD"};
  char text[MAX_LIST * 8] = "";
  for (int32_t i = 0; i < env->proc_bind_count; i++) {
    strcat(text, i > 0 ? "," : "");
    strcat(text, names[env->proc_bind_list[i]]);
  }
  show("OMP_PROC_BIND", env->proc_bind_count > 0 ? text : names[icvs->proc_bind < 0 ? 0 : icvs->proc_bind]);
}

/* nthreads-var */
static void show_num_threads(const struct environment *env, const struct icvs *icvs) {
  char buffer[12], text[MAX_LIST * sizeof buffer] = "";
  for (int32_t i = 0; i < env->num_threads_count; i++) {
    strcat(text, i > 0 ? "," : "");
    strcat(text, decimal(env->num_threads_list[i], buffer));
  }
  show("OMP_NUM_THREADS", env->num_threads_count > 1 ? text : decimal(icvs->num_threads, buffer));
}

/* OMP_DISPLAY_ENV and omp_display_env: the format is that of OpenMP 5.2, section 21.7, and what is shown are the
 * variables of its chapter 21, with what the ICVs have been initialised to. */
static void display(bool verbose) {
  const struct environment *env = &initial_environment;
  const struct icvs *icvs = &initial_icvs;
  omp2wasi_write_error("\nOPENMP DISPLAY ENVIRONMENT BEGIN\n  _OPENMP = '202011'\n");
  show_num_threads(env, icvs);
  show_schedule(icvs);
  show_boolean("OMP_DYNAMIC", icvs->dynamic);
  show_boolean("OMP_NESTED", icvs->max_active_levels > 1);
  show_number("OMP_MAX_ACTIVE_LEVELS", icvs->max_active_levels);
  show_number("OMP_THREAD_LIMIT", icvs->thread_limit);
  show("OMP_WAIT_POLICY", env->wait_policy == WAIT_PASSIVE ? "PASSIVE" : "ACTIVE");
  show_proc_bind(env, icvs);
  show_variable("OMP_PLACES", "");
  show_boolean("OMP_DISPLAY_AFFINITY", env->display_affinity);
  show("OMP_AFFINITY_FORMAT", env->affinity_format);
  show_number("OMP_STACKSIZE", (int32_t)env->stack_size);
  show_number("OMP_NUM_TEAMS", env->num_teams);
  show_number("OMP_TEAMS_THREAD_LIMIT", env->teams_thread_limit);
  show_number("OMP_DEFAULT_DEVICE", icvs->default_device);
  show("OMP_TARGET_OFFLOAD", offloads[env->offload]);
  show_boolean("OMP_CANCELLATION", env->cancellation);
  show_number("OMP_MAX_TASK_PRIORITY", env->max_task_priority);
  if (icvs->allocator == omp_default_mem_alloc)
    show("OMP_ALLOCATOR", "omp_default_mem_alloc");
  else
    show_variable("OMP_ALLOCATOR", "");
  show("OMP_TOOL", "DISABLED");
  show("OMP_TOOL_LIBRARIES", "");
  show("OMP_TOOL_VERBOSE_INIT", "DISABLED");
  show("OMP_DEBUG", "DISABLED");
  show_variable("OMP_DISPLAY_ENV", "FALSE");
  if (verbose) {
    show_number("OMP2WASI_NUM_PROCS", env->num_procs);
    show_number("OMP2WASI_MAX_CONCURRENCY", env->max_concurrency);
  }
  omp2wasi_write_error("OPENMP DISPLAY ENVIRONMENT END\n\n");
}

void omp_display_env(int verbose) { display(verbose != 0); }
