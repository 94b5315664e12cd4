/* Reads what a spike file holds, and what /megalif in it says of the run. */
#include "cli/result_file.h"

#include "checkpoint/checkpoint_folder.h"
#include "cli/cli_errors.h"
#include "config/config_hash.h"
#include "config/sweep.h"
#include "io/hdf5_open.h"
#include "io/hdf5_text.h"
#include "io/provenance.h"
#include "io/provenance_read.h"

#include <megalif/megalif.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The population of that name, added when it is new; NULL without memory. */
static struct result_population *find_or_add(struct result_file *file, const char *name)
{
    for (size_t i = 0; i < file->population_count; i++) {
        if (strcmp(file->population[i].name, name) == 0)
            return &file->population[i];
    }
    size_t size = (file->population_count + 1) * sizeof *file->population;
    struct result_population *grown = realloc(file->population, size);
    char *copy = strdup(name);
    if (grown)
        file->population = grown;
    if (!grown || !copy) {
        free(copy);
        return NULL;
    }
    struct result_population *added = &grown[file->population_count++];
    *added =
        (struct result_population){.name = copy, .raster = RESULT_FILE_NO_RASTER, .mean_rate = NAN};
    return added;
}

static bool describe(struct result_file *file, const char *name)
{
    struct result_population *p = find_or_add(file, name);
    size_t size = strlen(name) + 32;
    char *group = malloc(size);
    uint64_t recorded = 0;
    if (!p || !group) {
        free(group);
        return false;
    }
    snprintf(group, size, "/megalif/populations/%s", name);
    p->described = provenance_get_u64(file->file, group, "size", &p->size);
    provenance_get_u64(file->file, group, "spikes", &p->spikes);
    provenance_get_u64(file->file, group, "recorded", &recorded);
    provenance_get_f64(file->file, group, "mean_rate_Hz", &p->mean_rate);
    p->recorded = recorded != 0;
    free(group);
    return true;
}

static herr_t visit_link(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
    (void)group;
    if (info->type != H5L_TYPE_HARD)
        return 0;
    return describe(context, name) ? 0 : 1;
}

static enum status read_raster_populations(struct result_file *file, struct error *err)
{
    size_t count;
    const struct raster_population *raster = raster_populations(file->reader, &count);
    for (size_t i = 0; i < count; i++) {
        struct result_population *p = find_or_add(file, raster[i].name);
        if (!p)
            return error_no_memory(err, NULL);
        p->raster = i;
        p->rows = raster[i].rows;
        p->sorted_by_time = raster[i].sorted_by_time;
    }
    return STATUS_OK;
}

/* Where the text of a config has the population's section; SIZE_MAX: nowhere. */
static size_t place_in(const char *config, const char *name)
{
    size_t size = strlen(name) + sizeof "[population.]";
    char *header = malloc(size);
    const char *found = NULL;
    if (header) {
        snprintf(header, size, "[population.%s]", name);
        found = strstr(config, header);
        while (found && found > config && found[-1] != '\n')
            found = strstr(found + 1, header);
    }
    free(header);
    return found ? (size_t)(found - config) : SIZE_MAX;
}

static int by_place(const void *a, const void *b)
{
    const struct result_population *p = a, *q = b;
    return p->place != q->place ? (p->place > q->place) - (p->place < q->place)
                                : strcmp(p->name, q->name);
}

/* HDF5 has populations by name; who wrote the config thinks of them in the order of the config. */
static enum status sort_populations(struct result_file *file, struct error *err)
{
    char *config;
    enum status status = hdf5_text_of_dataset(file->file, "/megalif/config", &config, err);
    for (size_t i = 0; i < file->population_count; i++)
        file->population[i].place = config ? place_in(config, file->population[i].name) : SIZE_MAX;
    if (file->population_count > 0)
        qsort(file->population, file->population_count, sizeof *file->population, by_place);
    free(config);
    return status;
}

static enum status read_populations(struct result_file *file, struct error *err)
{
    enum status status = read_raster_populations(file, err);
    hid_t group = hdf5_open_group(file->file, "/megalif/populations");
    herr_t visited = 0;
    if (!status && group >= 0)
        visited = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, visit_link, file);
    if (visited > 0)
        status = error_no_memory(err, NULL);
    else if (visited < 0)
        status = error_set(err, STATUS_OUTPUT, "%s is damaged: /megalif/populations cannot be read",
                           file->path);
    H5Gclose(group);
    return status ? status : sort_populations(file, err);
}

