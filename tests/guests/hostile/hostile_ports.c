// SPDX-License-Identifier: GPL-2.0
/*
 * hostile_ports.c - reads and writes every port in every size
 *
 * All but the one that ends the machine and the one the report goes through.
 * Expected: exits (value 0 or 1), whatever it has done to the devices.
 */
#include "guest.h"

static u8 buf[64];

int main(void)
{
	struct rng rng;
	u32 port, round, n;

	rng_seed(&rng, cmdline_u64("seed", 1));
	cli();
	for (round = 0; round < 2; round++) {
		for (port = 0; port < 0x10000; port++) {
			u32 v = rng_next(&rng) >> 32;
			ulong si = (ulong)buf, cx = 3;

			/* an access of four bytes may reach up from below */
			if (port > 0xf0 && port < 0xf8)
				continue;
			if (port > 0x3f4 && port < 0x400)
				continue;
			if (port == 0x92 || port == 0x64 || port == 0x60 ||
			    (port >= 0xcf5 && port <= 0xcfb))
				continue; /* resets on a PC: only read */
			switch (v % 8) {
			case 0:
				inb(port);
				break;
			case 1:
				inw(port);
				break;
			case 2:
				inl(port);
				break;
			case 3:
				outb(port, v >> 8);
				break;
			case 4:
				outw(port, v >> 8);
				break;
			case 5:
				outl(port, v >> 8);
				break;
			case 6:
				asm volatile("rep outsb"
					     : "+S"(si), "+c"(cx)
					     : "d"(port)
					     : "memory");
				break;
			case 7:
				asm volatile("rep insb"
					     : "+D"(si), "+c"(cx)
					     : "d"(port)
					     : "memory");
				break;
			}
		}
	}
	for (n = 0; n < 20000; n++) {
		port = (rng_next(&rng) >> 30) % 0x500;
		if ((port > 0xf0 && port < 0xf8) ||
		    (port > 0x3f4 && port < 0x400) || port == 0x92 ||
		    port == 0x64 || port == 0x60 || port == 0x61)
			continue;
		outb(port, rng_next(&rng) >> 40);
		inb(port);
	}
	return 0;
}
