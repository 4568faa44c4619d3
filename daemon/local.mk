# daemon: posternd and its processes, a folder a process. What each is made of, they share here; a
# program takes from the library what it uses, and the library names no other.
noinst_LTLIBRARIES += %D%/libdaemon.la
%C%_libdaemon_la_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS) $(CONFUSE_CFLAGS) $(MNL_CFLAGS)
%C%_libdaemon_la_SOURCES = \
	%D%/msg.c %D%/msg.h \
	%D%/clocks.c %D%/clocks.h \
	%D%/config.c %D%/config.h \
	%D%/layout.c %D%/layout.h \
	%D%/listener.c %D%/listener.h \
	%D%/mark.c %D%/mark.h \
	%D%/nfnetlink.c %D%/nfnetlink.h \
	%D%/option.c %D%/option.h \
	%D%/own.c %D%/own.h \
	%D%/process.c %D%/process.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/spawn.c %D%/spawn.h \
	%D%/together.c %D%/together.h

sbin_PROGRAMS += %D%/posternd
%C%_posternd_SOURCES = \
	%D%/posternd.c %D%/posternd.h \
	%D%/background.c %D%/background.h \
	%D%/children.c %D%/children.h \
	%D%/host.c %D%/host.h \
	%D%/notify.c %D%/notify.h \
	%D%/reload.c %D%/reload.h \
	%D%/sources.c %D%/sources.h \
	%D%/supply.c %D%/supply.h
%C%_posternd_CPPFLAGS = $(AM_CPPFLAGS) $(MNL_CFLAGS)
%C%_posternd_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_posternd_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_posternd_LDADD = %D%/libdaemon.la $(SOURCE_LIBS) lib/libpostern.la $(CONFUSE_LIBS) $(MNL_LIBS)

include %D%/capture/local.mk
include %D%/auth/local.mk
include %D%/firewall/local.mk
