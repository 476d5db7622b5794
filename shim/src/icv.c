/* Gets and sets internal control variables: the omp_get_* and omp_set_* functions (OpenMP 5.2, chapter 18). The
 * environment variables that initialise them are read in environment.c. */
#include "thread.h"
#include <omp.h>

int omp_get_thread_num(void) { return (int)self->thread_num; }
int omp_get_num_threads(void) { return (int)self->team->num_threads; }
int omp_get_max_threads(void) { return omp2wasi_icvs(self)->num_threads; }
int omp_get_num_procs(void) { return omp2wasi_environment.num_procs; }
int omp_in_parallel(void) { return self->team->active_level > 0; }
int omp_get_level(void) { return self->team->level; }
int omp_get_active_level(void) { return self->team->active_level; }

void omp_set_num_threads(int num_threads) {
  if (num_threads > 0)
    omp2wasi_icvs(self)->num_threads = num_threads;
}

void omp_set_dynamic(int dynamic) { omp2wasi_icvs(self)->dynamic = dynamic != 0; }
int omp_get_dynamic(void) { return omp2wasi_icvs(self)->dynamic; }

/* Deprecated in OpenMP 5.0; defined in terms of max-active-levels-var there. */
void omp_set_nested(int nested) {
  struct icvs *icvs = omp2wasi_icvs(self);
  if (!nested)
    icvs->max_active_levels = 1;
  else if (icvs->max_active_levels <= 1)
    icvs->max_active_levels = omp_get_supported_active_levels();
}
int omp_get_nested(void) { return omp2wasi_icvs(self)->max_active_levels > 1; }

void omp_set_max_active_levels(int levels) {
  if (levels >= 0)
    omp2wasi_icvs(self)->max_active_levels =
        levels < omp_get_supported_active_levels() ? levels : omp_get_supported_active_levels();
}
int omp_get_max_active_levels(void) { return omp2wasi_icvs(self)->max_active_levels; }
int omp_get_supported_active_levels(void) { return 255; }

int omp_get_thread_limit(void) { return omp2wasi_icvs(self)->thread_limit; }

/* omp_sched_t and LLVM's schedule kinds name the same four things. */
static const struct {
  omp_sched_t kind;
  int32_t schedule;
} schedules[] = {
    {omp_sched_static, SCHED_STATIC},
    {omp_sched_dynamic, SCHED_DYNAMIC_CHUNKED},
    {omp_sched_guided, SCHED_GUIDED_CHUNKED},
    {omp_sched_auto, SCHED_AUTO},
};

void omp_set_schedule(omp_sched_t kind, int chunk) {
  struct icvs *icvs = omp2wasi_icvs(self);
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++)
    if (schedules[i].kind == (kind & ~omp_sched_monotonic)) {
      icvs->schedule = schedules[i].schedule | (kind & omp_sched_monotonic ? SCHED_MODIFIER_MONOTONIC : 0);
      icvs->chunk = chunk > 0 && kind != omp_sched_auto ? chunk : 0;
    }
}

void omp_get_schedule(omp_sched_t *kind, int *chunk) {
  const struct icvs *icvs = omp2wasi_icvs(self);
  int32_t schedule = icvs->schedule & ~SCHED_MODIFIERS;
  for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++)
    if (schedules[i].schedule == schedule)
      *kind = schedules[i].kind | (icvs->schedule & SCHED_MODIFIER_MONOTONIC ? omp_sched_monotonic : 0);
  bool default_is_1 = schedule == SCHED_DYNAMIC_CHUNKED || schedule == SCHED_GUIDED_CHUNKED;
  *chunk = icvs->chunk == 0 && default_is_1 ? 1 : icvs->chunk;
}

/* A team that the calling thread, or an ancestor of it, is in, and that one's number there. */
struct ancestor {
  const struct team *team; /* NULL if there is none */
  uint32_t thread_num;
};

/* The caller's ancestor at a level of nesting. The primary thread of a team was a thread of the outer one before the
 * fork. */
static struct ancestor ancestor(int level) {
  const struct team *team = self->team;
  uint32_t thread_num = self->thread_num;
  if (level < 0 || level > team->level)
    return (struct ancestor){NULL, 0};
  while (team->level > level) {
    thread_num = team->outer.thread_num;
    team = team->outer.team;
  }
  return (struct ancestor){team, thread_num};
}

int omp_get_ancestor_thread_num(int level) {
  struct ancestor found = ancestor(level);
  return found.team == NULL ? -1 : (int)found.thread_num;
}

int omp_get_team_size(int level) {
  struct ancestor found = ancestor(level);
  return found.team == NULL ? -1 : (int)found.team->num_threads;
}

int omp_get_team_num(void) { return self->team->team_num; }
int omp_get_num_teams(void) { return self->team->num_teams; }
void omp_set_num_teams(int num_teams) {
  if (num_teams > 0)
    omp2wasi_environment.num_teams = num_teams;
}
int omp_get_max_teams(void) { return omp2wasi_environment.num_teams; }
void omp_set_teams_thread_limit(int limit) {
  if (limit > 0)
    omp2wasi_environment.teams_thread_limit = limit;
}
int omp_get_teams_thread_limit(void) { return omp2wasi_environment.teams_thread_limit; }

int omp_get_cancellation(void) { return omp2wasi_environment.cancellation; }
