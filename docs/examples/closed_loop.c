/* A closed loop: every 10 ms a controller reads the mean rate of 2,000 noisy neurons and sets the
 * current that all of them get, so that they fire at 20 Hz; prints time (ms), rate (Hz), current
 * (pA). An integral controller: the current changes by what is missing.
 *   cc closed_loop.c $(pkg-config --cflags --libs megalif) -o closed_loop && ./closed_loop */
#include <megalif/megalif.h>
#include <stdio.h>

static const char model[] = "[simulation]\n"
                            "duration = 2 s\n"
                            "[population.cells]\n"
                            "size = 2000\n"
                            "[input.noise]\n"
                            "target = cells\n"
                            "type = white_noise\n"
                            "sigma_V = 3 mV\n"
                            "[input.control]\n"
                            "target = cells\n"
                            "type = external\n";

enum { CELLS = 2000, BLOCK = 100 /* steps of 0.1 ms */, BINS = 10 /* of 1 ms in a block */ };

/* Mean rate in the last 10 ms, from the bins of 1 ms that every population has. */
static enum mlif_status read_rate(const struct mlif_simulation *simulation, double *rate,
                                  struct mlif_messages *errors)
{
    uint64_t spikes[BINS], end = mlif_steps_done(simulation) / (BLOCK / BINS);
    enum mlif_status status = mlif_read_rates(simulation, NULL, 0, end - BINS, end, spikes, errors);
    *rate = 0;
    for (int i = 0; i < BINS && status == MLIF_OK; i++)
        *rate += (double)spikes[i] / CELLS / (BINS * 1e-3);
    return status;
}

static enum mlif_status set_all(struct mlif_simulation *simulation, double pA,
                                struct mlif_messages *errors)
{
    static double current[CELLS];
    for (int i = 0; i < CELLS; i++)
        current[i] = pA;
    return mlif_set_current(simulation, "control", 0, 0, CELLS, current, errors);
}

int main(void)
{
    struct mlif_options options = mlif_default_options();
    struct mlif_simulation *simulation;
    struct mlif_messages errors = {0};
    double rate, pA = 0;
    options.config = "closed_loop"; /* its name in messages */
    options.config_text = model;
    options.no_file = 1;
    enum mlif_status status = mlif_open(&simulation, &options, &errors, NULL);
    while (status == MLIF_OK && mlif_steps_done(simulation) < mlif_steps(simulation)) {
        status = mlif_advance(simulation, BLOCK, &errors);
        if (status == MLIF_OK)
            status = read_rate(simulation, &rate, &errors);
        pA += 0.5 * (20 - rate);
        if (status == MLIF_OK)
            status = set_all(simulation, pA, &errors);
        if (status == MLIF_OK)
            printf("%g %g %g\n", mlif_dt_ms(simulation) * (double)mlif_steps_done(simulation), rate,
                   pA);
    }
    for (size_t i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.line[i]);
    mlif_close(&simulation);
    mlif_messages_free(&errors);
    return status;
}
