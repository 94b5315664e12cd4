/* Hands messages of the library over to its caller. */
#include "sim/sim_messages.h"

#include "setup/setup.h"
#include "sim/sim_handle.h"
#include "sim/sim_options.h"

#include <stdlib.h>
#include <string.h>

void sim_tell_lines(struct mlif_messages *to, const struct messages *lines, const char *last)
{
    if (!to)
        return;
    struct messages list = {to->line, to->count};
    for (size_t i = 0; i < lines->count; i++)
        messages_copy(&list, lines->line[i]);
    if (last && last[0])
        messages_add(&list, "%s", last);
    *to = (struct mlif_messages){list.line, list.count};
}

enum mlif_status sim_tell_error(struct mlif_messages *errors, const struct error *err)
{
    _Static_assert(
        (int)STATUS_OK == (int)MLIF_OK && (int)STATUS_CONFIG == (int)MLIF_CONFIG &&
            (int)STATUS_OUTPUT == (int)MLIF_OUTPUT && (int)STATUS_MEMORY == (int)MLIF_MEMORY &&
            (int)STATUS_CHECKPOINT == (int)MLIF_CHECKPOINT && (int)STATUS_BUSY == (int)MLIF_BUSY &&
            (int)STATUS_RANGE == (int)MLIF_RANGE && (int)STATUS_STOPPED == (int)MLIF_STOPPED &&
            (int)STATUS_INTERRUPTED == (int)MLIF_INTERRUPTED,
        "a status is handed up as it is");
    sim_tell_lines(errors, &(struct messages){NULL, 0}, err->text);
    return (enum mlif_status)err->status;
}

void mlif_read_warnings(const struct mlif_simulation *simulation, struct mlif_messages *warnings)
{
    sim_tell_lines(warnings, &simulation->warnings, NULL);
}

/* Messages of the config begin with "name:line: ", where the name is what setup.c gives. */
unsigned long mlif_config_line(const struct mlif_options *options, const char *message)
{
    struct mlif_options own;
    struct error err;
    char *end;
    if (sim_options_take(&own, options, &err))
        return 0;
    const char *name = own.config ? own.config : SETUP_TEXT_NAME;
    if (!own.config_text && strcmp(name, "-") == 0)
        name = "stdin";
    size_t length = strlen(name);
    if (strncmp(message, name, length) != 0 || message[length] != ':')
        return 0;
    const char *digits = message + length + 1;
    unsigned long line = strtoul(digits, &end, 10);
    bool is_line = *digits >= '1' && *digits <= '9' && *end == ':';
    return is_line ? line : 0;
}

void mlif_messages_free(struct mlif_messages *messages)
{
    struct messages lines = {messages->line, messages->count};
    messages_free(&lines);
    *messages = (struct mlif_messages){NULL, 0};
}
