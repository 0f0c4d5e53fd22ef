"""No verdict, no pixels: uses, approvals and verdicts."""
