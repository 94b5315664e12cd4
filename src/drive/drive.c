/* The drives of a population: one per [input.*] section and target range. */
#include "drive/drive.h"

#include "neuron/draw.h"
#include "neuron/models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVE_TYPE(name) &drive_##name,
static const struct drive_type *const types[] = {DRIVE_TYPES(DRIVE_TYPE)};

#define DRIVE_INPUT(name) &drive_##name.input,
static const struct input_type *const inputs[] = {DRIVE_TYPES(DRIVE_INPUT)};

enum { TYPES = sizeof types / sizeof types[0] };

const struct config_types drive_config_types = {inputs, TYPES, model_types, MODEL_TYPES};

static const struct drive_type *type_of(const struct input_config *input)
{
    size_t i = 0;
    while (i + 1 < TYPES && inputs[i] != input->type)
        i++;
    return types[i];
}

bool drive_is_fed(const struct input_config *input)
{
    return type_of(input)->fed;
}

/* The cells whose copies share its row; 0: each neuron has its own. */
static uint64_t cells_of(const struct drive_type *type, const struct input_config *input,
                         const struct population_config *population)
{
    bool shares = false;
    for (size_t k = 0; k < input->type->key_count; k++)
        shares |= (type->common_keys >> k & 1) && input->value[k].integer;
    return shares && population->copies > 1 ? population->cells : 0;
}

static enum status open_one(struct drive *drive, const struct config *config,
                            const struct input_config *input, const struct target *target,
                            enum receptor receptor, const struct input_rows *rows,
                            struct error *err)
{
    const struct population_config *population = &config->population[target->population];
    char common[128]; /* names have at most 63 bytes */
    snprintf(common, sizeof common, "%s/common", population->name);
    *drive = (struct drive){
        .type = type_of(input),
        .input = input,
        .key = draw_stream_key(input->seed, "input.", input->name, population->name),
        .common = draw_stream_key(input->seed, "input.", input->name, common),
        .begin = target->begin,
        .end = target->end,
        .receptor = receptor,
        .by_sign = model_of(population)->receptors > 1,
        .whole = target->begin == 0 && target->end == population->size,
        .hold = 1,
        .cells = cells_of(type_of(input), input, population),
    };
    if (drive->type->fed && !rows)
        return error_set(err, STATUS_CONFIG, "input %s reads a file, which nobody has opened",
                         input->name);
    for (const struct target *t = input->target; t < target; t++)
        drive->first_column += t->end - t->begin;
    drive->rows = rows;
    input_source_init(&drive->source, config, input, target);
    drive->diffuses = drive->type->diffuses && drive->type->diffuses(input);
    drive->has_current = drive->type->current != NULL;
    drive->has_row = drive->type->row != ROW_NONE;
    return drive->type->open ? drive->type->open(drive, err) : STATUS_OK;
}

/* The signs that the weights of an input's jumps can have, as bits 1 << receptor. */
static unsigned signs_of(const struct input_config *input)
{
    unsigned signs = 0;
    for (size_t k = 0; k < input->type->key_count; k++) {
        const struct distribution *weight = &input->value[k].number;
        double lo, hi;
        if (!input->keys[k].weight)
            continue;
        draw_bounds(weight, &lo, &hi);
        bool unread = weight->kind == DISTRIBUTION_FILE && weight->count == 0;
        signs |= (unsigned)(hi > 0.0 || unread) << RECEPTOR_EX;
        signs |= (unsigned)(lo < 0.0 || unread) << RECEPTOR_IN;
    }
    return signs;
}

/* The receptors of a target that an input reaches, a drive for each. */
static unsigned receptors_of(const struct config *config, const struct input_config *input,
                             const struct target *target)
{
    const struct model *model = model_of(&config->population[target->population]);
    unsigned signs = model->receptors > 1 ? signs_of(input) : 0;
    return signs ? signs : 1u << RECEPTOR_EX;
}

static size_t count_drives(const struct config *config, const struct input_config *input,
                           const struct target *target)
{
    return (size_t)__builtin_popcount(receptors_of(config, input, target));
}

size_t drive_target_count(const struct config *config, size_t population)
{
    size_t count = 0;
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        for (size_t t = 0; t < input->target_count; t++)
            if (input->target[t].population == population)
                count += count_drives(config, input, &input->target[t]);
    }
    return count;
}

double drive_coefficient(const struct drive *drive, const struct neuron *neuron,
                         const double *value)
{
    double c = drive->type->coefficient(drive, neuron, value);
    return drive->by_sign && (c < 0.0) != (drive->receptor == RECEPTOR_IN) ? 0.0 : c;
}

static double common_normal(const struct drive *drive, const struct kernels *kernels, uint64_t step)
{
    union drive_row_of_common row;
    kernels->normals(&row, TILE_ALIGN, drive->common, step, 0);
    return kernels->bits == 32 ? (double)row.single[0] : row.full[0];
}

void drive_fill_normals(const struct drive *drive, double correlation,
                        const struct kernels *kernels, void *row, size_t count, uint64_t step,
                        uint64_t first_id)
{
    if (correlation < 1.0)
        kernels->normals(row, count, drive->key, step, first_id);
    if (!(correlation > 0.0))
        return;
    struct field common = {NULL, sqrt(correlation) * common_normal(drive, kernels, step)};
    struct field private = {correlation < 1.0 ? row : NULL, 0.0};
    kernels->accumulate(row, common, (struct field){NULL, sqrt(1.0 - correlation)}, private, count);
}

