/* megalif: what keeps a program from using a library with other structs than it was compiled for.
 * megalif.h includes this file. */
#ifndef MLIF_API
#include <megalif/megalif.h>
#elif !defined MEGALIF_LAYOUT_H
#define MEGALIF_LAYOUT_H

#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The sizes of the structs that callers of a simulation allocate or walk through, in one number. A
 * binding that mirrors them computes it from its own and puts it into options.layout. */
#define MLIF_LAYOUT                                                                                \
    (sizeof(struct mlif_report) + 3 * sizeof(struct mlif_population_report) +                      \
     5 * sizeof(struct mlif_projection_report) + 7 * sizeof(struct mlif_trace_report) +            \
     11 * sizeof(struct mlif_check_report) + 13 * sizeof(struct mlif_population_check) +           \
     17 * sizeof(struct mlif_projection_check) + 19 * sizeof(struct mlif_memory) +                 \
     23 * sizeof(struct mlif_messages) + 29 * sizeof(struct mlif_synapses) +                       \
     31 * sizeof(struct mlif_population_statistics))

/* All zero or NULL, which are the defaults, but `size` and `layout`; `config` or `config_text` is
 * the caller's to fill. Any thread. It stands here and not in the library so that it has the
 * caller's sizes: a library refuses with MLIF_CONFIG, and touches nothing else of the caller's but
 * `errors`, when `layout` is not its own, when `size` is 0 or that of no version, or when `size` is
 * larger than its own and what it does not know is not all 0. */
static inline struct mlif_options mlif_default_options(void)
{
    struct mlif_options options;
    memset(&options, 0, sizeof options);
    options.size = sizeof options;
    options.layout = MLIF_LAYOUT;
    return options;
}

/* The size of a struct of these headers in the library in use, by its name, such as "mlif_report";
 * 0: there is none of this name. For bindings, which compare. Any thread. */
MLIF_API size_t mlif_struct_size(const char *name);

#ifdef __cplusplus
}
#endif

#endif
