# doc: manual pages and what readers need.
dist_doc_DATA += %D%/protocol.md %D%/threat-model.md %D%/log.md %D%/control.md %D%/hacking.md
dist_man_MANS += %D%/postern.1
if DAEMON
dist_man_MANS += %D%/posternctl.8 %D%/posternd.8 %D%/postern.conf.5 %D%/postern-keys.5 %D%/postern-tcpd.8
if PAM
dist_man_MANS += %D%/pam_postern.8
endif
endif
