// SPDX-License-Identifier: GPL-2.0
/*
 * range_test.c - lib/range.c agrees with a map of every single address
 *
 * Random adds, removes and lookups in a space of a few hundred addresses, at
 * the bottom and at the top of 64 bits, against an array with one owner per
 * address.
 */
#include <linux/errno.h>
#include <linux/types.h>
#include <string.h>

#include "lib/range.h"
#include "tap.h"

#define SPACE 256u
#define CAPACITY 12u
#define ROUNDS 200000u

struct model {
	u64 origin; /* address of the first cell */
	u8 owner[SPACE]; /* 0: free */
	u8 starts[SPACE]; /* an interval begins here */
	unsigned int count;
};

static u64 seed = 0x9e3779b97f4a7c15ull;
static u8 owners[256];

static unsigned int random_below(unsigned int limit)
{
	return tap_random(&seed) % limit;
}

static int model_add(struct model *m, unsigned int at, unsigned int length,
		     u8 owner)
{
	unsigned int i;

	if (!length)
		return -EINVAL;
	for (i = at; i < at + length; i++)
		if (m->owner[i])
			return -EEXIST;
	if (m->count == CAPACITY)
		return -ENOSPC;
	memset(&m->owner[at], owner, length);
	m->starts[at] = 1;
	m->count++;
	return 0;
}

static int model_remove(struct model *m, unsigned int at)
{
	unsigned int i = at;

	if (!m->starts[at])
		return -ENOENT;
	do {
		m->owner[i] = 0;
		m->starts[i] = 0;
		i++;
	} while (i < SPACE && m->owner[i] && !m->starts[i]);
	m->count--;
	return 0;
}

static bool same_everywhere(const struct model *m,
			    const struct vam_range_table *table)
{
	const struct vam_range *range;
	unsigned int i, next;

	for (i = 0; i < SPACE; i++) {
		range = vam_range_find(table, m->origin + i);
		if (!range != !m->owner[i])
			return false;
		if (range && range->owner != &owners[m->owner[i]])
			return false;
		for (next = i; next < SPACE && !m->owner[next]; next++)
			;
		range = vam_range_next(table, m->origin + i);
		if (!range != (next == SPACE))
			return false;
		if (range && range->owner != &owners[m->owner[next]])
			return false;
	}
	return table->count == m->count;
}

static bool same_overlap(const struct model *m,
			 const struct vam_range_table *table)
{
	unsigned int at = random_below(SPACE);
	unsigned int length = random_below(SPACE - at + 1);
	bool taken = false;
	unsigned int i;

	for (i = at; i < at + length; i++)
		taken |= m->owner[i];
	return vam_range_overlaps(table, m->origin + at, length) == taken;
}

/* Owner numbers differ between neighbours, so that a border shows. */
static bool run_model(u64 origin)
{
	struct vam_range ranges[CAPACITY];
	struct vam_range_table table;
	struct model m = { .origin = origin };
	unsigned int round, at, length;
	int expect, got;
	u8 owner;

	vam_range_init(&table, ranges, CAPACITY);
	for (round = 0; round < ROUNDS; round++) {
		at = random_below(SPACE);
		if (random_below(5) < 3) {
			length = random_below(24);
			if (length > SPACE - at)
				length = SPACE - at;
			owner = 1 + round % 255;
			expect = model_add(&m, at, length, owner);
			got = vam_range_add(&table, origin + at, length,
					    &owners[owner]);
		} else {
			expect = model_remove(&m, at);
			got = vam_range_remove(&table, origin + at);
		}
		if (got != expect) {
			tap_note("round %u: %d instead of %d", round, got,
				 expect);
			return false;
		}
		if (!same_overlap(&m, &table))
			return false;
		if (round % 16 == 0 && !same_everywhere(&m, &table))
			return false;
	}
	return true;
}

static bool edges_are_refused(void)
{
	struct vam_range ranges[2];
	struct vam_range_table table;

	vam_range_init(&table, ranges, 2);
	return vam_range_add(&table, 5, 0, NULL) == -EINVAL &&
	       vam_range_add(&table, ~0ull, 2, NULL) == -EINVAL &&
	       vam_range_add(&table, 16, ~0ull, NULL) == -EINVAL &&
	       vam_range_add(&table, ~0ull, 1, NULL) == 0 &&
	       vam_range_add(&table, 0, ~0ull, NULL) == 0 &&
	       vam_range_find(&table, ~0ull)->first == ~0ull &&
	       vam_range_find(&table, ~0ull - 1)->first == 0 &&
	       vam_range_overlaps(&table, ~0ull - 5, 100) &&
	       vam_range_remove(&table, 1) == -ENOENT;
}

int main(void)
{
	tap_ok(run_model(0), "a table at address 0 agrees with the model");
	tap_ok(run_model(0x7ffffff0), "a table at 2 GiB agrees");
	tap_ok(run_model(0ull - SPACE), "a table at the top of 64 bits agrees");
	tap_ok(edges_are_refused(), "empty and wrapping intervals are refused");
	return tap_done();
}
