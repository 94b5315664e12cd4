/* The files of the user's that a config reads: where they lie, and what is in them, for the
 * provenance and for telling whether a resumed run still reads the same. */
#ifndef MEGALIF_SETUP_FILES_H
#define MEGALIF_SETUP_FILES_H

#include "config/config.h"
#include "io/file_digest.h"

struct sim_file {
    char *section; /* that names it: "input.tone" */
    char *key;     /* "file", or a parameter that is drawn from it */
    char *name;    /* as written there */
    char *path;    /* from the working folder */
    uint64_t bytes;
    char sha256[FILE_DIGEST_TEXT]; /* "" until setup_files_digest */
};

struct setup_files {
    struct sim_file *file;
    size_t count;
};

/* Adds a file. The path is taken from the folder of the config, if it is not absolute. NULL without
 * memory. The pointer holds until the next one is added. */
const struct sim_file *setup_files_add(struct setup_files *files, const struct config *config,
                                       const char *section, const char *key, const char *name);

/* Adds all files that a config names, without reading any. STATUS_MEMORY. */
enum status setup_files_list(struct setup_files *files, const struct config *config,
                             struct error *err);

/* Reads all files once to fill in bytes and sha256. STATUS_OUTPUT names the file. */
enum status setup_files_digest(struct setup_files *files, struct error *err);

/* The digests as text in the form of a resolved config, "[input.tone]", "file = 5f3c...": for
 * config_compare_text. The caller frees it; NULL without memory. */
char *setup_files_text(const struct setup_files *files);

void setup_files_free(struct setup_files *files);

#endif
