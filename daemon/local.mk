# daemon: posternd and its processes, a folder a process. What each is made of, they share here; a
# program takes from the library what it uses, and the library names no other.
noinst_LTLIBRARIES += %D%/libdaemon.la
%C%_libdaemon_la_CPPFLAGS = $(AM_CPPFLAGS) $(SECCOMP_CFLAGS) $(CONFUSE_CFLAGS)
%C%_libdaemon_la_SOURCES = \
	%D%/msg.c %D%/msg.h \
	%D%/config.c %D%/config.h \
	%D%/layout.c %D%/layout.h \
	%D%/option.c %D%/option.h \
	%D%/process.c %D%/process.h \
	%D%/sandbox.c %D%/sandbox.h \
	%D%/spawn.c %D%/spawn.h

include %D%/capture/local.mk
include %D%/auth/local.mk
include %D%/firewall/local.mk
