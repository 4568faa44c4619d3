# contrib: examples for other programs.
