# POSTERN_WARNINGS: each warning that this compiler knows, into WARN_CFLAGS. --enable-werror for CI.
AC_DEFUN([POSTERN_WARNINGS], [
  POSTERN_FLAGS([WARN_CFLAGS], [-Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes
    -Wmissing-prototypes -Wpointer-arith -Wformat=2 -Wundef -Wvla -Wwrite-strings])
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror], [warnings are errors (for CI)])])
  AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
  AC_SUBST([WARN_CFLAGS])
])
