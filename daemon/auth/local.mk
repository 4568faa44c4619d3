# auth: with keys, without network or privilege. All but main is a library, for the tests.
noinst_LTLIBRARIES += %D%/libauth.la
%C%_libauth_la_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS) $(GCRYPT_CFLAGS)
%C%_libauth_la_SOURCES = \
	%D%/admin.c %D%/admin.h \
	%D%/admit.c %D%/admit.h \
	%D%/answers.c %D%/answers.h \
	%D%/block.c %D%/block.h \
	%D%/carrier.c %D%/carrier.h \
	%D%/control.c %D%/control.h \
	%D%/gather.c %D%/gather.h \
	%D%/gate.c %D%/gate.h \
	%D%/grant.c %D%/grant.h \
	%D%/history.c %D%/history.h \
	%D%/holder.c %D%/holder.h \
	%D%/judge.c %D%/judge.h \
	%D%/keyfile.c %D%/keyfile.h \
	%D%/login.c %D%/login.h \
	%D%/noise.c %D%/noise.h \
	%D%/orders.c %D%/orders.h \
	%D%/page.c %D%/page.h \
	%D%/policy.c %D%/policy.h \
	%D%/question.c %D%/question.h \
	%D%/recent.c %D%/recent.h \
	%D%/report.c %D%/report.h \
	%D%/rowread.c %D%/rowread.h \
	%D%/rows.c %D%/rows.h \
	%D%/store.c %D%/store.h \
	%D%/tell.c %D%/tell.h \
	%D%/wall.c %D%/wall.h \
	%D%/watch.c %D%/watch.h

AUTH_LIBS = %D%/libauth.la daemon/libdaemon.la lib/libpostern.la \
	$(SQLITE_LIBS) $(GCRYPT_LIBS) $(SECCOMP_LIBS)

pkglibexec_PROGRAMS += %D%/postern-auth
%C%_postern_auth_SOURCES = %D%/auth.c %D%/auth.h
%C%_postern_auth_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS) -pthread
%C%_postern_auth_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS) -pthread
%C%_postern_auth_LDADD = $(AUTH_LIBS)
