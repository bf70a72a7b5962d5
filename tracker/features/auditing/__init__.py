"""The audit trail to read and export, samples of accepted figures, findings and their rectification."""
