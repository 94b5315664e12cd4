/* The spikes of populations that are only sources, for the simulator to replay. */
#ifndef MEGALIF_EMIT_SOURCES_H
#define MEGALIF_EMIT_SOURCES_H

#include "emit/emit.h"

/* Writes SOURCES: of each such population every spike of the run. STATUS_CONFIG: too many. */
enum status emit_sources(struct emit_model *model, struct error *err);

#endif
