/* Runs a config given as text in memory, for tests that must read potentials. */
#ifndef MEGALIF_TESTS_SIMULATE_H
#define MEGALIF_TESTS_SIMULATE_H

#include "config/read.h"
#include "engine/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct simulation {
    struct config *config;
    struct engine *engine;
};

static inline void simulation_complain(const struct messages *messages, const struct error *err)
{
    for (size_t i = 0; i < messages->count; i++)
        print_error("%s\n", messages->line[i]);
    fail_msg("the simulation does not start: %s", err->text);
}

/* Fails the test on any error. */
static inline void simulation_open_with(struct simulation *s, const char *text,
                                        const struct engine_settings *settings)
{
    struct messages errors = {NULL, 0}, warnings = {NULL, 0};
    struct error err = {STATUS_OK, ""};
    memset(s, 0, sizeof *s);
    if (config_read_text(text, strlen(text), "test.ini", NULL, 0, &drive_config_types, &s->config,
                         &errors) ||
        engine_open(&s->engine, s->config, settings, &errors, &warnings, &err))
        simulation_complain(&errors, &err);
    messages_free(&errors);
    messages_free(&warnings);
}

/* The same with two threads, recording. block: steps between two looks at the potentials are a
 * multiple of it; 0: chosen by the engine. */
static inline void simulation_open(struct simulation *s, const char *text, size_t block)
{
    const struct engine_settings settings = {
        .isa = kernels_best_isa(), .threads = 2, .block = block, .record = true};
    simulation_open_with(s, text, &settings);
}

static inline void simulation_close(struct simulation *s)
{
    engine_close(s->engine);
    config_free(s->config);
}

static inline void simulation_advance(struct simulation *s, uint64_t steps)
{
    for (uint64_t done = 0; done < steps;)
        done += engine_advance(s->engine, steps - done);
}

/* Potentials (mV) of all neurons of a population. The caller frees them. */
static inline double *simulation_read_V(struct simulation *s, size_t population)
{
    const struct population *p = engine_population(s->engine, population);
    double *V = malloc(p->size * sizeof *V);
    assert_non_null(V);
    population_read_V(p, 0, p->size, V);
    return V;
}

#endif
