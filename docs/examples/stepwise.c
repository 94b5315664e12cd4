/* Steps a simulation a millisecond at a time, without a file, and looks at membrane potentials
 * between: prints the time and V_m of each neuron, both in ms and mV.
 *   cc stepwise.c $(pkg-config --cflags --libs megalif) -o stepwise && ./stepwise */
#include <megalif/megalif.h>
#include <stdio.h>
#include <stdlib.h>

static const char model[] = "[simulation]\n"
                            "dt = 0.1 ms\n"
                            "duration = 100 ms\n"
                            "precision = double\n"
                            "[population.cells]\n"
                            "size = 5\n"
                            "tau_m = 20 ms\n"
                            "I_e = linspace(0 pA, 180 pA)  ; below rheobase: nobody fires\n";

enum { CELLS = 5 };

static int print_errors(enum mlif_status status, const struct mlif_messages *errors)
{
    for (size_t i = 0; i < errors->count; i++)
        fprintf(stderr, "%s\n", errors->line[i]);
    return status;
}

static enum mlif_status print_potentials(const struct mlif_simulation *simulation)
{
    double V_m[CELLS];
    enum mlif_status status = mlif_read_V_m(simulation, 0, 0, CELLS, V_m);
    if (status != MLIF_OK)
        return status;
    printf("%g", mlif_dt_ms(simulation) * (double)mlif_steps_done(simulation));
    for (int i = 0; i < CELLS; i++)
        printf(" %.17g", V_m[i]);
    putchar('\n');
    return MLIF_OK;
}

int main(void)
{
    struct mlif_options options = mlif_default_options();
    struct mlif_simulation *simulation;
    struct mlif_messages errors = {0};
    options.config = "stepwise"; /* its name in messages */
    options.config_text = model;
    options.no_file = 1;
    enum mlif_status status = mlif_open(&simulation, &options, &errors, NULL);
    if (status != MLIF_OK)
        return print_errors(status, &errors);
    while (status == MLIF_OK && mlif_steps_done(simulation) < mlif_steps(simulation)) {
        status = mlif_advance(simulation, 10, &errors);
        if (status == MLIF_OK)
            status = print_potentials(simulation);
    }
    mlif_close(&simulation);
    print_errors(status, &errors);
    mlif_messages_free(&errors);
    return status;
}
