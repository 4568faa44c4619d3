# SPDX-License-Identifier: GPL-2.0-or-later
# clock.sh: the wall clock of programs that are linked with stepped.c.
# shellcheck shell=sh

# set_clock FOLDER SECONDS: of those in that folder; so much ahead of the machine's. There must be one
# when they start.
set_clock()
{
	python3 - "$1/clock" "$2" <<-'END'
		import os, struct, sys
		file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o644)
		os.write(file, struct.pack("@q", int(sys.argv[2]) * 1000))
	END
}
