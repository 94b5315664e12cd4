/* Units, and what is said about wrong ones. */
#include "config/units.h"

#include <stdio.h>
#include <string.h>

static const struct unit units[] = {
    {"s", DIMENSION_TIME, 3},          {"ms", DIMENSION_TIME, 0},
    {"us", DIMENSION_TIME, -3},        {"ns", DIMENSION_TIME, -6},
    {"V", DIMENSION_VOLTAGE, 3},       {"mV", DIMENSION_VOLTAGE, 0},
    {"uV", DIMENSION_VOLTAGE, -3},     {"nV", DIMENSION_VOLTAGE, -6},
    {"F", DIMENSION_CAPACITANCE, 12},  {"mF", DIMENSION_CAPACITANCE, 9},
    {"uF", DIMENSION_CAPACITANCE, 6},  {"nF", DIMENSION_CAPACITANCE, 3},
    {"pF", DIMENSION_CAPACITANCE, 0},  {"S", DIMENSION_CONDUCTANCE, 9},
    {"mS", DIMENSION_CONDUCTANCE, 6},  {"uS", DIMENSION_CONDUCTANCE, 3},
    {"nS", DIMENSION_CONDUCTANCE, 0},  {"pS", DIMENSION_CONDUCTANCE, -3},
    {"Ohm", DIMENSION_RESISTANCE, -6}, {"kOhm", DIMENSION_RESISTANCE, -3},
    {"MOhm", DIMENSION_RESISTANCE, 0}, {"GOhm", DIMENSION_RESISTANCE, 3},
    {"A", DIMENSION_CURRENT, 12},      {"mA", DIMENSION_CURRENT, 9},
    {"uA", DIMENSION_CURRENT, 6},      {"nA", DIMENSION_CURRENT, 3},
    {"pA", DIMENSION_CURRENT, 0},      {"Hz", DIMENSION_RATE, 0},
    {"kHz", DIMENSION_RATE, 3},        {"MHz", DIMENSION_RATE, 6},
    {"mHz", DIMENSION_RATE, -3},       {"1/s", DIMENSION_RATE, 0},
    {"1/ms", DIMENSION_RATE, 3},       {"pA ms^1/2", DIMENSION_NOISE, 0},
    {"nA ms^1/2", DIMENSION_NOISE, 3},
};

enum { UNITS = sizeof units / sizeof *units };

static const struct {
    const char *name, *kept;
} dimensions[] = {
    [DIMENSION_NONE] = {"a plain number", ""},
    [DIMENSION_TIME] = {"a time", "ms"},
    [DIMENSION_VOLTAGE] = {"a voltage", "mV"},
    [DIMENSION_CAPACITANCE] = {"a capacitance", "pF"},
    [DIMENSION_CONDUCTANCE] = {"a conductance", "nS"},
    [DIMENSION_RESISTANCE] = {"a resistance", "MOhm"},
    [DIMENSION_CURRENT] = {"a current", "pA"},
    [DIMENSION_RATE] = {"a rate", "Hz"},
    [DIMENSION_NOISE] = {"a noise strength", "pA ms^1/2"},
};

/* Both characters that look so: the micro sign (U+00B5) and the Greek letter (U+03BC). */
static bool begins_with_mu(const char *name, size_t length)
{
    return length > 2 && (memcmp(name, "\xc2\xb5", 2) == 0 || memcmp(name, "\xce\xbc", 2) == 0);
}

const struct unit *config_find_unit(const char *name, size_t length)
{
    char plain[8];
    if (begins_with_mu(name, length) && length <= sizeof plain) {
        plain[0] = 'u';
        memcpy(plain + 1, name + 2, length - 2);
        name = plain;
        length--;
    }
    for (size_t i = 0; i < UNITS; i++) {
        if (strlen(units[i].name) == length && memcmp(units[i].name, name, length) == 0)
            return &units[i];
    }
    return NULL;
}

const char *config_kept_unit(enum dimension dimension)
{
    return dimensions[dimension].kept;
}

const char *config_dimension_name(enum dimension dimension)
{
    return dimensions[dimension].name;
}

/* ASCII letters alone, whatever the locale. */
static bool same_but_for_case(const char *a, const char *b, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char folded = (char)(a[i] ^ b[i]), letter = (char)(a[i] | 0x20);
        if (folded != 0 && !(folded == 0x20 && letter >= 'a' && letter <= 'z'))
            return false;
    }
    return true;
}

bool config_near_units(const char *name, size_t length, enum dimension dimension, char *buffer,
                       size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < UNITS && used < size; i++) {
        if (units[i].dimension == dimension && strlen(units[i].name) == length &&
            same_but_for_case(units[i].name, name, length))
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? " or " : "",
                                     units[i].name);
    }
    return used > 0;
}

const char *config_list_units(enum dimension dimension, char *buffer, size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < UNITS && used < size; i++) {
        if (units[i].dimension == dimension)
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "",
                                     units[i].name);
    }
    return buffer;
}
