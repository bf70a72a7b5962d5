"""通报: half-year reports and the like, drafted, countersigned, issued, exported and verified."""
