/* [checkpoint] */
#ifndef MEGALIF_CONFIG_READ_CHECKPOINT_H
#define MEGALIF_CONFIG_READ_CHECKPOINT_H

#include "config/sections.h"

/* present: the section is in the file; else `section` is an empty one. */
void config_read_checkpoint(struct reading *reading, struct ini_section *section, bool present);

#endif
