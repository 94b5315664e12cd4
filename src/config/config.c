/* What several rooms ask of a config that has been read: steps, words, places for messages. */
#include "config/config.h"

#include "config/report.h"

#include <math.h>
#include <string.h>

uint64_t config_steps_of_1_ms(const struct config *config)
{
    double steps = floor(1.0 / config->dt_ms + 0.5);
    return steps >= 1.0 ? (uint64_t)steps : 1;
}

const char *record_what_name(enum record_what what)
{
    static const char *const names[] = {"spikes", "counts", "V_m", "I", "jumps", "rate"};
    return names[what];
}

const char *config_where(const struct config *config, const char *section, const char *key,
                         const struct value *value, char *buffer, size_t size)
{
    struct place place = {.line = value->line,
                          .section = section,
                          .key = key,
                          .fallback = !value->given,
                          .override = value->given && value->line == 0};
    return config_place_format(strcmp(config->file, "-") == 0 ? "stdin" : config->file, &place,
                               buffer, size);
}
