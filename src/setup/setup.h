/* What a run is told: a config that has been read, with the choices that do not belong to the
 * model. */
#ifndef MEGALIF_SETUP_H
#define MEGALIF_SETUP_H

#include "engine/engine.h"
#include "setup/feed_rows.h"
#include "setup/setup_edges.h"
#include "setup/setup_files.h"
#include "setup/setup_values.h"

#include <megalif/megalif.h>

/* What a config given as text is called in messages when it has no name. */
#define SETUP_TEXT_NAME "config.ini"

struct setup {
    struct config *config;
    struct engine_settings settings;
    struct setup_files files;   /* that the config reads */
    struct setup_values values; /* parameters from files; the config points to these */
    struct setup_edges edges;   /* synapses from files; likewise */
    struct feed_rows *rows;     /* what inputs get from files; NULL: nothing */
    char *output;               /* final path; NULL: no file is written */
    char *shared_output;        /* of a rank that writes none: the path that rank 0 writes to */
    bool raster;                /* the file holds spikes */
    bool force;
    bool calls_back; /* spikes go to a callback */
    char *command_line;
    int ranks_here; /* ranks on this machine, which share its memory; 0: one process */

    bool checkpoint;      /* the run has checkpoints */
    bool resume;          /* the run goes on from its last checkpoint, if there is one */
    double max_wall_s;    /* the run stops before so many seconds are over; 0: never */
    char *resume_command; /* what a user types to go on, for messages */
};

/* Reads the config and settles threads, instruction set and output; keeps no pointer of options.
 * Adds to warnings, and to errors with STATUS_CONFIG, STATUS_OUTPUT or STATUS_MEMORY. setup_close
 * frees the setup, also after an error. */
enum status setup_open(struct setup *setup, const struct mlif_options *options,
                       struct messages *errors, struct messages *warnings);
void setup_close(struct setup *setup);

#endif
