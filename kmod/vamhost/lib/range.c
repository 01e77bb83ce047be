// SPDX-License-Identifier: GPL-2.0
/*
 * lib/range.c - sorted table of intervals that do not overlap
 *
 * All functions stand on one binary search, vam_range_next(): since intervals
 * neither overlap nor touch out of order, their ends are sorted just as their
 * beginnings are.
 *
 * Layer:    lib.
 * Locks:    none; the user's, see lib/range.h.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "lib/range.h"

void vam_range_init(struct vam_range_table *table, struct vam_range *ranges,
		    unsigned int capacity)
{
	table->ranges = ranges;
	table->count = 0;
	table->capacity = capacity;
}

/* Index of the first interval that ends at or after @addr, or count. */
static unsigned int lower_bound(const struct vam_range_table *table, u64 addr)
{
	unsigned int low = 0;
	unsigned int high = table->count;
	unsigned int middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (table->ranges[middle].last < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct vam_range *vam_range_next(const struct vam_range_table *table,
				       u64 addr)
{
	unsigned int i = lower_bound(table, addr);

	return i < table->count ? &table->ranges[i] : NULL;
}

const struct vam_range *vam_range_find(const struct vam_range_table *table,
				       u64 addr)
{
	const struct vam_range *range = vam_range_next(table, addr);

	return range && range->first <= addr ? range : NULL;
}

bool vam_range_overlaps(const struct vam_range_table *table, u64 first,
			u64 length)
{
	const struct vam_range *range;
	u64 last;

	if (!length)
		return false;
	last = first + length - 1;
	if (last < first)
		last = ~0ull;

	range = vam_range_next(table, first);
	return range && range->first <= last;
}

int vam_range_add(struct vam_range_table *table, u64 first, u64 length,
		  void *owner)
{
	u64 last = first + length - 1;
	unsigned int i;

	if (!length || last < first)
		return -EINVAL;
	if (vam_range_overlaps(table, first, length))
		return -EEXIST;
	if (table->count == table->capacity)
		return -ENOSPC;

	i = lower_bound(table, first);
	memmove(&table->ranges[i + 1], &table->ranges[i],
		(table->count - i) * sizeof(table->ranges[0]));
	table->ranges[i] = (struct vam_range){
		.first = first,
		.last = last,
		.owner = owner,
	};
	table->count++;
	return 0;
}

int vam_range_remove(struct vam_range_table *table, u64 first)
{
	unsigned int i = lower_bound(table, first);

	if (i == table->count || table->ranges[i].first != first)
		return -ENOENT;

	table->count--;
	memmove(&table->ranges[i], &table->ranges[i + 1],
		(table->count - i) * sizeof(table->ranges[0]));
	return 0;
}
