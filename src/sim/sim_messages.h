/* Messages on their way from the library to its caller. */
#ifndef MEGALIF_SIM_MESSAGES_H
#define MEGALIF_SIM_MESSAGES_H

#include "base/error.h"

#include <megalif/megalif.h>

/* Appends copies of lines, and `last` if it says anything, to a caller's list, which may be NULL.
 * Not thread-safe on one list. */
void sim_tell_lines(struct mlif_messages *to, const struct messages *lines, const char *last);

/* Appends an error's text to a caller's list, which may be NULL; returns the error's status. */
enum mlif_status sim_tell_error(struct mlif_messages *errors, const struct error *err);

#endif
