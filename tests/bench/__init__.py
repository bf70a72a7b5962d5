"""Measurements that guard speed: `make bench`; nothing here is part of `make test`."""
