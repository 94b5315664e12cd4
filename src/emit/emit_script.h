/* The script and its file of numbers. */
#ifndef MEGALIF_EMIT_SCRIPT_H
#define MEGALIF_EMIT_SCRIPT_H

#include "emit/emit.h"

/* Where there are many numbers, the name of the file beside the script `path` that holds them goes
 * to `data`, else "". STATUS_CONFIG: they cannot lie there. */
enum status emit_script_files(const struct emit_model *model, const char *path, char data[4096],
                              struct error *err);

/* Where there are projections, the name of the file beside the script that holds their synapses
 * goes to `edges`, else "". STATUS_CONFIG: it cannot lie there. */
enum status emit_script_edges(const struct config *config, const char *path, char edges[4096],
                              struct error *err);

/* Writes the script to `path` (standard output: output_stream.h) and the numbers to `data`, where
 * it has a name. Existing files are an error unless force. */
enum status emit_script_write(const struct emit_model *model, const char *path, const char *data,
                              bool force, struct error *err);

#endif
