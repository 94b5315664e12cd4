/* Where `megalif connections` puts synapses: a SONATA edges file, a table of text, or nowhere. */
#ifndef MEGALIF_CONNECTIONS_SINK_H
#define MEGALIF_CONNECTIONS_SINK_H

#include "net/connections.h"
#include "setup/setup.h"

#include <stdbool.h>

struct connections_sink;

/* path: NULL writes nothing; "-" and names that end with .csv are text, else SONATA. */
enum status connections_sink_open(struct connections_sink **out, const char *path, bool force,
                                  const struct setup *setup, struct error *err);

/* Is the path one of text, which holds one projection? */
bool connections_sink_is_text(const char *path);

/* A list of synapses begins, and ends. */
enum status connections_sink_begin(struct connections_sink *sink,
                                   const struct connections_choice *choice, struct error *err);
enum status connections_sink_put(struct connections_sink *sink,
                                 const struct connections_piece *piece, struct error *err);
enum status connections_sink_end(struct connections_sink *sink, struct error *err);

/* Gives the file its name, with the digest of all that is in it, and frees the sink; with a status
 * nothing is left. Returns the status, or what failed here. */
enum status connections_sink_close(struct connections_sink *sink, const char *digest,
                                   enum status status, struct error *err);

#endif
