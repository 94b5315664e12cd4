/* Digests go to the points by the environment, with what tells whether a file is still the same
 * (io/file_digest.h): a point looks, and reads the file itself where anything differs. */
#include "commands/sweep_inputs.h"

#include "config/read.h"
#include "io/file_digest.h"
#include "setup/setup_files.h"
#include "sweep/sweep_point.h"

#include <stdlib.h>

static const char variable[] = "MEGALIF_FILE_DIGESTS";

/* Where only numbers are swept, all points read the files of the first. */
static bool may_differ(const struct sweep *sweep)
{
    bool found = false;
    for (size_t k = 0; k < sweep->key_count; k++)
        found |= !sweep->key[k].number;
    return found;
}

static void digest_files(const struct config *config)
{
    struct setup_files files = {NULL, 0};
    struct error ignored;
    bool listed = config && !setup_files_list(&files, config, &ignored);
    for (size_t i = 0; listed && i < files.count; i++)
        file_digest_settle(files.file[i].path);
    if (listed)
        setup_files_digest(&files, &ignored);
    setup_files_free(&files);
}

void sweep_inputs_digest(const struct sweep_run *s, const size_t *point, size_t count)
{
    const bool differ = may_differ(s->sweep);
    if (!differ && count > 0)
        digest_files(s->sweep->first);
    for (size_t i = 0; differ && i < count; i++) {
        struct config *config = sweep_point_config(s, point[i]);
        digest_files(config);
        config_free(config);
    }
    char *text = file_digest_remembered();
    if (text && *text)
        setenv(variable, text, 1);
    free(text);
}

void sweep_inputs_take(void)
{
    file_digest_remember(getenv(variable));
}
