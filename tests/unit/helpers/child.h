/* Something that is done in a process of its own. */
#ifndef MEGALIF_TESTS_CHILD_H
#define MEGALIF_TESTS_CHILD_H

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* As fork; the child must end by exit (HDF5 and sanitizers clean up) or _exit. */
static inline pid_t child_start(void)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* cmocka would go on with its cases here */
        signal(SIGABRT, SIG_DFL);
    }
    return child;
}

/* The exit code of the n-th child; a signal fails the test. */
static inline int child_end(pid_t child, int n)
{
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        fail_msg("child %d: ended by signal %d", n, WTERMSIG(status));
    return WEXITSTATUS(status);
}

#endif
