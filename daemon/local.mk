# daemon: posternd and its processes, a folder a process.
include %D%/capture/local.mk
include %D%/auth/local.mk
include %D%/firewall/local.mk
