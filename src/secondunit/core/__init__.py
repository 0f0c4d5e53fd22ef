"""The nouns of a show: frozen values, standard library only, no input or output."""
