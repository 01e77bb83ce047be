// SPDX-License-Identifier: GPL-2.0
/*
 * ptwalk_naive_test.c - lib/ptwalk.c agrees with a walk written from the manual
 *
 * The other walk spells out each format by itself (SDM vol. 3 4.3 to 4.6) with
 * bit numbers instead of shared helpers. Random tables in a few pages of
 * memory that point at each other, all formats and control bits, all kinds of
 * access: result, error code, address, accessed and dirty bits are compared.
 * A second part lets entries change between the read and the update.
 */
#include <linux/bits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ptwalk.h"
#include "tap.h"

#define FRAMES 16
#define BASE 0x10000ull /* of the frames, guest-physical */
#define ROUNDS 400000

static u8 memory[FRAMES * 4096], before[FRAMES * 4096], model[FRAMES * 4096];
static u64 seed = 0x1234567;
static unsigned int races;

static unsigned int below(unsigned int n)
{
	return (tap_random(&seed) >> 16) % n;
}

static u64 load(u8 *mem, u64 at, bool wide)
{
	if (at < BASE || at >= BASE + FRAMES * 4096)
		return wide ? ~0ull : 0xffffffff;
	return wide ? *(u64 *)(mem + at - BASE) : *(u32 *)(mem + at - BASE);
}

static void store(u8 *mem, u64 at, u64 value, bool wide)
{
	if (at < BASE || at >= BASE + FRAMES * 4096)
		return;
	if (wide)
		*(u64 *)(mem + at - BASE) = value;
	else
		*(u32 *)(mem + at - BASE) = value;
}

static u64 read_entry(void *ctx, gpa_t gpa, bool wide)
{
	return load(memory, gpa, wide);
}

static bool update(void *ctx, gpa_t gpa, u64 old, u64 new, bool wide)
{
	if (races && below(races) == 0) {
		/* another CPU was quicker: it set a harmless bit */
		store(memory, gpa, load(memory, gpa, wide) ^ 0x200, wide);
	}
	if (gpa >= BASE && gpa < BASE + FRAMES * 4096 &&
	    load(memory, gpa, wide) != old)
		return false;
	store(memory, gpa, new, wide);
	return true;
}

struct naive {
	bool fault;
	u32 error;
	u64 pa;
};

#define BITS(v, hi, lo) ((v) >> (lo) & ((2ull << ((hi) - (lo))) - 1))

/* Bits of an entry that no format with 8-byte entries allows to be set. */
static bool bad_high(const struct vam_paging *p, u64 e)
{
	if (p->phys_bits < 52 && BITS(e, 51, p->phys_bits))
		return true;
	if (p->format == VAM_PT_PAE && BITS(e, 62, 52))
		return true;
	return BITS(e, 63, 63) && !p->nx;
}

static struct naive bad(const struct vam_paging *p, u32 access, u32 error)
{
	struct naive n = { .fault = true, .error = error };

	if (access & VAM_PTWALK_WRITE)
		n.error |= 2;
	if (access & VAM_PTWALK_USER)
		n.error |= 4;
	if ((access & VAM_PTWALK_FETCH) &&
	    (p->smep || (p->nx && p->format != VAM_PT_32)))
		n.error |= 16;
	return n;
}

static bool forbidden(const struct vam_paging *p, bool w, bool u, bool x,
		      u32 access)
{
	bool write = access & VAM_PTWALK_WRITE;
	bool fetch = access & VAM_PTWALK_FETCH;

	if (access & VAM_PTWALK_USER)
		return !u || (write && !w) || (fetch && !x);
	if (fetch)
		return !x || (p->smep && u) || (write && !w && p->wp);
	if (p->smap && u && !(access & VAM_PTWALK_AC))
		return true;
	return write && !w && p->wp;
}

/* The end of all walks: rights, accessed, dirty. */
static struct naive finish(const struct vam_paging *p, u64 slot, bool wide,
			   bool w, bool u, bool x, u32 access, u64 pa)
{
	struct naive n = { .pa = pa };

	if (forbidden(p, w, u, x, access))
		return bad(p, access, 1);
	store(model, slot,
	      load(model, slot, wide) | 0x20 |
		      (access & VAM_PTWALK_WRITE ? 0x40 : 0),
	      wide);
	return n;
}

