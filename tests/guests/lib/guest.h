/* SPDX-License-Identifier: GPL-2.0 */
/*
 * guest.h - what a test payload can use
 *
 * A payload is a freestanding program that boots as a Multiboot image, on an
 * emulated PC or in a virtual machine, and prints a report that must be the
 * same in both. It defines main(), which returns 0 for success; the library
 * then prints the last line ("done" or "failed") and ends the machine.
 *
 * Two flavours from the same sources: 64-bit (long mode, low 4 GiB mapped
 * one to one with 2 MiB pages) and 32-bit (protected mode, paging off until
 * the payload calls paging_on()). The name of the payload chooses: *_32,
 * *_pae and *_flat are 32-bit.
 *
 * Memory: 1-4 MiB image (supervisor), 4-8 MiB what user mode may touch
 * (__user_text, __user_data), 8-48 MiB pages from page_alloc().
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "seg.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64; /* %llu in both flavours */
typedef int32_t s32;
typedef long long s64;
typedef unsigned long ulong;

#define __user_text __attribute__((section(".user.text"), noinline, used))
#define __user_data __attribute__((section(".user.data")))
#define __printf(f, a) __attribute__((format(printf, f, a)))
#define __noreturn __attribute__((noreturn))
#define __aligned(n) __attribute__((aligned(n)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1ull << (n))

/* ---- report (report.c) ---- */

/* Flags 0 and -, width, l and ll, and d u x s c p %. */
void printf(const char *fmt, ...) __printf(1, 2);
/* Prints "FAIL: ..." and makes the exit value 1. */
void fail(const char *fmt, ...) __printf(1, 2);
/* Prints "skip: no WHAT", "done", and ends with 0. */
void __noreturn skip(const char *what);
void __noreturn exit(int value);
void serial_flush(void);
#define check(cond, ...)                   \
	do {                               \
		if (!(cond))               \
			fail(__VA_ARGS__); \
	} while (0)

/* ---- boot information (boot.c) ---- */

struct boot_info {
	u32 mbi_flags; /* Multiboot flags word */
	u32 mem_upper; /* KiB above 1 MiB */
	char cmdline[512];
};
extern struct boot_info boot;
/* The N of "name=N" (decimal or 0x...) on the command line. */
u64 cmdline_u64(const char *name, u64 otherwise);

/* ---- memory (mem.c) ---- */

#define POOL_START 0x800000ul
#define POOL_END 0x3000000ul
/* A zeroed 4 KiB page, below 48 MiB; ends the run when there is none. */
void *page_alloc(void);
/* n pages in a row, aligned to align bytes (a power of two); never freed. */
void *pages_alloc(u32 n, ulong align);
void page_free(void *page);
void *memset(void *to, int byte, size_t n);
void *memcpy(void *to, const void *from, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);

struct rng {
	u64 state;
};
/* xorshift64*; seed 0 is taken as 1. */
void rng_seed(struct rng *r, u64 seed);
u64 rng_next(struct rng *r);
static inline u32 rng_below(struct rng *r, u32 n)
{
	return (u32)(rng_next(r) >> 33) % n;
}
/* FNV-1a step, for report hashes; begin with HASH_INIT. */
#define HASH_INIT 0xcbf29ce484222325ull
u64 hash_u64(u64 hash, u64 value);

/* ---- traps (trap.c, entry.S) ---- */

struct regs {
#ifdef __x86_64__
	u64 r15, r14, r13, r12, r11, r10, r9, r8;
	u64 di, si, bp, bx, dx, cx, ax;
	u64 vector, error, ip, cs, flags, sp, ss;
#else
	u32 es, ds, di, si, bp, unused_sp, bx, dx, cx, ax;
	u32 vector, error, ip, cs, flags, sp, ss; /* sp, ss: from ring 3 */
#endif
};

/* Called on vector v, interrupts off; returning resumes at regs->ip. */
typedef void (*trap_fn)(struct regs *regs);
extern trap_fn trap_handlers[256];

struct fault {
	bool hit; /* did anything fault? the rest is valid only then */
	u8 vector;
	u32 error;
	ulong cr2; /* only for #PF */
	ulong ip; /* of the faulting instruction */
	ulong flags;
};

/*
 * Runs fn(arg); an exception without handler inside it ends the call and
 * is described in *f. Returns f->hit. Nests. Not for use with locks held.
 */
