/* Collects what is wrong with a config, to be told in one go, sorted by line. */
#ifndef MEGALIF_CONFIG_REPORT_H
#define MEGALIF_CONFIG_REPORT_H

#include "base/error.h"
#include "config/store.h"

/* Where in the config something stands. */
struct place {
    int line;            /* 1-based, of the key or else of its section; 0: none */
    const char *section; /* may be NULL */
    const char *key;     /* may be NULL */
    bool fallback;       /* not written: the key's default */
    bool override;       /* came by --set */
    bool vary;           /* came by --vary */
};

struct problem {
    int line;
    size_t order;
    char *text;
    struct message_place place;
};

struct report {
    const char *file;
    struct store *store;
    struct problem *problem;
    size_t count;
};

/* "file:line: [section] key" or "--set section.key", cut to size; returns buffer. */
const char *config_place_format(const char *file, const struct place *place, char *buffer,
                                size_t size);

/* Adds "place: text", formatted at once: the arguments need not live on. */
void config_report(struct report *report, const struct place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Appends all problems to messages: those without a line first, then by line, then as they came. */
void config_report_emit(struct report *report, struct messages *messages);

/* A short form of text for messages: at most 60 bytes, then "..."; buffer: >= 64 bytes. */
const char *config_quote(const char *text, size_t length, char *buffer);

#endif
