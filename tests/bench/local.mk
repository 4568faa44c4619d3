# bench: what is measured, and what it is measured against; no part of `make check`. `make bench`
# (as root) builds it, measures, and prints figures and ratios of one run.
EXTRA_DIST += %D%/backends %D%/run %D%/table.py
if DAEMON
bench_programs = %D%/ask %D%/bare %D%/decode %D%/nflog-min %D%/probe
EXTRA_PROGRAMS += $(bench_programs)
%C%_ask_SOURCES = %D%/ask.c
%C%_ask_LDADD = lib/libpostern.la
%C%_bare_SOURCES = %D%/bare.c
%C%_bare_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS) $(NFLOG_CFLAGS) $(IPTC_CFLAGS)
%C%_bare_LDADD = daemon/firewall/libbackend.la lib/libpostern.la $(NFLOG_LIBS) $(MNL_LIBS) \
	$(IPTC_LIBS)
%C%_decode_SOURCES = %D%/decode.c
%C%_decode_LDADD = lib/libpostern.la
# A system test floods, too.
check_PROGRAMS += %D%/flood
%C%_flood_SOURCES = %D%/flood.c
%C%_nflog_min_SOURCES = %D%/nflog-min.c
%C%_nflog_min_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS) $(NFLOG_CFLAGS)
%C%_nflog_min_LDADD = $(NFLOG_LIBS) $(MNL_LIBS)
# `make tests/bench/auth && tests/bench/auth`, as root or under unshare -r
EXTRA_PROGRAMS += %D%/auth
%C%_auth_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) -I$(srcdir)/tests
%C%_auth_SOURCES = %D%/auth.c tests/system/auth-harness.c
%C%_auth_LDADD = daemon/libdaemon.la lib/libpostern.la $(SQLITE_LIBS) $(GCRYPT_LIBS) $(SECCOMP_LIBS)
CLEANFILES += %D%/auth
%C%_probe_SOURCES = %D%/probe.c
%C%_probe_LDADD = lib/libpostern.la $(GCRYPT_LIBS)
CLEANFILES += $(bench_programs)

bench: all $(bench_programs) %D%/flood
	@srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' $(SHELL) '$(srcdir)/%D%/run'

bench-backends: tests/system/backend-drive
	@srcdir='$(abs_srcdir)' builddir='$(abs_builddir)' $(SHELL) '$(srcdir)/%D%/backends'
endif
.PHONY: bench bench-backends
