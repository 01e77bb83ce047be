/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kernel_shim.h - as much of the kernel as device models need, in user space
 *
 * One thread, no interrupts: locks only check that they are not taken twice.
 * Time stands still until shim_advance() moves it and runs the timers that
 * are due. Every <linux/...> and <asm/...> header of the models is generated
 * as a line that includes this one (dev.mk).
 */
#ifndef KERNEL_SHIM_H
#define KERNEL_SHIM_H

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/types.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef s64 time64_t;
typedef u32 gfp_t;

#define __printf(a, b) __attribute__((format(printf, a, b)))
#define likely(x) (x)
#define unlikely(x) (x)
#define noinline __attribute__((noinline))
#define __percpu
#define __user
#define static_assert _Static_assert
#define WARN_ON_ONCE(x) ((x) ? (shim_warn(__FILE__, __LINE__), true) : false)
#define IS_ERR(p) ((unsigned long)(p) > -4096ul)
#define sizeof_field(t, m) sizeof(((t *)0)->m)
#define PAGE_SIZE 4096ul
#define SZ_1K 0x400u
#define SZ_64K 0x10000u
#define SZ_1M 0x100000u
#define SZ_16M 0x1000000u
#define U32_MAX 0xffffffffu

static inline void shim_warn(const char *file, int line)
{
	fprintf(stderr, "WARN at %s:%d\n", file, line);
	abort();
}

/* --- arithmetic and bits ------------------------------------------------- */

#define clamp(v, lo, hi) min(max(v, lo), hi)
#define BITS_PER_LONG 64
#define BITS_TO_LONGS(n) (((n) + 63) / 64)
#define DECLARE_BITMAP(name, n) unsigned long name[BITS_TO_LONGS(n)]

static inline unsigned long __ffs(unsigned long v)
{
	return __builtin_ctzl(v);
}

static inline unsigned long __fls(unsigned long v)
{
	return 63 - __builtin_clzl(v);
}

static inline unsigned long rounddown_pow_of_two(unsigned long v)
{
	return 1ul << __fls(v);
}

static inline bool test_bit(unsigned int n, const unsigned long *map)
{
	return map[n / 64] >> n % 64 & 1;
}

static inline void set_bit(unsigned int n, unsigned long *map)
{
	map[n / 64] |= BIT(n % 64);
}

static inline void clear_bit(unsigned int n, unsigned long *map)
{
	map[n / 64] &= ~BIT(n % 64);
}

#define __set_bit set_bit
#define __clear_bit clear_bit

static inline bool test_and_set_bit(unsigned int n, unsigned long *map)
{
	bool old = test_bit(n, map);

	set_bit(n, map);
	return old;
}

static inline bool test_and_clear_bit(unsigned int n, unsigned long *map)
{
	bool old = test_bit(n, map);

	clear_bit(n, map);
	return old;
}

static inline void bitmap_zero(unsigned long *map, unsigned int n)
{
	memset(map, 0, BITS_TO_LONGS(n) * sizeof(long));
}

#define READ_ONCE(x) (x)
#define WRITE_ONCE(x, v) ((void)((x) = (v)))
#define smp_load_acquire(p) (*(p))
#define smp_store_release(p, v) ((void)(*(p) = (v)))
#define smp_mb__after_atomic() ((void)0)
#define smp_mb() ((void)0)
#define xchg(p, v) __sync_lock_test_and_set(p, v)

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rem)
{
	*rem = a % b;
	return a / b;
}

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div_u64_rem(u64 a, u32 b, u32 *rem)
{
	*rem = a % b;
	return a / b;
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	return (unsigned __int128)a * b / c;
}

static inline u64 mul_u64_u32_div(u64 a, u32 b, u32 c)
{
	return (unsigned __int128)a * b / c;
}

static inline unsigned int bcd2bin(u8 v)
{
	return (v & 0xf) + (v >> 4) * 10;
}

static inline u8 bin2bcd(unsigned int v)
{
	return v / 10 << 4 | v % 10;
}

/* --- memory ---------------------------------------------------------------- */

#define GFP_KERNEL_ACCOUNT 0
#define __GFP_ZERO 0
#define __GFP_ACCOUNT 0
#define kzalloc(size, gfp) calloc(1, size)
#define kvcalloc(n, size, gfp) calloc(n, size)
#define kfree free
#define kvfree free

struct page;

static inline struct page *alloc_pages_node(int node, gfp_t gfp,
					    unsigned int order)
{
	return NULL;
}

/* --- locks, tasks, waiting ---------------------------------------------------- */

typedef struct {
	bool taken;
} spinlock_t;

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->taken = false;
}

static inline void spin_lock(spinlock_t *lock)
{
	if (lock->taken)
		shim_warn("spin_lock: taken twice", 0);
	lock->taken = true;
}

static inline void spin_unlock(spinlock_t *lock)
{
	if (!lock->taken)
		shim_warn("spin_unlock: not taken", 0);
	lock->taken = false;
}

#define spin_lock_irq spin_lock
#define spin_unlock_irq spin_unlock
#define spin_lock_irqsave(lock, flags) ((flags) = 0, spin_lock(lock))
#define spin_unlock_irqrestore(lock, flags) ((void)(flags), spin_unlock(lock))
#define lockdep_assert_held(lock) ((void)(lock))

typedef struct {
	int counter;
} atomic_t;

typedef struct {
	s64 counter;
} atomic64_t;

static inline void atomic64_add(s64 n, atomic64_t *v)
{
	v->counter += n;
}

static inline s64 atomic64_read(const atomic64_t *v)
{
	return v->counter;
}

struct task_struct {
	int unused;
};

