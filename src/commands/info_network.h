/* The projections of an output, for megalif info. */
#ifndef MEGALIF_INFO_NETWORK_H
#define MEGALIF_INFO_NETWORK_H

#include "base/error.h"
#include "cli/cli_json.h"

#include <hdf5.h>

/* Can what the file says of them be read? Before the others, which show nothing of what cannot.
 * STATUS_OUTPUT, naming the file; STATUS_MEMORY. */
enum status info_check_network(hid_t file, struct error *err);

/* The digest of the connectivity, and a line for each projection; nothing where there are none. */
void info_print_network(hid_t file);

/* Adds "connectivity", "synapses", "events" (or null) and the list "projections". */
void info_json_network(struct cli_json *json, hid_t file);

#endif
