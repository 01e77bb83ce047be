// SPDX-License-Identifier: GPL-2.0
/*
 * mem.c - pages from a fixed pool, string functions, random numbers, hashes
 *
 * The pool is the same on every machine, so that a payload gets the same
 * addresses everywhere and may print them.
 */
#include "lib.h"

static struct spinlock pool_lock;
static ulong pool_next = POOL_START;
static void *pool_free; /* freed pages, linked through their first word */

void *page_alloc(void)
{
	void *page;

	spin_lock(&pool_lock);
	page = pool_free;
	if (page) {
		pool_free = *(void **)page;
	} else {
		page = (void *)pool_next;
		pool_next += 0x1000;
	}
	spin_unlock(&pool_lock);
	if ((ulong)page >= POOL_END) {
		fail("no page left");
		exit(1);
	}
	return memset(page, 0, 0x1000);
}

void *pages_alloc(u32 n, ulong align)
{
	ulong at;

	spin_lock(&pool_lock);
	at = (pool_next + align - 1) & ~(align - 1);
	pool_next = at + n * 0x1000ul;
	spin_unlock(&pool_lock);
	if (pool_next > POOL_END) {
		fail("no %u pages left", n);
		exit(1);
	}
	return memset((void *)at, 0, n * 0x1000ul);
}

void page_free(void *page)
{
	spin_lock(&pool_lock);
	*(void **)page = pool_free;
	pool_free = page;
	spin_unlock(&pool_lock);
}

void *memset(void *to, int byte, size_t n)
{
	void *at = to;

	asm volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(byte) : "memory");
	return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *at = to;

	asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(n) : : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		;
	return (u8)*a - (u8)*b;
}

void rng_seed(struct rng *r, u64 seed)
{
	r->state = seed ? seed : 1;
}

u64 rng_next(struct rng *r)
{
	u64 x = r->state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	r->state = x;
	return x * 0x2545f4914f6cdd1dull;
}

u64 hash_u64(u64 hash, u64 value)
{
	u32 i;

	for (i = 0; i < 8; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * 0x100000001b3ull;
	return hash;
}
