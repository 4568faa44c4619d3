# system: the real programs in network namespaces that the scripts make.

# lib
check_PROGRAMS += tests/system/constant-time
tests_system_constant_time_SOURCES = tests/system/constant-time.c
tests_system_constant_time_LDADD = lib/libpostern.la
dist_check_SCRIPTS += tests/system/010-constant-time
TESTS += tests/system/010-constant-time

# client
check_PROGRAMS += %D%/unseal
%C%_unseal_SOURCES = %D%/unseal.c
%C%_unseal_LDADD = lib/libpostern.la $(GCRYPT_LIBS)
EXTRA_DIST += %D%/cli.sh %D%/listen.py %D%/sequence.py
dist_check_SCRIPTS += %D%/050-postern %D%/053-completion %D%/054-fail2ban %D%/055-manuals
TESTS += %D%/050-postern %D%/053-completion %D%/054-fail2ban %D%/055-manuals
if DAEMON
EXTRA_DIST += %D%/answer.py %D%/echo.py %D%/fdpass.py %D%/qr.py
dist_check_SCRIPTS += %D%/051-posternctl %D%/052-connect
TESTS += %D%/051-posternctl %D%/052-connect
endif

# pam
if PAM
dist_check_SCRIPTS += %D%/060-pam-module
TESTS += %D%/060-pam-module
endif

# the whole
whole_tests = tests/sizes tests/findings %D%/010-lib %D%/020-knock-py
EXTRA_DIST += %D%/lib.sh %D%/pam.sh %D%/net.py tests/knock.py %D%/burst.py
dist_check_SCRIPTS += $(whole_tests)
TESTS += $(whole_tests)
if DAEMON
whole_run = %D%/100-main %D%/101-ssh %D%/102-pam %D%/103-pamtester %D%/104-inetd \
	%D%/105-login %D%/106-lossy %D%/107-ask %D%/110-replay %D%/120-kill %D%/130-apart \
	%D%/140-reload %D%/141-reload-less %D%/142-lock %D%/143-reload-firewall %D%/150-chain
dist_check_SCRIPTS += $(whole_run)
TESTS += $(whole_run)
endif

# faults, a flood, and what chance finds
if DAEMON
faulty = %D%/faulty.c %D%/faulty.h
check_PROGRAMS += %D%/faulty-capture %D%/faulty-firewall
%C%_faulty_capture_SOURCES = $(faulty) daemon/capture/capture.c
%C%_faulty_capture_LDADD = $(daemon_capture_postern_capture_LDADD) -ldl
%C%_faulty_firewall_SOURCES = $(faulty) daemon/firewall/firewall.c
%C%_faulty_firewall_LDADD = $(daemon_firewall_postern_firewall_LDADD) -ldl
fault_tests = %D%/210-flood %D%/200-faults %D%/201-busy %D%/202-calls %D%/203-calls-sets \
	%D%/204-clock %D%/215-losses %D%/220-kills %D%/225-others
dist_check_SCRIPTS += $(fault_tests)
TESTS += $(fault_tests)
EXTRA_DIST += %D%/crowd.py %D%/disturbed.py %D%/kills.py %D%/calls.py %D%/calls.sh
endif

# posternctl and the host's firewall
if DAEMON
EXTRA_DIST += %D%/host.sh %D%/doctor.sh
host_tests = %D%/310-doctor %D%/311-doctor-kernel %D%/312-doctor-rest %D%/320-firewall-install \
	%D%/321-strange-hosts %D%/322-firewalld %D%/323-next-boot %D%/324-by-hand %D%/325-install-bytes \
	%D%/326-hostile-words %D%/327-by-others %D%/328-taken-out %D%/329-silent \
	%D%/330-snippets %D%/340-scan
dist_check_SCRIPTS += $(host_tests)
TESTS += $(host_tests)
endif

# daemon/auth
if DAEMON
check_PROGRAMS += %D%/auth-driver
%C%_auth_driver_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
%C%_auth_driver_SOURCES = %D%/auth-driver.c %D%/auth-record.c %D%/auth-scene.c %D%/auth-scene.h \
	%D%/auth-harness.c %D%/auth-harness.h
%C%_auth_driver_LDADD = daemon/libdaemon.la lib/libpostern.la $(SQLITE_LIBS) $(GCRYPT_LIBS) \
	$(SECCOMP_LIBS)
