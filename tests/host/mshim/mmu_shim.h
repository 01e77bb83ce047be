/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mmu_shim.h - the kernel that mmu/ needs, in user space
 *
 * Included by force before every source of mmu_shadow_test. "Physical" memory
 * is an arena of pages; a freed page is poisoned for the address sanitizer,
 * so that any use of a shadow page after its end is seen.
 */
#ifndef MMU_SHIM_H
#define MMU_SHIM_H

#include <assert.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KBUILD_MODNAME "vamhost"
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define smp_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define barrier() asm volatile("" ::: "memory")
#define cmpxchg(p, o, n) __sync_val_compare_and_swap(p, o, n)
#define __printf(a, b) __attribute__((format(printf, a, b)))
#define __init
#define __exit
#define U32_MAX ((u32)~0u)
#define WARN_ON_ONCE(c)                                                      \
	({                                                                   \
		if (c) {                                                     \
			fprintf(stderr, "WARN_ON_ONCE at %s:%d\n", __FILE__, \
				__LINE__);                                   \
			abort();                                             \
		}                                                            \
		0;                                                           \
	})
#define clamp(v, lo, hi) min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi) min_t(t, max_t(t, v, lo), hi)

static inline int ilog2(u64 n)
{
	return 63 - __builtin_clzll(n);
}

static inline u64 hash_64(u64 value, unsigned int bits)
{
	return value * 0x61c8864680b583ebull >> (64 - bits);
}

/* --- lists ---------------------------------------------------------------- */

struct list_head {
	struct list_head *next, *prev;
};

struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define LIST_HEAD(name) struct list_head name = { &(name), &(name) }

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l->prev = l;
}

static inline void list_add(struct list_head *n, struct list_head *head)
{
	n->next = head->next;
	n->prev = head;
	head->next->prev = n;
	head->next = n;
}

static inline void list_add_tail(struct list_head *n, struct list_head *head)
{
	list_add(n, head->prev);
}

/* The pointers left behind are those of nobody. */
static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->next = n->prev = (void *)0xdead000;
}

static inline void list_move(struct list_head *n, struct list_head *head)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_add(n, head);
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_rotate_left(struct list_head *head)
{
	if (!list_empty(head)) {
		struct list_head *first = head->next;

		list_del(first);
		list_add_tail(first, head);
	}
}

static inline void list_splice_init(struct list_head *from,
				    struct list_head *to)
{
	while (!list_empty(from))
		list_move(from->next, to);
}

#define list_entry(p, t, m) container_of(p, t, m)
#define list_first_entry(h, t, m) list_entry((h)->next, t, m)
#define list_for_each_entry(p, h, m)                                     \
	for (p = list_entry((h)->next, __typeof__(*p), m); &p->m != (h); \
	     p = list_entry(p->m.next, __typeof__(*p), m))
#define list_for_each_entry_safe(p, n, h, m)               \
	for (p = list_entry((h)->next, __typeof__(*p), m), \
	    n = list_entry(p->m.next, __typeof__(*p), m);  \
	     &p->m != (h);                                 \
	     p = n, n = list_entry(n->m.next, __typeof__(*p), m))
#define list_for_each_entry_safe_reverse(p, n, h, m)       \
	for (p = list_entry((h)->prev, __typeof__(*p), m), \
	    n = list_entry(p->m.prev, __typeof__(*p), m);  \
	     &p->m != (h);                                 \
	     p = n, n = list_entry(n->m.prev, __typeof__(*p), m))

static inline void hlist_add_head(struct hlist_node *n, struct hlist_head *h)
{
	n->next = h->first;
	if (n->next)
		n->next->pprev = &n->next;
	h->first = n;
	n->pprev = &h->first;
}

static inline void hlist_del(struct hlist_node *n)
{
	*n->pprev = n->next;
	if (n->next)
		n->next->pprev = n->pprev;
	n->next = (void *)0xdead000;
	n->pprev = NULL;
}

#define hlist_entry_safe(p, t, m)                   \
	({                                          \
		__typeof__(p) p_ = (p);             \
		p_ ? container_of(p_, t, m) : NULL; \
	})
#define hlist_for_each_entry(p, h, m)                                \
	for (p = hlist_entry_safe((h)->first, __typeof__(*p), m); p; \
	     p = hlist_entry_safe(p->m.next, __typeof__(*p), m))
#define hlist_for_each_entry_safe(p, n, h, m)                     \
	for (p = hlist_entry_safe((h)->first, __typeof__(*p), m); \
	     p && ((n = p->m.next), 1);                           \
	     p = hlist_entry_safe(n, __typeof__(*p), m))

/* --- locks: one thread, but they must be paired ---------------------------- */

typedef struct {
	int held;
} spinlock_t;

struct mutex {
	int held;
};

#define DEFINE_MUTEX(name) struct mutex name

extern int shim_locks_held;

static inline void spin_lock_init(spinlock_t *l)
{
	l->held = 0;
}

static inline void spin_lock(spinlock_t *l)
{
	assert(!l->held);
	l->held = 1;
	shim_locks_held++;
}

static inline void spin_unlock(spinlock_t *l)
{
	assert(l->held);
	l->held = 0;
	shim_locks_held--;
}

