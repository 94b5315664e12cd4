#include "setup/setup_edges.h"

#include "config/keys.h"
#include "net/wiring_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The path of a file that a key names, from the working folder, allocated; NULL: the key is not
 * there, or there is no memory. */
static char *path_of(const struct config *config, const struct projection_config *p, int key,
                     struct setup_files *files)
{
    char section[128];
    snprintf(section, sizeof section, "projection.%s", p->name);
    if (!p->value[key].present)
        return NULL;
    const struct sim_file *file = setup_files_add(
        files, config, section, config_projection_key(p, key)->name, p->value[key].text);
    return file ? strdup(file->path) : NULL;
}

static enum status read_files(struct wiring_file **out, const struct config *config,
                              const struct projection_config *p, struct setup_files *files,
                              struct messages *warnings, struct error *err)
{
    char *path = path_of(config, p, PROJECTION_FILE, files);
    char *types = path_of(config, p, PROJECTION_TYPES, files);
    const struct value *population = &p->value[PROJECTION_EDGES];
    struct edge_reading reading = {path, population->present ? population->text : NULL, types,
                                   config->dt};
    enum status status = path && (types || !p->value[PROJECTION_TYPES].present)
                             ? wiring_file_read(out, config, p, &reading, warnings, err)
                             : error_no_memory(err, "for the names of files");
    free(path);
    free(types);
    return status;
}

static void tell(const struct config *config, const struct projection_config *p,
                 struct messages *errors, const char *text)
{
    char section[128], where[600];
    snprintf(section, sizeof section, "projection.%s", p->name);
    config_where(config, section, "file", &p->value[PROJECTION_FILE], where, sizeof where);
    messages_add(errors, "%s: %s", where, text);
}

static enum status read_projection(struct setup_edges *edges, struct config *config, size_t index,
                                   struct setup_files *files, struct messages *errors,
                                   struct messages *warnings)
{
    struct error err;
    struct wiring_file *file;
    struct projection_config *p = &config->projection[index];
    enum status status = read_files(&file, config, p, files, warnings, &err);
    if (status) {
        tell(config, p, errors, err.text);
        return status;
    }
    edges->file[edges->count++] = file;
    edges->bytes += wiring_file_bytes(file);
    p->edges = file;
    return STATUS_OK;
}

enum status setup_edges_read(struct setup_edges *edges, struct config *config,
                             struct setup_files *files, struct messages *errors,
                             struct messages *warnings)
{
    enum status worst = STATUS_OK;
    edges->file = calloc(config->projection_count + 1, sizeof *edges->file);
    if (!edges->file) {
        messages_add(errors, "not enough memory for the names of files");
        return STATUS_MEMORY;
    }
    for (size_t i = 0; i < config->projection_count; i++) {
        if (config->projection[i].rule != RULE_FILE)
            continue;
        enum status status = read_projection(edges, config, i, files, errors, warnings);
        worst = worst ? worst : status;
    }
    return worst;
}

void setup_edges_free(struct setup_edges *edges)
{
    for (size_t i = 0; i < edges->count; i++)
        wiring_file_free(edges->file[i]);
    free(edges->file);
    *edges = (struct setup_edges){NULL, 0, 0};
}