static struct naive walk_32(const struct vam_paging *p, u32 va, u32 access)
{
	u64 slot = p->root + BITS(va, 31, 22) * 4, e = load(model, slot, false);
	bool w, u;

	if (!(e & 1))
		return bad(p, access, 0);
	w = e & 2;
	u = e & 4;
	if ((e & 0x80) && p->pse) {
		if (BITS(e, 21, 21))
			return bad(p, access, 9);
		if (p->phys_bits < 40 && BITS(e, 20, p->phys_bits - 19))
			return bad(p, access, 9);
		return finish(p, slot, false, w, u, true, access,
			      BITS(e, 31, 22) << 22 | BITS(e, 20, 13) << 32 |
				      BITS(va, 21, 0));
	}
	store(model, slot, e | 0x20, false);
	slot = (e & 0xfffff000) + BITS(va, 21, 12) * 4;
	e = load(model, slot, false);
	if (!(e & 1))
		return bad(p, access, 0);
	return finish(p, slot, false, w && (e & 2), u && (e & 4), true, access,
		      (e & 0xfffff000) | BITS(va, 11, 0));
}

static struct naive walk_8(const struct vam_paging *p, u64 va, u32 access)
{
	u64 table = p->root, slot, e;
	bool w = true, u = true, x = true;
	int level = p->levels;

	if (p->format == VAM_PT_PAE) {
		e = p->pdpte[BITS(va, 31, 30)];
		if (!(e & 1))
			return bad(p, access, 0);
		table = BITS(e, 51, 12) << 12;
		level = 2;
	}
	for (;; level--) {
		int low = 12 + (level - 1) * 9;

		slot = table + BITS(va, low + 8, low) * 8;
		e = load(model, slot, true);
		if (!(e & 1))
			return bad(p, access, 0);
		if (bad_high(p, e))
			return bad(p, access, 9);
		w = w && (e & 2);
		u = u && (e & 4);
		x = x && !(e >> 63);
		if (level == 1)
			return finish(p, slot, true, w, u, x, access,
				      BITS(e, 51, 12) << 12 | BITS(va, 11, 0));
		if (e & 0x80) {
			if (level > 3 || (level == 3 && !p->giga))
				return bad(p, access, 9);
			if (BITS(e, level == 2 ? 20 : 29, 13))
				return bad(p, access, 9);
			if (level == 2)
				return finish(p, slot, true, w, u, x, access,
					      BITS(e, 51, 21) << 21 |
						      BITS(va, 20, 0));
			return finish(p, slot, true, w, u, x, access,
				      BITS(e, 51, 30) << 30 | BITS(va, 29, 0));
		}
		store(model, slot, e | 0x20, true);
		table = BITS(e, 51, 12) << 12;
	}
}

static u64 random_entry(void)
{
	u64 e = tap_random(&seed), keep = ~0xfffffffffff000ull;

	switch (below(8)) {
	case 0:
		return e; /* anything */
	case 1: /* large page */
		return (e & 0x7f) | 0x81 | (e & 0xffc00000);
	case 2: /* large page with some bit too many */
		return (e & 0x7f) | 0x81 | (e & 0xffc00000) |
		       1ull << (12 + below(52));
	case 3: /* one bit too many */
		return (BASE + below(FRAMES) * 4096) | 7 |
		       1ull << (7 + below(57));
	default:
		e = (e & keep & 0x7f) | (BASE + below(FRAMES) * 4096) | 1;
		if (below(4))
			e |= 6;
		if (!below(10))
			e |= 1ull << 63;
	}
	return e;
}

