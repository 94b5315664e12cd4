/* The numbers that run and check take alike: threads, and what the environment says. */
#ifndef MEGALIF_CLI_NUMBERS_H
#define MEGALIF_CLI_NUMBERS_H

#include "cli/cli_options.h"

#include <megalif/megalif.h>

/* Sets threads from the text of --threads (NULL: not given), and from MEGALIF_ISA, MEGALIF_TILE and
 * MEGALIF_BLOCK, where they are set, the instruction set, tile and block. Returns CLI_GO_ON;
 * otherwise the exit code, after printing what is wrong. */
int cli_numbers_take(const struct cli_syntax *syntax, const char *threads,
                     struct mlif_options *options);

#endif
