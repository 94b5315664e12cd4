/* Inputs as Python sees them. What is the same for all targets becomes a list of changes
 * (CURRENTS); what is drawn for each neuron and step is drawn here as a run would (REALISED), or
 * where that would be too much left to the simulator's own generators (RANDOM). */
#include "emit/emit_inputs.h"

#include "base/memory.h"
#include "emit/emit_text.h"
#include "neuron/neuron_draw.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One drive on its way into the text. */
struct emitted {
    struct emit_model *model;
    const struct drive *drive;
    size_t population;
    uint64_t start, stop; /* steps in which it acts, within the run */
    char name[200];       /* of its arrays */
};

static struct emitted describe(struct emit_model *model, const char *list, size_t population,
                               size_t index)
{
    const struct drive *drive = &model->drives[population][index];
    const struct input_config *input = drive->input;
    uint64_t steps = model->config->steps;
    struct emitted e = {.model = model, .drive = drive, .population = population};
    e.stop = input->stop_step < steps ? input->stop_step : steps;
    e.start = input->start_step < e.stop ? input->start_step : e.stop;
    snprintf(e.name, sizeof e.name, "%s/%s/%s/%zu", list, input->name,
             model->config->population[population].name, index);
    return e;
}

static uint64_t targets(const struct emitted *e)
{
    return e->drive->end - e->drive->begin;
}

/* ---- what multiplies the values for each target -------------------------------------------------
 */
typedef double (*scale_function)(const struct drive *drive, const struct neuron *neuron,
                                 const double *value);

/* A potential above E_L as the current that it takes. */
static double scale_of_current(const struct drive *drive, const struct neuron *neuron,
                               const double *value)
{
    double scale = drive->potential ? 1.0 / neuron->resistance : 1.0;
    for (size_t k = 0; k < drive->input->type->key_count; k++)
        if (drive->source.drawn & drive->type->current_keys & 1u << k)
            scale *= value[k];
    return scale;
}

/* What a row adds to V in a step, as a current in that step; jumps in mV. */
static double scale_of_row(const struct drive *drive, const struct neuron *neuron,
                           const double *value)
{
    if (drive->type->row == ROW_CURRENT)
        return 1.0;
    double added = drive_coefficient(drive, neuron, value);
    return drive->type->row == ROW_JUMPS ? added
                                         : added / (neuron->resistance * neuron->step.decay);
}

static enum status emit_scale(const struct emitted *e, scale_function scale, struct error *err)
{
    double *values = malloc(targets(e) * sizeof *values), own[INPUT_KEYS_MOST];
    struct neuron_source source;
    const struct config *config = e->model->config;
    struct neuron n;
    memset(&n, 0, sizeof n);
    if (!values)
        return error_no_memory(err, "to write the model out");
    neuron_source_init(&source, config, e->population);
    for (uint64_t i = 0; i < targets(e); i++) {
        neuron_draw(&n, &source, e->drive->begin + i);
        n.step = membrane_step_of(config->method, config->dt_ms, n.tau_m);
        input_draw(own, &e->drive->source, e->drive->begin + i);
        values[i] = scale(e->drive, &n, own);
    }
    return emit_text_values(e->model, e->name, "scale", values, targets(e), err);
}

static void begin_entry(const struct emitted *e)
{
    fprintf(e->model->out,
            "    {\n        \"input\": \"%s\", \"population\": \"%s\", \"begin\": %" PRIu64
            ", \"end\": %" PRIu64 ",\n",
            e->drive->input->name, e->model->config->population[e->population].name,
            e->drive->begin, e->drive->end);
}

enum status emit_inputs_ready(struct emit_model *m, uint64_t step, struct error *err)
{
    uint64_t steps = 0;
    if (step >= m->rows_begin && step < m->rows_end)
        return STATUS_OK;
    enum status status = feed_rows_next(m->rows, step, m->config->steps - step, &steps, err);
    m->rows_begin = step;
    m->rows_end = step + steps;
    return status;
}

