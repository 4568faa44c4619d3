# bench: what is built to be measured against; no part of `make check`.
if DAEMON
EXTRA_PROGRAMS += %D%/nflog-min
%C%_nflog_min_SOURCES = %D%/nflog-min.c
%C%_nflog_min_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS) $(NFLOG_CFLAGS)
%C%_nflog_min_LDADD = $(NFLOG_LIBS) $(MNL_LIBS)
CLEANFILES += %D%/nflog-min
endif
