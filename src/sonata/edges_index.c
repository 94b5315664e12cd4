#include "sonata/edges_index.h"

#include <stdbool.h>

/* libsonata's name of the ranges is that of the specification, BMTK's lacks the last letter. */
static herr_t link_other_name(hid_t group)
{
    return H5Lcreate_hard(group, "node_id_to_ranges", group, "node_id_to_range", H5P_DEFAULT,
                          H5P_DEFAULT);
}

herr_t edges_index_create(struct edges_index *index, hid_t indices, const char *name, bool deflate,
                          bool *memory)
{
    *index = (struct edges_index){.next_node = 0};
    *memory = true;
    hid_t group = H5Gcreate2(indices, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0 ||
        grown_column_create(&index->nodes, group, "node_id_to_ranges", H5T_NATIVE_UINT64, 2,
                            deflate, memory) < 0 ||
        grown_column_create(&index->ranges, group, "range_to_edge_id", H5T_NATIVE_UINT64, 2,
                            deflate, memory) < 0 ||
        link_other_name(group) < 0)
        return -1;
    return H5Gclose(group);
}

static herr_t add_pair(struct grown_column *column, uint64_t first, uint64_t second)
{
    return grown_column_add(column, first) < 0 ? -1 : grown_column_add(column, second);
}

static herr_t end_range(struct edges_index *index)
{
    if (index->begin == index->end)
        return 0;
    herr_t result = add_pair(&index->ranges, index->begin, index->end);
    index->begin = index->end;
    index->range_count++;
    return result;
}

/* Rows of the neuron at work and of those without edges before `node`. */
static herr_t go_to(struct edges_index *index, uint64_t node)
{
    herr_t result = end_range(index);
    while (index->next_node < node && result >= 0) {
        result = add_pair(&index->nodes, index->first_range, index->range_count);
        index->first_range = index->range_count;
        index->next_node++;
    }
    return result;
}

herr_t edges_index_add(struct edges_index *index, uint64_t node, uint64_t edge)
{
    if (index->next_node < node && go_to(index, node) < 0)
        return -1;
    if (index->begin < index->end && edge == index->end) {
        index->end++;
        return 0;
    }
    if (end_range(index) < 0)
        return -1;
    index->begin = edge;
    index->end = edge + 1;
    return 0;
}

herr_t edges_index_close(struct edges_index *index, uint64_t nodes)
{
    uint64_t all =
        nodes > index->next_node ? nodes : index->next_node + (index->begin < index->end);
    if (go_to(index, all) < 0 || grown_column_close(&index->nodes) < 0)
        return -1;
    return grown_column_close(&index->ranges);
}

void edges_index_free(struct edges_index *index)
{
    grown_column_free(&index->nodes);
    grown_column_free(&index->ranges);
}
