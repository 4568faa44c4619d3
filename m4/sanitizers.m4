# POSTERN_SANITIZERS: --enable-sanitizers builds with address and undefined; SANITIZERS is defined
# for the one place that must know (seccomp is left out: the runtimes need more system calls).
AC_DEFUN([POSTERN_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers], [address and undefined behaviour sanitizers (tests only)])],
    [], [enable_sanitizers=no])
  AS_IF([test "x$enable_sanitizers" = xyes], [
    SAN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    HARD_CPPFLAGS=
    AC_DEFINE([SANITIZERS], [1], [Built with sanitizers; seccomp is off])
  ])
  AC_SUBST([SAN_CFLAGS])
])
