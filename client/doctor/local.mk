# client/doctor: what `posternctl doctor` looks at, a file a field. ctl_doctor.c has the table of the checks.
noinst_LTLIBRARIES += %D%/libdoctor.la
%C%_libdoctor_la_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/client -I$(srcdir)/client/firewall \
	-DPAMDIR='"$(pamdir)"' -DPATHS_DOC='"$(docdir)"'
%C%_libdoctor_la_SOURCES = \
	%D%/doctor.c %D%/doctor.h \
	%D%/doctor_boot.c %D%/doctor_boot.h \
	%D%/doctor_files.c %D%/doctor_files.h \
	%D%/doctor_host.c %D%/doctor_host.h \
	%D%/doctor_kernel.c %D%/doctor_kernel.h \
	%D%/doctor_login.c %D%/doctor_login.h \
	%D%/doctor_rules.c %D%/doctor_rules.h \
	%D%/modules.c %D%/modules.h
