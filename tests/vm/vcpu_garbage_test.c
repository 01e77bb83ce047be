// SPDX-License-Identifier: GPL-2.0
/*
 * vcpu_garbage_test.c - whatever registers a VM is started with, it runs or
 * dies with a sentence, and the host does not notice
 *
 * Registers come from a seeded generator: mostly a sane state with some fields
 * changed, so that the checks of the interface, those of the CPU and the
 * module's own are all reached. GARBAGE_SEED and GARBAGE_ROUNDS choose.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "vmtest.h"

#define ROUNDS 300

static uint64_t value(struct rng *rng)
{
	switch (rng_below(rng, 5)) {
	case 0:
		return rng_next(rng);
	case 1:
		return 1ull << rng_below(rng, 64);
	case 2:
		return rng_below(rng, MEMORY);
	case 3:
		return 0xffff800000000000ull | rng_next(rng);
	default:
		return rng_next(rng) & 0xffffffff;
	}
}

/* A paging mode, consistent or not. */
static void choose_mode(struct rng *rng, struct vamhost_vcpu_state *s)
{
	switch (rng_below(rng, 6)) {
	case 0: /* real mode */
		s->cr0 = 0x10;
		s->seg[VAMHOST_CS].base = value(rng) & 0xfffff;
		s->seg[VAMHOST_CS].limit = 0xffff;
		s->seg[VAMHOST_CS].attr = 0x9b;
		break;
	case 1: /* 32-bit paging */
		s->cr0 = 0x80000011;
		s->cr4 = rng_below(rng, 2) ? 0x10 : 0;
		s->cr3 = value(rng);
		break;
	case 2: /* PAE */
		s->cr0 = 0x80000011;
		s->cr4 = 0x20;
		s->cr3 = value(rng);
		break;
	case 3: /* long mode */
		s->cr0 = 0x80000011;
		s->cr4 = 0x20;
		s->efer = 0x500 | rng_below(rng, 2) << 11 | rng_below(rng, 2);
		s->cr3 = value(rng) & 0xffffffffff;
		s->seg[VAMHOST_CS].attr = rng_below(rng, 2) ? 0xa09b : 0xc09b;
		break;
	case 4: /* virtual-8086 */
		s->rflags |= 1 << 17;
		break;
	case 5:
		break;
	}
	if (!rng_below(rng, 4)) {
		s->efer = 0x500;
		s->cr4 |= 0x20;
		s->cr0 |= 0x80000000;
	}
}

static void change_some(struct rng *rng, struct vamhost_vcpu_state *s)
{
	uint32_t n = rng_below(rng, 8);
	struct vamhost_seg *seg;

	while (n--) {
		seg = &s->seg[rng_below(rng, VAMHOST_NR_SEGS)];
		switch (rng_below(rng, 16)) {
		case 0:
			s->rip = value(rng);
			break;
		case 1:
			s->rflags = value(rng);
			break;
		case 2:
			s->cr0 ^= 1u << rng_below(rng, 32);
			break;
		case 3:
			s->cr4 ^= 1u << rng_below(rng, 24);
			break;
		case 4:
			s->efer ^= 1u << rng_below(rng, 16);
			break;
		case 5:
			s->cr3 = value(rng);
			break;
		case 6:
			seg->attr = value(rng) & 0xf0ff;
			break;
		case 7:
			seg->base = value(rng);
			break;
		case 8:
			seg->limit = value(rng);
			break;
		case 9:
			seg->selector = value(rng);
			break;
		case 10:
			s->dr7 = value(rng) & 0xffffffff;
			s->dr[rng_below(rng, 4)] = value(rng);
			break;
		case 11:
			s->xcr0 = value(rng);
			break;
		case 12:
			s->lstar = s->sysenter_esp = value(rng);
			break;
		case 13:
			s->gpr[rng_below(rng, VAMHOST_NR_GPRS)] = value(rng);
			break;
		case 14:
			s->blocked = rng_below(rng, 4);
			s->run = rng_below(rng, 3);
			break;
		case 15:
			s->rflags |= 1 << 8 | rng_below(rng, 2) << 9;
			break;
		}
	}
}

