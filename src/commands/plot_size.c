#include "commands/plot_size.h"

#include "base/decimal.h"
#include "cli/cli_options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PIXELS_MOST = 10000, WIDTH_LEAST = 200, HEIGHT_LEAST = 100 };
static const double points_usual = 8, dpi_usual = 300; /* of a figure in a paper */

struct length {
    double value;
    double inches; /* of one; 0: pixels */
};

/* What is wrong, and false. */
static bool refuse(char *wrong, size_t size, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(wrong, size, format, arguments);
    va_end(arguments);
    return false;
}

/* "640", "640px", "8.5cm", "85 mm", "3.3in". */
static bool read_length(const char *text, struct length *length)
{
    static const struct {
        const char *name;
        double inches;
    } units[] = {{"", 0}, {"px", 0}, {"cm", 1 / 2.54}, {"mm", 1 / 25.4}, {"in", 1}};
    size_t digits = strspn(text, "0123456789.");
    const char *unit = text + digits + strspn(text + digits, " ");
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].name) == 0) {
            length->inches = units[i].inches;
            return double_parse(text, (int)digits, &length->value) && length->value > 0;
        }
    return false;
}

/* "9", "Helvetica", "Helvetica,9": sizes in points. Nothing that gnuplot would take for more. */
static bool read_font(const char *text, char *typeface, size_t size, double *points)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.";
    const char *comma = strrchr(text, ','), *number = comma ? comma + 1 : text;
    bool sized = double_parse(number, (int)strlen(number), points);
    size_t length = comma ? (size_t)(comma - text) : sized ? 0 : strlen(text);
    snprintf(typeface, size, "%.*s", (int)length, text);
    return length < size && strspn(text, allowed) >= length && (sized || !comma) &&
           (!sized || (*points >= 3 && *points <= 72));
}

static bool check_pixels(const char *name, double pixels, int least, char *wrong, size_t size)
{
    if (pixels >= least && pixels <= PIXELS_MOST)
        return true;
    return refuse(wrong, size, "--%s takes from %d to %d pixels, and these are %.0f", name, least,
                  PIXELS_MOST, pixels);
}

/* Both in one kind of unit; pixels an inch where it is none. */
static bool read_lengths(const struct plot_size_words *w, struct length *width,
                         struct length *height, char *wrong, size_t size)
{
    static const char takes[] =
        "--%s takes a length such as 1200 (pixels), 8.5cm, 85mm or 3.3in, not %s";
    if (w->width && !read_length(w->width, width))
        return refuse(wrong, size, takes, "width", w->width);
    if (w->height && !read_length(w->height, height))
        return refuse(wrong, size, takes, "height", w->height);
    bool paper = w->width ? width->inches > 0 : w->height && height->inches > 0;
    if (w->height && paper != (height->inches > 0))
        return refuse(wrong, size,
                      "--width %s and --height %s: give both in pixels, or both in "
                      "cm, mm or in",
                      w->width, w->height);
    if (paper && !w->width)
        return refuse(wrong, size, "--height %s goes with a --width in cm, mm or in", w->height);
    return true;
}

/* Pixels of an inch. */
static bool read_dpi(const struct plot_options *o, const struct plot_size_words *w, bool paper,
                     double *dpi, char *wrong, size_t size)
{
    uint64_t given;
    bool pixels = o->terminal && strcmp(o->terminal, "png") == 0;
    *dpi = pixels && paper ? dpi_usual : 96;
    if (!w->dpi)
        return true;
    if (!cli_options_count(w->dpi, 30, 2400, &given))
        return refuse(wrong, size, "--dpi takes a whole number from 30 to 2400, not %s", w->dpi);
    if (!pixels)
        return refuse(wrong, size, "--dpi goes with a .png; a .svg or .pdf has no pixels");
    if (!paper)
        return refuse(wrong, size, "--dpi goes with a --width in cm, mm or in, such as 8.5cm");
    *dpi = (double)given;
    return true;
}

bool plot_size_read(struct plot_options *o, const struct plot_size_words *w, char *wrong,
                    size_t size)
{
    struct length width = {1200, 0}, height = {0, 0};
    double dpi = 96, points = 0;
    if (!read_lengths(w, &width, &height, wrong, size))
        return false;
    bool paper = o->paper = width.inches > 0;
    if (!read_dpi(o, w, paper, &dpi, wrong, size))
        return false;
    if (w->font && !read_font(w->font, o->typeface, sizeof o->typeface, &points))
        return refuse(wrong, size,
                      "--font takes a size of 3 to 72 points, a typeface, or both, such as 9, "
                      "Helvetica or 'Helvetica,9', not %s",
                      w->font);
    if (!o->typeface[0])
        snprintf(o->typeface, sizeof o->typeface, "sans-serif");
    o->scale = dpi / 96;
    o->width = rint(paper ? width.value * width.inches * dpi : width.value);
    o->height = rint(paper ? height.value * height.inches * dpi : height.value);
    points = paper && !(points > 0) ? points_usual : points;
    o->font = points * dpi / 72;
    return check_pixels("width", o->width, WIDTH_LEAST, wrong, size) &&
           (!w->height || check_pixels("height", o->height, HEIGHT_LEAST, wrong, size));
}
