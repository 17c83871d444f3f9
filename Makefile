# momentum: build, install, demo, test.
#
# The targets that install what they need (demo, test, lint, fuzz) run on a
# machine with only git and make; so PGXS is included only where pg_config is
# found.  PG_CONFIG=... chooses among several servers.

EXTENSION = momentum
EXT_VERSION = 1.0
MODULE_big = momentum

SERVICES = $(sort $(basename $(notdir $(wildcard fdw/*.c))))
SOURCES = $(sort $(wildcard src/*.c src/*/*.c fdw/*.c fdw/*/*.c))
INCLUDES = $(wildcard src/*.h src/*/*.h fdw/*.h fdw/*/*.h)
GENERATED_C = build/connectors.c
OBJS = $(SOURCES:.c=.o) $(GENERATED_C:.c=.o)

SCRIPT = build/momentum--$(EXT_VERSION).sql
DATA_built = $(SCRIPT)

PG_CPPFLAGS = -I$(CURDIR) -I$(CURDIR)/src -I$(CURDIR)/fdw
PG_CFLAGS = -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers \
	-fvisibility=default
SHLIB_LINK = -lcurl -ljson-c -lcrypto -lz

PG_CONFIG ?= pg_config
HAVE_PGXS := $(shell command -v $(PG_CONFIG) >/dev/null 2>&1 \
	&& test -f "`$(PG_CONFIG) --pgxs 2>/dev/null`" && echo yes)
export PG_CONFIG

.PHONY: all install clean demo demo-stop test bench bench-full fuzz valgrind lint format

all:

$(GENERATED_C): fdw/generate.sh $(wildcard fdw/*.c)
	@mkdir -p build
	sh fdw/generate.sh c $(SERVICES) > $@.tmp && mv $@.tmp $@

$(SCRIPT): fdw/generate.sh sql/join.sh $(wildcard fdw/*.c) $(wildcard sql/*.sql sql/model/*.sql)
	@mkdir -p build
	sh sql/join.sh $(EXT_VERSION) $(SERVICES) > $@.tmp && mv $@.tmp $@

# What a build made; a running demo (build/demo) is demo-stop's to remove.
EXTRA_CLEAN = $(filter-out build/demo,$(wildcard build/*))

ifeq ($(HAVE_PGXS),yes)

# No bitcode for the server's JIT: its inliner gains nothing here, and the
# build then needs no clang.
override with_llvm = no
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

# Few headers, all small: an object is stale when any of them changed.
$(OBJS): $(INCLUDES) Makefile

else

all install:
	@echo "PostgreSQL's development files are missing: run scripts/install-packages build" >&2
	@exit 1

clean:
	rm -rf $(EXTRA_CLEAN) $(SOURCES:.c=.o) momentum.so

endif

demo:
	@demo/run

demo-stop:
	@demo/stop

test:
	@test/run

bench:
	@bench/run

bench-full:
	@bench/run --full

valgrind:
	@scripts/valgrind

fuzz:
	@scripts/fuzz

lint:
	@scripts/lint

format:
	@scripts/lint --fix