bool guard(struct fault *f, void (*fn)(void *), void *arg);
/* Runs fn(arg) in ring 3 on a user stack; fn must be __user_text. */
ulong user_call(struct fault *f, ulong (*fn)(ulong), ulong arg);

/* One byte read/written, or a call of the code at va, under guard. */
bool try_read(struct fault *f, ulong va);
bool try_write(struct fault *f, ulong va, u8 value);
bool try_fetch(struct fault *f, ulong va);
bool user_try_read(struct fault *f, ulong va);
bool user_try_write(struct fault *f, ulong va);
bool user_try_fetch(struct fault *f, ulong va);

/* Changes one gate: the entry point, its ring and (64-bit) its IST index. */
void gate_set(u8 vector, void (*entry)(void), u8 dpl, u8 ist);
/* Back to the library's stub for that vector. */
void gate_reset(u8 vector);
extern u64 gdt[];

/* ---- CPUs (smp.c, trampoline in entry.S) ---- */

#define MAX_CPUS 4
#define CPU_BLOCK 0x8000

struct tss {
#ifdef __x86_64__
	u32 unused;
	u64 sp[3];
	u64 unused2;
	u64 ist[7];
	u64 unused3;
	u16 unused4, iomap;
#else
	u32 link, sp0, ss0, sp1, ss1, sp2, ss2, cr3, ip, flags;
	u32 ax, cx, dx, bx, sp, bp, si, di;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trace, iomap;
#endif
} __attribute__((packed));

struct cpu {
	u32 id; /* 0 is the first */
	u32 apic_id;
	void *recover; /* innermost guard() */
	struct fault fault;
	ulong user_result;
	struct tss tss;
	void (*volatile fn)(void *); /* work given by cpu_start() */
	void *volatile arg;
	volatile bool online;
};

/* At the base of this CPU's stacks, thus found without a register. */
static inline struct cpu *this_cpu(void)
{
	ulong here;

	asm volatile("mov %%" SP_REG ", %0" : "=r"(here));
	return (struct cpu *)(here & ~(CPU_BLOCK - 1ul));
}

/* Starts CPUs until n run (boot CPU included); returns how many run. */
u32 smp_start(u32 n);
/* Runs fn(arg) there; cpu_start() does not wait, cpu_join() does. */
void on_cpu(u32 id, void (*fn)(void *), void *arg);
void cpu_start(u32 id, void (*fn)(void *), void *arg);
void cpu_join(u32 id);
struct cpu *cpu_by_id(u32 id);

#define LAPIC_BASE 0xfee00000ul
u32 lapic_read(u32 reg);
void lapic_write(u32 reg, u32 value);
void lapic_enable(void); /* software enable, spurious vector 0xff */
void lapic_eoi(void);
/* Fixed delivery to one CPU by its id here; waits until accepted. */
void ipi_send(u32 id, u8 vector);

struct spinlock {
	volatile u32 held;
};
static inline void spin_lock(struct spinlock *lock)
{
	while (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE))
		asm volatile("pause");
}
static inline void spin_unlock(struct spinlock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
}

/* ---- time (boot.c) ---- */

/* By TSC, whose rate is measured against 8254 channel 0 on first use. */
void delay_us(u32 us);
/* TSC ticks per microsecond (measured as above): never print it. */
u32 tsc_per_us(void);

/* ---- CPU features (boot.c) ---- */

struct feature {
	u32 leaf;
	u8 reg; /* 0..3: eax ebx ecx edx */
	u8 bit;
	const char *name;
};
extern const struct feature feat_pse, feat_pae, feat_pge, feat_pcid,
	feat_x2apic, feat_tsc_deadline, feat_smep, feat_smap, feat_invpcid,
	feat_la57, feat_umip, feat_pku, feat_nx, feat_gbpages, feat_syscall,
	feat_rdtscp, feat_xsave, feat_cx16, feat_fsgsbase, feat_svm,
	feat_osxsave;
bool cpu_has(const struct feature *f);
/* skip() unless the CPU has it. */
void need(const struct feature *f);
u32 phys_bits(void);

struct cpuid {
	u32 eax, ebx, ecx, edx;
};
static inline struct cpuid cpuid(u32 leaf, u32 sub)
{
	struct cpuid r;

	asm volatile("cpuid"
		     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
		     : "0"(leaf), "2"(sub));
	return r;
}

/* ---- instructions ---- */

