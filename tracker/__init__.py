"""实事通: the yearly public promises of trade-union federations, from announcement to issued report."""
