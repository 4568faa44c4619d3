# system: the real programs in network namespaces that the scripts make.

# client
check_PROGRAMS += %D%/unseal
%C%_unseal_SOURCES = %D%/unseal.c
%C%_unseal_LDADD = lib/libpostern.la $(GCRYPT_LIBS)
EXTRA_DIST += %D%/tap.sh %D%/listen.py
dist_check_SCRIPTS += %D%/050-postern
TESTS += %D%/050-postern
