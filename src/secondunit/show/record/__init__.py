"""The record: the ledger of a show, its people and their keys, the rules that it is under."""
