# ulog: where packets come from.
