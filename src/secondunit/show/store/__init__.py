"""The show's folder: where each thing lies, whole or not there; takes, and the cache of stage results."""
