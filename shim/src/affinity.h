/* What OMP_DISPLAY_AFFINITY asks of a fork (affinity.c). */
#ifndef OMP2WASI_AFFINITY_H
#define OMP2WASI_AFFINITY_H

#include "team.h"

/* Bytes that an affinity format can have, with the null character at its end. */
enum { AFFINITY_FORMAT_SIZE = 512 };

/* Writes the affinity of all threads of a team that is about to execute a region, unless that is what was written
 * last for this team. */
void omp2wasi_display_team(struct team *team);

#endif
