/* The files that the points of a sweep read: hashed once for all of them. */
#ifndef MEGALIF_SWEEP_INPUTS_H
#define MEGALIF_SWEEP_INPUTS_H

#include "sweep/sweep_run.h"

/* Hashes the files that more than one of these points read, each once and FILE_DIGEST_MOST at most,
 * and hands the digests on to the processes that this one starts from now on. One that cannot be
 * read is left to the points, which tell it. */
void sweep_inputs_digest(const struct sweep_run *s, const size_t *point, size_t count);

/* Remembers the digests that a sweep has handed to this process. */
void sweep_inputs_take(void);

#endif
