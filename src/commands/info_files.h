/* The files that the config of an output read, for megalif info. */
#ifndef MEGALIF_INFO_FILES_H
#define MEGALIF_INFO_FILES_H

#include "cli/cli_json.h"

#include <hdf5.h>

/* One line for each file: where the config names it, its name, size and SHA-256. */
void info_print_files(hid_t file);

/* Adds the list "files". */
void info_json_files(struct cli_json *json, hid_t file);

#endif
