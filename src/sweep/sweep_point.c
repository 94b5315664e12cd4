/* The sweep's config with the overrides that make a point. */
#include "sweep/sweep_point.h"

#include "config/read.h"
#include "config/sweep_points.h"
#include "drive/drive.h"

#include <stdlib.h>

struct config *sweep_point_config(const struct sweep_run *s, size_t point)
{
    size_t sets = config_sweep_set_count(s->sweep), count = s->override_count;
    const char **overrides = calloc(count + sets, sizeof *overrides);
    struct config *config = NULL;
    struct messages ignored = {NULL, 0};
    bool good = overrides != NULL;
    for (size_t i = 0; overrides && i < count + sets; i++) {
        overrides[i] = i < count ? s->overrides[i] : config_sweep_set(s->sweep, point, i - count);
        good &= overrides[i] != NULL;
    }
    if (good)
        config_read(s->config, overrides, count + sets, &drive_config_types, &config, &ignored);
    for (size_t i = count; overrides && i < count + sets; i++)
        free((char *)overrides[i]);
    free(overrides);
    messages_free(&ignored);
    return config;
}
