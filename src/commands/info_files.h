/* The files that the config of an output read, for megalif info. */
#ifndef MEGALIF_INFO_FILES_H
#define MEGALIF_INFO_FILES_H

#include "base/error.h"
#include "cli/cli_json.h"

#include <hdf5.h>

/* Can what the file says of them be read? Before the others, which show nothing of what cannot.
 * STATUS_OUTPUT, naming the file; STATUS_MEMORY. */
enum status info_check_files(hid_t file, struct error *err);

/* One line for each file: where the config names it, its name, size and SHA-256. */
void info_print_files(hid_t file);

/* Adds the list "files". */
void info_json_files(struct cli_json *json, hid_t file);

#endif
