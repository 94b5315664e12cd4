/* What the tests of acting on a simulation share. Define _GNU_SOURCE before any header. */
#ifndef MEGALIF_TESTS_STEPWISE_HELPERS_H
#define MEGALIF_TESTS_STEPWISE_HELPERS_H

#include "library_helpers.h"
#include "raster_helpers.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static inline struct mlif_simulation *open_text(const char *text, struct mlif_options *options)
{
    struct mlif_simulation *s;
    struct mlif_messages errors = {NULL, 0};
    options->config_text = text;
    if (mlif_open(&s, options, &errors, NULL) != MLIF_OK)
        fail_msg("%s", errors.count > 0 ? errors.line[0] : "no message");
    return s;
}

/* A call has refused: with MLIF_CONFIG and one line that says why. */
static inline void assert_refused(enum mlif_status status, struct mlif_messages *errors,
                                  const char *why)
{
    assert_int_equal(status, MLIF_CONFIG);
    assert_int_equal(errors->count, 1);
    if (!strstr(errors->line[0], why))
        fail_msg("%s", errors->line[0]);
    mlif_messages_free(errors);
}

static inline int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info, (void)type, (void)place;
    return remove(path);
}

/* With all that checkpoints have left there. */
static inline void remove_folder(const struct place *place)
{
    nftw(place->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
