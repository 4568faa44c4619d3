# contrib: examples, and files for other programs.
dist_doc_DATA += %D%/examples/postern.conf
EXTRA_DIST += %D%/systemd/posternd.service.in
if DAEMON
doc_DATA = %D%/systemd/posternd.service
CLEANFILES += %D%/systemd/posternd.service
%D%/systemd/posternd.service: %D%/systemd/posternd.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
	sed 's,@sbindir@,$(sbindir),g' $(srcdir)/contrib/systemd/posternd.service.in > $@
endif