static enum status read_simulation(struct result_file *file, struct error *err)
{
    uint64_t complete = 0;
    file->dt = file->duration = file->warmup = NAN;
    file->ours = provenance_get_f64(file->file, "/megalif", "dt_ms", &file->dt) && file->dt > 0;
    provenance_get_f64(file->file, "/megalif", "duration_ms", &file->duration);
    provenance_get_f64(file->file, "/megalif", "warmup_ms", &file->warmup);
    provenance_get_u64(file->file, "/megalif", "complete_raster", &complete);
    provenance_get_u64(file->file, "/megalif", "spikes", &file->spikes);
    file->complete = complete != 0;
    return hdf5_text_of_attribute(file->file, "/megalif", "digest", &file->digest, err);
}

enum status result_file_unfinished(const char *path, struct error *err)
{
    if (access(path, F_OK) == 0 || !checkpoint_folder_has_run(path))
        return STATUS_OK;
    return error_set(err, STATUS_OUTPUT,
                     "%s is not complete: its run has a checkpoint, in %s.checkpoint, from which "
                     "megalif run CONFIG --resume goes on, unless it is still at work (megalif "
                     "watch %s)",
                     path, path, path);
}

enum status result_file_open(struct result_file *file, const char *path, struct error *err)
{
    *file = (struct result_file){.path = path};
    enum status status = raster_open(&file->reader, path, err);
    if (status)
        return result_file_unfinished(path, err) ? STATUS_OUTPUT : status;
    file->file = raster_reader_file(file->reader);
    status = read_simulation(file, err);
    return status ? status : read_populations(file, err);
}

void result_file_close(struct result_file *file)
{
    for (size_t i = 0; i < file->population_count; i++)
        free(file->population[i].name);
    free(file->population);
    free(file->digest);
    raster_close(file->reader);
}

uint64_t result_file_rows(const struct result_file *file)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < file->population_count; i++)
        rows += file->population[i].rows;
    return rows;
}

enum status result_file_scan(const struct result_file *file,
                             const struct result_population *population, uint64_t first,
                             uint64_t end,
                             bool (*visit)(const struct raster_piece *piece, void *context),
                             void *context, struct error *err)
{
    if (population->raster == RESULT_FILE_NO_RASTER)
        return STATUS_OK;
    return raster_scan(file->reader, population->raster, first, end, visit, context, err);
}

static bool look_no_further(const struct raster_piece *piece, void *context)
{
    (void)piece;
    (void)context;
    return false;
}

enum status result_file_check(const struct result_file *file, struct error *err)
{
    enum status status = STATUS_OK;
    if (file->ours && !(isfinite(file->dt) && raster_time_can_be(file->duration)))
        return error_set(err, STATUS_OUTPUT,
                         "%s is damaged: steps of %.10g ms, and a duration of %.10g ms", file->path,
                         file->dt, file->duration);
    for (size_t i = 0; i < file->population_count && !status; i++) {
        const struct result_population *p = &file->population[i];
        uint64_t last = p->rows > 0 ? (p->rows - 1) / RASTER_PIECE * RASTER_PIECE : 0;
        status = result_file_scan(file, p, 0, p->rows, look_no_further, NULL, err);
        if (!status && last > 0)
            status = result_file_scan(file, p, last, p->rows, look_no_further, NULL, err);
    }
    return status;
}

enum status result_file_check_config(const struct result_file *file, uint64_t hash,
                                     struct error *err)
{
    char *text;
    uint64_t numerics = 0;
    enum status status = hdf5_text_of_dataset(file->file, "/megalif/config", &text, err);
    bool same = text && config_hash(text) == hash;
    free(text);
    if (!status && !same)
        return error_set(err, STATUS_CONFIG, "%s is of another config", file->path);
    if (!status)
        status = hdf5_text_of_attribute(file->file, "/megalif", "ended_early", &text, err);
    if (status)
        return status;
    bool changed = provenance_get_u64(file->file, "/megalif/changes", "spikes", &numerics);
    bool joined = text && strcmp(text, PROVENANCE_ENDED_BY_CALLER) == 0;
    free(text);
    if (joined)
        return error_set(err, STATUS_STOPPED, "%s holds a part of the run only", file->path);
    if (changed)
        return error_set(err, STATUS_CONFIG, "%s is of a run that a program has acted on",
                         file->path);
    if (!provenance_get_u64(file->file, "/megalif", "numerics", &numerics) ||
        numerics != (uint64_t)mlif_numerics())
        return error_set(err, STATUS_CONFIG, "%s is of numerics %" PRIu64 ", not %d", file->path,
                         numerics, mlif_numerics());
    return STATUS_OK;
}

enum status result_file_exit_code(const struct result_file *file)
{
    char *why;
    hdf5_text_of_attribute(file->file, "/megalif", "ended_early", &why, NULL);
    bool range = why && strstr(why, "max_rate");
    free(why);
    return range ? STATUS_RANGE : STATUS_OK;
}

int result_file_error(const char *name, const struct error *err)
{
    char before[32];
    snprintf(before, sizeof before, "megalif %s: ", name);
    cli_errors_text(before, "%s", err->text);
    return (int)err->status;
}