static enum status make_ready(const struct emitted *e, uint64_t step, struct error *err)
{
    return e->drive->type->fed ? emit_inputs_ready(e->model, step, err) : STATUS_OK;
}

/* ---- currents ---------------------------------------------------------------------------------
 */
struct changes {
    double *steps, *values;
    uint64_t count, room;
};

static bool add_change(struct changes *c, uint64_t step, double value)
{
    if (c->count == c->room) {
        uint64_t room = 2 * c->room + 16;
        double *steps = realloc(c->steps, room * sizeof *steps);
        c->steps = steps ? steps : c->steps;
        double *values = realloc(c->values, room * sizeof *values);
        c->values = values ? values : c->values;
        if (!steps || !values)
            return false;
        c->room = room;
    }
    c->steps[c->count] = (double)step;
    c->values[c->count++] = value;
    return true;
}

static enum status collect_changes(const struct emitted *e, struct changes *c, struct error *err)
{
    double last = 0.0;
    for (uint64_t step = e->start, until; step < e->stop; step = until) {
        enum status status = make_ready(e, step, err);
        if (status)
            return status;
        double value = e->drive->type->current(e->drive, step, &until);
        if (memcmp(&value, &last, sizeof value) != 0 && !add_change(c, step, value))
            return error_no_memory(err, "to write the model out");
        last = value;
    }
    if (fpclassify(last) == FP_ZERO || e->stop == e->model->config->steps)
        return STATUS_OK;
    return add_change(c, e->stop, 0.0) ? STATUS_OK : error_no_memory(err, "to write the model out");
}

static enum status emit_current(const struct emitted *e, struct error *err)
{
    struct changes c = {NULL, NULL, 0, 0};
    if (!e->drive->has_current)
        return STATUS_OK;
    enum status status = collect_changes(e, &c, err);
    if (status || c.count == 0) {
        free(c.steps);
        free(c.values);
        return status;
    }
    begin_entry(e);
    status = emit_text_array(e->model, e->name, "steps", c.steps, c.count, 0, err);
    if (status) {
        free(c.values);
        return status;
    }
    status = emit_text_array(e->model, e->name, "values", c.values, c.count, 0, err);
    if (!status)
        status = emit_scale(e, scale_of_current, err);
    fputs("    },\n", e->model->out);
    return status;
}

/* ---- what is drawn ----------------------------------------------------------------------------
 */

/* The memory of a drive (drive/drive.h): z becomes what acts in this step. */
static void remember(const struct drive *drive, double *z, const double *xi, uint64_t count,
                     bool first)
{
    for (uint64_t i = 0; i < count; i++)
        z[i] = first ? drive->first * xi[i] : z[i] + fma(-drive->forgets, z[i], xi[i]);
}

/* Floats, of files in single precision, become doubles where they stand. */
static void to_doubles(double *row, size_t count)
{
    const float *from = (const float *)(const void *)row;
    for (size_t i = count; i-- > 0;) {
        float value;
        memcpy(&value, &from[i], sizeof value);
        row[i] = (double)value;
    }
}

/* Rows of an input for all its targets and steps: drawn as in double precision; of a file as a run
 * has them. */
static enum status realise(const struct emitted *e, double *values, double *row, size_t padded,
                           double *scratch, double *z, struct error *err)
{
    const struct drive *drive = e->drive;
    bool floats = drive->type->fed && e->model->config->precision == PRECISION_SINGLE;
    const struct kernels *kernels = kernels_for(kernels_best_isa(), floats ? 32 : 64);
    uint64_t first = drive->begin / TILE_ALIGN * TILE_ALIGN, count = targets(e);
    for (uint64_t step = e->start; step < e->stop; step++, values += count) {
        const double *xi = row + (drive->begin - first);
        enum status status = make_ready(e, step, err);
        if (status)
            return status;
        drive_fill(drive, kernels, row, padded, step, first, scratch);
        if (drive->type->remembers)
            remember(drive, z, xi, count, step == drive->input->start_step);
        if (floats)
            to_doubles(row, padded);
        memcpy(values, drive->type->remembers ? z : xi, count * sizeof *values);
    }
    return STATUS_OK;
}

