# POSTERN_SANITIZERS: --enable-sanitizers builds with address and undefined, =thread with that;
# SANITIZERS is defined for the one place that must know (seccomp is left out: the runtimes need more
# system calls). --enable-coverage counts what runs, for tests/coverage.
AC_DEFUN([POSTERN_SANITIZERS], [
  AC_ARG_ENABLE([sanitizers],
    [AS_HELP_STRING([--enable-sanitizers@<:@=thread@:>@], [address and undefined behaviour sanitizers, or that of threads (tests only)])],
    [], [enable_sanitizers=no])
  AC_ARG_ENABLE([coverage],
    [AS_HELP_STRING([--enable-coverage], [count which lines run (tests only)])],
    [], [enable_coverage=no])
  AS_CASE(["$enable_sanitizers"],
    [yes], [SAN_CFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"],
    [thread], [SAN_CFLAGS="-fsanitize=thread -fno-omit-frame-pointer"
      AC_DEFINE([SANITIZE_THREAD], [1], [Built with the sanitizer that has a thread of its own])],
    [no], [],
    [AC_MSG_ERROR([--enable-sanitizers takes no value but "thread"])])
  AS_IF([test "x$enable_coverage" = xyes], [SAN_CFLAGS="$SAN_CFLAGS --coverage -O0"])
  AS_IF([test "x$enable_sanitizers$enable_coverage" != xnono], [
    HARD_CPPFLAGS=
    AC_DEFINE([SANITIZERS], [1], [Built with what needs more system calls; seccomp is off])
  ])
  AC_SUBST([SAN_CFLAGS])
])
