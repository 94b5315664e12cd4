/* Looks at the files that a plot is to write before anything is read or drawn. */
#include "plot/plot_outputs.h"

#include "io/output_path.h"
#include "io/output_stream.h"

static bool is_file(const char *output)
{
    return output && !output_stream_is_printed(output);
}

enum status plot_outputs_check(const struct plot_options *options, struct error *err)
{
    enum status status = STATUS_OK;
    if (options->output)
        status = output_stream_check(options->output, options->force, err);
    if (!status && options->csv)
        status = output_stream_check(options->csv, options->force, err);
    if (!status && options->output && is_file(options->csv) &&
        output_path_meets(options->output, options->csv))
        status =
            error_set(err, STATUS_OUTPUT,
                      "%s and %s would be one file; give picture and numbers names of their own",
                      options->output, options->csv);
    return status;
}

enum status plot_outputs_keep(const struct plot_options *options, const char *read,
                              struct error *err)
{
    const char *const outputs[] = {options->output, options->csv};
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        if (is_file(outputs[i]) && output_path_meets(outputs[i], read))
            return error_set(err, STATUS_OUTPUT,
                             "the output %s would replace %s, which is read; choose another name",
                             outputs[i], read);
    return STATUS_OK;
}
