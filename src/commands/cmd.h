/* The subcommands of the command line. Each gets the arguments behind its name (argv[0] is the
 * name) and returns the exit code (base/error.h). */
#ifndef MEGALIF_CMD_H
#define MEGALIF_CMD_H

int cmd_run(int argc, char **argv);
int cmd_sweep(int argc, char **argv);
int cmd_join(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_info(int argc, char **argv);
int cmd_digest(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_plot(int argc, char **argv);

#endif
