# POSTERN_LIBGCRYPT: libgcrypt, by pkg-config where it has a file (from 1.8.6), by its own script
# before; and whether it has SIV (from 1.10), else lib/siv.c makes it from CMAC and CTR.
AC_DEFUN([POSTERN_LIBGCRYPT], [
  PKG_CHECK_MODULES([GCRYPT], [libgcrypt >= 1.8.0], [], [
    AC_PATH_PROG([LIBGCRYPT_CONFIG], [libgcrypt-config])
    AS_IF([test -z "$LIBGCRYPT_CONFIG"],
      [AC_MSG_ERROR([libgcrypt is missing: install libgcrypt20-dev (Debian) or libgcrypt-devel (Fedora, RHEL)])])
    GCRYPT_CFLAGS=`$LIBGCRYPT_CONFIG --cflags`
    GCRYPT_LIBS=`$LIBGCRYPT_CONFIG --libs`
  ])
  AC_SUBST([GCRYPT_CFLAGS])
  AC_SUBST([GCRYPT_LIBS])
  AC_ARG_ENABLE([native-siv],
    [AS_HELP_STRING([--disable-native-siv], [use SIV from CMAC and CTR even where libgcrypt has it])])
  postern_save_CPPFLAGS=$CPPFLAGS
  CPPFLAGS="$CPPFLAGS $GCRYPT_CFLAGS"
  AC_CHECK_DECL([GCRY_CIPHER_MODE_SIV], [have_siv=yes], [have_siv=no], [[#include <gcrypt.h>]])
  CPPFLAGS=$postern_save_CPPFLAGS
  AS_IF([test "x$have_siv" = xyes],
    [AC_DEFINE([HAVE_GCRYPT_SIV], [1], [libgcrypt has GCRY_CIPHER_MODE_SIV])])
  AS_IF([test "x$have_siv" = xyes && test "x$enable_native_siv" != xno],
    [AC_DEFINE([USE_GCRYPT_SIV], [1], [SIV is libgcrypt's own]) siv_from="libgcrypt's own"],
    [siv_from="lib/siv.c over libgcrypt's CMAC and CTR"])
])
