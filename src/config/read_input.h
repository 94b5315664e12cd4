/* [input.NAME] */
#ifndef MEGALIF_CONFIG_READ_INPUT_H
#define MEGALIF_CONFIG_READ_INPUT_H

#include "config/sections.h"

void config_read_input(struct reading *reading, struct ini_section *section,
                       struct input_config *out);

#endif
