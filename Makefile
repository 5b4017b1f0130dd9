# libtinyinfer: `make help` lists the targets.
#
# Plain GNU make. Sources are found by wildcard and compile unchanged, with
# the same flags, for every target: no list of files and no per-file flags.

CC      ?= cc
AR      ?= ar
CFLAGS  ?= -O2 -g
BUILD   ?= build
EXEC    ?=
HOSTCC  ?= cc
PREFIX  ?= /usr/local
DESTDIR ?=
V       ?= 0

# One name for one folder, however it was called: objects and what they depend
# on are known by their names. Where it cannot be had, from another folder by
# its full path, files of dependencies do not depend on it.
override BUILD := $(patsubst $(CURDIR)/%,%,$(abspath $(BUILD)))
DEPS = -MMD -MP -MT '$$(BUILD)$(@:$(BUILD)%=%)'

ifeq ($(origin CC),default)
CC = cc
endif

WARN = -Wall -Wextra -Wconversion -Wshadow -Wundef -Wmissing-prototypes \
       -Wstrict-prototypes -Wdouble-promotion
ALL_CFLAGS = -std=c99 -pedantic $(WARN) -Iinclude $(CFLAGS)

ifeq ($(V),0)
Q = @
say = @printf '  %-7s %s\n' $(1) $(2)
else
Q =
say = @:
endif

# What the tool and the tests compile for every other target: see `firmware`.
cc_m0    = arm-none-eabi-gcc -mcpu=cortex-m0 -mthumb
cc_m3    = arm-none-eabi-gcc -mcpu=cortex-m3 -mthumb
cc_m4    = arm-none-eabi-gcc -mcpu=cortex-m4 -mthumb -mfpu=fpv4-sp-d16 \
           -mfloat-abi=hard
cc_m7    = arm-none-eabi-gcc -mcpu=cortex-m7 -mthumb -mfpu=fpv5-d16 \
           -mfloat-abi=hard
cc_m33   = arm-none-eabi-gcc -mcpu=cortex-m33 -mthumb -mfpu=fpv5-sp-d16 \
           -mfloat-abi=hard
cc_m55   = arm-none-eabi-gcc -mcpu=cortex-m55 -mthumb -mfloat-abi=hard
cc_a57   = aarch64-linux-gnu-gcc -mcpu=cortex-a57 -static
cc_i686  = i686-linux-gnu-gcc -static
cc_clang = clang
cc_gcc   = gcc

# The board whose memory map an image is linked for; BOARD= overrides it.
board_m0  = microbit
board_m3  = mps2
board_m4  = mps2
board_m7  = mps2
board_m33 = mps2-an505
board_m55 = mps3-an547

