#include "bench/environment.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow" /* C has functions named like structs */
extern "C" {
#include "engine/engine.h"
}
#pragma GCC diagnostic pop

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace
{
/* A number in [least, most], nothing else; `unset` where the variable is not there. */
double number(const char *variable, double least, double most, double unset)
{
    const char *text = std::getenv(variable);
    if (!text)
        return unset;
    char *end = nullptr;
    const double value = std::strtod(text, &end);
    if (end != text && *end == '\0' && value >= least && value <= most &&
        std::floor(value) == value)
        return value;
    std::fprintf(stderr, "megalif-bench: %s takes a whole number from %.10g to %.10g, not %s\n",
                 variable, least, most, text);
    std::exit(2);
}

enum isa instruction_set()
{
    enum isa isa = kernels_best_isa();
    const char *text = std::getenv("MEGALIF_ISA");
    if (!text || (cpu_isa_parse(text, &isa) && kernels_for(isa, 32)))
        return isa;
    std::fprintf(stderr, "megalif-bench: MEGALIF_ISA: %s is not to be had; the widest here is %s\n",
                 text, cpu_isa_name(kernels_best_isa()));
    std::exit(2);
}
} // namespace

const environment &environment_read()
{
    static const environment read = {
        instruction_set(), static_cast<std::size_t>(number("MEGALIF_TILE", 1, TILE_MOST, 0)),
        static_cast<std::size_t>(number("MEGALIF_BLOCK", 1, ENGINE_BLOCK_MOST, 0)),
        number("MEGALIF_BENCH_NEURONS", 1e3, 1e12, 1e7)};
    return read;
}