check_PROGRAMS += %D%/auth-starved %D%/faulty-auth
%C%_auth_starved_CPPFLAGS = $(%C%_auth_driver_CPPFLAGS)
%C%_auth_starved_SOURCES = %D%/auth-starved.c %D%/faulty.h \
	%D%/auth-scene.c %D%/auth-scene.h %D%/auth-harness.c %D%/auth-harness.h
%C%_auth_starved_LDADD = $(%C%_auth_driver_LDADD)
%C%_faulty_auth_SOURCES = $(faulty) daemon/auth/auth.c
%C%_faulty_auth_CFLAGS = $(AM_CFLAGS) -pthread
%C%_faulty_auth_LDFLAGS = $(AM_LDFLAGS) -pthread
%C%_faulty_auth_LDADD = $(AUTH_LIBS) -ldl
EXTRA_DIST += %D%/hostile.py %D%/metrics.py
dist_check_SCRIPTS += %D%/040-auth %D%/041-starved %D%/042-control
TESTS += %D%/040-auth %D%/041-starved %D%/042-control
endif

# ulog
if DAEMON
check_PROGRAMS += %D%/source-print
%C%_source_print_SOURCES = %D%/source-print.c
%C%_source_print_LDADD = $(SOURCE_LIBS) lib/libpostern.la
%C%_source_print_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=recvmsg
EXTRA_DIST += %D%/print.sh %D%/frame.py %D%/matrix.sh
matrix = %D%/300-matrix-nflog %D%/300-matrix-pcap %D%/300-matrix-log
dist_check_SCRIPTS += $(matrix)
TESTS += $(matrix)
dist_check_SCRIPTS += %D%/010-nflog %D%/012-log %D%/170-sources %D%/171-log
TESTS += %D%/010-nflog %D%/012-log %D%/170-sources %D%/171-log
if PCAP
dist_check_SCRIPTS += %D%/011-pcap
TESTS += %D%/011-pcap
endif
endif

# daemon
if DAEMON
EXTRA_DIST += %D%/hear.py %D%/hold.py %D%/forge.py
dist_check_SCRIPTS += %D%/030-posternd %D%/031-processes %D%/032-daemon
TESTS += %D%/030-posternd %D%/031-processes %D%/032-daemon
endif

# daemon/firewall
if DAEMON
check_PROGRAMS += %D%/backend-drive
%C%_backend_drive_SOURCES = %D%/backend-drive.c
%C%_backend_drive_LDADD = $(BACKEND_LIBS)
%C%_backend_drive_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime
check_PROGRAMS += %D%/firewall-drive %D%/stepped-firewall %D%/stepped-auth
%C%_firewall_drive_SOURCES = %D%/firewall-drive.c
%C%_firewall_drive_LDADD = $(BACKEND_LIBS) $(SECCOMP_LIBS)
stepped = $(AM_LDFLAGS) -Wl,--wrap=clock_gettime -Wl,--wrap=timerfd_create \
	-Wl,--wrap=timerfd_settime -Wl,--wrap=read
%C%_stepped_firewall_SOURCES = %D%/stepped.c daemon/firewall/firewall.c
%C%_stepped_firewall_LDADD = $(daemon_firewall_postern_firewall_LDADD)
%C%_stepped_firewall_LDFLAGS = $(stepped)
%C%_stepped_auth_SOURCES = %D%/stepped.c daemon/auth/auth.c
%C%_stepped_auth_CFLAGS = $(AM_CFLAGS) -pthread
%C%_stepped_auth_LDADD = $(AUTH_LIBS)
%C%_stepped_auth_LDFLAGS = $(stepped) -pthread
check_PROGRAMS += %D%/without-netfilter
%C%_without_netfilter_SOURCES = %D%/without-netfilter.c
%C%_without_netfilter_LDADD = $(SECCOMP_LIBS)
EXTRA_DIST += %D%/contract.sh %D%/drive.sh %D%/sets.sh %D%/clock.sh
backend_tests = %D%/020-iptc %D%/021-firewall %D%/160-iptc %D%/161-ipset %D%/162-nft \
	%D%/163-sets %D%/164-nft-two
dist_check_SCRIPTS += $(backend_tests)
TESTS += $(backend_tests)
endif
