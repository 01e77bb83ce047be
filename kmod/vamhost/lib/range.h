/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/range.h - sorted table of intervals that do not overlap
 *
 * Ports, MMIO regions and memory slots are all the same thing: intervals of
 * some address space, each with an owner. The table lives in an array that the
 * user provides, so adding never allocates and a lookup is a binary search.
 *
 * Layer:    lib.
 * Locks:    none. The user serializes changes against lookups; a table that
 *           is only filled before its first lookup needs nothing.
 * Not here: what an owner is: the user embeds or points through @owner.
 */
#ifndef VAM_LIB_RANGE_H
#define VAM_LIB_RANGE_H

#include <linux/types.h>

/* One interval; @last is inclusive so that it can end at the very top. */
struct vam_range {
	u64 first;
	u64 last;
	void *owner;
};

struct vam_range_table {
	struct vam_range *ranges; /* sorted by first */
	unsigned int count;
	unsigned int capacity;
};

/**
 * vam_range_init - make an empty table
 * @table: Table
 * @ranges: Room for the intervals, owned by the caller and outliving @table
 * @capacity: Number of elements of @ranges
 */
void vam_range_init(struct vam_range_table *table, struct vam_range *ranges,
		    unsigned int capacity);

/**
 * vam_range_add - add an interval
 * @table: Table
 * @first: First address
 * @length: Number of addresses, not 0
 * @owner: Whose it is, for the one who finds it
 *
 * Return: 0; -EINVAL: empty, or it wraps around; -EEXIST: it overlaps another
 * one; -ENOSPC: the table is full
 */
int __must_check vam_range_add(struct vam_range_table *table, u64 first,
			       u64 length, void *owner);

/**
 * vam_range_remove - remove an interval
 * @table: Table
 * @first: First address, exactly as it was added
 *
 * Return: 0; -ENOENT: no interval starts there
 */
int vam_range_remove(struct vam_range_table *table, u64 first);

/**
 * vam_range_find - whose is this address?
 * @table: Table
 * @addr: Address
 *
 * Return: the interval that contains @addr or NULL. Valid until the table
 * changes
 */
const struct vam_range *vam_range_find(const struct vam_range_table *table,
				       u64 addr);

/**
 * vam_range_next - first interval that ends at or after an address
 * @table: Table
 * @addr: Address
 *
 * Return: the interval that contains @addr, else the nearest one above, else
 * NULL
 */
const struct vam_range *vam_range_next(const struct vam_range_table *table,
				       u64 addr);

/**
 * vam_range_overlaps - is any address of an interval taken?
 * @table: Table
 * @first: First address
 * @length: Number of addresses; an interval that wraps ends at the top
 *
 * Return: true if it is; false for an empty interval
 */
bool vam_range_overlaps(const struct vam_range_table *table, u64 first,
			u64 length);

#endif /* VAM_LIB_RANGE_H */