void drive_fill_rows(const struct drive *drive, const struct kernels *kernels, void *row,
                     size_t count, uint64_t step, uint64_t first_id)
{
    const struct input_rows *rows = drive->rows;
    size_t size = (size_t)kernels->bits / 8;
    uint64_t begin = first_id > drive->begin ? first_id : drive->begin;
    uint64_t end = first_id + count < drive->end ? first_id + count : drive->end;
    const char *from = (const char *)rows->data + (step - rows->first) * rows->stride * size;
    memset(row, 0, count * size);
    if (begin >= end)
        return;
    from += drive->first_column * size;
    memcpy((char *)row + (begin - first_id) * size, from + (begin - drive->begin) * size,
           (end - begin) * size);
}

/* Numbers of cells cell ... cell + count - 1, which may begin and end anywhere. */
static void fill_cells(const struct drive *drive, const struct kernels *kernels, char *row,
                       size_t count, uint64_t step, uint64_t cell, char *scratch)
{
    size_t real = (size_t)kernels->bits / 8;
    uint64_t lo = cell / TILE_ALIGN * TILE_ALIGN;
    uint64_t hi = (cell + count + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN;
    drive->type->fill(drive, kernels, scratch, (size_t)(hi - lo), step, lo);
    memcpy(row, scratch + (cell - lo) * real, count * real);
}

void drive_fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                uint64_t step, uint64_t first_id, void *scratch)
{
    size_t real = (size_t)kernels->bits / 8, part;
    uint64_t cells = drive->cells;
    if (cells == 0) {
        drive->type->fill(drive, kernels, row, count, step, first_id);
        return;
    }
    for (size_t done = 0; done < count; done += part) {
        char *to = (char *)row + done * real;
        uint64_t cell = (first_id + done) % cells;
        size_t period = (size_t)(done / cells * cells); /* whole sets of cells that are there */
        part = (size_t)(count - done < cells - cell ? count - done : cells - cell);
        if (period > 0) {
            part = count - done < period ? count - done : period;
            memcpy(to, to - period * real, part * real);
        } else {
            fill_cells(drive, kernels, to, part, step, cell, scratch);
        }
    }
}

uint64_t drives_bytes(const struct config *config, size_t population)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        const struct drive_type *type = type_of(input);
        for (size_t t = 0; t < input->target_count; t++)
            if (type->bytes && input->target[t].population == population)
                bytes += type->bytes(input) * count_drives(config, input, &input->target[t]);
    }
    return bytes;
}

bool drive_needs_coefficients(const struct drive *drive, bool membrane)
{
    return drive->has_row && ((drive->source.drawn & drive->type->row_keys) ||
                              (membrane && drive->type->row == ROW_NOISE));
}

bool drive_needs_amplitudes(const struct drive *drive)
{
    return drive->source.drawn & drive->type->current_keys;
}

bool drive_needs_values(const struct drive *drive)
{
    return drive->has_row && (drive->source.drawn & drive->type->fill_keys);
}

uint64_t drive_values(const struct drive *drive, uint64_t padded)
{
    return drive->cells > 0 ? (drive->cells + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN : padded;
}

bool drive_sets_amplitudes(const struct drive *drive)
{
    return drive->source.settable & drive->type->current_keys;
}

bool drive_sets_values(const struct drive *drive)
{
    return drive->has_row && (drive->source.settable & drive->type->fill_keys);
}

struct drive_arrays drives_arrays(const struct config *config, size_t population, bool membrane)
{
    const struct population_config *p = &config->population[population];
    struct drive_arrays arrays = {.values = 0};
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        for (size_t t = 0; t < input->target_count; t++) {
            struct drive drive = {.type = type_of(input)};
            if (input->target[t].population != population)
                continue;
            size_t n = count_drives(config, input, &input->target[t]);
            drive.has_row = drive.type->row != ROW_NONE;
            input_source_init(&drive.source, config, input, &input->target[t]);
            arrays.coefficients += n * drive_needs_coefficients(&drive, membrane);
            arrays.amplitudes += n * drive_needs_amplitudes(&drive);
            arrays.set_amplitudes += n * drive_sets_amplitudes(&drive);
            arrays.set_values += n * drive_sets_values(&drive);
            arrays.memories += n * drive.type->remembers;
            if (drive_needs_values(&drive))
                *(cells_of(drive.type, input, p) > 0 ? &arrays.shared : &arrays.values) += n;
        }
    }
    return arrays;
}

bool drives_diffuse(const struct config *config, size_t population)
{
    bool any = false;
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        for (size_t t = 0; t < input->target_count; t++)
            any |= input->target[t].population == population && type_of(input)->diffuses &&
                   type_of(input)->diffuses(input);
    }
    return any;
}

double drive_most(const struct input_config *input, int key)
{
    const struct drive_type *type = type_of(input);
    return type->most ? type->most(input, key) : input->keys[key].most;
}

enum status drives_open(struct drive **out, size_t *count, const struct config *config,
                        size_t population, const struct input_rows *rows, struct error *err)
{
    size_t most = drive_target_count(config, population);
    struct drive *drives = calloc(most + 1, sizeof *drives);
    *out = drives;
    *count = 0;
    if (!drives)
        return error_no_memory(err, "for %zu drives", most);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < config->input_count; i++) {
        const struct input_config *input = &config->input[i];
        for (size_t t = 0; t < input->target_count; t++) {
            unsigned receptors = receptors_of(config, input, &input->target[t]);
            for (enum receptor r = RECEPTOR_EX; r < RECEPTORS_MOST && !status; r++)
                if (input->target[t].population == population && receptors >> r & 1)
                    status = open_one(&drives[(*count)++], config, input, &input->target[t], r,
                                      rows ? &rows[i] : NULL, err);
        }
    }
    return status;
}

void drives_close(struct drive *drives, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (drives[i].type->close)
            drives[i].type->close(&drives[i]);
    free(drives);
}
