"""The binder: one signed report of a show, and the editions that people are handed."""
