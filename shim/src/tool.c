/* Implements omp_control_tool (OpenMP 5.2, section 18.14): no tool is ever active. */
#include <omp.h>

int omp_control_tool(int command, int modifier, void *argument) {
  (void)command, (void)modifier, (void)argument;
  return omp_control_tool_notool;
}
