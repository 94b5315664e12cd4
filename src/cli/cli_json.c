#include "cli/cli_json.h"

#include "base/decimal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static void print_string(const char *text)
{
    putchar('"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\')
            printf("\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            printf("\\u%04x", (unsigned)*c);
        else
            putchar(*c);
    }
    putchar('"');
}

static void begin(struct cmd_json *json, const char *name)
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

void cmd_json_open(struct cmd_json *json, const char *name, char bracket)
{
    begin(json, name);
    putchar(bracket);
    json->depth++;
    json->filled = false;
}

void cmd_json_close(struct cmd_json *json, char bracket)
{
    json->depth--;
    if (json->filled)
        printf("\n%*s", 2 * json->depth, "");
    putchar(bracket);
    json->filled = true;
    if (json->depth == 0)
        putchar('\n');
}

void cmd_json_null(struct cmd_json *json, const char *name)
{
    begin(json, name);
    fputs("null", stdout);
}

void cmd_json_text(struct cmd_json *json, const char *name, const char *text)
{
    if (!text) {
        cmd_json_null(json, name);
        return;
    }
    begin(json, name);
    print_string(text);
}

void cmd_json_u64(struct cmd_json *json, const char *name, uint64_t value)
{
    begin(json, name);
    printf("%" PRIu64, value);
}

void cmd_json_f64(struct cmd_json *json, const char *name, double value)
{
    char text[32];
    if (!isfinite(value)) {
        cmd_json_null(json, name);
        return;
    }
    begin(json, name);
    fputs(double_format(value, text), stdout);
}

void cmd_json_bool(struct cmd_json *json, const char *name, bool value)
{
    begin(json, name);
    fputs(value ? "true" : "false", stdout);
}
