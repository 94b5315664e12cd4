/* [input.NAME] */
#ifndef MEGALIF_CONFIG_READ_INPUT_H
#define MEGALIF_CONFIG_READ_INPUT_H

#include "config/sections.h"

/* What the section says, to *out; after the populations, which its targets name. What is wrong is
 * reported (sections.h). */
void config_read_input(struct reading *reading, struct ini_section *section,
                       struct input_config *out);

/* Whether every target of an input is made of copies of cells. Pure. */
bool config_targets_copies(const struct input_config *input);

#endif