KERNELS  := $(wildcard kernels/*.c kernels/*/*.c)
DEVICE   := $(KERNELS) $(wildcard src/runtime/*.c src/planner/*.c)
COMPILER := $(wildcard src/compiler/*.c)
CLI      := $(wildcard src/cli/*.c)
MEASURE  := bench/measure.c bench/clock.c
BENCH    := $(filter-out %meter.c %count.c bench/minimal.c,$(wildcard bench/*.c)) \
            src/cli/guess.c

LIBRARIES = $(BUILD)/libtinyinfer.a $(BUILD)/libtinyinfer_compiler.a

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

.DELETE_ON_ERROR:
.SECONDARY:

## all: the library, the compiler library and the tool
all: $(BUILD)/libtinyinfer.a $(BUILD)/libtinyinfer_compiler.a \
     $(BUILD)/tinyinfer

$(BUILD)/obj/%.o: %.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEPS) -c $< -o $@

# The device library: kernels, runtime, planner. No heap, no stdio.
$(BUILD)/libtinyinfer.a: $(call object,$(DEVICE))
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/libtinyinfer_compiler.a: $(call object,$(COMPILER)) \
                                  $(BUILD)/obj/library_sources.o
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# The library's own sources as a table, for `tinyinfer compile --standalone`.
EMBEDDED := $(sort $(filter-out %_compiler.h,$(wildcard include/*.h)) \
              $(wildcard src/runtime/*.[ch]) $(KERNELS))

$(BUILD)/embed: src/compiler/embed/embed.c
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -std=c99 -O1 $< -o $@

$(BUILD)/library_sources.c: $(BUILD)/embed $(EMBEDDED)
	$(call say,EMBED,$@)
	$(Q)$(BUILD)/embed $(EMBEDDED) > $@

$(BUILD)/obj/library_sources.o: $(BUILD)/library_sources.c Makefile
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -I. $(DEPS) -c $< -o $@

$(BUILD)/tinyinfer: $(call object,$(CLI) $(MEASURE)) \
                    $(BUILD)/libtinyinfer_compiler.a $(BUILD)/libtinyinfer.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

$(BUILD)/tinyinfer-bench: $(call object,$(BENCH)) \
                          $(BUILD)/libtinyinfer_compiler.a \
                          $(BUILD)/libtinyinfer.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

# ---- Firmware -------------------------------------------------------------

TARGET ?= m4
T      := $(patsubst cortex-%,%,$(TARGET))
MODEL  ?= examples/mnist/mnist_int8.tflite
NAME   ?= $(basename $(notdir $(MODEL)))
BOARD  ?= $(board_$(T))
FW     := $(BUILD)/firmware/$(T)
FW_DIR := $(FW)/$(NAME)$(if $(filter-out $(board_$(T)),$(BOARD)),-$(BOARD))

# For `tinyinfer compile`: FLAGS='--optimize speed --stream-input'
FLAGS ?=

FW_CFLAGS = -O2 -ffunction-sections -fdata-sections
FW_SOURCES = examples/firmware/main.c \
  $(if $(BOARD),examples/firmware/semihost.c examples/firmware/startup.c, \
                examples/firmware/hosted.c)
FW_LDFLAGS = -Wl,--gc-sections $(if $(BOARD),-nostartfiles \
  -Lexamples/firmware -T examples/firmware/boards/$(BOARD).ld)

# The device library for TARGET=.
firmware-library:
	@test -n "$(cc_$(T))" || { echo "unknown TARGET '$(TARGET)'" >&2; exit 2; }
	$(Q)$(MAKE) --no-print-directory BUILD=$(FW) CC='$(cc_$(T))' \
	  CFLAGS='$(FW_CFLAGS)' $(FW)/libtinyinfer.a

# The golden vectors and the compiler for TARGET=, as a program. On the bare
# Cortex-M4 it takes 16 MB of RAM, and newlib's files by semihosting; newlib's
# PRId64 waits for a macro that C99 does not have.
vectors_cflags_m4  = -D__int64_t_defined=1
vectors_ldflags_m4 = -std=c99 tests/board/board.c \
  examples/firmware/startup.c examples/firmware/semihost.c -nostartfiles \
  -Wl,--gc-sections -Wl,--wrap=main -Wl,--defsym=end=bss_end \
  -Lexamples/firmware -T tests/board/mps2_psram.ld --specs=rdimon.specs

firmware-vectors:
	$(Q)$(MAKE) --no-print-directory BUILD=$(FW) CC='$(cc_$(T))' \
	  CFLAGS='$(FW_CFLAGS) $(vectors_cflags_$(T))' \
	  LDFLAGS='$(vectors_ldflags_$(T))' $(FW)/vectors

## firmware: an image of MODEL= for TARGET=cortex-m0|m3|m4|m7|m33|m55|a57
firmware: $(BUILD)/tinyinfer firmware-library
	@mkdir -p $(FW_DIR)
	$(Q)$(BUILD)/tinyinfer compile $(MODEL) --name network -o $(FW_DIR) \
	  --target $(or $(target_$(T)),cortex-$(T)) $(FLAGS) >$(FW_DIR)/compile.log
	$(call say,LINK,$(FW_DIR)/image.elf)
	$(Q)$(cc_$(T)) -std=c99 -pedantic $(WARN) $(FW_CFLAGS) -Iinclude \
	  -I$(FW_DIR) $(FW_SOURCES) $(FW_DIR)/network.c $(FW)/libtinyinfer.a -lm \
	  $(FW_LDFLAGS) -o $(FW_DIR)/image.elf

# The ISA variants against the portable kernels on TARGET=.
VARIANTS = $(wildcard tests/variants/*.c)

variants: firmware-library
	$(call say,LINK,$(FW)/variants.elf)
	$(Q)$(cc_$(T)) -std=c99 -pedantic $(WARN) $(FW_CFLAGS) -Iinclude \
	  $(VARIANTS) $(filter-out %/main.c,$(FW_SOURCES)) $(FW)/libtinyinfer.a \
	  -lm $(FW_LDFLAGS) -o $(FW)/variants.elf

target_gcc   = x86
target_clang = x86
target_i686  = x86

# ---- The main job, shown --------------------------------------------------

MNIST = examples/mnist

## demo: build everything and show what it does on a digit network
demo: all
	$(Q)$(BUILD)/tinyinfer inspect $(MNIST)/mnist_int8.tflite
	$(Q)$(BUILD)/tinyinfer eval $(MNIST)/mnist_int8.tflite \
	  --inputs $(MNIST)/digits.npy --labels $(MNIST)/labels.npy \
	  --names $(MNIST)/labels.txt --show 6
	$(Q)$(BUILD)/tinyinfer bench $(MNIST)/mnist_int8.tflite

# ---- Tests ----------------------------------------------------------------

TESTS      := $(wildcard tests/test_*.c)
TEST_BINS  := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TESTS))
TEST_PARTS := $(filter-out $(TESTS) tests/vectors_main.c,$(wildcard tests/*.c))
CRITERION  := $(shell echo '\#include <criterion/criterion.h>' | \
                $(CC) -E -x c - >/dev/null 2>&1 && echo yes)

MODELS_ALL := $(MNIST)/mnist_int8.tflite $(wildcard ../shared/models/*.tflite)

# The tool's readers, for the tests that are about them.
CLI_PARTS = $(call object,$(filter-out src/cli/main.c,$(CLI)) $(MEASURE))

$(BUILD)/tests/test_%: tests/test_%.c $(call object,$(TEST_PARTS)) \
                       $(CLI_PARTS) $(BUILD)/libtinyinfer_compiler.a \
                       $(BUILD)/libtinyinfer.a
	$(call say,TEST,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Isrc/compiler -Isrc/cli -Itests $(DEPS) \
	  $(filter %.c %.o,$^) $(filter %.a,$^) $(LDFLAGS) -lcriterion -lm -o $@

$(BUILD)/vectors: $(call object,tests/vectors_main.c $(TEST_PARTS)) \
                  $(BUILD)/libtinyinfer_compiler.a $(BUILD)/libtinyinfer.a
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $^ -lm -o $@

## check: the quick tests, on this machine
check: all $(if $(CRITERION),$(TEST_BINS))
	@{ \
	for t in $(if $(CRITERION),$(TEST_BINS)); do echo "$$t"; done; \
	echo "tests/check_layers.sh"; \
	echo "tests/check_device.sh $(BUILD)/libtinyinfer.a"; \
	echo "tests/check_names.sh $(LIBRARIES) $(call object,$(CLI) $(MEASURE))"; \
	for t in $(wildcard tests/test_cli.sh); \
	  do echo "$$t $(BUILD)/tinyinfer"; done; \
	} | TIN_SEEDS=400 tests/run.sh $(BUILD)/log check
	@test -n "$(CRITERION)" || \
	  echo "SKIPPED: $(words $(TESTS)) test programs: install libcriterion-dev"

## check-alone: each kernel compiles with its header and nothing else
check-alone:
	@tests/check_alone.sh $(BUILD)

## test: install what the tests need, then run all of them
test:
	@tests/setup.sh
	@$(MAKE) --no-print-directory test-all

test-all: all $(BUILD)/tinyinfer-bench $(if $(CRITERION),$(TEST_BINS))
	@{ \
	for t in $(if $(CRITERION),$(TEST_BINS)); do echo "$$t"; done; \
	for t in $(filter-out %/test_firmware.sh,$(wildcard tests/test_*.sh)); \
	  do echo "$$t $(BUILD)/tinyinfer"; done; \
	echo "tests/check_layers.sh"; \
	echo "tests/check_device.sh $(BUILD)/libtinyinfer.a"; \
	echo "tests/check_names.sh $(LIBRARIES) $(sort $(call object,$(CLI) $(BENCH)))"; \
	echo "tests/check_alone.sh $(BUILD)"; \
	echo "tests/check_readme.sh $(BUILD)/tinyinfer"; \
	echo "tests/emit_compiles.sh $(BUILD)/tinyinfer $(BUILD)/emit $(MODELS_ALL)"; \
	echo "tests/test_firmware.sh $(BUILD)"; \
	} | tests/run.sh $(BUILD)/log test
	@test -n "$(CRITERION)" || \
	  echo "SKIPPED: $(words $(TESTS)) test programs: install libcriterion-dev"

# ---- Measuring ------------------------------------------------------------

## bench: the standard table of kernels, and MODELS=, on this machine
bench: $(BUILD)/tinyinfer-bench
	$(Q)$(BUILD)/tinyinfer-bench $(MODELS)

## bench-m4: instructions, cycles, RAM, flash of MODELS= there; -m0 -m55 -a57 ..
BENCH_TARGETS = $(addprefix bench-,m0 m3 m4 m7 m33 m55 a57)
$(BENCH_TARGETS): bench-%: $(BUILD)/tinyinfer $(BUILD)/tinyinfer-bench
	@CSV='$(CSV)' HOSTCC='$(HOSTCC)' bench/bench_target.sh $* $(BUILD) $(MODELS)

## bench-diff: what changed since bench/baseline/: every layer, old and new
bench-diff: $(BUILD)/tinyinfer $(BUILD)/tinyinfer-bench
	@for t in m4 m55; do \
	  CSV=$(BUILD)/bench/$$t.csv HOSTCC='$(HOSTCC)' \
	    bench/bench_target.sh $$t $(BUILD) $(MODELS) >/dev/null && \
	  bench/diff.sh bench/baseline/$$t.csv $(BUILD)/bench/$$t.csv; \
	done

# ---- Installing -----------------------------------------------------------

HEADERS = $(wildcard include/*.h)
VERSION = $(shell sed -n 's/.*TIN_VERSION "\(.*\)"/\1/p' include/tinyinfer.h)

## install: headers, libraries, the tool and pkg-config files under PREFIX
install: all
	install -d $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/bin \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m 644 $(HEADERS) $(DESTDIR)$(PREFIX)/include
	install -m 644 $(BUILD)/libtinyinfer.a $(BUILD)/libtinyinfer_compiler.a \
	  $(DESTDIR)$(PREFIX)/lib
	install -m 755 $(BUILD)/tinyinfer $(DESTDIR)$(PREFIX)/bin
	printf 'prefix=%s\nName: tinyinfer\nDescription: %s\nVersion: %s\n%s\n%s\n' \
	  '$(PREFIX)' 'Neural-network inference on small machines' '$(VERSION)' \
	  'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -ltinyinfer -lm' \
	  >$(DESTDIR)$(PREFIX)/lib/pkgconfig/tinyinfer.pc
	printf 'prefix=%s\nName: tinyinfer-compiler\nDescription: %s\nVersion: %s\n%s\n%s\n' \
	  '$(PREFIX)' 'Compiles model files for tinyinfer' '$(VERSION)' \
	  'Cflags: -I$${prefix}/include' \
	  'Libs: -L$${prefix}/lib -ltinyinfer_compiler -ltinyinfer -lm' \
	  >$(DESTDIR)$(PREFIX)/lib/pkgconfig/tinyinfer-compiler.pc

## uninstall: remove what install installed
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(HEADERS) lib/libtinyinfer.a \
	  lib/libtinyinfer_compiler.a bin/tinyinfer lib/pkgconfig/tinyinfer.pc \
	  lib/pkgconfig/tinyinfer-compiler.pc)

# ---- Keeping house --------------------------------------------------------

FORMATTED = $(shell find include src kernels examples tests bench \
              -name '*.[ch]')

## format: bring the sources into the project's format
format:
	$(Q)clang-format -i $(FORMATTED)

## format-check: fail where the format differs
format-check:
	$(Q)clang-format --dry-run -Werror $(FORMATTED)

## asan: the quick tests under AddressSanitizer and UBSan
asan:
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan \
	  CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all' \
	  check

## size: code size of each kernel on each core
size:
	@tests/size.sh $(BUILD)

## clean: remove everything that was built
clean:
	rm -rf $(BUILD)

## help: this list
help:
	@awk -F': ' '/^## / { sub(/^## /, ""); printf "  make %-14s %s\n", $$1, $$2 }' \
	  Makefile

.PHONY: all asan bench bench-diff $(BENCH_TARGETS) check check-alone clean demo firmware \
        firmware-library firmware-vectors format format-check help install \
        size test test-all uninstall variants

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
