# momentum: build, install, demo, test.
#
# Everything below needs PostgreSQL's development files except the targets
# that install them; so PGXS is included only where pg_config is found.

EXTENSION = momentum
VERSION = 1.0
MODULE_big = momentum

SERVICES = $(sort $(basename $(notdir $(wildcard fdw/*.c))))
SOURCES = $(sort $(wildcard src/*.c src/*/*.c fdw/*.c fdw/*/*.c))
GENERATED_C = build/connectors.c
OBJS = $(SOURCES:.c=.o) $(GENERATED_C:.c=.o)

SCRIPT = build/momentum--$(VERSION).sql
DATA_built = $(SCRIPT)

PG_CPPFLAGS = -I$(CURDIR) -I$(CURDIR)/src -I$(CURDIR)/fdw
PG_CFLAGS = -Wall -Wextra -Werror -Wno-unused-parameter -Wno-missing-field-initializers -fvisibility=default
SHLIB_LINK = -lcurl -ljson-c -lcrypto

PG_CONFIG ?= pg_config
HAVE_PGXS := $(shell command -v $(PG_CONFIG) >/dev/null 2>&1 && test -f "`$(PG_CONFIG) --pgxs`" && echo yes)

all:

$(GENERATED_C): fdw/generate.sh $(wildcard fdw/*.c)
	@mkdir -p build
	sh fdw/generate.sh c $(SERVICES) > $@.tmp && mv $@.tmp $@

$(SCRIPT): fdw/generate.sh sql/join.sh $(wildcard fdw/*.c) $(wildcard sql/*.sql sql/model/*.sql)
	@mkdir -p build
	sh sql/join.sh $(VERSION) $(SERVICES) > $@.tmp && mv $@.tmp $@

ifeq ($(HAVE_PGXS),yes)
EXTRA_CLEAN = build
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
override with_llvm = no
endif

.PHONY: demo demo-stop test bench bench-full fuzz lint format
