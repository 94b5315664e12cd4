/* Who gets numbers from a file, an input or a population that is only a source: its keys, its
 * neurons, and what is to be said of it. */
#ifndef MEGALIF_FEED_OWNER_H
#define MEGALIF_FEED_OWNER_H

#include "config/config.h"

struct feed_owner {
    const struct config *config;
    char section[80]; /* "input.NAME", "population.NAME" */
    const struct key *keys;
    const struct value *value; /* of each key */
    size_t key_count;
    uint64_t start_step, stop_step; /* it acts in step k when start_step <= k < stop_step */
    uint64_t columns;               /* neurons that may get numbers of their own */
    bool spikes;                    /* the file holds spikes; else currents */
    bool source; /* a population, whose own spikes these are; else they arrive at neurons */
};

/* Of an input that is fed (drive/drive.h), and of a population whose model is. */
struct feed_owner feed_owner_of_input(const struct config *config, size_t input);
struct feed_owner feed_owner_of_population(const struct config *config, size_t population);

/* The value of a key; NULL when there is no such key or it was not given. */
const struct value *feed_owner_value(const struct feed_owner *owner, const char *key);
const char *feed_owner_text(const struct feed_owner *owner, const char *key);

/* A line "file:line: [section] file: TEXT". */
void feed_owner_tell(const struct feed_owner *owner, struct messages *to, const char *text);

#endif
