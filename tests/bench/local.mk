# bench: what is built to be measured against; no part of `make check`.
if DAEMON
EXTRA_PROGRAMS += %D%/nflog-min
%C%_nflog_min_SOURCES = %D%/nflog-min.c
%C%_nflog_min_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS) $(NFLOG_CFLAGS)
%C%_nflog_min_LDADD = $(NFLOG_LIBS) $(MNL_LIBS)
CLEANFILES += %D%/nflog-min
# `make tests/bench/auth && tests/bench/auth`, as root or under unshare -r
EXTRA_PROGRAMS += %D%/auth
%C%_auth_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) -I$(srcdir)/tests
%C%_auth_SOURCES = %D%/auth.c tests/system/auth-harness.c
%C%_auth_LDADD = daemon/libdaemon.la lib/libpostern.la $(SQLITE_LIBS) $(GCRYPT_LIBS) $(SECCOMP_LIBS)
CLEANFILES += %D%/auth
endif
