/* The table of broken configs in tests/data/bad_configs.txt: each with its messages, to the letter.
 */
#include "config/read.h"
#include "helpers/input_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MOST = 1 << 16, OVERRIDES = 4 };

struct record {
    char name[128];
    char text[TEXT_MOST];
    size_t length;
    char override[OVERRIDES][256];
    size_t override_count;
    char expected[TEXT_MOST];
};

static FILE *open_table(void)
{
    const char *folder = getenv("MEGALIF_TESTS");
    char path[4096];
    snprintf(path, sizeof path, "%s/bad_configs.txt", folder ? folder : "tests/data");
    FILE *table = fopen(path, "r");
    if (!table)
        fail_msg("%s cannot be read; run from the top folder or set MEGALIF_TESTS", path);
    return table;
}

/* Appends a line to the text, with {0x..} made a byte. */
static void append(struct record *record, const char *line)
{
    while (*line) {
        unsigned byte;
        int used = 0;
        if (sscanf(line, "{0x%2x}%n", &byte, &used) == 1 && used) {
            record->text[record->length++] = (char)byte;
            line += used;
        } else {
            record->text[record->length++] = *line++;
        }
    }
}

/* The next record; `line` holds its "=== name" and afterwards the one of the record behind it. */
static bool read_record(FILE *table, char *line, size_t size, struct record *record)
{
    while (strncmp(line, "=== ", 4) != 0) {
        if (!fgets(line, (int)size, table))
            return false;
    }
    *record = (struct record){0};
    sscanf(line, "=== %127s", record->name);
    bool messages = false;
    while (fgets(line, (int)size, table) && strncmp(line, "=== ", 4) != 0) {
        if (strcmp(line, "---\n") == 0)
            messages = true;
        else if (messages)
            strcat(record->expected, line);
        else if (strncmp(line, "--set ", 6) == 0)
            sscanf(line, "--set %255[^\n]", record->override[record->override_count++]);
        else
            append(record, line);
    }
    if (feof(table))
        *line = '\0';
    return true;
}

static bool check_record(const struct record *record)
{
    const char *overrides[OVERRIDES];
    for (size_t i = 0; i < record->override_count; i++)
        overrides[i] = record->override[i];
    struct config *config;
    struct messages errors = {0};
    enum status status = config_read_text(record->text, record->length, "bad.ini", overrides,
                                          record->override_count, &test_types, &config, &errors);
    static char found[TEXT_MOST];
    size_t used = 0;
    found[0] = '\0';
    for (size_t i = 0; i < errors.count; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s\n", errors.line[i]);
    bool good = status == STATUS_CONFIG && !config && strcmp(found, record->expected) == 0;
    if (!good)
        fprintf(stderr, "%s: status %d, expected\n%sfound\n%s", record->name, (int)status,
                record->expected, found);
    messages_free(&errors);
    config_free(config);
    return good;
}

static void every_broken_config_gives_its_messages(void **state)
{
    (void)state;
    FILE *table = open_table();
    static struct record record;
    char line[4096] = "";
    size_t count = 0, wrong = 0;
    while (read_record(table, line, sizeof line, &record)) {
        count++;
        wrong += !check_record(&record);
    }
    fclose(table);
    assert_int_equal(wrong, 0);
    assert_true(count >= 60);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_broken_config_gives_its_messages),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
