# tests: every test is a line of TESTS and prints TAP. `make check TESTS=tests/unit/test-address`
# runs one alone. Unit tests are made of one module and cmocka; scripts in system/ make their own
# namespaces; fuzz/ holds a harness a parser, whose corpus is replayed here.
LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
# What hangs has failed.
LOG_COMPILER = timeout -k 10 600
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	srcdir='$(abs_srcdir)'; builddir='$(abs_builddir)'; export srcdir builddir;

include %D%/unit/local.mk
include %D%/fuzz/local.mk
include %D%/system/local.mk
include %D%/bench/local.mk

# What reads and keeps the bytes of others, under valgrind.
VALGRIND = valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
valgrind_programs = $(fuzz_programs) %D%/unit/test-token %D%/unit/test-keys %D%/unit/test-knock \
	%D%/unit/test-accept %D%/unit/test-ask %D%/unit/test-sequence %D%/unit/test-log
if DAEMON
valgrind_programs += %D%/unit/test-packet %D%/unit/test-nflog %D%/unit/test-msg \
	%D%/unit/test-config %D%/unit/test-record \
	%D%/unit/test-grant %D%/unit/test-login %D%/unit/test-judge
endif
.PHONY: valgrind coverage
valgrind:
	$(MAKE) check TESTS='$(valgrind_programs)' LOG_COMPILER='timeout -k 10 600 $(VALGRIND)'

# Of a build that was configured with --enable-coverage.
coverage:
	-$(MAKE) -k check
	$(abs_srcdir)/tests/coverage '$(abs_builddir)'
dist_check_SCRIPTS += %D%/coverage

# What `make check` does some twenty times, a thousand times: half an hour, as root or not.
.PHONY: stress
stress: all
	@for test in 041-starved 215-losses 220-kills 225-others; do \
		echo "# $$test"; \
		STRESS=yes srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' \
			$(abs_srcdir)/tests/system/$$test || failed=yes; \
	done; test -z "$$failed"

# What namespaces can't show, in a virtual machine; as root, with qemu and debootstrap. Not a part of
# `make check`. Its image stays in vm/.
.PHONY: vm-check
vm-check: dist
	@$(abs_srcdir)/tests/vm/run -c '$(abs_builddir)/vm' -t '$(abs_builddir)/$(distdir).tar.gz' $(STEPS)
dist_check_SCRIPTS += %D%/vm/run %D%/vm/image %D%/vm/guest
vm_steps = %D%/vm/steps/10-systemd %D%/vm/steps/20-modules \
	%D%/vm/steps/21-modules-gone %D%/vm/steps/22-modules-locked %D%/vm/steps/23-modules-loaded \
	%D%/vm/steps/25-packages %D%/vm/steps/30-clock \
	%D%/vm/steps/40-restart-iptc %D%/vm/steps/41-restarted-iptc \
	%D%/vm/steps/42-restart-ipset %D%/vm/steps/43-restarted-ipset \
	%D%/vm/steps/44-restart-nft %D%/vm/steps/45-restarted-nft \
	%D%/vm/steps/50-vlan %D%/vm/steps/60-log %D%/vm/steps/62-without-pcap %D%/vm/steps/70-lossy \
	%D%/vm/steps/80-firewalld %D%/vm/steps/90-ufw %D%/vm/steps/91-ufw-restarted
EXTRA_DIST += $(vm_steps) %D%/vm/lib.sh %D%/vm/restart.sh %D%/vm/postern-vm.service

# The main job before one's eyes. It needs no root.
.PHONY: demo
demo: all
	@srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' $(abs_srcdir)/tests/demo
dist_check_SCRIPTS += %D%/demo
EXTRA_DIST += %D%/check-all %D%/expected-skips