static enum status emit_realised(const struct emitted *e, struct error *err)
{
    uint64_t first = e->drive->begin / TILE_ALIGN * TILE_ALIGN, count = targets(e);
    size_t padded = (size_t)((e->drive->end - first + TILE_ALIGN - 1) / TILE_ALIGN * TILE_ALIGN);
    double *row = memory_alloc(padded * sizeof *row), *z = calloc(count, sizeof *z);
    double *scratch = memory_alloc((padded + 2 * TILE_ALIGN) * sizeof *scratch);
    double *values = malloc((e->stop - e->start) * count * sizeof *values);
    enum status status =
        row && z && values && scratch ? STATUS_OK : error_no_memory(err, "to write the model out");
    if (!status)
        status = realise(e, values, row, padded, scratch, z, err);
    memory_free(row, padded * sizeof *row);
    memory_free(scratch, (padded + 2 * TILE_ALIGN) * sizeof *scratch);
    free(z);
    if (status) {
        free(values);
        return status;
    }
    begin_entry(e);
    fprintf(e->model->out, "        \"kind\": \"%s\", \"first_step\": %" PRIu64 ",\n",
            e->drive->type->row == ROW_JUMPS ? "jump" : "current", e->start);
    status = emit_text_array(e->model, e->name, "values", values, e->stop - e->start, count, err);
    if (!status)
        status = emit_scale(e, scale_of_row, err);
    fputs("    },\n", e->model->out);
    return status;
}

static const struct value *value_of(const struct input_config *input, const char *key)
{
    size_t i = 0;
    while (i + 1 < input->type->key_count && strcmp(input->keys[i].name, key) != 0)
        i++;
    return &input->value[i];
}

/* Both simulators draw white noise and Poisson events of their own; nothing beyond. */
static bool generator_exists(const struct input_config *input)
{
    bool poisson = strcmp(input->type->name, "poisson") == 0;
    if (!poisson && strcmp(input->type->name, "white_noise") != 0)
        return false;
    return !(value_of(input, "correlation")->number.parameter[0] > 0.0) &&
           !(poisson && (value_of(input, "modulation")->given ||
                         value_of(input, "rate")->number.kind != DISTRIBUTION_CONSTANT));
}

static enum status cannot_draw(const struct emitted *e, struct error *err)
{
    const struct input_config *input = e->drive->input;
    return error_set(err, STATUS_CONFIG,
                     "--emit %s: input %s (%s) has no counterpart there, and its numbers cannot be "
                     "written out: all random inputs of the model together draw %" PRIu64
                     " (neurons times steps), at most %d are written, and none with --random; "
                     "leave out --random, or use fewer neurons or a shorter duration (--set)",
                     e->model->simulator, input->name, input->type->name,
                     emit_inputs_count_rows(e->model, false), EMIT_REALISED_MOST);
}

/* The rate from each step on, in Hz. */
static enum status emit_rates(const struct emitted *e, struct error *err)
{
    const struct value *times = value_of(e->drive->input, "times");
    const struct value *rates = value_of(e->drive->input, "rates");
    uint64_t count = rates->given ? rates->count : 1;
    double *step = malloc(count * sizeof *step), *rate = malloc(count * sizeof *rate);
    for (uint64_t i = 0; step && rate && i < count; i++) {
        step[i] = rates->given ? (double)times->steps[i] : 0.0;
        rate[i] = rates->given ? rates->numbers[i]
                               : value_of(e->drive->input, "rate")->number.parameter[0];
    }
    if (!step || !rate) {
        free(step);
        free(rate);
        return error_no_memory(err, "to write the model out");
    }
    enum status status = emit_text_array(e->model, e->name, "steps", step, count, 0, err);
    if (!status)
        return emit_text_array(e->model, e->name, "rates", rate, count, 0, err);
    free(rate);
    return status;
}