struct preempt_notifier {
	int unused;
};

struct kref {
	int unused;
};

struct list_head {
	int unused;
};

struct mutex {
	int unused;
};

typedef struct {
	unsigned int woken;
	bool sleepers;
} wait_queue_head_t;

extern struct task_struct *current;

static inline bool in_task(void)
{
	return true;
}

static inline void kref_get(struct kref *ref)
{
}

static inline bool wq_has_sleeper(wait_queue_head_t *wq)
{
	return wq->sleepers;
}

static inline void wake_up(wait_queue_head_t *wq)
{
	wq->woken++;
}

/* --- time ------------------------------------------------------------------------ */

#define NSEC_PER_SEC 1000000000ll
#define NSEC_PER_MSEC 1000000ll
#define NSEC_PER_USEC 1000ll
#define CLOCK_MONOTONIC 1

typedef s64 ktime_t;

enum hrtimer_mode { HRTIMER_MODE_ABS, HRTIMER_MODE_REL };
enum hrtimer_restart { HRTIMER_NORESTART, HRTIMER_RESTART };

struct hrtimer {
	enum hrtimer_restart (*function)(struct hrtimer *timer);
	ktime_t expires;
	bool queued;
	struct hrtimer *next; /* list of all that were ever started */
	bool known;
};

extern ktime_t shim_now;
extern unsigned int tsc_khz;

void hrtimer_start(struct hrtimer *timer, ktime_t when, enum hrtimer_mode mode);
int hrtimer_try_to_cancel(struct hrtimer *timer);

static inline void hrtimer_init(struct hrtimer *timer, int clock,
				enum hrtimer_mode mode)
{
}

static inline void hrtimer_cancel(struct hrtimer *timer)
{
	hrtimer_try_to_cancel(timer);
}

/* Let time pass, and whatever is due happen at its moment. Returns how many
 * timers went off. */
unsigned int shim_advance(ktime_t ns);

static inline ktime_t ktime_get(void)
{
	return shim_now;
}

static inline u64 ktime_get_real_ns(void)
{
	return shim_now + 1800000000 * NSEC_PER_SEC;
}

static inline time64_t ktime_get_real_seconds(void)
{
	return ktime_get_real_ns() / NSEC_PER_SEC;
}

#define ktime_add_ns(t, ns) ((ktime_t)((t) + (ns)))
#define ktime_sub_ns(t, ns) ((ktime_t)((t) - (ns)))
#define ktime_sub(a, b) ((a) - (b))
#define ktime_to_ns(t) (t)
#define ktime_before(a, b) ((a) < (b))

static inline void time64_to_tm(time64_t t, int offset, struct tm *tm)
{
	time_t tt = t;

	gmtime_r(&tt, tm);
}

static inline time64_t mktime64(unsigned int year, unsigned int month,
				unsigned int day, unsigned int hour,
				unsigned int minute, unsigned int second)
{
	struct tm tm = {
		.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second,
	};

	return timegm(&tm);
}

static inline u64 rdtsc_ordered(void)
{
	return shim_now * tsc_khz / 1000000;
}

/* --- numbers from headers ---------------------------------------------------------- */

#define MSR_IA32_APICBASE 0x1b
#define MSR_IA32_APICBASE_BSP (1 << 8)
#define MSR_IA32_APICBASE_ENABLE (1 << 11)
#define MSR_IA32_TSC_DEADLINE 0x6e0
#define X2APIC_ENABLE (1ul << 10)
#define APIC_BASE_MSR 0x800
#define APIC_DEFAULT_PHYS_BASE 0xfee00000
#define APIC_SPIV_APIC_ENABLED (1 << 8)
#define APIC_LVT_MASKED (1 << 16)
#define APIC_MODE_EXTINT 7
#define APIC_DEST_SELF 0x40000
#define APIC_DEST_ALLBUT 0xc0000
#define APIC_DEST_LOGICAL 0x800
#define APIC_INT_LEVELTRIG 0x8000
#define APIC_INT_ASSERT 0x4000

#define X86_CR0_PE 0x1
#define X86_EFLAGS_IF 0x200
#define X86_TRAP_DE 0
#define X86_TRAP_NMI 2
#define X86_TRAP_BP 3
#define X86_TRAP_OF 4
#define X86_TRAP_DF 8
#define X86_TRAP_TS 10
#define X86_TRAP_NP 11
#define X86_TRAP_SS 12
#define X86_TRAP_GP 13
#define X86_TRAP_PF 14

#define RTC_SECONDS 0
#define RTC_SECONDS_ALARM 1
#define RTC_MINUTES 2
#define RTC_MINUTES_ALARM 3
#define RTC_HOURS 4
#define RTC_HOURS_ALARM 5
#define RTC_DAY_OF_WEEK 6
#define RTC_DAY_OF_MONTH 7
#define RTC_MONTH 8
#define RTC_YEAR 9
#define RTC_FREQ_SELECT 10
#define RTC_CONTROL 11
#define RTC_INTR_FLAGS 12
#define RTC_VALID 13
#define RTC_UIP 0x80
#define RTC_REF_CLCK_32KHZ 0x20
#define RTC_RATE_SELECT 0x0f
#define RTC_SET 0x80
#define RTC_PIE 0x40
#define RTC_AIE 0x20
#define RTC_UIE 0x10
#define RTC_DM_BINARY 0x04
#define RTC_24H 0x02
#define RTC_IRQF 0x80
#define RTC_PF 0x40
#define RTC_AF 0x20
#define RTC_UF 0x10
#define RTC_VRT 0x80

#include <linux/serial_reg.h>

#endif /* KERNEL_SHIM_H */
