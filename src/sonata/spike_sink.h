/* Where converted spikes go, the counterpart of spike_source.h: a SONATA spike file, or a CSV file
 * with the columns population, timestamps (ms, in the fewest digits that read back to the same
 * double) and node_ids. Both are written as PATH.part, synced, and renamed. One thread at a time
 * uses a sink. */
#ifndef MEGALIF_SPIKE_SINK_H
#define MEGALIF_SPIKE_SINK_H

#include "base/error.h"
#include "sonata/spike_source.h"

#include <stdbool.h>
#include <stddef.h>

struct spike_sink_settings {
    const char *path;
    bool csv;
    bool force;   /* replaces an existing file */
    bool deflate; /* SONATA: compressed, else stored */
    const char *const *population;
    size_t population_count;
    const struct raster_reader *beside; /* SONATA: its /megalif goes over, too; NULL: none */
};

struct spike_sink;

/* Could the file be created? Creates nothing; names are not looked at. */
enum status spike_sink_check(const struct spike_sink_settings *settings, struct error *err);

/* STATUS_OUTPUT when a name cannot stand in such a file, or the file exists (without force) or
 * cannot be created. The settings' texts must outlive the sink. */
enum status spike_sink_create(struct spike_sink **out, const struct spike_sink_settings *settings,
                              struct error *err);

/* Appends spikes to a population, sorted by time; one population after the other. */
enum status spike_sink_put(struct spike_sink *sink, size_t population, const struct spike *spikes,
                           size_t count, struct error *err);

/* Gives the file its name and frees the sink; on error, too, and then no file is left (but where
 * another file has taken the name meanwhile, see output_path.h). */
enum status spike_sink_finish(struct spike_sink *sink, struct error *err);

/* Removes the temporary file and frees the sink; NULL is fine. */
void spike_sink_abandon(struct spike_sink *sink);

#endif
