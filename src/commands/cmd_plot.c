/* megalif plot: a picture of an output file, drawn by gnuplot, and its numbers as CSV. */
#include "cli/cli_numbers.h"
#include "cli/cli_options.h"
#include "commands/cmd.h"
#include "commands/plot_network.h"
#include "commands/plot_size.h"
#include "plot/plot_csv.h"
#include "plot/plot_curve.h"
#include "plot/plot_gnuplot.h"
#include "plot/plot_intervals.h"
#include "plot/plot_outputs.h"
#include "plot/plot_over.h"
#include "plot/plot_picture.h"
#include "plot/plot_raster_csv.h"
#include "plot/plot_raster_data.h"
#include "plot/plot_table.h"
#include "plot/plot_traces.h"
#include "sonata/report_reader.h"

#include <math.h>
#include <string.h>

enum {
    OPTION_OUTPUT,
    OPTION_WHAT,
    OPTION_CSV,
    OPTION_FORCE,
    OPTION_FROM,
    OPTION_TO,
    OPTION_NEURONS,
    OPTION_WIDTH,
    OPTION_HEIGHT,
    OPTION_DPI,
    OPTION_FONT,
    OPTION_TITLE,
    OPTION_COLUMN,
    OPTION_PROJECTION,
    OPTION_SET,
    OPTION_THREADS
};

