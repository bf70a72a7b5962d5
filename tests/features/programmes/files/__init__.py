"""Programme files in both formats."""
