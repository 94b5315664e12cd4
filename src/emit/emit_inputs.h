/* Inputs as Python sees them. */
#ifndef MEGALIF_EMIT_INPUTS_H
#define MEGALIF_EMIT_INPUTS_H

#include "emit/emit.h"

/* The lists CURRENTS, REALISED and RANDOM. Sets model->random where too much would be drawn. */
enum status emit_inputs(struct emit_model *model, struct error *err);

/* How many numbers the random inputs draw in a run or, with `fed`, the inputs from files get. */
uint64_t emit_inputs_count_rows(struct emit_model *model, bool fed);

/* Makes ready what all inputs and sources get from files in a step. STATUS_OUTPUT. */
enum status emit_inputs_ready(struct emit_model *model, uint64_t step, struct error *err);

#endif
