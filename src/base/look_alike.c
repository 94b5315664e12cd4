/* Names the characters that a reader of a message cannot see, or takes for others. */
#include "base/look_alike.h"

#include <string.h>

static const struct {
    const char *bytes, *text;
} characters[] = {
    {"\xc2\xa0", "a no-break space (U+00A0); write a blank"},
    {"\xe2\x80\x87", "a figure space (U+2007); write a blank"},
    {"\xe2\x80\x89", "a thin space (U+2009); write a blank"},
    {"\xe2\x80\xaf", "a narrow no-break space (U+202F); write a blank"},
    {"\xe2\x80\x8b", "a zero-width space (U+200B); leave it out"},
    {"\xef\xbb\xbf", "a byte order mark (U+FEFF) within the text; leave it out"},
    {"\xe2\x88\x92", "a minus sign (U+2212); write a hyphen, -"},
    {"\xe2\x80\x90", "a hyphen (U+2010); write -"},
    {"\xe2\x80\x91", "a no-break hyphen (U+2011); write -"},
    {"\xe2\x80\x93", "an en dash (U+2013); write a hyphen, -"},
    {"\xe2\x80\x94", "an em dash (U+2014); write a hyphen, -"},
    {"\xe2\x80\x9c", "a curly quote (U+201C); write a straight one, or none"},
    {"\xe2\x80\x9d", "a curly quote (U+201D); write a straight one, or none"},
    {"\xc3\x97", "a multiplication sign (U+00D7); write 1.5e3 for 1.5 times 1000"},
    {"\xef\xbc\x8c", "a full-width comma (U+FF0C); write ,"},
};

/* Bytes that cannot begin a character of UTF-8: text of an older encoding. */
static const char *latin(unsigned char byte)
{
    return byte == 0xa0   ? "a no-break space in Latin-1 (byte 0xa0); write a blank"
           : byte == 0xb5 ? "a micro sign in Latin-1 (byte 0xb5); save the file as UTF-8"
                          : NULL;
}

/* How many bytes a character has by its first one. */
static size_t length_of(unsigned char first)
{
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

const char *look_alike(const char *text, size_t length)
{
    for (size_t at = 0; at < length; at += length_of((unsigned char)text[at])) {
        for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
            size_t bytes = strlen(characters[i].bytes);
            if (bytes <= length - at && memcmp(text + at, characters[i].bytes, bytes) == 0)
                return characters[i].text;
        }
        const char *old = latin((unsigned char)text[at]);
        if (old)
            return old;
    }
    return NULL;
}
