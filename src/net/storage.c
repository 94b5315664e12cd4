#include "net/storage.h"

enum projection_storage storage_of(const struct projection_config *projection)
{
    const enum projection_storage asked = projection->storage;
    return asked == STORAGE_AUTOMATIC ? STORAGE_LISTS : asked;
}
