"""The append-only record: a hash chain in the show's database, with Merkle proofs and signed checkpoints.

::

    ledger = Ledger(url)                                   # any SQLAlchemy URL; made where missing
    entry = ledger.append("verdict", {...}, private={...}) # safe from many processes; returns the Entry
    ledger.entries(kind="verdict")                         # tuple of Entry; entry.facts is the public body
    ledger.private(entry)                                  # the private body, or None once erased
    ledger.erase(entry, reason="...")                      # the key is gone, the chain still verifies
    point = ledger.checkpoint(key)                         # signed; write_checkpoint(point, path) for a witness
    ledger.inclusion(seq), ledger.consistency(old_size)    # RFC 6962 proofs
    verify_ledger(url, checkpoints=[...], trusted=[...])   # findings, each with the row it names; empty is whole

    register_key(ledger, card, registrar=key)              # people.py: the keys a show knows
    ring_of(ledger) -> KeyRing
    record_approval(ledger, approval); approvals_in(ledger) -> tuple of Recorded, for approval.standing
    record_opt_in(ledger, opt_in); opt_ins_in(ledger)
"""