static const struct cli_syntax syntax = {
    "plot",
    "FILE [FILE] -o PICTURE [options]",
    "Draws what is in FILE, populations in colours of their own (Okabe and Ito's, told apart by "
    "all\n"
    "eyes), warmup shaded:\n"
    "  raster     the spikes, more than 30,000 as a density, and below them the rates, of the\n"
    "             whole populations where the file has them, else of the recorded spikes\n"
    "  traces     of a recorder of V_m, I or jumps (out.v.h5): a panel for each of some neurons;\n"
    "             spikes of the run's file (out.h5) reach up to V_th, refractory periods are "
    "shaded\n"
    "  intervals  the histogram of interspike intervals\n"
    "  f-I        rates over constant currents that differ between neurons, with theory (closed\n"
    "             form; Siegert's for white noise, and what it is at dt) where it is known; of a\n"
    "             sweep's table.csv: rates over the key with the most values, with theory where\n"
    "             the points' files lie beside it\n"
    "  map        of a table.csv of two keys and more: a colour for each pair of their values\n"
    "  connections  histograms of in-degrees, out-degrees, delays and weights, a row for each\n"
    "             projection, of a CONFIG as a run draws them, or of SONATA edges\n"
    "Of two FILEs the rates of both over each other, a panel for each population.\n"
    "Exit codes: 0 fine, 2 usage, or FILE has nothing of what is asked for, 3 FILE cannot be\n"
    "read or is damaged, PICTURE not be written, or no gnuplot, 4 memory, 6 another plot is\n"
    "writing PICTURE.\n",
    CLI_SOME_FILES,
    {{"output", 'o', "PICTURE", "the picture, by its ending a .png, .svg or .pdf"},
     {"what", 'w', "WHAT",
      "raster, traces, intervals, f-I, map or connections; default: as\n"
      "FILE is: raster, traces, f-I of a table, or a map where it would\n"
      "have more than 8 lines; connections of a CONFIG.ini or of edges"},
     {"csv", 0, "FILE", "writes the picture's numbers; - prints them. Without -o no picture"},
     {"force", 'f', NULL, "replaces an existing PICTURE and an existing FILE of numbers"},
     {"from", 0, "TIME", "beginning of what is shown, e.g. 250 (ms) or 1.5s; default: 0"},
     {"to", 0, "TIME", "its end; default: the end of the file"},
     {"neurons", 0, "N",
      "at most N neurons of each population, evenly spread over the ids;\n"
      "default: all in a raster, or of many as many as dots can show; in\n"
      "traces 5 of all, and never more than 40"},
     {"width", 0, "LENGTH", "1200 (pixels), or 8.5cm, 85mm, 3.3in for a paper; default: 1200"},
     {"height", 0, "LENGTH",
      "default: 800, 3/4 of a width in cm, mm or in, or as much as\n"
      "projections need"},
     {"dpi", 0, "N", "pixels an inch of a .png whose width is in cm, mm or in; default: 300"},
     {"font", 0, "FONT",
      "its size in points, a typeface, or both: 9, Helvetica,\n"
      "'Helvetica,9'; default: by the picture's size, 8 for a paper"},
     {"title", 0, "TEXT", "in place of the file's name; '' leaves out all above the picture"},
     {"column", 0, "NAME",
      "f-I and map of a table: results other than the rates, by the names\n"
      "of their columns: cv.exc, or cv for those of all populations"},
     {"projection", 'p', "NAME", "connections: only this one"},
     {"set", 's', "S.KEY=VALUE", "connections: replaces or adds a value of CONFIG; repeatable"},
     {"threads", 't', "N", "connections: default: as many as the process may use"}},
    1u << OPTION_SET,
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

static int read_time(const struct cli_arguments *arguments, size_t option, double *value)
{
    const char *text = arguments->option[option];
    if (!text || cli_options_time(text, value))
        return CLI_GO_ON;
    return cli_options_error(&syntax, "--%s takes a time such as 250, 250ms or 1.5s, not %s",
                             syntax.option[option].name, text);
}

static int read_options(const struct cli_arguments *arguments, struct plot_options *o)
{
    const struct plot_size_words size = {
        arguments->option[OPTION_WIDTH], arguments->option[OPTION_HEIGHT],
        arguments->option[OPTION_DPI], arguments->option[OPTION_FONT]};
    const char *neurons = arguments->option[OPTION_NEURONS];
    char wrong[300];
    *o = (struct plot_options){.to = NAN};
    o->output = arguments->option[OPTION_OUTPUT];
    o->csv = arguments->option[OPTION_CSV];
    o->force = arguments->option[OPTION_FORCE] != NULL;
    if (!o->output && !o->csv)
        return cli_options_error(&syntax, "no picture given: -o PICTURE.png");
    o->terminal = o->output ? terminal_for(o->output) : NULL;
    if (o->output && !o->terminal)
        return cli_options_error(&syntax, "%s: a picture's name ends in .png, .svg or .pdf",
                                 o->output);
    int code = read_time(arguments, OPTION_FROM, &o->from);
    if (code == CLI_GO_ON)
        code = read_time(arguments, OPTION_TO, &o->to);
    if (code == CLI_GO_ON && neurons && !cli_options_count(neurons, 1, 1000000000, &o->neurons))
        return cli_options_error(
            &syntax, "--neurons takes a whole number from 1 to 1000000000, not %s", neurons);
    o->title = arguments->option[OPTION_TITLE];
    o->column = arguments->option[OPTION_COLUMN];
    if (code == CLI_GO_ON && !plot_size_read(o, &size, wrong, sizeof wrong))
        return cli_options_error(&syntax, "%s", wrong);
    return code;
}

static enum status draw_raster(const struct result_file *file, const struct plot_options *options,
                               struct error *err)
{
    struct plot plot;
    enum status status = plot_read(&plot, file, options, err);
    if (!status && options->output)
        status = plot_gnuplot(plot_picture, &plot, options, err);
    if (!status && options->csv)
        status = plot_csv_write(options, plot_raster_csv, &plot, err);
    plot_free(&plot);
    return status;
}

/* What can be drawn, by its name. */
typedef enum status picture(const struct result_file *file, const struct plot_options *options,
                            struct error *err);
static const struct {
    const char *name;
    picture *draw;
} pictures[] = {{"raster", draw_raster}, {"intervals", plot_intervals}, {"f-I", plot_curve}};

/* NULL: there is no such picture. */
static picture *find_picture(const char *name)
{
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++)
        if (strcmp(pictures[i].name, name) == 0)
            return pictures[i].draw;
    return NULL;
}