static void fill_memory(struct rng *rng, struct vm *vm)
{
	uint64_t *word = (uint64_t *)vm->ram, entry;
	size_t i, n = vm->memory / 8;

	/* Sometimes code or tables of noise, sometimes plausible tables. */
	switch (rng_below(rng, 3)) {
	case 0:
		for (i = 0; i < n; i++)
			word[i] = rng_next(rng);
		break;
	case 1:
		for (i = 0; i < n; i++) {
			entry = rng_next(rng);
			word[i] = (entry & 0x1ff000) | (entry >> 52 & 0xfff) |
				  1;
		}
		break;
	}
}

TEST(a_vm_with_random_registers_runs_or_dies_and_nothing_else_happens)
{
	uint64_t seed = env_number("GARBAGE_SEED", 1);
	uint32_t rounds = env_number("GARBAGE_ROUNDS", ROUNDS), i;
	unsigned int refused = 0, killed = 0, lived = 0;
	struct vamhost_vcpu_state s;
	struct vamhost_vm_wait wait;
	struct rng rng;
	struct vm vm;
	int err;

	tap_time(60 + rounds);
	tap_note("seed %llu", (unsigned long long)seed);
	for (i = 0; i < rounds; i++) {
		rng.s = seed * 1000003 + i;
		ASSERT_EQ(vm_create(&vm, "garbage", 1), 0);
		fill_memory(&rng, &vm);
		memcpy(vm.ram + CODE_AT, "\xeb\xfe", 2);
		/* What the interface refuses never runs: try something else. */
		do {
			flat_state(&s, 0, CODE_AT);
			choose_mode(&rng, &s);
			change_some(&rng, &s);
			err = ioctl(vm.fd, VAMHOST_VCPU_SET_STATE, &s);
			ASSERT(!err || errno == EINVAL);
			refused += err != 0;
		} while (err);
		ASSERT_EQ(vm_start(&vm), 0);
		err = vm_wait(&vm, 20, &wait);
		if (err == -ETIMEDOUT) {
			lived++;
		} else {
			ASSERT_EQ(err, 0);
			killed++;
			if (wait.out_end == VAMHOST_END_KILLED &&
			    strlen(wait.out_reason) < 10)
				tap_fail(__FILE__, __LINE__,
					 "round %u: died without a sentence",
					 i);
			if (killed % 32 == 1)
				tap_note("round %u: %s", i, wait.out_reason);
		}
		EXPECT_EQ(vm_destroy(&vm), 0);
		vm_close(&vm);
	}
	tap_note("%u refused, %u died, %u lived", refused, killed, lived);
	EXPECT(killed > 0 && lived > 0 && refused > 0);
	EXPECT(ledger_is_zero());
}

TEST(a_guest_of_random_bytes_does_no_harm)
{
	uint64_t seed = env_number("GARBAGE_SEED", 1);
	uint32_t rounds = env_number("GARBAGE_ROUNDS", ROUNDS) / 3, i, j;
	struct vamhost_vm_wait wait;
	unsigned int died = 0;
	struct rng rng;
	struct vm vm;
	int err;

	tap_time(60 + rounds);
	for (i = 0; i < rounds; i++) {
		rng.s = seed * 7000003 + i;
		ASSERT_EQ(vm_create(&vm, "noise", 2), 0);
		for (j = 0; j < vm.memory / 8; j++)
			((uint64_t *)vm.ram)[j] = rng_next(&rng);
		ASSERT_EQ(vm_set_flat_state(vm.fd, 0, CODE_AT), 0);
		ASSERT_EQ(vm_set_flat_state(vm.fd, 1, CODE_AT + 0x1000), 0);
		ASSERT_EQ(vm_start(&vm), 0);
		err = vm_wait(&vm, 20, &wait);
		EXPECT(err == 0 || err == -ETIMEDOUT);
		died += err == 0;
		EXPECT_EQ(vm_destroy(&vm), 0);
		vm_close(&vm);
	}
	tap_note("%u of %u died by themselves", died, rounds);
	EXPECT(ledger_is_zero());
}

TAP_MAIN()