static inline int spin_trylock(spinlock_t *l)
{
	if (l->held)
		return 0;
	spin_lock(l);
	return 1;
}

static inline void mutex_lock(struct mutex *m)
{
	assert(!m->held);
	m->held = 1;
}

static inline void mutex_unlock(struct mutex *m)
{
	assert(m->held);
	m->held = 0;
}

static inline int mutex_trylock(struct mutex *m)
{
	if (m->held)
		return 0;
	mutex_lock(m);
	return 1;
}

#define preempt_disable() ((void)0)
#define preempt_enable() ((void)0)
#define cond_resched() assert(!shim_locks_held)

/* --- memory ---------------------------------------------------------------- */

#define PAGE_SHIFT 12
#define PAGE_SIZE 4096ul
#define PFN_PHYS(n) ((u64)(n) << PAGE_SHIFT)
#define NUMA_NO_NODE (-1)
#define GFP_KERNEL 1u
#define GFP_KERNEL_ACCOUNT 1u
#define GFP_DMA32 2u
#define __GFP_ZERO 0u
#define __GFP_ACCOUNT 0u
#define ARENA_PAGES 65536ul
#define ARENA_PHYS 0x40000000ul /* where the arena is, physically */

typedef unsigned int gfp_t;

struct page {
	unsigned long private;
	struct list_head lru;
	bool used;
};

extern struct page shim_pages[ARENA_PAGES];
extern u8 *shim_arena;
extern unsigned long shim_pages_used;
extern unsigned long shim_fail_nth; /* this many allocations from now: fails */

struct page *shim_alloc_page(void);
void shim_free_page(struct page *page);
bool shim_fails(void);

static inline struct page *alloc_pages_node(int node, gfp_t gfp, unsigned int o)
{
	assert(!o && !shim_locks_held);
	return shim_alloc_page();
}

static inline void *page_address(struct page *page)
{
	return shim_arena + (page - shim_pages) * PAGE_SIZE;
}

static inline struct page *virt_to_page(const void *va)
{
	unsigned long n = ((const u8 *)va - shim_arena) / PAGE_SIZE;

	assert(n < ARENA_PAGES && shim_pages[n].used);
	return &shim_pages[n];
}

static inline unsigned long page_to_pfn(struct page *page)
{
	return (page - shim_pages) + (ARENA_PHYS >> PAGE_SHIFT);
}

static inline struct page *pfn_to_page(unsigned long pfn)
{
	pfn -= ARENA_PHYS >> PAGE_SHIFT;
	assert(pfn < ARENA_PAGES && shim_pages[pfn].used);
	return &shim_pages[pfn];
}

static inline u64 __pa(const void *va)
{
	return (const u8 *)va - shim_arena + ARENA_PHYS;
}

static inline void *__va(u64 pa)
{
	assert(pa - ARENA_PHYS < ARENA_PAGES * PAGE_SIZE);
	return shim_arena + (pa - ARENA_PHYS);
}

static inline void free_page(unsigned long va)
{
	shim_free_page(virt_to_page((void *)va));
}

#define __free_page(p) shim_free_page(p)
#define set_page_private(p, v) ((p)->private = (v))
#define page_private(p) ((p)->private)

static inline void *kzalloc(size_t n, gfp_t gfp)
{
	assert(!shim_locks_held);
	return shim_fails() ? NULL : calloc(1, n);
}

static inline void *kvcalloc(size_t n, size_t size, gfp_t gfp)
{
	return shim_fails() ? NULL : calloc(n, size);
}

#define kfree(p) free(p)
#define kvfree(p) free(p)

/* --- the rest: only to be named -------------------------------------------- */

typedef struct {
	s64 counter;
} atomic64_t;
typedef struct {
	int counter;
} atomic_t;
typedef struct {
	int unused;
} wait_queue_head_t;
struct kref {
	int unused;
};
struct preempt_notifier {
	int unused;
};
struct dentry;
struct task_struct;

#define atomic64_add(n, v) ((v)->counter += (n))
#define atomic64_read(v) ((v)->counter)
#define kref_get(k) ((void)(k))
#define rdtsc_ordered() 0ull

static inline void set_bit(unsigned int n, unsigned long *p)
{
	*p |= 1ul << n;
}

struct shim_cpuinfo {
	u8 x86_phys_bits;
};
extern struct shim_cpuinfo boot_cpu_data;
extern bool shim_gbpages;
#define X86_FEATURE_GBPAGES 1
#define boot_cpu_has(f) shim_gbpages

#define X86_CR0_WP 0x10000ul
#define X86_CR0_PG 0x80000000ul
#define X86_CR0_PE 1ul
#define X86_CR4_PSE 0x10ul
#define X86_CR4_PAE 0x20ul
#define X86_CR4_PGE 0x80ul
#define X86_CR4_LA57 0x1000ul
#define X86_CR4_PCIDE 0x20000ul
#define X86_CR4_SMEP 0x100000ul
#define X86_CR4_SMAP 0x200000ul
#define X86_EFLAGS_AC 0x40000ul
#define EFER_LME 0x100ul
#define EFER_LMA 0x400ul
#define EFER_NX 0x800ul

#endif /* MMU_SHIM_H */
