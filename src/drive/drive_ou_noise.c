/* ou_noise: a current mean + x that fluctuates with a time constant (Ornstein and Uhlenbeck 1930),
 * held in each step:
 *   x_0 = std xi at the input's start (stationary),  x_k = Q x_(k-1) + std sqrt(1 - Q^2) xi_k,
 * Q = exp(-dt / tau): exact for any dt. It runs on while neurons are refractory.
 * The state is z = x / (std sqrt(1 - Q^2)), which is z_k = Q z_(k-1) + xi_k. Stationary variance of
 * the free V: R^2 std^2 tanh(dt / (2 tau_m)) coth(dt/2 (1/tau_m + 1/tau)). */
#include "drive/drive.h"

#include "config/read_input.h"

#include <math.h>

enum { MEAN, STD, TAU, CORRELATION, COMMON, KEYS };

static const struct key keys[KEYS] = {
    [MEAN] = {.name = "mean",
              .kind = VALUE_DISTRIBUTION,
              .dimension = DIMENSION_CURRENT,
              .fallback = "0 pA",
              .least = -1e9,
              .most = 1e9,
              .help = "mean current"},
    [STD] = {.name = "std",
             .kind = VALUE_DISTRIBUTION,
             .dimension = DIMENSION_CURRENT,
             .required = true,
             .least = 0,
             .most = 1e9,
             .help = "standard deviation of the current"},
    [TAU] = {.name = "tau",
             .kind = VALUE_NUMBER,
             .dimension = DIMENSION_TIME,
             .required = true,
             .least = 1e-3,
             .most = 1e9,
             .help = "time constant of the current's autocorrelation"},
    [CORRELATION] = {.name = "correlation",
                     .kind = VALUE_NUMBER,
                     .fallback = "0",
                     .least = 0,
                     .most = 1,
                     .help = "correlation of the noise of any two neurons, 0 to 1"},
    [COMMON] = {.name = "common",
                .kind = VALUE_WORD,
                .fallback = "none",
                .words = "none|copies",
                .help = "who shares random numbers: none, or copies: all copies of a cell"},
};

/* Of x over a step. */
static struct membrane_step step_of(const struct input_config *input)
{
    const struct config *config = input->config;
    return membrane_step_of(config->method, config->dt_ms, input->value[TAU].number.parameter[0]);
}

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    const struct config *config = input->config;
    if (input->value[COMMON].integer && !config_targets_copies(input))
        report(context, COMMON, DRIVE_NO_COPIES);
    if (config->method == METHOD_EULER && input->value[TAU].number.parameter[0] < config->dt_ms)
        report(context, TAU, "is below dt, which method = euler cannot follow; choose it longer");
}

static bool is_zero(const struct distribution *number)
{
    return number->kind == DISTRIBUTION_CONSTANT && fpclassify(number->parameter[0]) == FP_ZERO;
}

static enum status open(struct drive *drive, struct error *err)
{
    const struct input_config *input = drive->input;
    (void)err;
    drive->has_current = !is_zero(&input->value[MEAN].number);
    drive->has_row = !is_zero(&input->value[STD].number);
    drive->independent = !(input->value[CORRELATION].number.parameter[0] > 0.0);
    drive->forgets = step_of(input).decay;
    drive->fresh = sqrt(step_of(input).forgotten);
    drive->first = 1.0 / drive->fresh;
    return STATUS_OK;
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    (void)step;
    *until = VALUE_FOREVER;
    return drive_factor(drive, MEAN);
}

static double coefficient(const struct drive *drive, const struct neuron *neuron,
                          const double *value)
{
    return neuron->resistance * neuron->step.decay * value[STD] * drive->fresh;
}

static void fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    drive_fill_normals(drive, drive->input->value[CORRELATION].number.parameter[0], kernels, row,
                       count, step, first_id);
}

const struct drive_type drive_ou_noise = {
    .input = {"ou_noise", "a fluctuating current with a time constant", keys, KEYS, check, NULL},
    .row = ROW_NOISE,
    .remembers = true,
    .current_keys = 1u << MEAN,
    .row_keys = 1u << STD,
    .common_keys = 1u << COMMON,
    .open = open,
    .current = current,
    .coefficient = coefficient,
    .fill = fill,
};
