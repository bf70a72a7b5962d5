"""What the tests stand on: databases, a browser, a closed network, and no way to skip."""
