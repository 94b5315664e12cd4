/* [record.NAME] */
#ifndef MEGALIF_CONFIG_READ_RECORD_H
#define MEGALIF_CONFIG_READ_RECORD_H

#include "config/sections.h"

void config_read_record(struct reading *reading, struct ini_section *section,
                        struct record_config *out);

/* Reports a population that two recorders of spikes name. */
void config_check_records(struct reading *reading);

#endif
