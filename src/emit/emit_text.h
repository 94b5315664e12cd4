/* Lines of Python with the values of a model. */
#ifndef MEGALIF_EMIT_TEXT_H
#define MEGALIF_EMIT_TEXT_H

#include "emit/emit.h"

/* Writes a line `"key": DATA["NAME/key"],` and keeps the values, which come from malloc and are
 * freed here. columns 0: a vector. emit_text_values writes a plain number where all are the same.
 */
enum status emit_text_array(struct emit_model *model, const char *name, const char *key,
                            double *values, uint64_t rows, uint64_t columns, struct error *err);
enum status emit_text_values(struct emit_model *model, const char *name, const char *key,
                             double *values, uint64_t count, struct error *err);

#endif
