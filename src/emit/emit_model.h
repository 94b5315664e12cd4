/* The model as Python sees it. */
#ifndef MEGALIF_EMIT_MODEL_H
#define MEGALIF_EMIT_MODEL_H

#include "emit/emit.h"

struct setup;

/* STATUS_CONFIG for what no script can hold or the simulator has not. */
enum status emit_model_possible(const struct config *config, const char *simulator,
                                struct error *err);

/* Draws and realises everything; `random`: no input that is drawn. STATUS_CONFIG: what cannot be
 * said to that simulator. emit_model_close in any case. */
enum status emit_model_open(struct emit_model *model, const struct setup *setup,
                            const char *simulator, bool random, struct error *err);
void emit_model_close(struct emit_model *model);

#endif
