// SPDX-License-Identifier: GPL-2.0
/*
 * boot.c - the first C code; boot information, CPU features, time
 *
 * What the boot loader left in memory is copied before anything else may
 * overwrite it.
 */
#include "lib.h"

struct boot_info boot;

#define FEATURE(id, leaf, reg, bit) \
	const struct feature feat_##id = { leaf, reg, bit, #id }
FEATURE(pse, 1, 3, 3);
FEATURE(pae, 1, 3, 6);
FEATURE(pge, 1, 3, 13);
FEATURE(cx16, 1, 2, 13);
FEATURE(pcid, 1, 2, 17);
FEATURE(x2apic, 1, 2, 21);
FEATURE(tsc_deadline, 1, 2, 24);
FEATURE(xsave, 1, 2, 26);
FEATURE(osxsave, 1, 2, 27);
FEATURE(fsgsbase, 7, 1, 0);
FEATURE(smep, 7, 1, 7);
FEATURE(invpcid, 7, 1, 10);
FEATURE(smap, 7, 1, 20);
FEATURE(umip, 7, 2, 2);
FEATURE(pku, 7, 2, 3);
FEATURE(la57, 7, 2, 16);
FEATURE(svm, 0x80000001, 2, 2);
FEATURE(syscall, 0x80000001, 3, 11);
FEATURE(nx, 0x80000001, 3, 20);
FEATURE(gbpages, 0x80000001, 3, 26);
FEATURE(rdtscp, 0x80000001, 3, 27);

bool cpu_has(const struct feature *f)
{
	struct cpuid r = cpuid(f->leaf & 0x80000000, 0);
	u32 reg[4];

	if (r.eax < f->leaf)
		return false;
	r = cpuid(f->leaf, 0);
	reg[0] = r.eax;
	reg[1] = r.ebx;
	reg[2] = r.ecx;
	reg[3] = r.edx;
	return reg[f->reg] >> f->bit & 1;
}

void need(const struct feature *f)
{
	if (!cpu_has(f))
		skip(f->name);
}

u32 phys_bits(void)
{
	if (cpuid(0x80000000, 0).eax < 0x80000008)
		return 36;
	return cpuid(0x80000008, 0).eax & 0xff;
}

void boot_init(u32 mbi)
{
	const u32 *info = (const u32 *)(ulong)mbi;
	const char *from;
	u32 i;

	if (!mbi)
		return;
	boot.mbi_flags = info[0];
	if (boot.mbi_flags & 1)
		boot.mem_upper = info[2];
	if (boot.mbi_flags & 4) {
		from = (const char *)(ulong)info[4];
		for (i = 0; from[i] && i < sizeof(boot.cmdline) - 1; i++)
			boot.cmdline[i] = from[i];
	}
}

u64 cmdline_u64(const char *name, u64 otherwise)
{
	size_t n = strlen(name);
	const char *p = boot.cmdline;
	u64 v = 0;
	u32 base = 10;

	for (;; p++) {
		while (*p == ' ')
			p++;
		if (!*p)
			return otherwise;
		if (!memcmp(p, name, n) && p[n] == '=')
			break;
		while (p[1] && p[1] != ' ')
			p++;
	}
	p += n + 1;
	if (p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	for (; *p && *p != ' '; p++) {
		u32 d = *p <= '9' ? *p - '0' : (*p | 32) - 'a' + 10;

		if (d >= base)
			return otherwise;
		v = v * base + d;
	}
	return v;
}

static u16 pit_count(void)
{
	u8 lo;

	outb(0x43, 0); /* latch channel 0 */
	lo = inb(0x40);
	return inb(0x40) << 8 | lo;
}

/* The TSC's interval encloses the other: a pause makes it too big, only. */
static u32 measure_tsc(void)
{
	u64 t0 = rdtsc();
	u16 start = pit_count(), gone;

	do
		gone = start - pit_count();
	while (gone < 11932); /* 10 ms of 1193182 Hz */
	/* the loop may overshoot: count with what really passed */
	return (u32)(rdtsc() - t0) / ((u32)gone * 1000 / 1193);
}

u32 tsc_per_us(void)
{
	static u32 rate;
	u32 i, n;

	if (rate)
		return rate;
	outb(0x43, 0x34); /* channel 0, rate generator, 65536 ticks */
	outb(0x40, 0);
	outb(0x40, 0);
	for (i = 0; i < 3; i++) {
		n = measure_tsc();
		if (!rate || n < rate)
			rate = n;
	}
	if (!rate)
		rate = 1;
	return rate;
}

void delay_us(u32 us)
{
	u64 ticks = (u64)us * tsc_per_us(), t0 = rdtsc();

	while (rdtsc() - t0 < ticks)
		cpu_relax();
}

void first_c(u32 mbi)
{
	struct cpu *cpu = cpu_by_id(0);
	u32 id;

	for (id = 0; id < MAX_CPUS; id++)
		memset(cpu_by_id(id), 0, sizeof(struct cpu));
	boot_init(mbi);
	/* Firmware leaves the timer running, at a vector that means #DF. */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);
	report_init();
	trap_init();
	trap_init_cpu(cpu);
	cpu->online = true;
#ifdef __x86_64__
	if (cpu_has(&feat_nx))
		wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
#endif
	exit(main());
}
