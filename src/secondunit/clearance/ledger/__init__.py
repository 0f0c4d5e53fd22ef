"""The append-only record: a hash chain in the show's database, with Merkle proofs and signed checkpoints.

``store`` appends, reads, erases and proves; ``verify`` judges a ledger from outside; ``checkpoint`` is what a
witness keeps; ``people`` holds the keys a show knows and the decisions made with them.
"""
