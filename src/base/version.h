/* What was built. version.c is the only file that is compiled anew with every commit. */
#ifndef MEGALIF_VERSION_H
#define MEGALIF_VERSION_H

enum { NUMERICS = 2 }; /* docs/numerics.md: raised when any bit of any raster changes */

/* Constant strings; thread-safe. */
const char *version_number(void);   /* "0.1.0" */
const char *version_commit(void);   /* the git commit, "-dirty" when changed since, or "unknown" */
const char *version_compiler(void); /* "gcc 12.2.0" */

#endif