/* A file by its ending. */
static bool is_csv(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

static enum status draw_file(const char *path, picture *draw, const struct plot_options *options,
                             struct error *err)
{
    struct result_file file;
    enum status status = plot_outputs_check(options, err);
    if (status)
        return status;
    status = result_file_open(&file, path, err);
    if (!status)
        status = result_file_check(&file, err);
    if (!status)
        status = draw(&file, options, err);
    result_file_close(&file);
    return status;
}

/* What a file shows when nothing is asked for. */
static const char *default_picture(const char *path)
{
    return report_is(path) ? "traces" : plot_network_is(path) ? "connections" : "raster";
}

/* Of a table; `what` NULL: nothing is asked for. */
static enum plot_table_as table_as(const char *what)
{
    return !what ? PLOT_TABLE_AUTO : strcmp(what, "map") == 0 ? PLOT_TABLE_MAP : PLOT_TABLE_LINES;
}

static bool is_of_table(const char *path, const char *what)
{
    return is_csv(path) && (!what || strcmp(what, "f-I") == 0 || strcmp(what, "map") == 0);
}

/* Three quarters of a width for a paper; else as usual. */
static double usual_height(const struct plot_options *o)
{
    return o->paper ? rint(0.75 * o->width) : 800;
}

static enum status draw(const char *path, picture *of_spikes, const struct plot_options *options,
                        struct error *err)
{
    return of_spikes ? draw_file(path, of_spikes, options, err) : plot_traces(path, options, err);
}

static int draw_network(const struct cli_arguments *arguments, struct plot_options *plot)
{
    struct mlif_options options = mlif_default_options();
    options.config = arguments->file[0];
    options.overrides = arguments->list[OPTION_SET].text;
    options.override_count = arguments->list[OPTION_SET].count;
    options.no_file = 1;
    int code = cli_numbers_take(&syntax, arguments->option[OPTION_THREADS], &options);
    return code == CLI_GO_ON ? plot_network(&options, arguments->option[OPTION_PROJECTION], plot)
                             : code;
}

/* Is there such a picture, and do the options go with it? */
static int check_words(const struct cli_arguments *arguments, const char *what, bool table)
{
    bool network = strcmp(what, "connections") == 0;
    if (strcmp(what, "map") == 0 && !table)
        return cli_options_error(&syntax, "--what map goes with the table.csv of a sweep");
    if (!table && !find_picture(what) && !network && strcmp(what, "traces") != 0)
        return cli_options_error(
            &syntax, "--what takes raster, traces, intervals, f-I, map or connections, not %s",
            what);
    for (size_t i = OPTION_PROJECTION; i <= OPTION_THREADS && !network; i++)
        if (arguments->option[i])
            return cli_options_error(&syntax, "--%s goes with --what connections",
                                     syntax.option[i].name);
    if (arguments->option[OPTION_COLUMN] && !table)
        return cli_options_error(&syntax, "--column goes with the table.csv of a sweep");
    return CLI_GO_ON;
}

/* Two files are drawn in one way. */
static int draw_over(const struct cli_arguments *arguments)
{
    static const int of_one[] = {OPTION_WHAT,       OPTION_NEURONS, OPTION_COLUMN,
                                 OPTION_PROJECTION, OPTION_SET,     OPTION_THREADS};
    const char *const path[2] = {arguments->files[0], arguments->files[1]};
    struct plot_options options;
    struct error err;
    for (size_t i = 0; i < sizeof of_one / sizeof *of_one; i++)
        if (arguments->option[of_one[i]])
            return cli_options_error(&syntax, "--%s goes with one file; of two the rates are drawn",
                                     syntax.option[of_one[i]].name);
    int code = read_options(arguments, &options);
    if (code != CLI_GO_ON)
        return code;
    enum status status = plot_outputs_keep(&options, path[0], &err);
    if (!status)
        status = plot_outputs_keep(&options, path[1], &err);
    options.height = options.height > 0 ? options.height : usual_height(&options);
    if (!status)
        status = plot_over(path, &options, &err);
    return status ? result_file_error(syntax.name, &err) : 0;
}

static int draw_as_asked(const struct cli_arguments *arguments)
{
    struct plot_options options;
    struct error err;
    int code = read_options(arguments, &options);
    if (code != CLI_GO_ON)
        return code;
    const char *path = arguments->file[0], *what = arguments->option[OPTION_WHAT];
    bool table = is_of_table(path, what);
    if (table)
        code = check_words(arguments, what ? what : "f-I", true);
    else
        code = check_words(arguments, what = what ? what : default_picture(path), false);
    if (code != CLI_GO_ON)
        return code;
    bool network = !table && strcmp(what, "connections") == 0;
    enum status status = plot_outputs_keep(&options, path, &err);
    if (!status && network)
        return draw_network(arguments, &options);
    options.height = options.height > 0 ? options.height : usual_height(&options);
    if (!status)
        status = table ? plot_table(path, table_as(what), &options, &err)
                       : draw(path, find_picture(what), &options, &err);
    return status ? result_file_error(syntax.name, &err) : 0;
}

static int start_plot(int argc, char **argv)
{
    struct cli_arguments arguments;
    int code = cli_options_parse(&syntax, argc, argv, &arguments);
    if (code == CLI_GO_ON && arguments.file_count > 2)
        code = cli_options_error(&syntax, "one file too many: %s", arguments.files[2]);
    if (code == CLI_GO_ON)
        code = arguments.file_count == 2 ? draw_over(&arguments) : draw_as_asked(&arguments);
    cli_options_free(&arguments);
    return code;
}

const struct command cmd_plot = {
    "plot",
    "pictures: spikes, rates, traces, intervals, f-I curves, connections; PNG, SVG, PDF, CSV",
    start_plot};
