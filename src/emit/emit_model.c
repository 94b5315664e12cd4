/* The model as Python sees it: neurons and their parameters; emit_inputs.c adds the inputs. */
#include "emit/emit_model.h"

#include "emit/emit_inputs.h"
#include "emit/emit_sources.h"
#include "emit/emit_text.h"
#include "neuron/models.h"
#include "neuron/synapse.h"
#include "setup/setup.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define EMIT_APART 0.01

/* What a script is told of each neuron. */
enum fact { C_M, TAU_M, E_L, V_TH, V_RESET, T_REF_STEPS, I_E, V_M, V_MIN, FACTS };
static const char *const fact_names[FACTS] = {"C_m",         "tau_m", "E_L", "V_th", "V_reset",
                                              "t_ref_steps", "I_e",   "V_m", "V_min"};

static void read_facts(double *values[FACTS], const struct neuron_source *source, uint64_t id)
{
    struct neuron n;
    memset(&n, 0, sizeof n);
    neuron_draw(&n, source, id);
    values[C_M][id] = n.tau_m / n.resistance;
    values[TAU_M][id] = n.tau_m;
    values[E_L][id] = n.value[POPULATION_E_L];
    values[V_TH][id] = n.value[POPULATION_V_TH];
    values[V_RESET][id] = n.value[POPULATION_V_RESET];
    values[T_REF_STEPS][id] = (double)neuron_refractory_steps(&n, source);
    values[I_E][id] = n.value[POPULATION_I_E];
    values[V_M][id] = n.value[POPULATION_V_M];
    values[V_MIN][id] = n.value[POPULATION_V_MIN];
}

/* Keys of a model's own, whose names are NEST's. */
static enum status emit_own(struct emit_model *model, const struct neuron_source *source,
                            struct error *err)
{
    const struct population_config *p = source->population;
    const struct kernels *kernels = kernels_for(kernels_best_isa(), 64);
    enum status status = STATUS_OK;
    for (int key = POPULATION_KEYS; key < config_population_key_count(p) && !status; key++) {
        double *values = malloc(p->size * sizeof *values);
        if (!values)
            return error_no_memory(err, "to write the model out");
        neuron_read_key(values, p->size, source, key, 0, kernels);
        status = emit_text_values(model, p->name, config_population_key(p, key)->name, values,
                                  p->size, err);
    }
    return status;
}

/* Brian2's solution divides by the difference of two time constants. */
static enum status check_apart(const struct emit_model *model, const struct neuron_source *source,
                               struct error *err)
{
    const struct population_config *p = source->population;
    struct neuron n;
    if (strcmp(model->simulator, "brian2") != 0 || model->config->method == METHOD_EULER ||
        p->model->key_count == 0)
        return STATUS_OK;
    memset(&n, 0, sizeof n);
    for (uint64_t id = 0; id < p->size; id++) {
        neuron_draw(&n, source, id);
        for (int key = SYNAPSE_TAU_EX; key < SYNAPSE_KEYS; key++)
            if (fabs(n.value[key] / n.tau_m - 1.0) < EMIT_APART)
                return error_set(err, STATUS_CONFIG,
                                 "%s:%d: [population.%s] --emit brian2: %s of neuron %" PRIu64
                                 " is within 1 %% of tau_m, where Brian2's solution loses digits; "
                                 "take other values, or --emit nest",
                                 p->config->file, p->line, p->name,
                                 config_population_key(p, key)->name, id);
    }
    return STATUS_OK;
}

static enum status emit_population(struct emit_model *model, size_t index, struct error *err)
{
    const struct population_config *p = &model->config->population[index];
    struct neuron_source source;
    double *values[FACTS];
    enum status status = STATUS_OK;
    for (int f = 0; f < FACTS; f++)
        if (!(values[f] = malloc(p->size * sizeof **values)))
            status = error_no_memory(err, "to write the model out");
    neuron_source_init(&source, model->config, index);
    for (uint64_t id = 0; !status && id < p->size; id++)
        read_facts(values, &source, id);
    fprintf(model->out,
            "    \"%s\": {\n        \"model\": \"%s\",\n        \"size\": %" PRIu64 ",\n", p->name,
            p->model->also ? p->model->also : p->model->name, p->size);
    for (int f = 0; f < FACTS; f++) {
        if (status || (f == V_MIN && !p->value[POPULATION_V_MIN].present)) {
            free(values[f]);
            continue;
        }
        status = emit_text_values(model, p->name, fact_names[f], values[f], p->size, err);
    }
    if (!status)
        status = check_apart(model, &source, err);
    if (!status)
        status = emit_own(model, &source, err);
    fputs("    },\n", model->out);
    return status;
}

/* What a population keeps for a drive whose rows differ between neurons. */
static enum status draw_values(struct drive *drive, uint64_t size, struct error *err)
{
    double value[INPUT_KEYS_MOST];
    drive->value = calloc(size + TILE_ALIGN, sizeof *drive->value);
    if (!drive->value)
        return error_no_memory(err, "to write the model out");
    bool shared = drive->cells > 0; /* rows are made by cell */
    for (uint64_t id = shared ? 0 : drive->begin; id < (shared ? size : drive->end); id++) {
        input_draw(value, &drive->source, id);
        for (size_t k = 0; k < drive->input->type->key_count; k++)
            if (drive->source.drawn & drive->type->fill_keys & 1u << k)
                drive->value[id] = value[k];
    }
    return STATUS_OK;
}

