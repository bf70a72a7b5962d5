"""What changes reports: one module per act; each flushes and never commits."""
