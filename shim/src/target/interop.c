/* Implements the interop construct and the interoperability routines (OpenMP 5.2, sections 14.1 and 18.12; LLVM's
 * __tgt_interop_*).
 *
 * A foreign runtime's objects are addresses in a host's memory, and a program in a sandbox has none of that. So `init`
 * does what it does where an implementation has nothing to offer.
 *
 * Invariant: each interop object is omp_interop_none, and no property has a value. */
#include "target.h"
#include <omp.h>

void __kmpc_omp_wait_deps(struct ident *loc, int32_t gtid, int32_t count, void *list, int32_t noalias,
                          void *noalias_list);

/* The construct is a task with the dependences of its `depend` clause; it is not deferred, `nowait` or not. */
static void meet_dependences(struct ident *loc, int32_t gtid, int32_t count, void *list) {
  omp2wasi_meet(loc);
  if (count > 0)
    __kmpc_omp_wait_deps(loc, gtid, count, list, 0, NULL);
}

void __tgt_interop_init(struct ident *loc, int32_t gtid, omp_interop_t *interop, int32_t type, int32_t device,
                        int32_t depend_count, void *depend_list, int32_t nowait) {
  (void)type, (void)device, (void)nowait;
  meet_dependences(loc, gtid, depend_count, depend_list);
  *interop = omp_interop_none;
}

void __tgt_interop_use(struct ident *loc, int32_t gtid, omp_interop_t *interop, int32_t device, int32_t depend_count,
                       void *depend_list, int32_t nowait) {
  (void)interop, (void)device, (void)nowait;
  meet_dependences(loc, gtid, depend_count, depend_list);
}

void __tgt_interop_destroy(struct ident *loc, int32_t gtid, omp_interop_t *interop, int32_t device,
                           int32_t depend_count, void *depend_list, int32_t nowait) {
  (void)device, (void)nowait;
  meet_dependences(loc, gtid, depend_count, depend_list);
  *interop = omp_interop_none;
}

int omp_get_num_interop_properties(const omp_interop_t interop) {
  (void)interop;
  return 0; /* of our own */
}

static bool is_property(omp_interop_property_t property) { return property >= omp_ipr_first && property < 0; }

static void set_code(omp_interop_property_t property, int *code) {
  if (code != NULL)
    *code = is_property(property) ? omp_irc_empty : omp_irc_out_of_range;
}

omp_intptr_t omp_get_interop_int(const omp_interop_t interop, omp_interop_property_t property, int *code) {
  (void)interop;
  set_code(property, code);
  return 0;
}

void *omp_get_interop_ptr(const omp_interop_t interop, omp_interop_property_t property, int *code) {
  (void)interop;
  set_code(property, code);
  return NULL;
}

const char *omp_get_interop_str(const omp_interop_t interop, omp_interop_property_t property, int *code) {
  (void)interop;
  set_code(property, code);
  return NULL;
}

const char *omp_get_interop_name(const omp_interop_t interop, omp_interop_property_t property) {
  static const char *const names[] = {"fr_id",    "fr_name", "vendor",         "vendor_name", "device_num",
                                      "platform", "device",  "device_context", "targetsync"};
  (void)interop;
  return is_property(property) ? names[-1 - (int)property] : NULL;
}

const char *omp_get_interop_type_desc(const omp_interop_t interop, omp_interop_property_t property) {
  (void)interop, (void)property;
  return NULL;
}

const char *omp_get_interop_rc_desc(const omp_interop_t interop, omp_interop_rc_t code) {
  static const char *const descriptions[] = {
      "another error",
      "the property is a string",
      "the property is a pointer",
      "the property is an integer",
      "no such property",
      "the object is omp_interop_none",
      "success",
      "the property has no value",
  };
  (void)interop;
  return code >= omp_irc_other && code <= omp_irc_no_value ? descriptions[code - omp_irc_other] : NULL;
}
