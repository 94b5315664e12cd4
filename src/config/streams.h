/* Streams of random numbers are named after sections. */
#ifndef MEGALIF_CONFIG_STREAMS_H
#define MEGALIF_CONFIG_STREAMS_H

#include "config/sections.h"

/* Reports names whose streams would be the same. Needs a config without errors. */
void config_check_streams(struct reading *reading);

#endif
