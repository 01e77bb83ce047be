// SPDX-License-Identifier: GPL-2.0
/*
 * smp.c - more CPUs, and the local APIC that starts them
 *
 * One CPU is started at a time, so that the start code needs no lock. A
 * started CPU takes over CR0, CR3, CR4 and EFER of the one that called
 * smp_start(), then waits for work with interrupts off.
 *
 * Spec: SDM vol. 3 ch. 8.4.4 (start-up), 10.6 (IPIs).
 */
#include "lib.h"

struct cpu *ap_block;
static ulong ap_cr0, ap_cr3, ap_cr4;
static u64 ap_efer;

struct cpu *cpu_by_id(u32 id)
{
	return (struct cpu *)cpu_blocks[id];
}

u32 lapic_read(u32 reg)
{
	u32 v;

	asm volatile("movl (%1), %0"
		     : "=r"(v)
		     : "r"(LAPIC_BASE + reg)
		     : "memory");
	return v;
}

void lapic_write(u32 reg, u32 value)
{
	asm volatile("movl %0, (%1)"
		     :
		     : "r"(value), "r"(LAPIC_BASE + reg)
		     : "memory");
}

void lapic_enable(void)
{
	lapic_write(0xf0, 0x1ff);
}

void lapic_eoi(void)
{
	lapic_write(0xb0, 0);
}

static void icr_send(u32 apic_id, u32 low)
{
	lapic_write(0x310, apic_id << 24);
	lapic_write(0x300, low);
	while (lapic_read(0x300) & 0x1000)
		cpu_relax();
}

void ipi_send(u32 id, u8 vector)
{
	icr_send(cpu_by_id(id)->apic_id, 0x4000 | vector);
}

/* A few milliseconds on any CPU, without the 8254 (payloads test that). */
static void wait_some(void)
{
	u64 t0 = rdtsc();

	while (rdtsc() - t0 < 10000000)
		cpu_relax();
}

void ap_c(struct cpu *cpu)
{
	u64 efer = ap_efer & ~EFER_LMA;

#ifdef __x86_64__
	efer = ap_efer;
#endif
	if (efer)
		wrmsr(MSR_EFER, efer);
	write_cr3(ap_cr3);
	write_cr4(ap_cr4);
	write_cr0(ap_cr0);
	trap_init_cpu(cpu);
	lapic_enable();
	__atomic_store_n(&cpu->online, true, __ATOMIC_RELEASE);
	for (;;) {
		void (*fn)(void *) =
			__atomic_load_n(&cpu->fn, __ATOMIC_ACQUIRE);

		if (!fn) {
			cpu_relax();
			continue;
		}
		fn(cpu->arg);
		__atomic_store_n(&cpu->fn, NULL, __ATOMIC_RELEASE);
	}
}

u32 smp_start(u32 n)
{
	u32 id;

	if (n > MAX_CPUS)
		n = MAX_CPUS;
	lapic_enable();
	cpu_by_id(0)->apic_id = lapic_read(0x20) >> 24;
	ap_cr0 = read_cr0();
	ap_cr3 = read_cr3();
	ap_cr4 = read_cr4();
	ap_efer = cpu_has(&feat_nx) ? rdmsr(MSR_EFER) : 0;
	memcpy((void *)TRAMPOLINE, trampoline, trampoline_end - trampoline);

	for (id = 1; id < n; id++) {
		struct cpu *cpu = cpu_by_id(id);
		u32 waits;

		if (cpu->online)
			continue;
		cpu->id = id;
		cpu->apic_id = id;
		ap_block = cpu;
		icr_send(id, 0x4500); /* INIT */
		wait_some();
		icr_send(id, 0x4600 | TRAMPOLINE >> 12); /* start-up */
		for (waits = 0; !cpu->online && waits < 1000; waits++) {
			if (waits == 5) /* the second one of the protocol */
				icr_send(id, 0x4600 | TRAMPOLINE >> 12);
			wait_some();
		}
		if (!cpu->online)
			return id;
	}
	return id;
}

void cpu_start(u32 id, void (*fn)(void *), void *arg)
{
	struct cpu *cpu = cpu_by_id(id);

	cpu->arg = arg;
	__atomic_store_n(&cpu->fn, fn, __ATOMIC_RELEASE);
}

void cpu_join(u32 id)
{
	while (__atomic_load_n(&cpu_by_id(id)->fn, __ATOMIC_ACQUIRE))
		cpu_relax();
}

void on_cpu(u32 id, void (*fn)(void *), void *arg)
{
	if (id == this_cpu()->id) {
		fn(arg);
		return;
	}
	cpu_start(id, fn, arg);
	cpu_join(id);
}
