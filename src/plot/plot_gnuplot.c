/* Runs gnuplot: commands and data go in through a pipe, the picture comes out into a temporary file
 * beside the output (io/output_stream.h). File names never reach gnuplot. */
#define _GNU_SOURCE /* memmem */
#include "plot/plot_gnuplot.h"

#include "io/output_stream.h"
#include "io/unfinished.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct process {
    pid_t id;
    FILE *input;
    FILE *said; /* what it wrote to standard error */
};

static enum status cannot_start(int error, struct error *err)
{
    if (error != ENOENT)
        return error_set(err, STATUS_OUTPUT, "cannot start gnuplot: %s", strerror(error));
    return error_set(err, STATUS_OUTPUT,
                     "gnuplot, which draws the plots, is not on PATH; to install it:\n"
                     "  Debian, Ubuntu: sudo apt-get install gnuplot-nox\n"
                     "  Fedora: sudo dnf install gnuplot\n"
                     "  macOS: brew install gnuplot\n"
                     "  conda: conda install -c conda-forge gnuplot\n"
                     "  Spack: spack install gnuplot");
}

/* Signals that we ignore are its own again; -d: no settings but ours. */
static int spawn(struct process *process, int input, int output)
{
    char *arguments[] = {(char[]){"gnuplot"}, (char[]){"-d"}, (char[]){"-"}, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, fileno(process->said), STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    int error = posix_spawnp(&process->id, "gnuplot", &actions, &attributes, arguments, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

static enum status start(struct process *process, int output, struct error *err)
{
    int ends[2];
    process->said = tmpfile();
    if (!process->said || pipe(ends) != 0)
        return cannot_start(errno, err);
    fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* gnuplot must see the end of its input */
    int error = spawn(process, ends[0], output);
    close(ends[0]);
    process->input = error ? NULL : fdopen(ends[1], "w");
    if (!process->input)
        close(ends[1]);
    return error ? cannot_start(error, err) : STATUS_OK;
}

/* Waits for the end of gnuplot; an error is told in the words of gnuplot. */
static enum status finish(struct process *process, const char *output, struct error *err)
{
    char said[700];
    int result = 0;
    fclose(process->input);
    while (waitpid(process->id, &result, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(result) && WEXITSTATUS(result) == 0)
        return STATUS_OK;
    rewind(process->said);
    size_t length = fread(said, 1, sizeof said - 1, process->said);
    while (length > 0 && (said[length - 1] == '\n' || said[length - 1] == ' '))
        length--;
    said[length] = '\0';
    return error_set(err, STATUS_OUTPUT, "cannot write %s: gnuplot failed: %s", output,
                     said + strspn(said, "\n "));
}

static void remove_and_die(int signal_number)
{
    unfinished_remove();
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

/* Sets one handler or the default; a signal that was ignored, as by nohup, stays so. */
static void on_signals(void (*handler)(int))
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct sigaction old, new = {.sa_handler = handler};
        sigaction(signals[i], NULL, &old);
        if (old.sa_handler != SIG_IGN)
            sigaction(signals[i], &new, NULL);
    }
}

static enum status draw(plot_drawing *drawing, const void *context,
                        const struct plot_options *options, int output, struct error *err)
{
    struct process process = {.input = NULL};
    enum status status = start(&process, output, err);
    if (!status) {
        signal(SIGPIPE, SIG_IGN); /* when gnuplot stops early its own words say why */
        drawing(process.input, context, options);
        status = finish(&process, options->output, err);
        signal(SIGPIPE, SIG_DFL);
    }
    if (process.said)
        fclose(process.said);
    return status;
}

/* gnuplot does not notice that a picture could not be written: is its end there? */
static bool is_whole(const char *path)
{
    static const char *const ends[] = {"IEND", "</svg>", "%%EOF"};
    char tail[65] = "";
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    off_t size = lseek(descriptor, 0, SEEK_END);
    ssize_t length = pread(descriptor, tail, 64, size > 64 ? size - 64 : 0);
    close(descriptor);
    for (size_t i = 0; i < sizeof ends / sizeof *ends && length > 0; i++)
        if (memmem(tail, (size_t)length, ends[i], strlen(ends[i])))
            return true;
    return false;
}

enum status plot_gnuplot(plot_drawing *drawing, const void *context,
                         const struct plot_options *options, struct error *err)
{
    struct output_stream out;
    enum status status = output_stream_open(&out, options->output, options->force, NULL, err);
    if (status)
        return status;
    on_signals(remove_and_die);
    status = draw(drawing, context, options, fileno(out.file), err);
    if (!status && !is_whole(out.temporary))
        status = error_set(err, STATUS_OUTPUT,
                           "cannot write %s: gnuplot could not write all of the picture; the "
                           "disk may be full",
                           options->output);
    status = output_stream_close(&out, status, err);
    on_signals(SIG_DFL);
    return status;
}
