/* The neuron models there are: one line per model, model_NAME of src/neuron/NAME.c
 * (docs/adding-a-model.md). Here, because the words of `model = ...` are made of it. */
#ifndef MEGALIF_CONFIG_MODEL_LIST_H
#define MEGALIF_CONFIG_MODEL_LIST_H

#define MODELS(X) X(lif)

#endif
