# POSTERN_HARDENING: what compiler and linker offer against exploitation, each probed.
AC_DEFUN([POSTERN_HARDENING], [
  AC_ARG_ENABLE([hardening],
    [AS_HELP_STRING([--disable-hardening], [leave out the hardening flags])],
    [], [enable_hardening=yes])
  AS_IF([test "x$enable_hardening" = xyes], [
    POSTERN_FLAGS([HARD_CFLAGS], [-fstack-protector-strong -fstack-clash-protection
      -fcf-protection=full -fno-strict-overflow -ftrivial-auto-var-init=zero])
    POSTERN_FLAGS([HARD_LDFLAGS], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,separate-code])
    # Position independence is per target: libtool's objects have -fPIC anyway.
    POSTERN_FLAGS([PIE_CFLAGS], [-fPIE])
    POSTERN_FLAGS([PIE_LDFLAGS], [-pie])
    AS_CASE([" $CPPFLAGS $CFLAGS "],
      [*_FORTIFY_SOURCE*|*' -O0 '*], [],
      [HARD_CPPFLAGS="-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2"])
  ])
  AC_SUBST([HARD_CPPFLAGS])
  AC_SUBST([HARD_CFLAGS])
  AC_SUBST([HARD_LDFLAGS])
  AC_SUBST([PIE_CFLAGS])
  AC_SUBST([PIE_LDFLAGS])
])
