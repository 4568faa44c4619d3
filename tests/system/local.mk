# system: the real programs in network namespaces that the scripts make.