static enum status open_drives(struct emit_model *model, struct error *err)
{
    size_t count = model->config->population_count;
    enum status status = STATUS_OK;
    model->drives = calloc(count, sizeof(struct drive *));
    model->drive_count = calloc(count, sizeof *model->drive_count);
    if (!model->drives || !model->drive_count)
        return error_no_memory(err, "to write the model out");
    for (size_t i = 0; i < count && !status; i++) {
        status = drives_open(&model->drives[i], &model->drive_count[i], model->config, i,
                             feed_rows_list(model->rows), err);
        for (size_t d = 0; d < model->drive_count[i] && !status; d++)
            if (drive_needs_values(&model->drives[i][d]))
                status = draw_values(&model->drives[i][d], model->config->population[i].size, err);
    }
    return status;
}

/* NEST has a lower bound of V in two of the models. */
static enum status check_floor(const struct population_config *p, const char *simulator,
                               struct error *err)
{
    const struct model *model = model_of(p);
    if (strcmp(simulator, "nest") != 0 || !p->value[POPULATION_V_MIN].present ||
        model == &model_lif || model == &model_iaf_psc_alpha)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "%s:%d: [population.%s] --emit nest: NEST's %s has no V_min; leave it out, or "
                     "use model = lif or iaf_psc_alpha",
                     p->config->file, p->line, p->name, p->model->name);
}

/* Brian2 solves what is linear exactly. */
static enum status check_model(const struct population_config *p, const char *simulator,
                               struct error *err)
{
    const struct model *model = model_of(p);
    if (strcmp(simulator, "brian2") != 0 || p->model->source_only || model == &model_lif ||
        model == &model_iaf_psc_exp || model == &model_iaf_psc_alpha)
        return check_floor(p, simulator, err);
    return error_set(err, STATUS_CONFIG,
                     "%s:%d: [population.%s] --emit brian2: model = %s cannot be written out for "
                     "Brian2, which has no exact solution of it; take --emit nest",
                     p->config->file, p->line, p->name, p->model->name);
}

enum status emit_model_possible(const struct config *config, const char *simulator,
                                struct error *err)
{
    uint64_t neurons = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < config->population_count && !status; i++)
        status = check_model(&config->population[i], simulator, err);
    if (status)
        return status;
    if (config->method == METHOD_EULER && strcmp(simulator, "nest") == 0)
        return error_set(err, STATUS_CONFIG,
                         "--emit nest: NEST's neuron has no forward Euler; take method = exact "
                         "(--set simulation.method=exact), or --emit brian2");
    for (size_t i = 0; i < config->population_count; i++)
        if (config->population[i].value[POPULATION_CROSSING].integer == CROSSING_BRIDGE)
            return error_set(err, STATUS_CONFIG,
                             "--emit %s: crossing = bridge has no counterpart there; take grid "
                             "(--set population.%s.crossing=grid)",
                             simulator, config->population[i].name);
    for (size_t i = 0; i < config->population_count; i++)
        neurons += config->population[i].size;
    if (neurons <= EMIT_NEURONS_MOST)
        return STATUS_OK;
    return error_set(err, STATUS_CONFIG,
                     "--emit %s: %" PRIu64
                     " neurons are more than such a script can hold (%d); try fewer, with "
                     "--set population.%s.size=1000",
                     simulator, neurons, EMIT_NEURONS_MOST, config->population[0].name);
}

enum status emit_model_open(struct emit_model *model, const struct setup *setup,
                            const char *simulator, bool random, struct error *err)
{
    const struct config *config = setup->config;
    *model = (struct emit_model){
        .config = config, .simulator = simulator, .rows = setup->rows, .random = random};
    enum status status = open_drives(model, err);
    if (!status && !(model->out = open_memstream(&model->text, &model->length)))
        status = error_no_memory(err, "to write the model out");
    if (status)
        return status;
    fputs("# of each population: numbers that hold for all its neurons, or one for each\n"
          "CELLS = {\n",
          model->out);
    for (size_t i = 0; i < config->population_count && !status; i++)
        if (!config->population[i].model->source_only)
            status = emit_population(model, i, err);
    fputs("}\n", model->out);
    if (!status)
        status = emit_sources(model, err);
    if (!status)
        status = emit_inputs(model, err);
    if (fflush(model->out) != 0 && !status)
        status = error_no_memory(err, "to write the model out");
    return status;
}

void emit_model_close(struct emit_model *model)
{
    if (model->out)
        fclose(model->out);
    free(model->text);
    for (size_t i = 0; i < model->array_count; i++) {
        free(model->array[i].name);
        free((double *)model->array[i].values);
    }
    free(model->array);
    for (size_t i = 0; model->drives && model->drive_count && i < model->config->population_count;
         i++) {
        for (size_t d = 0; d < model->drive_count[i]; d++)
            free(model->drives[i][d].value);
        drives_close(model->drives[i], model->drive_count[i]);
    }
    free(model->drives);
    free(model->drive_count);
}
