/* white_noise: a standard normal xi per neuron and step, held for `hold`; NEST's noise_generator.
 *   std (pA):            dV = R (1 - P) std xi;  Var V = (R std)^2 tanh(dt / (2 tau_m))
 *   sigma_V (mV):        dV = sigma_V sqrt(1 - P^2) xi;  Var V = sigma_V^2
 *   sigma_I (pA ms^1/2): dV = (sigma_I / C) sqrt(tau_m (1 - P^2) / 2) xi;
 *                        Var V = (sigma_I / C)^2 tau_m / 2
 * (variances of the free, stationary V for hold = dt). A mean (pA) acts as a current, mean_V (mV)
 * as one that moves E_L. */
#include "drive/drive.h"

#include "config/read_input.h"

#include <math.h>

enum { MEAN, MEAN_V, STD, SIGMA_V, SIGMA_I, HOLD, CORRELATION, COMMON, KEYS };

static const struct key keys[KEYS] = {
    [MEAN] = {.name = "mean",
              .kind = VALUE_DISTRIBUTION,
              .dimension = DIMENSION_CURRENT,
              .least = -1e9,
              .most = 1e9,
              .help = "mean current (or give mean_V)"},
    [MEAN_V] = {.name = "mean_V",
                .kind = VALUE_DISTRIBUTION,
                .dimension = DIMENSION_VOLTAGE,
                .least = -1e6,
                .most = 1e6,
                .help = "mean of the free potential above E_L (or give mean)"},
    [STD] = {.name = "std",
             .kind = VALUE_DISTRIBUTION,
             .dimension = DIMENSION_CURRENT,
             .least = 0,
             .most = 1e9,
             .help = "standard deviation of the current in a step (or give sigma_V or sigma_I)"},
    [SIGMA_V] = {.name = "sigma_V",
                 .kind = VALUE_DISTRIBUTION,
                 .dimension = DIMENSION_VOLTAGE,
                 .least = 0,
                 .most = 1e6,
                 .help = "standard deviation of the free potential (or give std or sigma_I)"},
    [SIGMA_I] = {.name = "sigma_I",
                 .kind = VALUE_DISTRIBUTION,
                 .dimension = DIMENSION_NOISE,
                 .least = 0,
                 .most = 1e9,
                 .help = "strength of a white current, the same for all cells (or give std or "
                         "sigma_V)"},
    [HOLD] = {.name = "hold",
              .kind = VALUE_TIME,
              .dimension = DIMENSION_TIME,
              .least = 0,
              .most = 1e12,
              .positive = true,
              .help = "how long each random number is held (with std); default dt"},
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

static void check(const struct input_config *input,
                  void (*report)(void *context, int key, const char *text), void *context)
{
    const struct value *v = input->value;
    if (v[MEAN].given && v[MEAN_V].given)
        report(context, MEAN_V, "excludes mean; give one of the two");
    if (v[STD].given && v[SIGMA_V].given)
        report(context, SIGMA_V, "excludes std; give one of the two");
    if (v[SIGMA_I].given && (v[STD].given || v[SIGMA_V].given))
        report(context, SIGMA_I, "excludes std and sigma_V; give one of the three");
    if (!v[STD].given && !v[SIGMA_V].given && !v[SIGMA_I].given)
        report(context, -1, "has no strength; give std (pA), sigma_V (mV) or sigma_I (pA ms^1/2)");
    if (v[COMMON].integer && !config_targets_copies(input))
        report(context, COMMON, DRIVE_NO_COPIES);
    if (v[HOLD].given && !v[STD].given)
        report(context, HOLD, "goes with std only; leave it out, or give std for the strength");
}

static enum status open(struct drive *drive, struct error *err)
{
    const struct value *v = drive->input->value;
    (void)err;
    drive->has_current = v[MEAN].given || v[MEAN_V].given;
    drive->potential = v[MEAN_V].given;
    drive->hold = v[HOLD].given ? v[HOLD].integer : 1;
    drive->independent = !(v[CORRELATION].number.parameter[0] > 0.0);
    return STATUS_OK;
}

static bool diffuses(const struct input_config *input)
{
    return !input->value[HOLD].given || input->value[HOLD].integer == 1;
}

static double current(const struct drive *drive, uint64_t step, uint64_t *until)
{
    (void)step;
    *until = VALUE_FOREVER;
    return drive_factor(drive, drive->potential ? MEAN_V : MEAN);
}

static double coefficient(const struct drive *drive, const struct neuron *neuron,
                          const double *value)
{
    const struct value *v = drive->input->value;
    if (v[STD].given)
        return neuron->resistance * neuron->step.decay * value[STD];
    double forgotten = neuron->step.forgotten;
    if (v[SIGMA_V].given)
        return value[SIGMA_V] * sqrt(forgotten);
    double per_C = value[SIGMA_I] * neuron->resistance / neuron->tau_m;
    return per_C * sqrt(0.5 * neuron->tau_m * forgotten);
}

static void fill(const struct drive *drive, const struct kernels *kernels, void *row, size_t count,
                 uint64_t step, uint64_t first_id)
{
    drive_fill_normals(drive, drive->input->value[CORRELATION].number.parameter[0], kernels, row,
                       count, step - step % drive->hold, first_id);
}

const struct drive_type drive_white_noise = {
    .input = {"white_noise", "an independent normal number per neuron and step", keys, KEYS, check,
              NULL},
    .row = ROW_NOISE,
    .current_keys = 1u << MEAN | 1u << MEAN_V,
    .row_keys = 1u << STD | 1u << SIGMA_V | 1u << SIGMA_I,
    .common_keys = 1u << COMMON,
    .diffuses = diffuses,
    .open = open,
    .current = current,
    .coefficient = coefficient,
    .fill = fill,
};
