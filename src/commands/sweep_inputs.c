/* Digests go to the points by the environment, with what tells whether a file is still the same
 * (io/file_digest.h): a point looks, and reads the file itself where anything differs. */
#include "commands/sweep_inputs.h"

#include "config/read.h"
#include "io/file_digest.h"
#include "setup/setup_files.h"
#include "sweep/sweep_point.h"

#include <stdlib.h>
#include <string.h>

static const char variable[] = "MEGALIF_FILE_DIGESTS";

/* That a point reads a file. */
struct reading {
    char *path;
    size_t point;
};

struct readings {
    struct reading *list;
    size_t count;
    bool failed; /* no memory: points read their files themselves */
};

/* Where no value that is swept can name a file, all points read the files of the first. */
static bool may_differ(const struct sweep *sweep)
{
    bool found = false;
    for (size_t k = 0; k < sweep->key_count; k++) {
        const struct sweep_key *key = &sweep->key[k];
        found |= !key->number && key->key &&
                 (key->key->kind == VALUE_TEXT || key->key->kind == VALUE_DISTRIBUTION);
    }
    return found;
}

static void add_reading(struct readings *r, char **path, size_t point)
{
    struct reading *list = realloc(r->list, (r->count + 1) * sizeof *list);
    if (!list) {
        r->failed = true;
        return;
    }
    r->list = list;
    list[r->count++] = (struct reading){*path, point};
    *path = NULL; /* taken over */
}

static void add_files(struct readings *r, const struct config *config, size_t point)
{
    struct setup_files files = {NULL, 0};
    struct error ignored;
    bool listed = config && !setup_files_list(&files, config, &ignored);
    for (size_t i = 0; listed && i < files.count; i++)
        add_reading(r, &files.file[i].path, point);
    setup_files_free(&files);
}

static void list_readings(struct readings *r, const struct sweep_run *s, const size_t *point,
                          size_t count)
{
    const bool differ = may_differ(s->sweep);
    const size_t points = differ || count < 2 ? count : 2; /* two say what all of them share */
    for (size_t i = 0; i < points && !r->failed; i++) {
        struct config *config = differ ? sweep_point_config(s, point[i]) : s->sweep->first;
        add_files(r, config, i);
        if (differ)
            config_free(config);
    }
}

static int by_path(const void *left, const void *right)
{
    const struct reading *a = left, *b = right;
    int order = strcmp(a->path, b->path);
    return order ? order : (a->point > b->point) - (a->point < b->point);
}

static void digest_file(const char *path)
{
    char text[FILE_DIGEST_TEXT];
    uint64_t bytes;
    struct error ignored;
    file_digest_settle(path);
    file_digest(path, text, &bytes, &ignored);
}

/* Those of more than one point, as many as are remembered. */
static void digest_shared(struct readings *r)
{
    size_t digests = 0, end;
    if (r->count > 0)
        qsort(r->list, r->count, sizeof *r->list, by_path);
    for (size_t i = 0; i < r->count && digests < FILE_DIGEST_MOST; i = end) {
        for (end = i + 1; end < r->count && strcmp(r->list[i].path, r->list[end].path) == 0;)
            end++;
        if (r->list[end - 1].point == r->list[i].point)
            continue;
        digest_file(r->list[i].path);
        digests++;
    }
}

void sweep_inputs_digest(const struct sweep_run *s, const size_t *point, size_t count)
{
    struct readings r = {.list = NULL};
    list_readings(&r, s, point, count);
    if (!r.failed)
        digest_shared(&r);
    for (size_t i = 0; i < r.count; i++)
        free(r.list[i].path);
    free(r.list);
    char *text = file_digest_remembered();
    if (text && *text)
        setenv(variable, text, 1);
    free(text);
}

void sweep_inputs_take(void)
{
    file_digest_remember(getenv(variable));
}