#define DEFINE_CR(n)                                                       \
	static inline ulong read_cr##n(void)                               \
	{                                                                  \
		ulong v;                                                   \
		asm volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
		return v;                                                  \
	}                                                                  \
	static inline void write_cr##n(ulong v)                            \
	{                                                                  \
		asm volatile("mov %0, %%cr" #n : : "r"(v) : "memory");     \
	}
DEFINE_CR(0)
DEFINE_CR(2)
DEFINE_CR(3)
DEFINE_CR(4)

#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_EM BIT(2)
#define CR0_TS BIT(3)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16)
#define CR0_AM BIT(18)
#define CR0_NW BIT(29)
#define CR0_CD BIT(30)
#define CR0_PG BIT(31)
#define CR4_TSD BIT(2)
#define CR4_DE BIT(3)
#define CR4_PSE BIT(4)
#define CR4_PAE BIT(5)
#define CR4_PGE BIT(7)
#define CR4_OSFXSR BIT(9)
#define CR4_UMIP BIT(11)
#define CR4_LA57 BIT(12)
#define CR4_FSGSBASE BIT(16)
#define CR4_PCIDE BIT(17)
#define CR4_OSXSAVE BIT(18)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)

#define EFLAGS_CF BIT(0)
#define EFLAGS_TF BIT(8)
#define EFLAGS_IF BIT(9)
#define EFLAGS_RF BIT(16)
#define EFLAGS_AC BIT(18)

#define MSR_APIC_BASE 0x1b
#define MSR_EFER 0xc0000080
#define EFER_SCE BIT(0)
#define EFER_LME BIT(8)
#define EFER_LMA BIT(10)
#define EFER_NXE BIT(11)

#define DE_VECTOR 0
#define DB_VECTOR 1
#define NMI_VECTOR 2
#define BP_VECTOR 3
#define OF_VECTOR 4
#define BR_VECTOR 5
#define UD_VECTOR 6
#define NM_VECTOR 7
#define DF_VECTOR 8
#define TS_VECTOR 10
#define NP_VECTOR 11
#define SS_VECTOR 12
#define GP_VECTOR 13
#define PF_VECTOR 14
#define MF_VECTOR 16
#define AC_VECTOR 17
#define XM_VECTOR 19

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return (u64)hi << 32 | lo;
}
static inline void wrmsr(u32 msr, u64 v)
{
	asm volatile("wrmsr"
		     :
		     : "c"(msr), "a"((u32)v), "d"((u32)(v >> 32))
		     : "memory");
}
/* Under guard: true if the access raised an exception. */
bool rdmsr_faults(struct fault *f, u32 msr, u64 *value);
bool wrmsr_faults(struct fault *f, u32 msr, u64 value);

#define DEFINE_PORT(s, t)                         \
	static inline void out##s(u16 port, t v)  \
	{                                         \
		asm volatile("out" #s " %0, %1"   \
			     :                    \
			     : "a"(v), "Nd"(port) \
			     : "memory");         \
	}                                         \
	static inline t in##s(u16 port)           \
	{                                         \
		t v;                              \
		asm volatile("in" #s " %1, %0"    \
			     : "=a"(v)            \
			     : "Nd"(port)         \
			     : "memory");         \
		return v;                         \
	}
DEFINE_PORT(b, u8)
DEFINE_PORT(w, u16)
DEFINE_PORT(l, u32)

static inline void invlpg(ulong va)
{
	asm volatile("invlpg (%0)" : : "r"(va) : "memory");
}
static inline void sti(void)
{
	asm volatile("sti" : : : "memory");
}
static inline void cli(void)
{
	asm volatile("cli" : : : "memory");
}
static inline void hlt(void)
{
	asm volatile("hlt" : : : "memory");
}
/* The only race-free way to wait for an interrupt. */
static inline void sti_hlt(void)
{
	asm volatile("sti; hlt" : : : "memory");
}
static inline void cpu_relax(void)
{
	asm volatile("pause" : : : "memory");
}
static inline void barrier(void)
{
	asm volatile("" : : : "memory");
}
static inline u64 rdtsc(void)
{
	u32 lo, hi;

	asm volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
	return (u64)hi << 32 | lo;
}
static inline ulong flags_read(void)
{
	ulong v;

	asm volatile("pushf; pop %0" : "=r"(v) : : "memory");
	return v;
}
static inline void flags_write(ulong v)
{
	asm volatile("push %0; popf" : : "r"(v) : "memory", "cc");
}

struct desc_ptr {
	u16 limit;
	ulong base;
} __attribute__((packed));

#endif
