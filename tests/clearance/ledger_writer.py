"""What a writing process of the tests runs; small, as each process imports it anew."""

from secondunit.clearance.ledger.store import Ledger


def append_many(url: str, writer: int, count: int) -> None:
    ledger = Ledger(url)
    for number in range(count):
        private = {"name": f"person {writer}"} if number % 25 == 0 else None
        ledger.append("run", {"writer": writer, "number": number}, private=private)
    ledger.close()
