/* What the OMP_* environment variables say, read once before main (environment.c), beside the ICVs of the initial
 * task. */
#ifndef OMP2WASI_ENVIRONMENT_H
#define OMP2WASI_ENVIRONMENT_H

#include <stdbool.h>
#include <stdint.h>

/* target-offload-var */
enum offload { OFFLOAD_DEFAULT, OFFLOAD_DISABLED, OFFLOAD_MANDATORY };

/* wait-policy-var */
enum wait_policy { WAIT_DEFAULT, WAIT_ACTIVE, WAIT_PASSIVE };

struct environment {
  /* nthreads-var and bind-var: one element for each level of nesting. */
  const int32_t *num_threads_list;
  const int32_t *proc_bind_list;
  int32_t num_threads_count;
  int32_t proc_bind_count;
  uint32_t stack_size;        /* stacksize-var: bytes of the stack of each thread but the initial one */
  enum wait_policy wait_policy;
  int32_t max_concurrency;    /* threads that can run concurrently; 1 on the sequential device */
  int32_t num_procs;
  int32_t num_teams;          /* nteams-var; 0 means never set */
  int32_t teams_thread_limit; /* teams-thread-limit-var; 0 means never set */
  int32_t max_task_priority;  /* max-task-priority-var */
  enum offload offload;
  bool cancellation;          /* cancel-var */
  bool display_affinity;      /* display-affinity-var */
  const char *affinity_format; /* affinity-format-var; never NULL */
};

/* Defined in initial.c, together with the constructor that fills it in: so the linker keeps the one with the other. */
extern struct environment omp2wasi_environment;

struct icvs;

/* Reads the environment variables, and sets the ICVs of the initial task. */
void omp2wasi_read_environment(struct icvs *icvs);

#endif
