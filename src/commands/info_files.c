/* The files that the run of an output read, as the output says. */
#include "commands/info_files.h"

#include "io/hdf5_text.h"
#include "io/provenance_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Where a visit has got to: /megalif/files/SECTION/KEY. */
struct visit {
    hid_t file;
    struct cli_json *json; /* NULL: for people */
    const char *section;
    size_t count;
    bool silent; /* nothing is shown */
    enum status status;
    struct error *err;
};

static void show(struct visit *v, const char *key, const char *name, uint64_t bytes,
                 const char *sha256)
{
    if (v->silent)
        return;
    if (!v->json) {
        printf("%-12s [%s] %s: %s, %" PRIu64 " bytes\n%-12s sha256 %s\n",
               v->count == 0 ? "files" : "", v->section, key, name, bytes, "", sha256);
        return;
    }
    cli_json_open(v->json, NULL, '{');
    cli_json_text(v->json, "section", v->section);
    cli_json_text(v->json, "key", key);
    cli_json_text(v->json, "name", name);
    cli_json_u64(v->json, "bytes", bytes);
    cli_json_text(v->json, "sha256", sha256);
    cli_json_close(v->json, '}');
}

static void visit_key(const char *key, void *context)
{
    struct visit *v = context;
    char group[512], *name = NULL, *sha256 = NULL;
    uint64_t bytes;
    snprintf(group, sizeof group, "/megalif/files/%s/%s", v->section, key);
    if (!v->status)
        v->status = hdf5_text_of_attribute(v->file, group, "name", &name, v->err);
    if (!v->status)
        v->status = hdf5_text_of_attribute(v->file, group, "sha256", &sha256, v->err);
    if (name && sha256 && provenance_get_u64(v->file, group, "bytes", &bytes)) {
        show(v, key, name, bytes, sha256);
        v->count++;
    }
    free(name);
    free(sha256);
}

static void visit_section(const char *section, void *context)
{
    struct visit *v = context;
    char group[512];
    snprintf(group, sizeof group, "/megalif/files/%s", section);
    v->section = section;
    provenance_visit(v->file, group, visit_key, v);
}

enum status info_check_files(hid_t file, struct error *err)
{
    struct visit v = {.file = file, .silent = true, .err = err};
    provenance_visit(file, "/megalif/files", visit_section, &v);
    return v.status;
}

void info_print_files(hid_t file)
{
    provenance_visit(file, "/megalif/files", visit_section, &(struct visit){.file = file});
}

void info_json_files(struct cli_json *json, hid_t file)
{
    cli_json_open(json, "files", '[');
    provenance_visit(file, "/megalif/files", visit_section,
                     &(struct visit){.file = file, .json = json});
    cli_json_close(json, ']');
}
