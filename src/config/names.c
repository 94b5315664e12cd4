/* What names look like, and which known one a wrong one was meant to be. */
#include "config/names.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 80 }; /* longer names get no suggestion */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter(char c)
{
    return lower(c) >= 'a' && lower(c) <= 'z';
}

bool config_is_name(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (!is_letter(text[i]) && text[i] != '_' && !(digit && i > 0))
            return false;
    }
    return length > 0;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance where letters of the other case are equal; b is at most LONGEST long. */
static size_t distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1], length = strlen(b);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t replace = diagonal + (lower(a[i]) != lower(b[j]));
            diagonal = row[j + 1];
            row[j + 1] = least(replace, least(diagonal, row[j]) + 1);
        }
    }
    return row[length];
}

static const char *nearest(const char *name, const char *const *known, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(name) < 6 ? 2 : strlen(name) / 3 + 1;
    if (strlen(name) > LONGEST)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        if (!known[i] || strlen(known[i]) > LONGEST)
            continue;
        size_t d = distance(name, known[i]);
        /* nothing is near to a name that would be changed altogether */
        if (d < strlen(known[i]) && d < best_distance) {
            best = known[i];
            best_distance = d;
        }
    }
    return best;
}

const char *config_suggest(const char *name, const char *what, const char *const *known,
                           size_t count, char *hint, size_t size)
{
    const char *near = nearest(name, known, count);
    if (near) {
        snprintf(hint, size, "did you mean %s?", near);
        return hint;
    }
    snprintf(hint, size, "there are none");
    size_t used = 0;
    for (size_t i = 0; i < count && used < size; i++) {
        if (known[i])
            used +=
                (size_t)snprintf(hint + used, size - used, "%s%s", used ? ", " : what, known[i]);
    }
    if (used >= size && size > 4)
        memcpy(hint + size - 4, "...", 4);
    return hint;
}
