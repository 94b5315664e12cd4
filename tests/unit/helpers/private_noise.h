/* Private noise is private: the mean V of N neurons without threshold varies over time as it should
 * if they had nothing in common. Shared by a short and a long test. */
#ifndef MEGALIF_TESTS_PRIVATE_NOISE_H
#define MEGALIF_TESTS_PRIVATE_NOISE_H

#include "simulate.h"

#include <math.h>

/* tau_m is two steps, so that looks 16 steps apart are independent (correlation e^-8). */
#define PRIVATE_POPULATION                                                                         \
    "[population.%s]\nsize = %zu\ntau_m = 0.2 ms\nC_m = 250 pF\nE_L = -65 mV\nV_th = 1000 mV\n"    \
    "V_reset = -65 mV\n"
enum { PRIVATE_STEPS = 16, PRIVATE_POPULATIONS = 3 };

static inline void private_config(char *text, size_t size, size_t neurons)
{
    snprintf(text, size,
             "[simulation]\ndt = 0.1 ms\nduration = 10 s\nseed = 42\n" PRIVATE_POPULATION
                 PRIVATE_POPULATION PRIVATE_POPULATION
             "[input.white]\ntarget = white\ntype = white_noise\nsigma_V = 3 mV\n"
             "[input.held]\ntarget = held\ntype = white_noise\nstd = 3000 pA\nhold = 0.4 ms\n"
             "[input.events]\ntarget = events\ntype = poisson\nrate = 10 kHz\nweight = 2 mV\n",
             "white", neurons, "held", neurons, "events", neurons);
}

/* Stationary variances; the held one at the end of a hold. */
static inline double private_variance(size_t population)
{
    const double P = exp(-0.5), R = 0.2 / 250;
    const double variance[PRIVATE_POPULATIONS] = {9, R * 3000 * R * 3000 * tanh(0.4 / (2 * 0.2)),
                                                  1.0 * 2 * 2 / (1 - P * P)};
    return variance[population];
}

/* Straight from the state (single precision), u = V - V_th: this is most of the test's time. */
static inline double mean_u(struct simulation *s, size_t population)
{
    const struct population *p = engine_population(s->engine, population);
    const float *u = p->state[MODEL_U];
    double sum = 0;
    assert_int_equal(p->real_bytes, sizeof(float));
    for (uint64_t i = 0; i < p->size; i++)
        sum += (double)u[i];
    return sum / (double)p->size;
}

/* Tolerance: 5 standard errors of a variance from `looks` independent normal numbers. */
static inline void check_variance_of_mean(size_t neurons, int looks)
{
    char text[2048];
    struct simulation s;
    double first[PRIVATE_POPULATIONS], one[PRIVATE_POPULATIONS] = {0},
                                       two[PRIVATE_POPULATIONS] = {0};
    private_config(text, sizeof text, neurons);
    simulation_open(&s, text, 0);
    simulation_advance(&s, 3 * PRIVATE_STEPS);
    for (int i = 0; i < looks; i++) {
        simulation_advance(&s, PRIVATE_STEPS);
        for (size_t p = 0; p < PRIVATE_POPULATIONS; p++) {
            double mean = mean_u(&s, p);
            first[p] = i == 0 ? mean : first[p];
            one[p] += mean - first[p];
            two[p] += (mean - first[p]) * (mean - first[p]);
        }
    }
    simulation_close(&s);
    for (size_t p = 0; p < PRIVATE_POPULATIONS; p++) {
        double n = looks, variance = (two[p] - one[p] * one[p] / n) / (n - 1);
        double expected = private_variance(p) / (double)neurons;
        double deviation = (variance / expected - 1) / sqrt(2 / (n - 1));
        print_message("population %zu: variance of the mean %.5g mV^2, expected %.5g, %+.2f se\n",
                      p, variance, expected, deviation);
        assert_true(fabs(deviation) < 5);
    }
}

#endif
