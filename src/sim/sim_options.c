#include "sim/sim_options.h"

#include "base/version.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* The options that the first version with a size had. */
#define OPTIONS_LEAST                                                                              \
    (offsetof(struct mlif_options, resume_command) +                                               \
     sizeof(((struct mlif_options *)0)->resume_command))

static enum status refuse(struct error *err, const char *what, size_t theirs, size_t ours)
{
    return error_set(err, STATUS_CONFIG,
                     "the program's structs are not those of this library, version %s: %s is %zu, "
                     "not %zu; compile it again, or start from mlif_default_options()",
                     version_number(), what, theirs, ours);
}

/* What the library does not know must ask for nothing. */
static bool asks_for_more(const struct mlif_options *given)
{
    const char *bytes = (const char *)given;
    for (size_t i = sizeof *given; i < given->size; i++)
        if (bytes[i] != 0)
            return true;
    return false;
}

enum status sim_options_take(struct mlif_options *own, const struct mlif_options *given,
                             struct error *err)
{
    if (given->size < OPTIONS_LEAST)
        return refuse(err, "options.size", given->size, sizeof *own);
    if (given->layout != MLIF_LAYOUT)
        return refuse(err, "options.layout", given->layout, MLIF_LAYOUT);
    if (asks_for_more(given))
        return refuse(err, "options.size, with options that it does not know,", given->size,
                      sizeof *own);
    memset(own, 0, sizeof *own);
    memcpy(own, given, given->size < sizeof *own ? given->size : sizeof *own);
    own->size = sizeof *own;
    return STATUS_OK;
}

#define STRUCT(name)                                                                               \
    {                                                                                              \
#name, sizeof(struct name)                                                                 \
    }
static const struct {
    const char *name;
    size_t size;
} structs[] = {
    STRUCT(mlif_options),
    STRUCT(mlif_progress),
    STRUCT(mlif_population_progress),
    STRUCT(mlif_spikes),
    STRUCT(mlif_trace),
    STRUCT(mlif_report),
    STRUCT(mlif_population_report),
    STRUCT(mlif_projection_report),
    STRUCT(mlif_trace_report),
    STRUCT(mlif_check_report),
    STRUCT(mlif_population_check),
    STRUCT(mlif_projection_check),
    STRUCT(mlif_memory),
    STRUCT(mlif_messages),
    STRUCT(mlif_synapses),
    STRUCT(mlif_population_statistics),
    STRUCT(mlif_digest_report),
    STRUCT(mlif_comparison),
    STRUCT(mlif_compared_population),
};

size_t mlif_struct_size(const char *name)
{
    for (size_t i = 0; i < sizeof structs / sizeof *structs; i++)
        if (strcmp(structs[i].name, name) == 0)
            return structs[i].size;
    return 0;
}
