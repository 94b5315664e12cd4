/* What theory says of a population's rate, where it is known: constant currents, and white noise.
 */
#ifndef MEGALIF_PLOT_THEORY_H
#define MEGALIF_PLOT_THEORY_H

#include "config/config.h"
#include "neuron/neuron_draw.h"

/* A population under constant currents and white noise that act all the time. */
struct plot_theory {
    bool steady; /* its mean current is known: plot_theory_current */
    bool known;  /* the neurons differ in nothing else: plot_theory_rate */
    const struct config *config;
    size_t population;
    struct neuron_source source;
    struct neuron neuron; /* one of them */
    bool bridge;          /* crossings within a step are drawn, too */
    double sigma;         /* mV: standard deviation of the free potential */
};

/* Keeps config, which must outlive the theory; there is nothing to free. */
void plot_theory_open(struct plot_theory *theory, const struct config *config, size_t population);

/* The mean current into a neuron in pA: I_e and all inputs. */
double plot_theory_current(const struct plot_theory *theory, uint64_t id);

/* All neurons have the same mean current. */
bool plot_theory_uniform(const struct plot_theory *theory);

/* The stationary rate in Hz under a mean current in pA. Without noise
 *   1 / (t_ref + tau_m ln((V_inf - V_reset) / (V_inf - V_th))),
 * with noise Siegert's (1951; Brunel 2000). Spikes come at the end of a step, dt / 2 late on
 * average, which is added to the interval, but not for noise whose crossings are looked for on the
 * grid of steps only: the grid misses many more crossings (plot_theory_has_grid). */
double plot_theory_rate(const struct plot_theory *theory, double current);

/* Whether steps change the rate otherwise than by dt / 2: noise with crossing = grid. The threshold
 * then acts as if it were higher by 0.5826 sigma_V sqrt(2 dt / tau_m); the rate for that one. */
bool plot_theory_has_grid(const struct plot_theory *theory);
double plot_theory_grid_rate(const struct plot_theory *theory, double current);

/* The rate that runs at dt should have: plot_theory_grid_rate where there is a grid. */
double plot_theory_nearest(const struct plot_theory *theory, double current);

/* "Siegert" or "closed form". */
const char *plot_theory_name(const struct plot_theory *theory);

struct plot_theory_rates {
    double rate, grid; /* grid NaN: plot_theory_has_grid is false */
    const char *name;
};

/* Both rates of a population in a config's text with one key set anew, "SECTION.KEY=VALUE"; false
 * where theory is not known, or the value not allowed. */
bool plot_theory_of_text(const char *config, const char *set, const char *population,
                         struct plot_theory_rates *rates);

#endif
