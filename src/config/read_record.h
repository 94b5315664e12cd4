/* [record.NAME] */
#ifndef MEGALIF_CONFIG_READ_RECORD_H
#define MEGALIF_CONFIG_READ_RECORD_H

#include "config/sections.h"

/* What the section says, to *out; after the populations that it names. What is wrong is reported
 * (sections.h). */
void config_read_record(struct reading *reading, struct ini_section *section,
                        struct record_config *out);

/* Reports a population that two recorders of spikes name. */
void config_check_records(struct reading *reading);

#endif
