# doc: manual pages and what readers need.
dist_doc_DATA += %D%/protocol.md %D%/threat-model.md %D%/log.md %D%/hacking.md
