/* Reads and writes wall times as sums of numbers with units: "3 h 12 min". */
#include "base/wall_time.h"

#include "base/decimal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    double seconds;
} units[] = {{"min", 60}, {"ms", 1e-3}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};

enum { UNITS = sizeof units / sizeof *units };

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

/* One number with its unit; returns what follows, or NULL. */
static const char *take_part(const char *text, double *seconds)
{
    double number;
    size_t digits = strspn(text, "0123456789.");
    if (digits == 0 || digits > 30 || !double_parse(text, (int)digits, &number))
        return NULL;
    text = skip_blanks(text + digits);
    for (size_t i = 0; i < UNITS; i++) {
        size_t length = strlen(units[i].name);
        if (strncmp(text, units[i].name, length) == 0 &&
            !strchr("abcdefghijklmnopqrstuvwxyz", text[length] ? text[length] : ' ')) {
            *seconds += number * units[i].seconds;
            return skip_blanks(text + length);
        }
    }
    return NULL;
}

bool wall_time_parse(const char *text, double *seconds)
{
    double sum = 0.0;
    const char *next = skip_blanks(text);
    do {
        next = take_part(next, &sum);
    } while (next && *next);
    if (!next || !(sum > 0) || sum > 1e12)
        return false;
    *seconds = sum;
    return true;
}

const char *wall_time_format(double seconds, char *buffer)
{
    char number[32];
    if (seconds >= 3600 && fmod(seconds, 60) == 0.0)
        snprintf(buffer, 64, "%.0f h %.0f min", floor(seconds / 3600), fmod(seconds, 3600) / 60);
    else if (seconds >= 60 && fmod(seconds, 60) == 0.0)
        snprintf(buffer, 64, "%.0f min", seconds / 60);
    else
        snprintf(buffer, 64, "%s s", double_format(seconds, number));
    return buffer;
}
