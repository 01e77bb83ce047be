// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_init_storm.c - INIT and start-up IPIs without end
 *
 * One CPU throws INIT, start-up and NMI at the other, which runs whatever
 * start code it finds; now and then it lets it come up for real.
 * Expected: exits.
 */
#include "guest.h"

static void icr(u32 low)
{
	lapic_write(0x310, 1 << 24);
	lapic_write(0x300, low);
}

static void spin(void *arg)
{
	sti();
	for (;;)
		cpuid(0, 0);
}

static void nothing(struct regs *regs)
{
	if (regs->vector != NMI_VECTOR)
		lapic_eoi();
}

int main(void)
{
	struct rng rng;
	u32 i, k, ups = 0;

	rng_seed(&rng, cmdline_u64("seed", 1));
	trap_handlers[0x90] = nothing;
	trap_handlers[NMI_VECTOR] = nothing;
	lapic_enable();
	/* real-mode vectors lead to an IRET: NMIs may come there */
	for (i = 0; i < 256; i++)
		*(volatile u32 *)(i * 4ul) = 0x0c000000;
	*(volatile u8 *)0xc000 = 0xcf;
	/* real-mode code: cli; hlt; jmp back, and one that spins */
	memcpy((void *)0x9000, "\xfa\xf4\xeb\xfc", 4);
	memcpy((void *)0xa000, "\xfb\xeb\xfe", 3);
	memcpy((void *)0xb000, "\x0f\xa2\xe6\x80\xeb\xfa", 6);
	for (i = 0; i < 60; i++) {
		for (k = 0; k < 200; k++) {
			switch (rng_below(&rng, 6)) {
			case 0:
				icr(0x4500);
				break;
			case 1:
				icr(0x4609);
				break;
			case 2:
				icr(0x460a);
				break;
			case 3:
				icr(0x460b);
				break;
			case 4:
				icr(0x4400);
				break;
			case 5:
				icr(0x4090);
				break;
			}
		}
		if (i % 10 == 9) {
			/* some machines remember a start-up IPI over one INIT */
			icr(0x4500);
			delay_us(5000);
			cpu_by_id(1)->online = false;
			cpu_by_id(1)->fn = NULL;
			if (smp_start(2) == 2) {
				ups++;
				cpu_start(1, spin, NULL);
			}
		}
	}
	printf("came up %s\n", ups ? "again" : "never");
	return 0;
}
