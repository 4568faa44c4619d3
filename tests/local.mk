# tests: every test is a line of TESTS and prints TAP. `make check TESTS=tests/unit/test-address`
# runs one alone. Unit tests are made of one module and cmocka; scripts in system/ make their own
# namespaces; fuzz/ holds a harness a parser, whose corpus is replayed here.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
# What hangs has failed.
LOG_COMPILER = timeout -k 10 300
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	srcdir='$(abs_srcdir)'; builddir='$(abs_builddir)'; export srcdir builddir;

include %D%/unit/local.mk
include %D%/fuzz/local.mk
include %D%/system/local.mk
include %D%/bench/local.mk

# What `make check` does some twenty times, a thousand times: half an hour, as root or not.
.PHONY: stress
stress: all
	@for test in 215-losses 220-kills 225-others; do \
		echo "# $$test"; \
		STRESS=yes srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' \
			$(abs_srcdir)/tests/system/$$test || failed=yes; \
	done; test -z "$$failed"

# The main job before one's eyes. It needs no root.
.PHONY: demo
demo: all
	@srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' $(abs_srcdir)/tests/demo
dist_check_SCRIPTS += %D%/demo
EXTRA_DIST += %D%/check-all %D%/expected-skips
