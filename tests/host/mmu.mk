# SPDX-License-Identifier: GPL-2.0
#
# mmu.mk - the page walk and the shadow page tables in user space
#
# mshim/mmu_shim.h stands in for every kernel header that mmu/ includes and
# shim/ does not have; those are generated empty.

mmu-shim := $(OUT)/mshim
mmu-headers := $(patsubst %,linux/%.h,atomic gfp hash kref list log2 mm mutex \
	pfn preempt sched slab spinlock vmalloc wait) \
	$(patsubst %,asm/%.h,cpufeature msr processor processor-flags)

SRCS_ptwalk_naive_test := lib/ptwalk.c
SRCS_mmu_shadow_test := lib/ptwalk.c \
	$(patsubst %,mmu/%.c,mmu fill shadow trace chain cache)
CFLAGS_mmu_shadow_test := -iquote $(CURDIR)/mshim -I$(CURDIR)/mshim -I$(mmu-shim) \
	-include $(CURDIR)/mshim/mmu_shim.h -Wno-unknown-pragmas

$(mmu-shim)/made: mmu.mk
	@mkdir -p $(mmu-shim)/linux $(mmu-shim)/asm
	@for h in $(mmu-headers); do : > $(mmu-shim)/$$h; done
	@touch $@

$(OUT)/mmu_shadow_test: $(mmu-shim)/made $(wildcard mshim/*.h mshim/*/*.h) \
	$(wildcard $(LIB)/*/*.h)
