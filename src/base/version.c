/* What the Makefile says of version and commit, by -D; so this file is compiled for each commit. */
#include "base/version.h"

const char *version_number(void)
{
    return MEGALIF_VERSION;
}

const char *version_commit(void)
{
    return MEGALIF_GIT_COMMIT;
}

const char *version_compiler(void)
{
#ifdef __clang__
    return "clang " __clang_version__;
#else
    return "gcc " __VERSION__;
#endif
}
