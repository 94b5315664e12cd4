/* The subcommands of the command line: each stands in a file cmd_NAME.c, and in the list of main.c.
 */
#ifndef MEGALIF_CMD_H
#define MEGALIF_CMD_H

struct command {
    const char *name, *help; /* help: a line for megalif --help */

    /* Gets the arguments behind the program's name (argv[0] is the command) and returns the exit
     * code (base/error.h). */
    int (*start)(int argc, char **argv);
};

extern const struct command cmd_run, cmd_sweep, cmd_join, cmd_check, cmd_info, cmd_digest,
    cmd_compare, cmd_convert, cmd_plot, cmd_connections, cmd_watch;

#endif
