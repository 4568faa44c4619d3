# POSTERN_FLAGS(VARIABLE, FLAGS): adds to VARIABLE each of FLAGS that compiler and linker take.
AC_DEFUN([POSTERN_FLAGS], [
  for postern_flag in m4_normalize([$2]); do
    AC_MSG_CHECKING([whether $CC takes $postern_flag])
    postern_save_CFLAGS=$CFLAGS
    CFLAGS="$CFLAGS -Werror $postern_flag"
    AC_LINK_IFELSE([AC_LANG_PROGRAM()],
      [$1="$$1 $postern_flag"; AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])])
    CFLAGS=$postern_save_CFLAGS
  done
])
