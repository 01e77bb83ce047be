// SPDX-License-Identifier: GPL-2.0
/*
 * insn_fuzz_test.c - no bytes make the decoder misbehave
 *
 * Whatever the bytes: nothing beyond them is read (they sit at the end of a
 * heap block that the address sanitizer watches), the length is 1 to 15 and
 * within the bytes given, one byte fewer asks for more, register numbers are
 * in range, and executing the result is sane as well. The same function is
 * the entry point of libFuzzer (make fuzz).
 */
#include <linux/errno.h>
#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "lib/insn.h"
#include "tap.h"

static const enum vam_insn_mode modes[] = {
	VAM_INSN_16,
	VAM_INSN_32,
	VAM_INSN_64,
};

/* What is being decoded, for the message below. */
static u8 current[20];
static unsigned int current_size;
static enum vam_insn_mode current_mode;

#define require(condition)                          \
	do {                                        \
		if (!(condition))                   \
			fail(#condition, __LINE__); \
	} while (0)

static void fail(const char *what, unsigned int line)
{
	unsigned int i;

	fprintf(stderr, "line %u: %s; mode %u:", line, what, current_mode);
	for (i = 0; i < current_size; i++)
		fprintf(stderr, " %02x", current[i]);
	fprintf(stderr, "\n");
	abort();
}

static bool is_size(unsigned int size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

static void check_fields(const struct vam_insn *insn)
{
	require(insn->op < VAM_INSN_NR_OPS);
	require(is_size(insn->opsize) && is_size(insn->srcsize));
	require(is_size(insn->scale));
	require(insn->addrsize == 2 || insn->addrsize == 4 ||
		insn->addrsize == 8);
	require(insn->seg < VAM_NR_SEGS);
	require(insn->reg < VAM_NR_GPRS && insn->rm < VAM_NR_GPRS);
	require(insn->base < VAM_NR_GPRS || insn->base == VAM_INSN_NO_REG);
	require(insn->index < VAM_NR_GPRS || insn->index == VAM_INSN_NO_REG);
	require(insn->dst <= VAM_ARG_DX && insn->src <= VAM_ARG_DX);
	require(insn->memsize <= 16);
	require(!insn->lock || insn->writes_mem);
	require(!(insn->reads_mem || insn->writes_mem) || insn->memsize);
	if (insn->mode != VAM_INSN_64)
		require(!insn->rip_relative && insn->opsize <= 4);
}

/* Registers that differ from one another, so that mixing them up shows. */
static void run_it(const struct vam_insn *insn)
{
	struct vam_regs regs = { .rip = 0x1000, .rflags = 2 };
	u64 mem[2] = { 0x0123456789abcdefull, 0x1122334455667788ull };
	bool write = false;
	unsigned int i;
	u64 ea;

	for (i = 0; i < VAM_NR_GPRS; i++)
		regs.gpr[i] = 0x9e3779b97f4a7c15ull * (i + 1);
	ea = vam_insn_ea(insn, &regs);
	require(insn->addrsize == 8 || ea >> (8 * insn->addrsize) == 0);
	if (vam_insn_exec(insn, &regs, mem, &write))
		require(!write);
	require(!write || insn->writes_mem);
	require(regs.rip == 0x1000);
	if (insn->is_string)
		vam_insn_string_step(insn, &regs, 1);
}

static void decode_one(const u8 *data, unsigned int size,
		       enum vam_insn_mode mode)
{
	struct vam_insn insn, again;
	u8 *copy = malloc(size ? size : 1);
	u8 *shorter;
	int err;

	current_size = size;
	current_mode = mode;
	memcpy(current, data, size);
	require(copy);
	memcpy(copy, data, size);
	err = vam_insn_decode(&insn, copy, size, mode);
	require(err == 0 || err == -ENODATA || err == -E2BIG ||
		err == -EINVAL || err == -EOPNOTSUPP);
	require(err != -ENODATA || size < VAM_INSN_MAX_LEN);
	require(err != -E2BIG || size >= VAM_INSN_MAX_LEN);
	if (!err) {
		require(insn.len >= 1 && insn.len <= VAM_INSN_MAX_LEN);
		require(insn.len <= size);
		check_fields(&insn);
		run_it(&insn);

		shorter = malloc(insn.len);
		require(shorter);
		memcpy(shorter, copy, insn.len);
		require(!vam_insn_decode(&again, shorter, insn.len, mode));
		require(!memcmp(&insn, &again, sizeof(insn)));
		require(vam_insn_decode(&again, shorter, insn.len - 1, mode) ==
			-ENODATA);
		free(shorter);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		decode_one(data, size > 20 ? 20 : size, modes[i]);
	return 0;
}

#ifndef LIBFUZZER
#define ROUNDS 700000u

/*
 * Random bytes are mostly short instructions: so half of them start with
 * prefixes and escapes, and every other round changes one byte of the last.
 */
int main(void)
{
	static const u8 starts[] = {
		0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x64, 0x48, 0x41, 0x0f,
		0x0f, 0x0f, 0xc4, 0xc5, 0x62, 0x8f, 0x4f, 0x26, 0x80, 0xf7,
	};
	u64 seed = 0x123456789abcdefull;
	unsigned int round, i, prefixes;
	u8 bytes[20] = { 0 };
	u64 value;

	for (i = 0; i < 65536; i++) {
		bytes[0] = i >> 8;
		bytes[1] = i;
		LLVMFuzzerTestOneInput(bytes, 16);
		LLVMFuzzerTestOneInput(bytes, i % 17);
	}
	tap_ok(true, "all pairs of first bytes decode within their bounds");

	for (round = 0; round < ROUNDS; round++) {
		value = tap_random(&seed);
		if (round & 1) {
			bytes[value % sizeof(bytes)] = value >> 32;
		} else {
			for (i = 0; i < sizeof(bytes); i++)
				bytes[i] = tap_random(&seed) >> 32;
			prefixes = value % 5;
			for (i = 0; i < prefixes; i++)
				bytes[i] = starts[tap_random(&seed) %
						  sizeof(starts)];
		}
		LLVMFuzzerTestOneInput(bytes, value >> 40 & 1 ?
						      sizeof(bytes) :
						      (value >> 41) % 20);
	}
	tap_ok(true, "700,000 mutated inputs decode within their bounds");
	return tap_done();
}
#endif
