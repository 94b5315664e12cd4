/* Projections, as the output says. */
#include "commands/info_network.h"

#include "io/hdf5_text.h"
#include "io/provenance_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* Where a visit has got to: /megalif/projections/NAME. */
struct visit {
    hid_t file;
    struct cli_json *json; /* NULL: for people */
    bool silent;           /* nothing is shown */
    enum status status;
    struct error *err;
};

static void show(struct visit *v, const char *name, const char *rule, uint64_t synapses,
                 const char *digest, const char *storage)
{
    if (v->silent)
        return;
    if (!v->json) {
        printf("projection   %s: %s, %" PRIu64 " synapses%s%s, digest %s\n", name, rule, synapses,
               storage ? " in " : "", storage ? storage : "", digest);
        return;
    }
    cli_json_open(v->json, NULL, '{');
    cli_json_text(v->json, "name", name);
    cli_json_text(v->json, "rule", rule);
    cli_json_u64(v->json, "synapses", synapses);
    cli_json_text(v->json, "storage", storage);
    cli_json_text(v->json, "digest", digest);
    cli_json_close(v->json, '}');
}

static void visit_projection(const char *name, void *context)
{
    struct visit *v = context;
    char group[512], *rule = NULL, *digest = NULL, *storage = NULL;
    struct error none;
    uint64_t synapses;
    snprintf(group, sizeof group, "/megalif/projections/%s", name);
    if (!v->status)
        v->status = hdf5_text_of_attribute(v->file, group, "rule", &rule, v->err);
    if (!v->status)
        v->status = hdf5_text_of_attribute(v->file, group, "digest", &digest, v->err);
    if (hdf5_text_of_attribute(v->file, "/megalif/run/storage", name, &storage, &none))
        storage = NULL; /* of an earlier version's file */
    if (rule && digest && provenance_get_u64(v->file, group, "synapses", &synapses))
        show(v, name, rule, synapses, digest, storage);
    free(storage);
    free(rule);
    free(digest);
}

static void visit(struct visit *v)
{
    provenance_visit(v->file, "/megalif/projections", visit_projection, v);
}

/* NULL: it has none, or cannot be read, which info_check_network tells. */
static char *connectivity(hid_t file)
{
    char *text = NULL;
    struct error err;
    return hdf5_text_of_attribute(file, "/megalif", "connectivity", &text, &err) ? NULL : text;
}

enum status info_check_network(hid_t file, struct error *err)
{
    struct visit v = {.file = file, .silent = true, .err = err};
    char *text = NULL;
    v.status = hdf5_text_of_attribute(file, "/megalif", "connectivity", &text, err);
    free(text);
    visit(&v);
    return v.status;
}

void info_print_network(hid_t file)
{
    uint64_t synapses = 0, events = 0;
    char *text = connectivity(file);
    if (text && provenance_get_u64(file, "/megalif", "synapses", &synapses) &&
        provenance_get_u64(file, "/megalif", "events", &events))
        printf("connectivity %s  (%" PRIu64 " synapses, %" PRIu64 " events)\n", text, synapses,
               events);
    free(text);
    visit(&(struct visit){.file = file});
}

static void json_number(struct cli_json *json, hid_t file, const char *name)
{
    uint64_t value = 0;
    const bool there = provenance_get_u64(file, "/megalif", name, &value);
    cli_json_u64_if(json, name, there, value);
}

void info_json_network(struct cli_json *json, hid_t file)
{
    char *text = connectivity(file);
    cli_json_text(json, "connectivity", text);
    free(text);
    json_number(json, file, "synapses");
    json_number(json, file, "events");
    cli_json_open(json, "projections", '[');
    visit(&(struct visit){.file = file, .json = json});
    cli_json_close(json, ']');
}