static void random_paging(struct vam_paging *p)
{
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->format = VAM_PT_32 + below(3);
	p->levels = p->format == VAM_PT_32  ? 2 :
		    p->format == VAM_PT_PAE ? 3 :
					      4 + below(2);
	p->wp = below(2);
	p->nx = below(4);
	p->pse = below(3);
	p->giga = below(4);
	p->smep = below(2);
	p->smap = below(2);
	p->phys_bits = 36 + below(17);
	p->root = BASE + below(FRAMES) * 4096;
	for (i = 0; i < 4; i++)
		p->pdpte[i] = (BASE + below(FRAMES) * 4096) | !!below(8);
	p->read = read_entry;
	p->update = update;
	vam_paging_set_reserved(p);
}

static u64 random_va(const struct vam_paging *p)
{
	u64 va = tap_random(&seed);

	return p->format == VAM_PT_LONG ? va : (u32)va;
}

static void fill(void)
{
	unsigned int i;

	for (i = 0; i < sizeof(memory); i += 8)
		*(u64 *)(memory + i) = random_entry();
}

static bool compare_once(void)
{
	static const u32 kinds[] = { 0, 2, 4, 6, 16, 20, 32, 34 };
	struct vam_paging p;
	struct vam_ptwalk w = { 0 };
	enum vam_ptwalk_result r;
	u32 access = kinds[below(8)];
	struct naive n;
	u64 va;

	random_paging(&p);
	va = random_va(&p);
	memcpy(model, memory, sizeof(model));
	n = p.format == VAM_PT_32 ? walk_32(&p, va, access) :
				    walk_8(&p, va, access);
	r = vam_ptwalk(&p, va, access, &w);
	if (n.fault != (r == VAM_PTWALK_FAULT) ||
	    (n.fault ? n.error != w.error :
		       r != VAM_PTWALK_OK || n.pa != w.gpa) ||
	    memcmp(memory, model, sizeof(model))) {
		tap_note(
			"format %u levels %u va %llx access %x: %s %x %llx, naive %s %x %llx",
			p.format, p.levels, va, access,
			r == VAM_PTWALK_OK ? "ok" : "fault", w.error, w.gpa,
			n.fault ? "fault" : "ok", n.error, n.pa);
		return false;
	}
	return true;
}

/* An entry changed in the middle: never a lost or half-made update. */
static bool race_once(void)
{
	struct vam_paging p;
	struct vam_ptwalk w = { 0 };
	enum vam_ptwalk_result r;
	unsigned int i;

	random_paging(&p);
	memcpy(before, memory, sizeof(before));
	r = vam_ptwalk(&p, random_va(&p), 2, &w);
	for (i = 0; i < sizeof(memory); i++) {
		/* accessed, dirty, and what the other CPU changed */
		u8 may = i % 4 == 0 ? 0x60 : i % 4 == 1 ? 0x02 : 0;

		if ((memory[i] ^ before[i]) & ~may)
			return false;
		if (i % 4 == 0 && (before[i] & ~memory[i] & 0x60))
			return false;
	}
	return r == VAM_PTWALK_OK || r == VAM_PTWALK_FAULT ||
	       r == VAM_PTWALK_CHANGED;
}

int main(void)
{
	unsigned int i, wrong = 0, pdpte = 0;

	for (i = 0; i < ROUNDS && wrong < 10; i++) {
		if (i % 64 == 0)
			fill();
		wrong += !compare_once();
	}
	tap_ok(!wrong, "agrees with the walk from the manual");

	races = 3;
	for (i = 0, wrong = 0; i < ROUNDS / 20; i++) {
		if (i % 64 == 0)
			fill();
		wrong += !race_once();
	}
	tap_ok(!wrong, "never undoes what another CPU wrote");
	races = 1;
	fill();
	for (i = 0, wrong = 0; i < 1000; i++)
		wrong += !race_once();
	tap_ok(!wrong, "ends although each update fails");

	for (i = 0; i < 64; i++) {
		u64 bit = 1ull << i;
		bool valid = i == 0 || i == 3 || i == 4 || (i >= 9 && i < 40);

		pdpte += vam_pae_pdpte_is_valid(bit | 1, 40) != valid;
		pdpte += !vam_pae_pdpte_is_valid(bit & ~1ull, 40);
	}
	tap_ok(!pdpte, "knows the reserved bits of PAE registers");
	return tap_done();
}
