/* The script and its file of numbers. */
#ifndef MEGALIF_EMIT_SCRIPT_H
#define MEGALIF_EMIT_SCRIPT_H

#include "emit/emit.h"

/* Writes the script to `path` ("-": standard output) and, where there are many numbers, an .npz
 * file beside it, whose name goes to `data` ("" without one). Existing files are an error unless
 * force. */
enum status emit_script_write(const struct emit_model *model, const char *path, bool force,
                              char data[4096], struct error *err);

#endif
