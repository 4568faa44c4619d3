# doc: manual pages and what readers need.
