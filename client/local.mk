# client: postern and posternctl.
