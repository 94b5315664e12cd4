#include "cli/cli_record.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* WHAT_POPULATION, of letters that a section's name may have. */
static void name_section(char *name, size_t size, const char *text, size_t length)
{
    snprintf(name, size, "%.*s", (int)length, text);
    for (char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
}

static char *override_of(const char *section, const char *key, const char *value, size_t length)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    fprintf(to, "record.%s.%s=%.*s", section, key, (int)length, value);
    if (fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

size_t cli_record_overrides(const char *text, char *override[CLI_RECORD_KEYS])
{
    const size_t what = strcspn(text, ":");
    const char *population = text + what + (text[what] == ':');
    const size_t length = strcspn(population, ":");
    const char *neurons = population[length] == ':' ? population + length + 1 : NULL;
    char section[64];
    size_t count = 0;
    if (what == 0 || length == 0 || (neurons && !*neurons))
        return 0;
    name_section(section, sizeof section, text, what + 1 + length);
    override[count++] = override_of(section, "what", text, what);
    override[count++] = override_of(section, "population", population, length);
    if (neurons)
        override[count++] = override_of(section, "neurons", neurons, strlen(neurons));
    for (size_t i = 0; i < count; i++)
        if (!override[i]) {
            for (size_t k = 0; k < count; k++)
                free(override[k]);
            return 0;
        }
    return count;
}
