/* Reads the options of a command by its table with getopt_long, and prints its help. */
#define _GNU_SOURCE 1 /* vasprintf */
#include "cli/cli_options.h"

#include "base/decimal.h"
#include "base/error.h"
#include "cli/cli_errors.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/units.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HELP_INDEX = CLI_OPTIONS_MOST };

static size_t count_options(const struct cli_syntax *syntax)
{
    size_t count = 0;
    while (count < CLI_OPTIONS_MOST && syntax->option[count].name)
        count++;
    return count;
}

static void print_option(const struct cli_option *option)
{
    char left[48], letter[8] = "    ";
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-24s ", left);
    for (const char *text = option->help; *text; text++) {
        putchar(*text);
        if (*text == '\n')
            printf("%27s", "");
    }
    putchar('\n');
}

static int print_help(const struct cli_syntax *syntax)
{
    printf("usage: megalif %s %s\n\n%s\n", syntax->name, syntax->usage, syntax->about);
    for (size_t i = 0; i < count_options(syntax); i++)
        print_option(&syntax->option[i]);
    print_option(&(struct cli_option){"help", 'h', NULL, "this text"});
    return 0;
}

int cli_options_error(const struct cli_syntax *syntax, const char *format, ...)
{
    char before[32], *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    snprintf(before, sizeof before, "megalif %s: ", syntax->name);
    cli_errors_text(before, "%s; see megalif %s --help", text ? text : format, syntax->name);
    free(text);
    return STATUS_CONFIG;
}

/* `--ouput`: the nearest option; `--seed 5`: a key of the config, where it can be set so. */
static int unknown_option(const struct cli_syntax *syntax, const char *word, const char *next)
{
    char option[CLI_OPTIONS_MOST][40], hint[200], name[64];
    const char *known[CLI_OPTIONS_MOST], *value = strchr(word, '=');
    bool sets = syntax->option[0].name && strcmp(syntax->option[0].name, "set") == 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    for (int key = 0; sets && key < SIMULATION_KEYS; key++)
        if (strcmp(name + 2, config_simulation_keys[key].name) == 0)
            return cli_options_error(
                syntax, "unknown option %s (it is a key: --set simulation.%s=%s)", name, name + 2,
                value                    ? value + 1
                : next && next[0] != '-' ? next
                                         : "VALUE");
    for (size_t i = 0; i < count_options(syntax); i++) {
        snprintf(option[i], sizeof option[i], "--%s", syntax->option[i].name);
        known[i] = option[i];
    }
    config_suggest(name, "", known, count_options(syntax), hint, sizeof hint);
    if (strncmp(hint, "did you mean", 12) == 0)
        return cli_options_error(syntax, "unknown option %s (%s)", word, hint);
    return cli_options_error(syntax, "unknown option %s", word);
}

/* getopt_long has met something that is not in the table, or is not as the table says. */
static int wrong_option(const struct cli_syntax *syntax, int found, const char *word,
                        const char *next)
{
    if (found == ':')
        return cli_options_error(syntax, "option %s needs a value", word);
    if (strncmp(word, "--", 2) != 0)
        return cli_options_error(syntax, "unknown option -%c", optopt);
    if (optopt != 0)
        return cli_options_error(syntax, "option %.*s takes no value", (int)strcspn(word, "="),
                                 word);
    return unknown_option(syntax, word, next);
}

/* The table as getopt_long wants it. Long options return 1000 + index. */
static void translate(const struct cli_syntax *syntax, struct option *long_options, char *letters)
{
    size_t count = count_options(syntax), l = 0;
    letters[l++] = ':';
    for (size_t i = 0; i < count; i++) {
        const struct cli_option *option = &syntax->option[i];
        int argument = option->argument ? required_argument : no_argument;
        long_options[i] = (struct option){option->name, argument, NULL, 1000 + (int)i};
        if (option->letter)
            letters[l++] = option->letter;
        if (option->letter && option->argument)
            letters[l++] = ':';
    }
    letters[l++] = 'h';
    letters[l] = '\0';
    long_options[count] = (struct option){"help", no_argument, NULL, 1000 + HELP_INDEX};
    long_options[count + 1] = (struct option){NULL, 0, NULL, 0};
}