static enum status emit_random(const struct emitted *e, struct error *err)
{
    enum status status = STATUS_OK;
    if (!generator_exists(e->drive->input))
        return cannot_draw(e, err);
    begin_entry(e);
    fprintf(e->model->out,
            "        \"kind\": \"%s\", \"start_step\": %" PRIu64 ", \"stop_step\": %" PRIu64 ",\n",
            e->drive->input->type->name, e->start, e->stop);
    if (e->drive->type->row == ROW_JUMPS)
        status = emit_rates(e, err);
    else
        fprintf(e->model->out, "        \"hold\": %" PRIu64 ",\n", e->drive->hold);
    if (!status)
        status = emit_scale(e, scale_of_row, err);
    fputs("    },\n", e->model->out);
    return status;
}

/* ---- the three lists --------------------------------------------------------------------------
 */
static bool draws(const struct emitted *e)
{
    return e->drive->has_row && e->stop > e->start;
}

uint64_t emit_inputs_count_rows(struct emit_model *model, bool fed)
{
    uint64_t count = 0;
    for (size_t p = 0; p < model->config->population_count; p++)
        for (size_t d = 0; d < model->drive_count[p]; d++) {
            struct emitted e = describe(model, "", p, d);
            uint64_t steps = e.stop - e.start;
            if (draws(&e) && e.drive->type->fed == fed)
                count += steps < UINT64_MAX / 1000 / targets(&e) ? steps * targets(&e)
                                                                 : UINT64_MAX / 1000;
        }
    return count;
}

static enum status emit_drawn(const struct emitted *e, struct error *err)
{
    if (!draws(e) || (e->model->random && !e->drive->type->fed))
        return STATUS_OK;
    return emit_realised(e, err);
}

static enum status emit_generated(const struct emitted *e, struct error *err)
{
    if (!draws(e) || !e->model->random || e->drive->type->fed)
        return STATUS_OK;
    return emit_random(e, err);
}

static enum status emit_list(struct emit_model *model, const char *list, const char *about,
                             enum status (*emit)(const struct emitted *e, struct error *err),
                             struct error *err)
{
    enum status status = STATUS_OK;
    fprintf(model->out, "\n%s%s = [\n", about, list);
    for (size_t p = 0; p < model->config->population_count; p++)
        for (size_t d = 0; d < model->drive_count[p] && !status; d++) {
            struct emitted e = describe(model, list, p, d);
            status = emit(&e, err);
        }
    fputs("]\n", model->out);
    return status;
}

enum status emit_inputs(struct emit_model *model, struct error *err)
{
    uint64_t drawn = emit_inputs_count_rows(model, false),
             read = emit_inputs_count_rows(model, true);
    if (read > EMIT_REALISED_MOST)
        return error_set(err, STATUS_CONFIG,
                         "--emit %s: inputs read %" PRIu64 " numbers from files (neurons times "
                         "steps), at most %d are written into a script; use fewer neurons or a "
                         "shorter duration (--set)",
                         model->simulator, read, EMIT_REALISED_MOST);
    model->random = drawn > 0 && (model->random || drawn + read > EMIT_REALISED_MOST);
    enum status status =
        emit_list(model, "CURRENTS",
                  "# currents: from each of the steps on scale times value (pA) into each target\n",
                  emit_current, err);
    if (!status)
        status = emit_list(model, "REALISED",
                           "# drawn or read by megalif: values[step][target], times scale a "
                           "current (pA) or a weight (mV, pA, nS)\n",
                           emit_drawn, err);
    if (!status)
        status =
            emit_list(model, "RANDOM",
                      "# to be drawn here: white noise of scale (pA), or Poisson events at the "
                      "rates (Hz), of weight\n# scale (mV, pA, nS)\n",
                      emit_generated, err);
    return status;
}
