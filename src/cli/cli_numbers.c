/* Threads, tile, block and instruction set, by option and environment. */
#include "cli/cli_numbers.h"

#include <stdlib.h>

enum { TILE_GIVEN_MOST = 32768, BLOCK_GIVEN_MOST = 65536 }; /* as megalif.h says */

/* A whole number from a text that may be missing; false, with a message, when it is none. */
static bool take_count(const struct cli_syntax *syntax, const char *text, const char *name,
                       uint64_t most, uint64_t *count)
{
    if (!text || cli_options_count(text, 1, most, count))
        return true;
    cli_options_error(syntax, "%s takes a whole number from 1 to %llu, not %s", name,
                      (unsigned long long)most, text);
    return false;
}

/* The environment's are for tests and measurements: docs/performance.md. */
int cli_numbers_take(const struct cli_syntax *syntax, const char *threads,
                     struct mlif_options *options)
{
    uint64_t asked = 0, tile = 0, block = 0;
    if (!take_count(syntax, threads, "--threads", 4096, &asked) ||
        !take_count(syntax, getenv("MEGALIF_TILE"), "MEGALIF_TILE", TILE_GIVEN_MOST, &tile) ||
        !take_count(syntax, getenv("MEGALIF_BLOCK"), "MEGALIF_BLOCK", BLOCK_GIVEN_MOST, &block))
        return MLIF_CONFIG;
    options->isa = getenv("MEGALIF_ISA");
    options->threads = (int)asked;
    options->tile = (size_t)tile;
    options->block = (size_t)block;
    return CLI_GO_ON;
}
