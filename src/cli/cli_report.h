/* What a run tells the user: progress while it goes on, a report at its end. */
#ifndef MEGALIF_CLI_REPORT_H
#define MEGALIF_CLI_REPORT_H

#include <megalif/megalif.h>

/* On a terminal a line that is drawn anew, elsewhere a plain line now and then; on standard error.
 */
void cli_report_progress(const struct mlif_progress *progress);
void cli_report_progress_end(void);

/* Progress of the points of a sweep, or of any other jobs. */
void cli_report_points(size_t ended, size_t all, size_t failed, double elapsed_s);

/* Progress of other work: which, how much of it is done (0 to 1), and since when. */
void cli_report_share(const char *what, double share, double elapsed_s);

/* Each line on standard error, as "megalif: KIND: LINE"; kept for --json (cli_errors.h), as
 * warnings where that is their kind, else as errors. */
void cli_report_lines(const char *kind, const struct mlif_messages *messages);

void cli_report_text(const struct mlif_report *report); /* on standard error */

/* "megalif" and the arguments with blanks between, quoted where the shell needs it. The caller
 * frees it; NULL without memory. */
char *cli_report_command_line(int argc, char **argv);

#endif