/* The place in the table of what getopt_long returned; -1: nowhere. */
static int index_of(const struct cli_syntax *syntax, int found)
{
    if (found >= 1000)
        return found - 1000;
    if (found == 'h')
        return HELP_INDEX;
    for (size_t i = 0; i < count_options(syntax); i++) {
        if (syntax->option[i].letter == (char)found)
            return (int)i;
    }
    return -1;
}

static int take_files(const struct cli_syntax *syntax, int argc, char **argv,
                      struct cli_arguments *arguments)
{
    size_t given = (size_t)(argc - optind);
    size_t least = syntax->files == CLI_SOME_FILES ? 1 : syntax->files;
    arguments->files = argv + optind;
    arguments->file_count = given;
    for (size_t i = 0; i < given && i < least; i++)
        arguments->file[i] = argv[(size_t)optind + i];
    if (given < least)
        return cli_options_error(syntax, least == 1 ? "no file given" : "two files needed");
    if (given > syntax->files)
        return cli_options_error(syntax, "one file too many: %s", argv[(size_t)optind + least]);
    return CLI_GO_ON;
}

static bool open_lists(const struct cli_syntax *syntax, int argc, struct cli_arguments *arguments)
{
    bool good = true;
    for (size_t i = 0; i < CLI_OPTIONS_MOST; i++) {
        struct cli_list *list = &arguments->list[i];
        if (syntax->repeats >> i & 1)
            good &= (list->text = calloc((size_t)argc + 1, sizeof *list->text)) != NULL;
    }
    return good;
}

int cli_options_parse(const struct cli_syntax *syntax, int argc, char **argv,
                      struct cli_arguments *arguments)
{
    struct option long_options[CLI_OPTIONS_MOST + 2];
    char letters[2 * CLI_OPTIONS_MOST + 3];
    int found;
    memset(arguments, 0, sizeof *arguments);
    if (!open_lists(syntax, argc, arguments)) {
        cli_errors_text("megalif: error: ", "no memory");
        return STATUS_MEMORY;
    }
    translate(syntax, long_options, letters);
    opterr = 0;
    while ((found = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        int index = found == ':' || found == '?' ? -1 : index_of(syntax, found);
        if (index < 0)
            return wrong_option(syntax, found, argv[optind - 1], argv[optind]);
        if (index == HELP_INDEX)
            return print_help(syntax);
        arguments->option[index] = optarg ? optarg : "";
        struct cli_list *list = &arguments->list[index];
        if (list->text)
            list->text[list->count++] = optarg;
    }
    return take_files(syntax, argc, argv, arguments);
}

void cli_options_free(struct cli_arguments *arguments)
{
    for (size_t i = 0; i < CLI_OPTIONS_MOST; i++) {
        free(arguments->list[i].text);
        arguments->list[i].text = NULL;
    }
}

bool cli_options_time(const char *text, double *ms)
{
    struct decimal value;
    size_t length = strlen(text), unit_length = 0, number_length;
    while (unit_length < length && strchr("smun", text[length - unit_length - 1]))
        unit_length++;
    const struct unit *unit = config_find_unit(text + length - unit_length, unit_length);
    number_length = length - unit_length;
    while (unit_length > 0 && number_length > 0 && text[number_length - 1] == ' ')
        number_length--;
    if ((unit_length > 0 && (!unit || unit->dimension != DIMENSION_TIME)) || number_length > 100 ||
        !decimal_parse(text, (int)number_length, &value) || value.mantissa < 0)
        return false;
    *ms = decimal_to_double(decimal_scale(value, unit ? unit->shift : 0));
    return *ms <= 1e15;
}

bool cli_options_count(const char *text, uint64_t least, uint64_t most, uint64_t *count)
{
    uint64_t value = 0;
    for (const char *digit = text; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || value > most / 10)
            return false;
        value = 10 * value + (uint64_t)(*digit - '0');
    }
    *count = value;
    return *text && value >= least && value <= most;
}
