/* megalif plot: a picture of a spike file, drawn by gnuplot. */
#include "cmd_plot.h"
#include "cmd.h"
#include "cmd_options.h"

#include <math.h>
#include <string.h>

enum { OPTION_OUTPUT, OPTION_FROM, OPTION_TO, OPTION_NEURONS, OPTION_WIDTH, OPTION_HEIGHT };

static const struct cmd_syntax syntax = {
    "plot",
    "FILE -o PICTURE [options]",
    "Draws the raster of a spike file, its populations in colours of their own, and their rates\n"
    "below it. More than 30,000 spikes are drawn as a density. Rates are those of the whole\n"
    "populations where the file has them, else of the recorded spikes.\n"
    "Exit codes: 0 fine, 2 usage, 3 FILE cannot be read or is damaged, PICTURE not be\n"
    "written, or no gnuplot.\n",
    1,
    {{"output", 'o', "PICTURE",
      "the picture, by its ending a .png, .svg or .pdf; an existing one is\n"
      "replaced"},
     {"from", 0, "TIME", "beginning of what is shown, e.g. 250 (ms) or 1.5s; default: 0"},
     {"to", 0, "TIME", "its end; default: the end of the file"},
     {"neurons", 0, "N",
      "at most N neurons of each population in the raster, evenly spread\n"
      "over its ids; default: all"},
     {"width", 0, "PIXELS", "default: 1200"},
     {"height", 0, "PIXELS", "default: 800"}},
    false,
};

static const char *terminal_for(const char *output)
{
    static const char *const known[] = {"png", "svg", "pdf"};
    const char *dot = strrchr(output, '.');
    for (size_t i = 0; dot && i < sizeof known / sizeof *known; i++) {
        if (strcmp(dot + 1, known[i]) == 0)
            return known[i];
    }
    return NULL;
}

static int read_number(const struct cmd_arguments *arguments, size_t option, uint64_t least,
                       uint64_t most, uint64_t *value)
{
    const char *text = arguments->option[option];
    if (!text || cmd_options_count(text, least, most, value))
        return CMD_GO_ON;
    return cmd_options_error(&syntax, "--%s takes a whole number from %d to %d, not %s",
                             syntax.option[option].name, (int)least, (int)most, text);
}

static int read_time(const struct cmd_arguments *arguments, size_t option, double *value)
{
    const char *text = arguments->option[option];
    if (!text || cmd_options_time(text, value))
        return CMD_GO_ON;
    return cmd_options_error(&syntax, "--%s takes a time such as 250, 250ms or 1.5s, not %s",
                             syntax.option[option].name, text);
}

static int read_options(const struct cmd_arguments *arguments, struct plot_options *o)
{
    *o = (struct plot_options){.to = NAN, .width = 1200, .height = 800};
    o->output = arguments->option[OPTION_OUTPUT];
    if (!o->output)
        return cmd_options_error(&syntax, "no picture given: -o PICTURE.png");
    o->terminal = terminal_for(o->output);
    if (!o->terminal)
        return cmd_options_error(&syntax, "%s: a picture's name ends in .png, .svg or .pdf",
                                 o->output);
    int code = read_time(arguments, OPTION_FROM, &o->from);
    if (code == CMD_GO_ON)
        code = read_time(arguments, OPTION_TO, &o->to);
    if (code == CMD_GO_ON)
        code = read_number(arguments, OPTION_NEURONS, 1, 1000000000, &o->neurons);
    if (code == CMD_GO_ON)
        code = read_number(arguments, OPTION_WIDTH, 300, 10000, &o->width);
    if (code == CMD_GO_ON)
        code = read_number(arguments, OPTION_HEIGHT, 200, 10000, &o->height);
    return code;
}

static int draw(struct cmd_file *file, const struct plot_options *options)
{
    struct error err;
    struct plot plot;
    enum status status = plot_read(&plot, file, options, &err);
    if (!status)
        status = plot_gnuplot(&plot, options, &err);
    plot_free(&plot);
    return status ? cmd_file_error(syntax.name, &err) : 0;
}

int cmd_plot(int argc, char **argv)
{
    struct cmd_arguments arguments;
    struct plot_options options;
    struct cmd_file file;
    struct error err;
    int code = cmd_options_parse(&syntax, argc, argv, &arguments);
    if (code == CMD_GO_ON)
        code = read_options(&arguments, &options);
    if (code != CMD_GO_ON)
        return code;
    if (cmd_file_open(&file, arguments.file[0], &err))
        code = cmd_file_error(syntax.name, &err);
    else
        code = draw(&file, &options);
    cmd_file_close(&file);
    return code;
}
