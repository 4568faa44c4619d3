# client: postern, which anybody may run and which needs libgcrypt alone, and posternctl, which keeps
# a server's keys and asks its daemon. What both are made of:
noinst_LTLIBRARIES += %D%/libclient.la
%C%_libclient_la_SOURCES = \
	%D%/clock.c %D%/clock.h \
	%D%/complete.c %D%/complete.h \
	%D%/file.c %D%/file.h \
	%D%/say.c %D%/say.h \
	%D%/table.c %D%/table.h \
	%D%/verb.c %D%/verb.h

bin_PROGRAMS += %D%/postern
%C%_postern_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_postern_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_postern_LDADD = %D%/libclient.la lib/libpostern.la $(GCRYPT_LIBS)
%C%_postern_SOURCES = \
	%D%/carrier.c %D%/carrier.h \
	%D%/carry.c %D%/carry.h \
	%D%/enrolment.c %D%/enrolment.h \
	%D%/fdpass.c %D%/fdpass.h \
	%D%/folder.c %D%/folder.h \
	%D%/knocking.c %D%/knocking.h \
	%D%/lasttime.c %D%/lasttime.h \
	%D%/postern.c %D%/postern.h \
	%D%/postern_connect.c %D%/postern_connect.h \
	%D%/postern_knock.c %D%/postern_knock.h \
	%D%/postern_store.c %D%/postern_store.h \
	%D%/reach.c %D%/reach.h \
	%D%/send.c %D%/send.h \
	%D%/wish.c %D%/wish.h

if DAEMON
include %D%/firewall/local.mk
include %D%/doctor/local.mk

sbin_PROGRAMS += %D%/posternctl
%C%_posternctl_CFLAGS = $(AM_CFLAGS) $(PIE_CFLAGS)
%C%_posternctl_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/client -I$(srcdir)/client/firewall -I$(srcdir)/client/doctor
%C%_posternctl_LDFLAGS = $(AM_LDFLAGS) $(PIE_LDFLAGS)
%C%_posternctl_LDADD = %D%/doctor/libdoctor.la %D%/firewall/libhostrules.la %D%/libclient.la \
	daemon/libdaemon.la lib/libpostern.la $(GCRYPT_LIBS) $(CONFUSE_LIBS) $(SQLITE_LIBS) $(QRENCODE_LIBS)
%C%_posternctl_SOURCES = \
	%D%/answer.c %D%/answer.h \
	%D%/change.c %D%/change.h \
	%D%/ctl.c %D%/ctl.h \
	%D%/ctl_add.c %D%/ctl_add.h \
	%D%/ctl_admin.c %D%/ctl_admin.h \
	%D%/ctl_ask.c %D%/ctl_ask.h \
	%D%/ctl_check.c %D%/ctl_check.h \
	%D%/ctl_doctor.c %D%/ctl_doctor.h \
	%D%/ctl_install.c %D%/ctl_install.h \
	%D%/ctl_key.c %D%/ctl_key.h \
	%D%/ctl_list.c %D%/ctl_list.h \
	%D%/ctl_qr.c %D%/ctl_qr.h \
	%D%/ctl_reload.c %D%/ctl_reload.h \
	%D%/ctl_remove.c %D%/ctl_remove.h \
	%D%/ctl_save.c %D%/ctl_save.h \
	%D%/ctl_show.c %D%/ctl_show.h \
	%D%/ctl_status.c %D%/ctl_status.h \
	%D%/ctl_token.c %D%/ctl_token.h \
	%D%/ctl_watch.c %D%/ctl_watch.h \
	%D%/fields.c %D%/fields.h \
	%D%/keyfile.c %D%/keyfile.h \
	%D%/posternctl.c %D%/posternctl.h \
	%D%/running.c %D%/running.h \
	%D%/tryout.c %D%/tryout.h \
	%D%/work.c %D%/work.h
endif
