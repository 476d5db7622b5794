/* What both files do inside of their unnamed critical construct: they must not be there at once. */
#include <sched.h>

extern volatile int inside, collisions;
extern int entries;

static inline void stay(void) {
  collisions += inside;
  inside = 1;
  entries++;
  for (int i = 0; i < 10; i++)
    sched_yield(); /* lets the others try */
  collisions += !inside;
  inside = 0;
}
