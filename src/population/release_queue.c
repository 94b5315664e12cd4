#include "population/release_queue.h"

#include <string.h>

size_t release_queue_bytes(uint64_t longest)
{
    if (longest == 0)
        return 0;
    return longest < UINT8_MAX ? 1 : longest < UINT16_MAX ? 2 : longest < UINT32_MAX ? 4 : 8;
}

static void put(void *out, size_t bytes, uint64_t i, uint64_t number)
{
    switch (bytes) {
    case 1:
        ((uint8_t *)out)[i] = (uint8_t)number;
        break;
    case 2:
        ((uint16_t *)out)[i] = (uint16_t)number;
        break;
    case 4:
        ((uint32_t *)out)[i] = (uint32_t)number;
        break;
    default:
        ((uint64_t *)out)[i] = number;
    }
}

static uint64_t get(const void *in, size_t bytes, uint64_t i)
{
    switch (bytes) {
    case 1:
        return ((const uint8_t *)in)[i];
    case 2:
        return ((const uint16_t *)in)[i];
    case 4:
        return ((const uint32_t *)in)[i];
    default:
        return ((const uint64_t *)in)[i];
    }
}

void release_queue_save(const struct population *p, uint64_t step, uint64_t first, uint64_t count,
                        void *out)
{
    size_t bytes = release_queue_bytes(p->longest);
    uint64_t slots = p->longest + 1, now = step % slots;
    memset(out, 0, count * bytes);
    if (count == 0)
        return;
    for (uint64_t tile = first / p->tile; tile <= (first + count - 1) / p->tile; tile++) {
        const uint16_t *head = p->queue_head + tile * slots, *next = p->queue_next + tile * p->tile;
        for (uint64_t slot = 0; slot < slots; slot++) {
            uint64_t steps = slot >= now ? slot - now : slot + slots - now;
            for (uint16_t id = head[slot]; id != QUEUE_END; id = next[id]) {
                uint64_t neuron = tile * p->tile + id;
                if (neuron >= first && neuron - first < count)
                    put(out, bytes, neuron - first, steps + 1);
            }
        }
    }
}

bool release_queue_restore(struct population *p, uint64_t step, uint64_t first, uint64_t count,
                           const void *in)
{
    size_t bytes = release_queue_bytes(p->longest);
    uint64_t slots = p->longest + 1, now = step % slots;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = get(in, bytes, i), neuron = first + i, tile = neuron / p->tile;
        if (number == 0)
            continue;
        if (number > slots)
            return false;
        uint16_t *head = p->queue_head + tile * slots + (now + number - 1) % slots;
        p->queue_next[neuron] = *head;
        *head = (uint16_t)(neuron - tile * p->tile);
    }
    return true;
}
