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
EXTRA_DIST += %D%/tap.sh %D%/listen.py
dist_check_SCRIPTS += %D%/050-postern
TESTS += %D%/050-postern

# the whole
whole_tests = tests/sizes %D%/010-lib %D%/020-knock-py
EXTRA_DIST += %D%/lib.sh %D%/net.py tests/knock.py
dist_check_SCRIPTS += $(whole_tests)
TESTS += $(whole_tests)
