/* Errors as values: the library never prints, exits or aborts; it returns a status and fills an
 * error. */
#ifndef MEGALIF_BASE_ERROR_H
#define MEGALIF_BASE_ERROR_H

#include <stddef.h>

/* Also the exit codes of the command line (docs/configuration.md), and the numbers of enum
 * mlif_status: a status is handed up as it is. */
enum status {
    STATUS_OK = 0,
    STATUS_CONFIG = 2,     /* config or usage */
    STATUS_OUTPUT = 3,     /* output exists, cannot be written (a full disk) or cannot be read */
    STATUS_MEMORY = 4,     /* not enough memory */
    STATUS_CHECKPOINT = 5, /* a checkpoint or a segment is damaged, missing or foreign */
    STATUS_BUSY = 6,       /* another run is writing this output */
    STATUS_RANGE = 7,      /* the model left its range: a population fired above max_rate */
    STATUS_STOPPED = 75,   /* stopped early, checkpoint written */
    STATUS_INTERRUPTED = 130
};

struct error {
    enum status status;
    char text[1024]; /* one or more lines without a trailing newline; cut when longer */
};

/* Sets err (which may be NULL) from a printf format and returns status. Keeps no pointers. */
enum status error_set(struct error *err, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* STATUS_MEMORY with the text "not enough memory ..."; purpose is a printf format, "for the names
 * of files", or NULL: "not enough memory". */
enum status error_no_memory(struct error *err, const char *purpose, ...)
    __attribute__((format(printf, 2, 3)));

/* A growing list of one-line messages: all errors of a config in one go, warnings of a run. Each
 * line carries a message_place, which is freed with it. */
struct messages {
    char **line;
    size_t count;
};

/* What a message is about, and which part of its line says what is wrong: what stands before names
 * the place, what stands behind is the cure. */
struct message_place {
    const char *file;    /* NULL: of no config */
    int line;            /* 1-based; 0: none */
    const char *section; /* NULL: none; "population.exc" */
    const char *key;     /* NULL: none */
    const char *option;  /* "--set" or "--vary" where the value came from there; NULL: from none */
    size_t begin, end;   /* bytes of the line */
    const char *hint;    /* the cure; NULL: none */
};

/* Appends one line. Out of memory keeps a fixed line that says so instead, so that count > 0
 * afterwards always. Not thread-safe on one list. */
void messages_add(struct messages *messages, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Likewise with a place, whose texts are copied. */
void messages_add_at(struct messages *messages, const struct message_place *place,
                     const char *line);

/* Appends a copy of a line of another list, with its place. */
void messages_copy(struct messages *messages, const char *line);

/* The place of a line of such a list, which lives as long as the line. Of a line without one: its
 * hint is what follows the first "; ". */
struct message_place messages_place(const char *line);

/* Frees the lines and leaves an empty list. */
void messages_free(struct messages *messages);

#endif
