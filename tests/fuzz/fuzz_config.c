/* libFuzzer target: the config reader on any bytes. What follows a line "--set" is an override a
 * line. `make fuzz` runs it; tests/fuzz/corpus_config and tests/fuzz/config.dict help it on its
 * way. */
#define _GNU_SOURCE /* memmem */
#include "../unit/helpers/input_types.h"
#include "config/read.h"
#include "config/sweep.h"
#include "config/sweep_points.h"
#include "config/write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OVERRIDES = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition, const char *what)
{
    if (!condition) {
        fprintf(stderr, "fuzz_config: %s\n", what);
        abort();
    }
}

/* Each error is one line that names its place. */
static void check_errors(const struct messages *errors)
{
    require(errors->count > 0, "a failure without a message");
    for (size_t i = 0; i < errors->count; i++) {
        const char *line = errors->line[i];
        require(!strchr(line, '\n'), "a message of several lines");
        require(!strncmp(line, "f.ini:", 6) || !strncmp(line, "--set ", 6) ||
                    !strncmp(line, "--vary ", 7),
                "a message without place");
    }
}

static struct config *read_back(const char *text)
{
    struct config *config;
    struct messages errors = {0};
    enum status status =
        config_read_text(text, strlen(text), "f.ini", NULL, 0, &test_types, &config, &errors);
    if (status != STATUS_OK)
        fprintf(stderr, "%s\n---\n%s\n", errors.count ? errors.line[0] : "?", text);
    require(status == STATUS_OK, "the resolved text does not read back");
    messages_free(&errors);
    return config;
}

/* The resolved text of a config is read back to the same text. */
static void check_round_trip(const struct config *config)
{
    char *first = config_to_text(config);
    require(first != NULL, "no text");
    struct config *again = read_back(first);
    char *second = config_to_text(again);
    require(second && strcmp(first, second) == 0, "the resolved text is no fixed point");
    free(first);
    free(second);
    config_free(again);
}

/* Cuts text behind "\n--set\n" into lines; returns their number. */
static size_t split_overrides(char *text, size_t *length, const char **overrides)
{
    size_t count = 0;
    char *mark = memmem(text, *length, "\n--set\n", 7);
    if (!mark)
        return 0;
    char *next = mark + 7;
    *length = (size_t)(mark - text);
    while (next && *next && count < OVERRIDES)
        overrides[count++] = strsep(&next, "\n");
    return count;
}

/* [sweep] of the same text: every point is a config that reads. */
static void check_sweep(const char *text, size_t length, const char *const *overrides, size_t count)
{
    struct sweep *sweep;
    struct messages errors = {0};
    const struct sweep_source source = {text,  length,    "f.ini", overrides,
                                        count, overrides, count,   &test_types};
    enum status status = config_read_sweep(&source, &sweep, &errors);
    if (status != STATUS_OK)
        check_errors(&errors);
    require(!sweep || status == STATUS_OK, "a sweep in spite of errors");
    for (size_t i = 0; sweep && i < sweep->point_count; i++) {
        require(strlen(sweep->point[i].name) < 240, "the name of a point is too long for a file");
        require(!strpbrk(sweep->point[i].name, "/ '\"$`\\;&|<>()*?[]"),
                "a point's name needs quotes");
    }
    config_sweep_free(sweep);
    messages_free(&errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *overrides[OVERRIDES];
    char *text = malloc(size + 1);
    require(text != NULL, "no memory");
    memcpy(text, data, size);
    text[size] = '\0';
    size_t length = size;
    size_t count = split_overrides(text, &length, overrides);

    struct config *config;
    struct messages errors = {0};
    enum status status =
        config_read_text(text, length, "f.ini", overrides, count, &test_types, &config, &errors);
    if (status == STATUS_OK)
        check_round_trip(config);
    else
        check_errors(&errors);
    check_sweep(text, length, overrides, count);
    require((config != NULL) == (status == STATUS_OK), "config and status disagree");
    messages_free(&errors);
    config_free(config);
    free(text);
    return 0;
}
