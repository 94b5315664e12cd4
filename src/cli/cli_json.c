/* JSON on standard output. */
#include "cli/cli_json.h"

#include "base/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Bytes of the UTF-8 character that begins here; 0: none does. Neither the long forms of short ones
 * nor halves of UTF-16 pairs are any. */
static int character_bytes(const unsigned char *c)
{
    const int bytes = c[0] < 0x80                   ? 1
                      : c[0] >= 0xc2 && c[0] < 0xe0 ? 2
                      : c[0] >= 0xe0 && c[0] < 0xf0 ? 3
                      : c[0] >= 0xf0 && c[0] < 0xf5 ? 4
                                                    : 0;
    for (int i = 1; i < bytes; i++)
        if ((c[i] & 0xc0) != 0x80)
            return 0;
    const bool bad = (c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
                     (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f);
    return bad ? 0 : bytes;
}

static void print_string(const char *text)
{
    putchar('"');
    for (const char *c = text; *c; c++) {
        int bytes = character_bytes((const unsigned char *)c);
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            printf("\\u%04x", (unsigned)*c);
        else if (bytes == 0)
            printf("\\udc%02x", (unsigned char)*c);
        else
            printf("%.*s", bytes, c);
        c += bytes > 1 ? bytes - 1 : 0;
    }
    putchar('"');
}

static void begin(struct cli_json *json, const char *name)
{
    if (json->filled)
        putchar(',');
    if (json->depth > 0)
        printf("\n%*s", 2 * json->depth, "");
    json->filled = true;
    if (name) {
        print_string(name);
        fputs(": ", stdout);
    }
}

static bool printed; /* a whole document */

void cli_json_open(struct cli_json *json, const char *name, char bracket)
{
    begin(json, name);
    putchar(bracket);
    json->depth++;
    json->filled = false;
}

void cli_json_close(struct cli_json *json, char bracket)
{
    json->depth--;
    if (json->filled)
        printf("\n%*s", 2 * json->depth, "");
    putchar(bracket);
    json->filled = true;
    if (json->depth > 0)
        return;
    putchar('\n');
    printed = true;
}

bool cli_json_is_printed(void)
{
    return printed;
}

void cli_json_null(struct cli_json *json, const char *name)
{
    begin(json, name);
    fputs("null", stdout);
}

void cli_json_text(struct cli_json *json, const char *name, const char *text)
{
    if (!text) {
        cli_json_null(json, name);
        return;
    }
    begin(json, name);
    print_string(text);
}

void cli_json_u64(struct cli_json *json, const char *name, uint64_t value)
{
    begin(json, name);
    printf("%" PRIu64, value);
}

void cli_json_u64_if(struct cli_json *json, const char *name, bool there, uint64_t value)
{
    if (there)
        cli_json_u64(json, name, value);
    else
        cli_json_null(json, name);
}

void cli_json_f64(struct cli_json *json, const char *name, double value)
{
    char text[32];
    if (!isfinite(value)) {
        cli_json_null(json, name);
        return;
    }
    begin(json, name);
    fputs(double_format(value, text), stdout);
}

void cli_json_bool(struct cli_json *json, const char *name, bool value)
{
    begin(json, name);
    fputs(value ? "true" : "false", stdout);
}

void cli_json_texts(struct cli_json *json, const char *name, const char *const *text, size_t count)
{
    cli_json_open(json, name, '[');
    for (size_t i = 0; i < count; i++)
        cli_json_text(json, NULL, text[i]);
    cli_json_close(json, ']');
}
