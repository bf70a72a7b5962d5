"""Reads and writes that two features need: session in, plain values out; no Flask."""
