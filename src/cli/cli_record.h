/* `--record WHAT:POPULATION[:NEURONS]`, a recorder without a section in the config. */
#ifndef MEGALIF_CLI_RECORD_H
#define MEGALIF_CLI_RECORD_H

#include <stdbool.h>
#include <stddef.h>

enum { CLI_RECORD_KEYS = 3 };

/* The overrides that stand for V_m:exc:0:5: record.V_m_exc.what=V_m, .population=exc and
 * .neurons=0:5, which may be missing. Returns how many there are, each for free; 0: it is none, or
 * there is no memory. */
size_t cli_record_overrides(const char *text, char *override[CLI_RECORD_KEYS]);

#endif
