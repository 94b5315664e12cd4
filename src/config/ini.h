/* INI text as sections of key = text, with lines; syntax only. */
#ifndef MEGALIF_CONFIG_INI_H
#define MEGALIF_CONFIG_INI_H

#include "config/report.h"
#include "config/store.h"

/* Lists of config_to_text must fit into a line that can be read back. */
enum { CONFIG_LINE_MOST = 512 << 10, CONFIG_LIST_MOST = 10000, CONFIG_SECTIONS_MOST = 4096 };

#define CONFIG_SWEEP "sweep" /* the one section whose keys have dots and commas: sweep.h */

struct ini_entry {
    const char *key;
    const char *text; /* without comment and outer blanks; may be empty */
    int line;         /* 0: from an override */
    bool used;        /* for the reader of the section: keys nobody asked for are unknown */
    bool shared;      /* it is from [defaults], where it is told if it is unknown */
};

struct ini_section {
    const char *name;
    int line; /* 0: made for an override */
    struct ini_entry *entry;
    size_t count;
    bool broken; /* a line of it could not be read: missing keys are no news */
};

struct ini {
    struct ini_section *section;
    size_t count;
    bool broken_header; /* some header could not be read: missing sections are no news */
};

/* Reads text of any content. Comments start with ; or # at the start of a line or after a blank;
 * CRLF and a byte order mark are accepted. Reported: NUL and control characters, lines that are
 * too long or indented or no `key = value`, broken headers, sections and keys that stand twice (the
 * first one is kept), keys before the first section. */
void config_ini_read(const char *text, size_t length, struct report *errors, struct ini *ini);

/* Both return NULL when out of memory. Pointers to older sections or entries become stale. */
struct ini_section *config_ini_add_section(struct ini *ini, struct store *store, const char *name,
                                           int line);
struct ini_entry *config_ini_add_entry(struct ini_section *section, struct store *store,
                                       const char *key, const char *text, int line);

/* The section, or NULL. */
struct ini_section *config_ini_section(struct ini *ini, const char *name);

/* The entry, or NULL. */
struct ini_entry *config_ini_entry(struct ini_section *section, const char *key);

#endif
