// SPDX-License-Identifier: GPL-2.0
/*
 * smp_ipi.c - interrupts between two CPUs: none lost, none doubled
 *
 * Ping-pong in which each side sleeps in HLT until the other one's IPI, floods
 * that are counted at the far end, NMIs across, every addressing form, and
 * work handed over by IPI.
 *
 * Spec: SDM vol. 3 ch. 10.6.
 */
#include "guest.h"

#define PING 0x90
#define COUNT 0x91
#define WORDS 0x92
#define ROUNDS 2000

static volatile u32 got[2], nmis[2];
static volatile bool stop;

static void ping(struct regs *regs)
{
	u32 id = this_cpu()->id;

	__atomic_fetch_add(&got[id], 1, __ATOMIC_SEQ_CST);
	lapic_eoi();
}

static void nmi(struct regs *regs)
{
	__atomic_fetch_add(&nmis[this_cpu()->id], 1, __ATOMIC_SEQ_CST);
}

static void answer(void *arg)
{
	u32 i;

	cli();
	for (i = 0; i < ROUNDS; i++) {
		while (got[1] == i) {
			sti_hlt();
			cli();
		}
		ipi_send(0, PING);
	}
}

static void ping_pong(void)
{
	u32 i;

	got[0] = got[1] = 0;
	cpu_start(1, answer, NULL);
	for (i = 0; i < ROUNDS; i++) {
		ipi_send(1, PING);
		while (got[0] == i) {
			sti_hlt();
			cli();
		}
	}
	cpu_join(1);
	printf("ping-pong: %u %u\n", got[0], got[1]);
}

static void spin(void *arg)
{
	sti();
	while (!stop)
		cpu_relax();
	cli();
}

static void halt(void *arg)
{
	cli();
	while (!stop) {
		sti_hlt();
		cli();
	}
}

static bool wait_for(volatile u32 *what, u32 n)
{
	u64 t0 = rdtsc(), limit = 3000000ull * tsc_per_us();

	while (*what < n && rdtsc() - t0 < limit)
		cpu_relax();
	return *what >= n;
}

static void icr(u32 high, u32 low)
{
	lapic_write(0x310, high);
	lapic_write(0x300, low);
	while (lapic_read(0x300) & 0x1000)
		cpu_relax();
}

static void one_by_one(const char *what, void (*fn)(void *))
{
	u32 i;

	stop = false;
	got[1] = 0;
	cpu_start(1, fn, NULL);
	for (i = 0; i < 300; i++) {
		ipi_send(1, PING);
		if (!wait_for(&got[1], i + 1))
			break;
	}
	stop = true;
	ipi_send(1, COUNT);
	cpu_join(1);
	printf("to one that %s: %u\n", what, got[1]);
}

static void count(struct regs *regs)
{
	lapic_eoi();
}

static void forms(void)
{
	/* clang-format off */
	static const struct {
		const char *name;
		u32 high, low, at0, at1;
	} tests[] = {
		{ "physical 1", 0x01000000, 0x4000 | PING, 0, 1 },
		{ "physical 0", 0x00000000, 0x4000 | PING, 1, 0 },
		{ "physical broadcast", 0xff000000, 0x4000 | PING, 1, 1 },
		{ "logical 2", 0x02000000, 0x4800 | PING, 0, 1 },
		{ "logical 3", 0x03000000, 0x4800 | PING, 1, 1 },
		{ "logical 4", 0x04000000, 0x4800 | PING, 0, 0 },
		{ "self", 0, 0x44000 | PING, 1, 0 },
		{ "all", 0, 0x84000 | PING, 1, 1 },
		{ "others", 0, 0xc4000 | PING, 0, 1 },
		/* clang-format on */
	};
	u32 i;

	stop = false;
	cpu_start(1, spin, NULL);
	sti();
	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		got[0] = got[1] = 0;
		icr(tests[i].high, tests[i].low);
		wait_for(&got[0], tests[i].at0);
		wait_for(&got[1], tests[i].at1);
		delay_us(5000); /* for those that must not come */
		printf("%s: %u %u\n", tests[i].name, got[0], got[1]);
	}
	got[0] = got[1] = 0;
	icr(0x03000000, 0x4900 | PING);
	for (i = 0; i < 2000 && !(got[0] + got[1]); i++)
		delay_us(1000);
	delay_us(5000);
	printf("lowest priority: %u together\n", got[0] + got[1]);
	nmis[0] = nmis[1] = 0;
	icr(0x01000000, 0x4400);
	wait_for(&nmis[1], 1);
	printf("nmi to 1: %u %u", nmis[0], nmis[1]);
	icr(0, 0xc4400);
	wait_for(&nmis[1], 2);
	printf(", to others: %u %u", nmis[0], nmis[1]);
	icr(0, 0x84400);
	wait_for(&nmis[1], 3);
	wait_for(&nmis[0], 1);
	printf(", to all: %u %u\n", nmis[0], nmis[1]);
	cli();
	stop = true;
	cpu_join(1);
}

/* Both send as fast as they can; coalescing is allowed, loss of the last not. */
static volatile u32 token[2], seen_token[2];

static void words(struct regs *regs)
{
	u32 id = this_cpu()->id;

	seen_token[id] = token[id];
	lapic_eoi();
}

static void flood(void *arg)
{
	u32 me = this_cpu()->id, other = !me, i;

	sti();
	for (i = 1; i <= 2000; i++) {
		token[other] = i;
		ipi_send(other, WORDS);
	}
	wait_for(&seen_token[me], 2000);
	cli();
}

static void load_ldr(void *arg)
{
	lapic_write(0xe0, 0xffffffff);
	lapic_write(0xd0, 0x01000000u << this_cpu()->id);
}

int main(void)
{
	tsc_per_us();
	trap_handlers[PING] = ping;
	trap_handlers[COUNT] = count;
	trap_handlers[WORDS] = words;
	trap_handlers[NMI_VECTOR] = nmi;
	printf("cpus %u\n", smp_start(2));
	load_ldr(NULL);
	on_cpu(1, load_ldr, NULL);
	ping_pong();
	one_by_one("spins", spin);
	one_by_one("halts", halt);
	forms();
	cpu_start(1, flood, NULL);
	flood(NULL);
	cpu_join(1);
	printf("flood both ways: last %u %u\n", seen_token[0], seen_token[1]);
	return 0;
}
